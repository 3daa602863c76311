"""VGG-small: the plain CNN for CIFAR-10 on which low bit widths are compared."""

from trackmac.networks.blueprint import Blueprint
from trackmac.networks.blueprint_builder import BlueprintBuilder
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.zoo.untrained import untrained

SEED = 7
CHANNELS = (128, 256, 512)


def vgg_small(weight_bits: int = 8, activation_bits: int = 8) -> IntegerNetwork:
    """Return VGG-small for 3x32x32 images in 10 classes: 607,600,640 MACs, 4,658,314 parameters; weights are random.

    Structure: Zhang et al., "LQ-Nets: learned quantization for highly accurate and compact deep neural networks", ECCV
    2018, arXiv 1807.10029: six 3x3 convolutions of 128 to 512 channels, max-pooling behind each second, one linear
    layer.
    """
    return untrained(vgg_small_blueprint(), weight_bits, activation_bits, seed=SEED, images=1)


def vgg_small_blueprint(input_shape: tuple[int, int, int] = (3, 32, 32), classes: int = 10) -> Blueprint:
    """Return VGG-small's structure."""
    builder = BlueprintBuilder(input_shape)
    for number, channels in enumerate(CHANNELS, start=1):
        builder.conv(f"conv{number}a", channels, kernel=3, padding=1)
        builder.conv(f"conv{number}b", channels, kernel=3, padding=1)
        builder.max_pool(f"conv{number}_pool")
    builder.flatten()
    return builder.blueprint("vgg-small", last="linear", classes=classes)
