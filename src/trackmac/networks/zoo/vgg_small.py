"""VGG-small: the plain CNN for CIFAR-10 on which low bit widths are compared."""

from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.zoo.untrained import UntrainedChain

SEED = 7
CHANNELS = (128, 256, 512)


def vgg_small(weight_bits: int = 8, activation_bits: int = 8) -> IntegerNetwork:
    """Return VGG-small for 3x32x32 images in 10 classes: 607,600,640 MACs, 4,658,314 parameters; weights are random.

    Structure: Zhang et al., "LQ-Nets: learned quantization for highly accurate and compact deep neural networks", ECCV
    2018, arXiv 1807.10029: six 3x3 convolutions of 128 to 512 channels, max-pooling behind each second, one linear
    layer.
    """
    chain = UntrainedChain((3, 32, 32), weight_bits=weight_bits, activation_bits=activation_bits, seed=SEED, images=1)
    for number, channels in enumerate(CHANNELS, start=1):
        chain.conv(f"conv{number}a", channels, kernel=3, padding=1)
        chain.conv(f"conv{number}b", channels, kernel=3, padding=1)
        chain.max_pool(f"conv{number}_pool")
    chain.flatten()
    return chain.network("vgg-small", last="linear", classes=10)
