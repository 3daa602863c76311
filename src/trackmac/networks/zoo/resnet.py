"""Residual networks: ResNet-8 and ResNet-20 for small images, ResNet-18 for large ones."""

from trackmac.networks.blueprint import Blueprint
from trackmac.networks.blueprint_builder import BlueprintBuilder
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.zoo.untrained import untrained

SEED = 18
SMALL = (3, 32, 32)


def resnet8(weight_bits: int = 8, activation_bits: int = 8) -> IntegerNetwork:
    """Return ResNet-8 for 3x32x32 images in 10 classes: 12,501,632 MACs, 77,706 parameters; weights are random.

    Structure: Banbury et al., "MLPerf Tiny benchmark", NeurIPS 2021, arXiv 2106.07597, its image classification.
    """
    return untrained(resnet8_blueprint(), weight_bits, activation_bits, seed=SEED, images=1)


def resnet20(weight_bits: int = 8, activation_bits: int = 8) -> IntegerNetwork:
    """Return ResNet-20 for 3x32x32 images in 10 classes: 40,813,184 MACs, 271,690 parameters; weights are random.

    Structure: He et al., "Deep residual learning for image recognition", CVPR 2016, arXiv 1512.03385, section 4.2, with
    1x1 convolutions (their option B) where the shortcut changes shape.
    """
    return untrained(resnet20_blueprint(), weight_bits, activation_bits, seed=SEED, images=1)


def resnet18(weight_bits: int = 8, activation_bits: int = 8) -> IntegerNetwork:
    """Return ResNet-18 for 3x224x224 images, 1000 classes: 1,814,073,344 MACs, 11,684,712 parameters; random weights.

    Structure: He et al., "Deep residual learning for image recognition", CVPR 2016, arXiv 1512.03385, table 1.
    """
    return untrained(resnet18_blueprint(), weight_bits, activation_bits, seed=SEED, images=1)


def resnet8_blueprint(input_shape: tuple[int, int, int] = SMALL, classes: int = 10) -> Blueprint:
    """Return ResNet-8's structure."""
    return _small_resnet("resnet8", input_shape, classes, blocks=1)


def resnet20_blueprint(input_shape: tuple[int, int, int] = SMALL, classes: int = 10) -> Blueprint:
    """Return ResNet-20's structure."""
    return _small_resnet("resnet20", input_shape, classes, blocks=3)


def resnet18_blueprint(input_shape: tuple[int, int, int] = (3, 224, 224), classes: int = 1000) -> Blueprint:
    """Return ResNet-18's structure."""
    builder = BlueprintBuilder(input_shape)
    builder.conv("conv1", 64, kernel=7, padding=3, stride=2)
    builder.max_pool("conv1_pool", kernel=3, stride=2, padding=1)
    for stage, channels in enumerate((64, 128, 256, 512), start=2):
        _stage(builder, f"conv{stage}", channels, blocks=2, stride=1 if stage == 2 else 2)
    return _classified(builder, "resnet18", classes=classes)


def _small_resnet(name: str, input_shape: tuple[int, int, int], classes: int, *, blocks: int) -> Blueprint:
    builder = BlueprintBuilder(input_shape)
    builder.conv("conv1", 16, kernel=3, padding=1)
    for stage, channels in enumerate((16, 32, 64), start=2):
        _stage(builder, f"conv{stage}", channels, blocks=blocks, stride=1 if stage == 2 else 2)
    return _classified(builder, name, classes=classes)


def _stage(builder: BlueprintBuilder, name: str, channels: int, *, blocks: int, stride: int) -> None:
    for number in range(1, blocks + 1):
        _block(builder, f"{name}_{number}", channels, stride if number == 1 else 1)


def _block(builder: BlueprintBuilder, name: str, channels: int, stride: int) -> None:
    """Append two 3x3 convolutions and the shortcut around them, 1x1 where it changes shape."""
    shortcut = builder.hold()
    if stride != 1 or builder.channels != channels:
        before = shortcut
        builder.conv(f"{name}_shortcut", channels, kernel=1, stride=stride, is_rectified=False)
        shortcut = builder.hold()
        builder.go_back(before)
    builder.conv(f"{name}a", channels, kernel=3, padding=1, stride=stride)
    builder.conv(f"{name}b", channels, kernel=3, padding=1, is_rectified=False)
    builder.add(f"{name}_add", shortcut)


def _classified(builder: BlueprintBuilder, name: str, classes: int) -> Blueprint:
    builder.global_average_pool("pool")
    builder.flatten()
    return builder.blueprint(name, last="linear", classes=classes)
