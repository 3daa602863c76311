"""MobileNets: depthwise and 1x1 convolutions in turn, all widths scaled by one multiplier."""

from trackmac.networks.blueprint import Blueprint
from trackmac.networks.blueprint_builder import BlueprintBuilder
from trackmac.networks.checks import Padding
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.zoo.untrained import untrained

SEED = 1
LARGE = (3, 224, 224)
V1_BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
"""Output channels and stride."""
V2_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, output channels, blocks, stride of the first block."""


def mobilenetv1(
    weight_bits: int = 8, activation_bits: int = 8, *, width: float = 1.0, size: int = 224, classes: int = 1000
) -> IntegerNetwork:
    """Return MobileNetV1 for 3 x size x size images: 568,740,352 MACs, 4,221,032 parameters; weights are random.

    Structure: Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision applications",
    2017, arXiv 1704.04861, table 1, with the `width` multiplier of section 3.3.
    """
    blueprint = mobilenetv1_blueprint((3, size, size), classes, width=width)
    return untrained(blueprint, weight_bits, activation_bits, seed=SEED, images=1)


def mobilenetv1_blueprint(
    input_shape: tuple[int, int, int] = LARGE, classes: int = 1000, *, width: float = 1.0
) -> Blueprint:
    """Return MobileNetV1's structure."""
    builder = BlueprintBuilder(input_shape)
    builder.conv("conv", int(32 * width), kernel=3, padding=_same(2), stride=2)
    for number, (channels, stride) in enumerate(V1_BLOCKS, start=1):
        builder.depthwise(f"block{number}_depthwise", kernel=3, padding=_same(stride), stride=stride)
        builder.conv(f"block{number}_pointwise", int(channels * width), kernel=1)
    builder.global_average_pool("pool")
    builder.flatten()
    return builder.blueprint(_named("mobilenetv1", width), last="linear", classes=classes)


def mobilenetv2(
    weight_bits: int = 8, activation_bits: int = 8, *, width: float = 1.0, size: int = 224, classes: int = 1000
) -> IntegerNetwork:
    """Return MobileNetV2 for 3 x size x size images: 300,774,272 MACs, 3,487,816 parameters; weights are random.

    Structure: Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018, arXiv 1801.04381,
    table 2; widths are multiples of 8, and the last convolution is never narrower than 1280.
    """
    blueprint = mobilenetv2_blueprint((3, size, size), classes, width=width)
    return untrained(blueprint, weight_bits, activation_bits, seed=SEED, images=1)


def mobilenetv2_blueprint(
    input_shape: tuple[int, int, int] = LARGE, classes: int = 1000, *, width: float = 1.0
) -> Blueprint:
    """Return MobileNetV2's structure."""
    builder = BlueprintBuilder(input_shape)
    builder.conv("conv", _multiple_of_8(32 * width), kernel=3, padding=1, stride=2)
    number = 0
    for expansion, channels, blocks, stride in V2_STAGES:
        for block in range(blocks):
            number += 1
            _inverted_residual(
                builder, f"block{number}", expansion, _multiple_of_8(channels * width), 1 if block else stride
            )
    builder.conv("last", _multiple_of_8(1280 * max(1.0, width)), kernel=1)
    builder.global_average_pool("pool")
    builder.flatten()
    return builder.blueprint(_named("mobilenetv2", width), last="linear", classes=classes)


def _inverted_residual(builder: BlueprintBuilder, name: str, expansion: int, channels: int, stride: int) -> None:
    """Append a block that widens, convolves each channel, and narrows; a shortcut joins its ends where it can."""
    has_shortcut = stride == 1 and builder.channels == channels
    shortcut = builder.hold() if has_shortcut else ""
    if expansion > 1:
        builder.conv(f"{name}_expand", builder.channels * expansion, kernel=1)
    builder.depthwise(f"{name}_depthwise", kernel=3, padding=1, stride=stride)
    builder.conv(f"{name}_project", channels, kernel=1, is_rectified=False)
    if has_shortcut:
        builder.add(f"{name}_add", shortcut, is_rectified=False)


def _same(stride: int) -> Padding:
    """Return the padding of an even map that a 3x3 kernel divides by `stride`, as TensorFlow lays it."""
    return (1, 1, 1, 1) if stride == 1 else (0, 0, 1, 1)


def _multiple_of_8(channels: float) -> int:
    """Round to a multiple of 8, but not down by more than a tenth."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * channels else rounded + 8


def _named(name: str, width: float) -> str:
    return name if width == 1 else f"{name}-{width:g}"
