"""The layers that multiply and accumulate: convolution and linear."""

from dataclasses import dataclass, fields

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.checks import (
    BIAS_FORMAT,
    MAX_WEIGHT_BITS,
    Padding,
    check_at_least,
    check_fits,
    check_padding,
    check_width,
    four_sides,
    read_only,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _WeightedLayer:
    """What convolution and linear layers share. A real weight is its code times 2^`weight_exponent`.

    Inputs are codes as they are: where a code z stands for zero, -z times the sum of a channel's weights is in `bias`.
    """

    name: str
    inputs: tuple[str, ...] = ()
    weights: IntArray
    bias: IntArray
    weight_format: NumberFormat
    weight_exponent: int = 0

    def _check(self, weight_axes: int) -> None:
        object.__setattr__(self, "weights", read_only(self.weights))
        object.__setattr__(self, "bias", read_only(self.bias))
        if not self.weight_format.is_signed:
            raise UnsupportedNetworkError(
                f"layer {self.name}: weights must be signed, but are {self.weight_format}; use a signed format"
            )
        check_width(self.weight_format, f"layer {self.name}: weights", MAX_WEIGHT_BITS)
        if self.weights.ndim != weight_axes or 0 in self.weights.shape:
            raise UnsupportedNetworkError(
                f"layer {self.name}: weights must have {weight_axes} axes, none empty, but their shape is "
                f"{self.weights.shape}; reshape them"
            )
        if self.bias.shape != self.weights.shape[:1]:
            raise UnsupportedNetworkError(
                f"layer {self.name}: bias must have shape {self.weights.shape[:1]}, but it is {self.bias.shape}; "
                "give one value for each output channel"
            )
        check_fits(self.weights, self.weight_format, f"layer {self.name}: weights")
        check_fits(self.bias, BIAS_FORMAT, f"layer {self.name}: bias")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))

    def __hash__(self) -> int:
        return hash((type(self), self.name, self.weights.tobytes()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conv2d(_WeightedLayer):
    """2-D convolution: weights[C_out, C_in / groups, kernel height, kernel width], bias[C_out]."""

    stride: tuple[int, int] = (1, 1)
    padding: Padding = (0, 0)
    """Kept as (top, left, bottom, right)."""
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    """Output channels in `groups` equal parts see equal parts of the input channels."""
    input_zero_point: int = 0
    """The code that fills the padding: the one that stands for zero."""

    def __post_init__(self) -> None:
        self._check(weight_axes=4)
        object.__setattr__(self, "padding", four_sides(self.padding))
        check_at_least(1, self.stride, f"layer {self.name}: stride")
        check_at_least(1, self.dilation, f"layer {self.name}: dilation")
        check_padding(self.sides, self.window, f"layer {self.name}")
        if self.groups < 1 or self.weights.shape[0] % self.groups:
            raise UnsupportedNetworkError(
                f"layer {self.name}: groups must divide its {self.weights.shape[0]} output channels, "
                f"but is {self.groups}; correct it"
            )

    @property
    def kernel(self) -> tuple[int, int]:
        """Height and width of the kernel."""
        return self.weights.shape[2], self.weights.shape[3]

    @property
    def window(self) -> tuple[int, int]:
        """Height and width of what the dilated kernel spans."""
        (height, width), (down, right) = self.kernel, self.dilation
        return (height - 1) * down + 1, (width - 1) * right + 1

    @property
    def sides(self) -> tuple[int, int, int, int]:
        """The padding: top, left, bottom, right."""
        return four_sides(self.padding)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linear(_WeightedLayer):
    """Fully connected layer: weights[out features, in features], bias[out features]."""

    def __post_init__(self) -> None:
        self._check(weight_axes=2)
