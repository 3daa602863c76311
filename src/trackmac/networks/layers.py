"""The layers of an integer network: what they hold, and nothing about how they are computed.

Integers only. A layer's real values are its codes (less the code that stands for zero) times a scale. Where all scales
are powers of two, the network knows the exponent of its input, a weighted layer that of its weights, and a `Requantize`
adds its shift; no layer computes with a scale.

`inputs` names the layers that a layer reads, or `INPUT`, the network's own; none named: the layer before it.
"""

from dataclasses import dataclass

from trackmac.bits import NumberFormat
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.checks import (
    MAX_BITS,
    MAX_SHIFT,
    MIN_BITS,
    MIN_SHIFT,
    Padding,
    check_at_least,
    check_padding,
    check_width,
    four_sides,
)
from trackmac.networks.weighted_layers import Conv2d, Linear

__all__ = [
    "INPUT",
    "MAX_BITS",
    "MAX_MULTIPLIER",
    "MIN_BITS",
    "Add",
    "AvgPool2d",
    "Clip",
    "Concat",
    "Conv2d",
    "Flatten",
    "GlobalAvgPool",
    "Layer",
    "Linear",
    "MaxPool2d",
    "ReLU",
    "Requantize",
    "check_width",
]

INPUT = "input"  # what layers call the network's input
MAX_MULTIPLIER = (1 << 31) - 1  # 20 bits do for one scale; channels of very different scales share a shift


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxPool2d:
    """2-D max-pooling; what lies in the padding is never the greatest."""

    name: str
    inputs: tuple[str, ...] = ()
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: Padding = (0, 0)
    """Kept as (top, left, bottom, right)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "padding", four_sides(self.padding))
        check_at_least(1, self.kernel, f"layer {self.name}: kernel")
        check_at_least(1, self.stride, f"layer {self.name}: stride")
        check_padding(self.sides, self.kernel, f"layer {self.name}")

    @property
    def sides(self) -> tuple[int, int, int, int]:
        """The padding: top, left, bottom, right."""
        return four_sides(self.padding)


@dataclass(frozen=True, slots=True, kw_only=True)
class AvgPool2d:
    """The sum of each window, without padding; the `Requantize` behind it divides by the number of elements."""

    name: str
    inputs: tuple[str, ...] = ()
    kernel: tuple[int, int]
    stride: tuple[int, int]

    def __post_init__(self) -> None:
        check_at_least(1, self.kernel, f"layer {self.name}: kernel")
        check_at_least(1, self.stride, f"layer {self.name}: stride")


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalAvgPool:
    """The sum of each channel, [channels, 1, 1]; the `Requantize` behind it divides by the number of elements."""

    name: str
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReLU:
    """max(0, x); keeps the number format of its input."""

    name: str
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """min(max(x, `low`), `high`), bounds in codes; ReLU6 is one. Keeps the number format of its input."""

    name: str
    inputs: tuple[str, ...] = ()
    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise UnsupportedNetworkError(
                f"layer {self.name}: low must not exceed high, but they are {self.low} and {self.high}; correct them"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """a * `multipliers`[0] + b * `multipliers`[1]: a residual connection; the multipliers bring both to one scale."""

    name: str
    inputs: tuple[str, ...]
    multipliers: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        _check_multipliers(self.multipliers, self.name)
        if not any(self.multipliers):
            raise UnsupportedNetworkError(
                f"layer {self.name}: one of two multipliers must be above 0, but both are 0; leave the layer out"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Concat:
    """The channels of all inputs, one after another."""

    name: str
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requantize:
    """(x - `input_zero_point`) * `multiplier` * 2^-`shift` rounded half to even, plus `zero_point`, then clamped.

    A shift below 0 shifts left. One multiplier serves all channels, or there is one for each.
    """

    name: str
    inputs: tuple[str, ...] = ()
    shift: int
    output_format: NumberFormat
    multiplier: tuple[int, ...] = (1,)
    input_zero_point: int = 0
    zero_point: int = 0

    def __post_init__(self) -> None:
        check_width(self.output_format, f"layer {self.name}: outputs")
        if not MIN_SHIFT <= self.shift <= MAX_SHIFT:
            raise UnsupportedNetworkError(
                f"layer {self.name}: shift must be within {MIN_SHIFT}..{MAX_SHIFT}, but it is {self.shift}; "
                "choose other scales"
            )
        _check_multipliers(self.multiplier, self.name)
        if not self.output_format.minimum <= self.zero_point <= self.output_format.maximum:
            raise UnsupportedNetworkError(
                f"layer {self.name}: the zero point must fit {self.output_format}, but is {self.zero_point}; correct it"
            )

    @property
    def is_shift(self) -> bool:
        """Whether it only shifts, rounds and clamps."""
        return set(self.multiplier) == {1} and self.zero_point == self.input_zero_point == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flatten:
    """[channels, height, width] to [features], in that order."""

    name: str
    inputs: tuple[str, ...] = ()


Layer = Conv2d | Linear | MaxPool2d | AvgPool2d | GlobalAvgPool | ReLU | Clip | Add | Concat | Requantize | Flatten


def _check_multipliers(multipliers: tuple[int, ...], name: str) -> None:
    wrong = [value for value in multipliers if not 0 <= value <= MAX_MULTIPLIER]
    if wrong or not multipliers:
        raise UnsupportedNetworkError(
            f"layer {name}: multipliers must be within 0..{MAX_MULTIPLIER}, but are {wrong[:1] or 'missing'}; "
            "choose other scales"
        )
