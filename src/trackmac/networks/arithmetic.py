"""What each layer computes, on plain int64 arrays: the reference that simulated tracks must agree with."""

import math

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.networks.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Requantize


def apply_layer(layer: Layer, x: IntArray) -> IntArray:
    """Return the output of `layer` for `x` ([images, channels, height, width] or [images, features])."""
    match layer:
        case Conv2d():
            return _conv2d(layer, x)
        case Linear():
            return _exact_product(x, layer.weights) + layer.bias
        case MaxPool2d():
            return _max_pool2d(layer, x)
        case ReLU():
            return np.maximum(x, 0)
        case Requantize():
            return requantize(x, layer.shift, layer.output_format)
        case Flatten():
            return x.reshape(len(x), math.prod(x.shape[1:]))


def requantize(x: IntArray, shift: int, output_format: NumberFormat) -> IntArray:
    """Return x * 2^-shift rounded half to even, then clamped to `output_format`."""
    return np.clip(_round_half_even(x, shift), output_format.minimum, output_format.maximum)


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
    channels_out, channels_in, height, width = layer.weights.shape
    dot_length = channels_in * height * width
    rows, columns = layer.padding
    padded = np.pad(x, ((0, 0), (0, 0), (rows, rows), (columns, columns)))
    windows = _windows(padded, (height, width), layer.stride)
    images, _, out_height, out_width = windows.shape[:4]
    # [image, row, column, (channel, kernel row, kernel column)]: one row of the matrix for each output pixel
    patches = windows.transpose(0, 2, 3, 1, 4, 5).reshape(images * out_height * out_width, dot_length)
    sums = _exact_product(patches, layer.weights.reshape(channels_out, dot_length)) + layer.bias
    return np.ascontiguousarray(sums.reshape(images, out_height, out_width, channels_out).transpose(0, 3, 1, 2))


def _max_pool2d(layer: MaxPool2d, x: IntArray) -> IntArray:
    pooled: IntArray = _windows(x, layer.kernel, layer.stride).max(axis=(4, 5))
    return pooled


def _windows(x: IntArray, kernel: tuple[int, int], stride: tuple[int, int]) -> IntArray:
    """Return a view [image, channel, row, column, kernel row, kernel column]."""
    view = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(2, 3))
    return view[:, :, :: stride[0], :: stride[1]]


def _exact_product(x: IntArray, weights: IntArray) -> IntArray:
    """Return x @ weights.T; float64 is exact because a network's accumulators have at most 53 bits."""
    return (x.astype(np.float64) @ weights.T.astype(np.float64)).astype(np.int64)
