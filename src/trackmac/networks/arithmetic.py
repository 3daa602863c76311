"""What each layer computes, on plain int64 arrays: the reference that simulated tracks must agree with."""

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray, NumberFormat
from trackmac.networks.layers import (
    Add,
    AvgPool2d,
    Clip,
    Concat,
    Conv2d,
    Flatten,
    GlobalAvgPool,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Requantize,
)

Code = TypeVar("Code", np.int64, np.float64)

NEVER_GREATEST = np.iinfo(np.int64).min


def apply_layer(layer: Layer, x: IntArray, *others: IntArray) -> IntArray:  # noqa: PLR0911 - a kind each
    """Return the output of `layer` for its inputs ([images, channels, height, width] or [images, features])."""
    match layer:
        case Conv2d():
            return _conv2d(layer, x)
        case Linear():
            return _integers(x.astype(np.float64) @ layer.weights.T.astype(np.float64)) + layer.bias
        case MaxPool2d():
            return _max_pool2d(layer, x)
        case AvgPool2d():
            summed: IntArray = _windows(x, layer.kernel, layer.stride).sum(axis=(4, 5))
            return summed
        case GlobalAvgPool():
            return np.asarray(x.sum(axis=(2, 3), keepdims=True), dtype=np.int64)
        case ReLU():
            return np.maximum(x, 0)
        case Clip():
            return np.clip(x, layer.low, layer.high)
        case Add():
            return x * layer.multipliers[0] + others[0] * layer.multipliers[1]
        case Concat():
            return np.concatenate([x, *others], axis=1)
        case Requantize():
            return _requantize(layer, x)
        case Flatten():
            return x.reshape(len(x), math.prod(x.shape[1:]))


def requantize(x: IntArray, shift: int, output_format: NumberFormat, zero_point: int = 0) -> IntArray:
    """Return x * 2^-shift rounded half to even, plus `zero_point`, then clamped to `output_format`."""
    return np.clip(_round_half_even(x, shift) + zero_point, output_format.minimum, output_format.maximum)


def _requantize(layer: Requantize, x: IntArray) -> IntArray:
    multiplier = np.array(layer.multiplier, dtype=np.int64).reshape(-1, *[1] * (x.ndim - 2))
    return requantize((x - layer.input_zero_point) * multiplier, layer.shift, layer.output_format, layer.zero_point)


def _round_half_even(x: IntArray, shift: int) -> IntArray:
    if shift <= 0:
        return x << -shift
    quotient = x >> shift
    doubled_rest = (x - (quotient << shift)) * 2
    one = 1 << shift
    round_up = (doubled_rest > one) | ((doubled_rest == one) & (quotient % 2 == 1))
    rounded: IntArray = quotient + round_up
    return rounded


def _conv2d(layer: Conv2d, x: IntArray) -> IntArray:
    """Return the convolution as one matrix product for each group."""
    groups, channels_out = layer.groups, len(layer.weights)
    padded = _padded(x.astype(np.float64), layer.sides, layer.input_zero_point)
    windows = _windows(padded, layer.window, layer.stride)[..., :: layer.dilation[0], :: layer.dilation[1]]
    images, channels_in, height, width = windows.shape[:4]
    dot_length = layer.weights[0].size
    by_group = windows.reshape(images, groups, channels_in // groups, height, width, *layer.kernel)
    # [group, (image, row, column), (channel, kernel row, kernel column)]: one row of a matrix for each output pixel
    patches = by_group.transpose(1, 0, 3, 4, 2, 5, 6).reshape(groups, images * height * width, dot_length)
    weights = layer.weights.reshape(groups, channels_out // groups, dot_length).transpose(0, 2, 1).astype(np.float64)
    sums = _integers(patches @ weights).reshape(groups, images, height, width, channels_out // groups)
    by_image = sums.transpose(1, 0, 4, 2, 3).reshape(images, channels_out, height, width)
    return by_image + layer.bias[:, np.newaxis, np.newaxis]


def _max_pool2d(layer: MaxPool2d, x: IntArray) -> IntArray:
    padded = _padded(x, layer.sides, NEVER_GREATEST)
    pooled: IntArray = _windows(padded, layer.kernel, layer.stride).max(axis=(4, 5))
    return pooled


def _padded(x: NDArray[Code], sides: tuple[int, int, int, int], code: int) -> NDArray[Code]:
    if not any(sides):
        return x
    top, left, bottom, right = sides
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=code)


def _windows(x: NDArray[Code], window: tuple[int, int], stride: tuple[int, int]) -> NDArray[Code]:
    """Return a view [image, channel, row, column, window row, window column]."""
    view = np.lib.stride_tricks.sliding_window_view(x, window, axis=(2, 3))
    return view[:, :, :: stride[0], :: stride[1]]


def _integers(sums: NDArray[np.float64]) -> IntArray:
    """Return sums that float64 holds exactly, because a network's accumulators have at most 53 bits."""
    return sums.astype(np.int64)
