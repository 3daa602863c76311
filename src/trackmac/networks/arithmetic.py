"""What each layer computes, on plain integer arrays: the reference that simulated tracks must agree with.

Arrays are int64, or int32 where the numbers at hand prove that nothing can overflow: half of it is moved.
"""

import math
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

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

Code = TypeVar("Code", bound=np.generic)

FLOAT32_BITS = 24
"""Integers of so many bits, and the one above them, are exact in float32."""

PATCH_ELEMENTS = 1 << 17
"""Elements of a convolution's unfolded input that fit in a cache."""


def apply_layer(layer: Layer, x: IntArray, *others: IntArray) -> IntArray:  # noqa: PLR0911 - a kind each
    """Return the output of `layer` for its inputs ([images, channels, height, width] or [images, features])."""
    match layer:
        case Conv2d():
            return _conv2d(layer, x)
        case Linear():
            return _linear(layer, x)
        case MaxPool2d():
            return _max_pool2d(layer, x)
        case AvgPool2d():
            return _over_windows(np.add, x.astype(np.int64), layer.kernel, layer.stride)
        case GlobalAvgPool():
            return np.asarray(x.sum(axis=(2, 3), keepdims=True), dtype=np.int64)
        case ReLU():
            return np.maximum(x, 0)
        case Clip():
            return np.clip(x, layer.low, layer.high)
        case Add():
            return x.astype(np.int64) * layer.multipliers[0] + others[0].astype(np.int64) * layer.multipliers[1]
        case Concat():
            return np.concatenate([x, *others], axis=1)
        case Requantize():
            return _requantize(layer, x)
        case Flatten():
            return x.reshape(len(x), math.prod(x.shape[1:]))


def requantize(x: IntArray, shift: int, output_format: NumberFormat, zero_point: int = 0) -> IntArray:
    """Return x * 2^-shift rounded half to even, plus `zero_point`, then clamped to `output_format`."""
    largest = (_largest(x) << max(-shift, 0)) + (1 << max(shift, 0)) + abs(zero_point)
    rounded = _round_half_even(x.astype(_whole(largest), copy=False), shift)
    if zero_point:
        rounded += zero_point
    return np.clip(rounded, output_format.minimum, output_format.maximum, out=rounded)


def _requantize(layer: Requantize, x: IntArray) -> IntArray:
    multiplier = np.array(layer.multiplier, dtype=np.int64).reshape(-1, *[1] * (x.ndim - 2))
    if layer.input_zero_point or np.any(multiplier != 1):
        x = (x.astype(np.int64) - layer.input_zero_point) * multiplier
    return requantize(x, layer.shift, layer.output_format, layer.zero_point)


def _round_half_even(x: IntArray, shift: int) -> IntArray:
    if shift <= 0:
        return x << -shift
    rounded: IntArray = x >> shift
    rounded &= 1  # a half is rounded up where what is below is odd
    rounded += (1 << shift - 1) - 1
    rounded += x
    rounded >>= shift
    return rounded


def _linear(layer: Linear, x: IntArray) -> IntArray:
    real, whole = _exact(layer, x, 0)
    sums: IntArray = (x.astype(real) @ layer.weights.T.astype(real)).astype(whole)
    sums += layer.bias.astype(whole)
    return sums


def _conv2d(layer: Conv2d, x: IntArray) -> IntArray:
    """Return the convolution as one matrix product for each group, of as many images as keep its operands small.

    In memory the channels come first, then the images.
    """
    real, whole = _exact(layer, x, layer.input_zero_point)
    padded = _padded(x, layer.sides, layer.input_zero_point, real)
    windows = _windows(padded, layer.window, layer.stride)[..., :: layer.dilation[0], :: layer.dilation[1]]
    images, channels_in, height, width, *taps = windows.shape
    weights = layer.weights.reshape(layer.groups, -1, layer.weights[0].size).astype(real)
    sums: NDArray[Any] = np.empty((len(layer.weights), images, height, width), whole)
    at_once = max(1, PATCH_ELEMENTS // math.prod(windows.shape[1:]))
    # [channel, kernel row, kernel column, image, row, column]
    patches = np.empty((channels_in, *taps, min(at_once, images), height, width), real)
    for start in range(0, images, at_once):
        some = windows[start : start + at_once]
        if len(some) < patches.shape[3]:
            patches = np.empty((channels_in, *taps, len(some), height, width), real)
        for row, column in np.ndindex(*taps):
            patches[:, row, column] = some[..., row, column].swapaxes(0, 1)
        products = weights @ patches.reshape(*weights.shape[::2], -1)
        sums[:, start : start + at_once] = products.reshape(-1, *patches.shape[3:])
    sums += layer.bias.astype(whole)[:, np.newaxis, np.newaxis, np.newaxis]
    return sums.swapaxes(0, 1)


def _exact(
    layer: Conv2d | Linear, x: IntArray, padding: int
) -> tuple[type[np.float32 | np.float64], type[np.int32 | np.int64]]:
    """Return types that hold every partial sum and every result: float64 does, accumulators have 53 bits at most."""
    weights = np.abs(layer.weights.reshape(len(layer.weights), -1)).sum(axis=1)
    most = max(_largest(x), abs(padding)) * int(weights.max())
    return np.float32 if most <= 1 << FLOAT32_BITS else np.float64, _whole(most + _largest(layer.bias))


def _largest(x: IntArray) -> int:
    """Return the largest absolute value."""
    return max(-int(x.min(initial=0)), int(x.max(initial=0)))


def _whole(largest: int) -> type[np.int32 | np.int64]:
    """Return a type that holds the integers up to so large a one, whatever their sign."""
    return np.int32 if largest <= np.iinfo(np.int32).max else np.int64


def _max_pool2d(layer: MaxPool2d, x: IntArray) -> IntArray:
    never_greatest = int(np.iinfo(x.dtype).min)
    return _over_windows(np.maximum, _padded(x, layer.sides, never_greatest, x.dtype), layer.kernel, layer.stride)


def _over_windows(join: np.ufunc, x: IntArray, window: tuple[int, int], stride: tuple[int, int]) -> IntArray:
    """Return the elements of each window joined: down its columns, then along what remains, all windows at once."""
    rows, columns = ((size - taps) // step for size, taps, step in zip(x.shape[2:], window, stride, strict=True))
    joined: IntArray = x[:, :, : rows * stride[0] + 1 : stride[0]].copy()
    for row in range(1, window[0]):
        join(joined, x[:, :, row : row + rows * stride[0] + 1 : stride[0]], out=joined)
    result: IntArray = joined[..., : columns * stride[1] + 1 : stride[1]].copy()
    for column in range(1, window[1]):
        join(result, joined[..., column : column + columns * stride[1] + 1 : stride[1]], out=result)
    return result


def _padded(x: IntArray, sides: tuple[int, int, int, int], code: int, kind: DTypeLike) -> NDArray[Any]:
    """Return x within `code` on its sides (top, left, bottom, right), as numbers of a kind."""
    if not any(sides):
        return x.astype(kind, copy=False)
    top, left, bottom, right = sides
    *images, height, width = x.shape
    padded = np.full((*images, top + height + bottom, left + width + right), code, kind)
    padded[..., top : top + height, left : left + width] = x
    return padded


def _windows(x: NDArray[Code], window: tuple[int, int], stride: tuple[int, int]) -> NDArray[Code]:
    """Return a view [image, channel, row, column, window row, window column]."""
    view = np.lib.stride_tricks.sliding_window_view(x, window, axis=(2, 3))
    return view[:, :, :: stride[0], :: stride[1]]
