"""The layers of an integer network: what they hold, and nothing about how they are computed.

Integers only. A layer's real values are its codes times a power of two: the network knows the exponent of its
input, a weighted layer that of its weights, and a `Requantize` adds its shift; no layer computes with a scale.
"""

from dataclasses import dataclass, fields

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import UnsupportedNetworkError

MIN_BITS, MAX_BITS = 2, 8  # of weights and activations
BIAS_FORMAT = NumberFormat(32, is_signed=True)
MIN_SHIFT, MAX_SHIFT = -31, 62


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _WeightedLayer:
    """What convolution and linear layers share. A real weight is its code times 2^`weight_exponent`."""

    name: str
    weights: IntArray
    bias: IntArray
    weight_format: NumberFormat
    weight_exponent: int = 0

    def _check(self, weight_axes: int) -> None:
        object.__setattr__(self, "weights", _read_only(self.weights))
        object.__setattr__(self, "bias", _read_only(self.bias))
        if not self.weight_format.is_signed:
            raise UnsupportedNetworkError(
                f"layer {self.name}: weights must be signed, but are {self.weight_format}; use a signed format"
            )
        check_width(self.weight_format, f"layer {self.name}: weights")
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
        _check_fits(self.weights, self.weight_format, f"layer {self.name}: weights")
        _check_fits(self.bias, BIAS_FORMAT, f"layer {self.name}: bias")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))

    def __hash__(self) -> int:
        return hash((type(self), self.name, self.weights.tobytes()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conv2d(_WeightedLayer):
    """2-D convolution: weights[C_out, C_in, kernel height, kernel width], bias[C_out], zero padding on all sides."""

    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self._check(weight_axes=4)
        _check_at_least(1, self.stride, f"layer {self.name}: stride")
        _check_at_least(0, self.padding, f"layer {self.name}: padding")
        kernel = self.weights.shape[2:]
        if self.padding[0] >= kernel[0] or self.padding[1] >= kernel[1]:
            raise UnsupportedNetworkError(
                f"layer {self.name}: padding must be smaller than the {kernel[0]}x{kernel[1]} kernel, "
                f"but is {self.padding}; pad less"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linear(_WeightedLayer):
    """Fully connected layer: weights[out features, in features], bias[out features]."""

    def __post_init__(self) -> None:
        self._check(weight_axes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxPool2d:
    """The maximum of each `kernel` window (height, width); windows that do not fit at the end are dropped."""

    name: str
    kernel: tuple[int, int]
    stride: tuple[int, int]

    def __post_init__(self) -> None:
        _check_at_least(1, self.kernel, f"layer {self.name}: kernel")
        _check_at_least(1, self.stride, f"layer {self.name}: stride")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReLU:
    """max(0, x); keeps the number format of its input."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Requantize:
    """Round x * 2^-`shift` half to even, then clamp it to `output_format`; a shift below 0 shifts left."""

    name: str
    shift: int
    output_format: NumberFormat

    def __post_init__(self) -> None:
        check_width(self.output_format, f"layer {self.name}: outputs")
        if not MIN_SHIFT <= self.shift <= MAX_SHIFT:
            raise UnsupportedNetworkError(
                f"layer {self.name}: shift must be within {MIN_SHIFT}..{MAX_SHIFT}, but it is {self.shift}; "
                "choose other scales"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flatten:
    """[channels, height, width] to [features], in that order."""

    name: str


Layer = Conv2d | Linear | MaxPool2d | ReLU | Requantize | Flatten


def check_width(number_format: NumberFormat, what: str) -> None:
    """Refuse a format of weights or activations that is not `MIN_BITS` to `MAX_BITS` wide.

    Raises:
        UnsupportedNetworkError: too few or too many bits; the message begins with `what`.
    """
    if not MIN_BITS <= number_format.bits <= MAX_BITS:
        raise UnsupportedNetworkError(
            f"{what} must have {MIN_BITS} to {MAX_BITS} bits, but have {number_format.bits}; quantise them so"
        )


def _read_only(values: IntArray) -> IntArray:
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.integer):
        raise TypeError(f"weights and biases are integer codes, not {array.dtype}")
    copy = array.astype(np.int64)
    copy.setflags(write=False)
    return copy


def _check_fits(values: IntArray, number_format: NumberFormat, what: str) -> None:
    outside = values[(values < number_format.minimum) | (values > number_format.maximum)]
    if outside.size:
        raise UnsupportedNetworkError(
            f"{what} must be within {number_format.minimum}..{number_format.maximum} ({number_format}), "
            f"but one is {outside[0]}; use more bits or another scale"
        )


def _check_at_least(least: int, pair: tuple[int, int], what: str) -> None:
    if min(pair) < least:
        raise UnsupportedNetworkError(f"{what} must be at least {least} each way, but it is {pair}; correct it")
