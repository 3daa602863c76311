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

Code = TypeVar("Code", bound=np.generic)

FLOAT32_BITS = 24
"""Integers of so many bits, and the one above them, are exact in float32."""

PATCH_ELEMENTS = 1 << 19
"""Elements of a convolution's unfolded input that fit in a cache."""

NEVER_GREATEST = np.iinfo(np.int64).min


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
            return _over_windows(np.add, x, layer.kernel, layer.stride)
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
    rounded: IntArray = x >> shift
    rounded &= 1  # a half is rounded up where what is below is odd
    rounded += x
    rounded += (1 << shift - 1) - 1
    rounded >>= shift
    return rounded


def _linear(layer: Linear, x: IntArray) -> IntArray:
    real = _exact(layer, x, 0)
    sums: IntArray = (x.astype(real) @ layer.weights.T.astype(real)).astype(np.int64)
    return sums + layer.bias


def _conv2d(layer: Conv2d, x: IntArray) -> IntArray:
    """Return the convolution as one matrix product for each group, of as many images as keep its operands small.

    In memory the channels come first, then the images.
    """
    real = _exact(layer, x, layer.input_zero_point)
    padded = _padded(x.astype(real), layer.sides, layer.input_zero_point)
    windows = _windows(padded, layer.window, layer.stride)[..., :: layer.dilation[0], :: layer.dilation[1]]
    images, channels_in, height, width, *taps = windows.shape
    weights = layer.weights.reshape(layer.groups, -1, layer.weights[0].size).astype(real)
    sums = np.empty((len(layer.weights), images, height, width), dtype=np.int64)
    at_once = max(1, PATCH_ELEMENTS // math.prod(windows.shape[1:]))
    for start in range(0, images, at_once):
        some = windows[start : start + at_once]
        # [channel, kernel row, kernel column, image, row, column]
        patches = np.empty((channels_in, *taps, len(some), height, width), real)
        for row, column in np.ndindex(*taps):
            patches[:, row, column] = some[..., row, column].swapaxes(0, 1)
        products = weights @ patches.reshape(*weights.shape[::2], -1)
        sums[:, start : start + at_once] = products.reshape(-1, *patches.shape[3:])
    sums += layer.bias[:, np.newaxis, np.newaxis, np.newaxis]
    return sums.swapaxes(0, 1)


def _exact(layer: Conv2d | Linear, x: IntArray, padding: int) -> type[np.float32 | np.float64]:
    """Return a float that holds every partial sum exactly: in float64 all do, as accumulators have at most 53 bits."""
    largest = max(-int(x.min(initial=0)), int(x.max(initial=0)), abs(padding))
    weights = np.abs(layer.weights.reshape(len(layer.weights), -1)).sum(axis=1)
    return np.float32 if largest * int(weights.max()) <= 1 << FLOAT32_BITS else np.float64


def _max_pool2d(layer: MaxPool2d, x: IntArray) -> IntArray:
    return _over_windows(np.maximum, _padded(x, layer.sides, NEVER_GREATEST), layer.kernel, layer.stride)


def _over_windows(join: np.ufunc, x: IntArray, window: tuple[int, int], stride: tuple[int, int]) -> IntArray:
    """Return the elements of each window joined, all windows at once."""
    windows = _windows(x, window, stride)
    joined: IntArray = windows[..., 0, 0].copy()
    for row, column in list(np.ndindex(*window))[1:]:
        join(joined, windows[..., row, column], out=joined)
    return joined


def _padded(x: NDArray[Code], sides: tuple[int, int, int, int], code: int) -> NDArray[Code]:
    if not any(sides):
        return x
    top, left, bottom, right = sides
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=code)


def _windows(x: NDArray[Code], window: tuple[int, int], stride: tuple[int, int]) -> NDArray[Code]:
    """Return a view [image, channel, row, column, window row, window column]."""
    view = np.lib.stride_tricks.sliding_window_view(x, window, axis=(2, 3))
    return view[:, :, :: stride[0], :: stride[1]]
