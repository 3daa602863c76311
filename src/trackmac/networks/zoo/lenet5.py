"""LeNet-5 in its modern form: ReLU and max-pooling, as today's libraries teach it."""

from trackmac.networks.blueprint import Blueprint
from trackmac.networks.blueprint_builder import BlueprintBuilder
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.zoo.untrained import untrained

SEED = 5


def lenet5(weight_bits: int = 8, activation_bits: int = 8) -> IntegerNetwork:
    """Return LeNet-5 for 1x28x28 images in 10 classes: 416,520 MACs, 61,706 parameters.

    Its weights are random placeholders, for shapes and pricing only: `is_trained` is False and the name says so.
    `trackmac train lenet5` makes a trained one.

    Structure: LeCun et al., "Gradient-based learning applied to document recognition", Proc. IEEE 86(11), 1998,
    doi 10.1109/5.726791, with every channel of the second convolution connected, ReLU for the squashing functions and
    max-pooling for the trainable subsampling.
    """
    return untrained(lenet5_blueprint(), weight_bits, activation_bits, seed=SEED)


def lenet5_blueprint(input_shape: tuple[int, int, int] = (1, 28, 28), classes: int = 10) -> Blueprint:
    """Return LeNet-5's structure: 6 and 16 channels 5x5, then 120, 84 and `classes` features.

    For 28x28 images it is the classic; where a map is too small for the second, unpadded convolution, that one is
    padded, so that 8x8 digits do as well.
    """
    builder = BlueprintBuilder(input_shape)
    builder.conv("conv1", channels=6, kernel=5, padding=2)
    builder.max_pool("conv1_pool")
    is_small = min(builder.height_and_width) < 6  # an unpadded 5x5 convolution would leave no 2x2 to pool
    builder.conv("conv2", channels=16, kernel=5, padding=2 if is_small else 0)
    builder.max_pool("conv2_pool")
    builder.flatten()
    builder.hidden("linear1", features=120)
    builder.hidden("linear2", features=84)
    return builder.blueprint("lenet5", last="linear3", classes=classes)
