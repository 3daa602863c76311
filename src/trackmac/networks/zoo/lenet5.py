"""LeNet-5 in its modern form: ReLU and max-pooling, as today's libraries teach it."""

from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.zoo.untrained import UntrainedChain

SEED = 5


def lenet5(weight_bits: int = 8, activation_bits: int = 8) -> IntegerNetwork:
    """Return LeNet-5 for 1x28x28 images in 10 classes: 416,520 MACs, 61,706 parameters.

    Its weights are random placeholders, for shapes and pricing only: `is_trained` is False and the name says so.
    `trackmac train lenet5` makes a trained one.

    Structure: LeCun et al., "Gradient-based learning applied to document recognition", Proc. IEEE 86(11), 1998,
    doi 10.1109/5.726791, with every channel of the second convolution connected, ReLU for the squashing functions and
    max-pooling for the trainable subsampling.
    """
    chain = UntrainedChain((1, 28, 28), weight_bits=weight_bits, activation_bits=activation_bits, seed=SEED)
    chain.conv("conv1", channels=6, kernel=5, padding=2)
    chain.max_pool("conv1_pool")
    chain.conv("conv2", channels=16, kernel=5)
    chain.max_pool("conv2_pool")
    chain.flatten()
    chain.hidden("linear1", features=120)
    chain.hidden("linear2", features=84)
    return chain.network("lenet5", last="linear3", classes=10)
