"""MobileNets: depthwise and 1x1 convolutions in turn, all widths scaled by one multiplier."""

from trackmac.networks.checks import Padding
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.zoo.untrained import UntrainedChain

SEED = 1
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
    chain = UntrainedChain(
        (3, size, size), weight_bits=weight_bits, activation_bits=activation_bits, seed=SEED, images=1
    )
    chain.conv("conv", int(32 * width), kernel=3, padding=_same(2), stride=2)
    for number, (channels, stride) in enumerate(V1_BLOCKS, start=1):
        chain.depthwise(f"block{number}_depthwise", kernel=3, padding=_same(stride), stride=stride)
        chain.conv(f"block{number}_pointwise", int(channels * width), kernel=1)
    chain.global_average_pool("pool")
    chain.flatten()
    return chain.network(_named("mobilenetv1", width), last="linear", classes=classes)


def mobilenetv2(
    weight_bits: int = 8, activation_bits: int = 8, *, width: float = 1.0, size: int = 224, classes: int = 1000
) -> IntegerNetwork:
    """Return MobileNetV2 for 3 x size x size images: 300,774,272 MACs, 3,487,816 parameters; weights are random.

    Structure: Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018, arXiv 1801.04381,
    table 2; widths are multiples of 8, and the last convolution is never narrower than 1280.
    """
    chain = UntrainedChain(
        (3, size, size), weight_bits=weight_bits, activation_bits=activation_bits, seed=SEED, images=1
    )
    chain.conv("conv", _multiple_of_8(32 * width), kernel=3, padding=1, stride=2)
    number = 0
    for expansion, channels, blocks, stride in V2_STAGES:
        for block in range(blocks):
            number += 1
            _inverted_residual(
                chain, f"block{number}", expansion, _multiple_of_8(channels * width), 1 if block else stride
            )
    chain.conv("last", _multiple_of_8(1280 * max(1.0, width)), kernel=1)
    chain.global_average_pool("pool")
    chain.flatten()
    return chain.network(_named("mobilenetv2", width), last="linear", classes=classes)


def _inverted_residual(chain: UntrainedChain, name: str, expansion: int, channels: int, stride: int) -> None:
    """Append a block that widens, convolves each channel, and narrows; a shortcut joins its ends where it can."""
    has_shortcut = stride == 1 and chain.channels == channels
    shortcut = chain.hold() if has_shortcut else ""
    if expansion > 1:
        chain.conv(f"{name}_expand", chain.channels * expansion, kernel=1)
    chain.depthwise(f"{name}_depthwise", kernel=3, padding=1, stride=stride)
    chain.conv(f"{name}_project", channels, kernel=1, is_rectified=False)
    if has_shortcut:
        chain.add(f"{name}_add", shortcut, is_rectified=False)


def _same(stride: int) -> Padding:
    """Return the padding of an even map that a 3x3 kernel divides by `stride`, as TensorFlow lays it."""
    return (1, 1, 1, 1) if stride == 1 else (0, 0, 1, 1)


def _multiple_of_8(channels: float) -> int:
    """Round to a multiple of 8, but not down by more than a tenth."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * channels else rounded + 8


def _named(name: str, width: float) -> str:
    return name if width == 1 else f"{name}-{width:g}"
