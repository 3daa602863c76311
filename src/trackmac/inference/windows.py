"""Which input each lane takes, and when: layers unfolded into one column for each output pixel.

An output pixel's dot products and a pooling window's elements come one word after another; `unfolded[k]` is what every
column takes as its word `k`. Columns run image by image, then over the output's pixels in their own order.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from trackmac.networks import Conv2d, Linear

Code = TypeVar("Code", bound=np.integer)


def dot_product_inputs(layer: Conv2d | Linear, x: NDArray[Code]) -> NDArray[Code]:
    """Return [groups * products, columns]: what meets the weights `layer.weights[c].ravel()` of each group's channels.

    `x` is [images, channels, height, width] for a convolution, [images, features] for a linear layer.
    """
    if isinstance(layer, Linear):
        return np.ascontiguousarray(x.T)
    padded = _padded(x, layer.sides, layer.input_zero_point)
    taps = _taps(padded, layer.kernel, layer.stride, layer.dilation)
    images, channels, *pixels = taps[0].shape
    # [channel, tap, image, row, column]
    by_product = np.empty((channels, len(taps), images, *pixels), x.dtype)
    for number, tap in enumerate(taps):
        by_product[:, number] = tap.transpose(1, 0, 2, 3)
    return by_product.reshape(layer.groups * layer.weights[0].size, -1)


def window_elements(
    x: NDArray[Code], window: tuple[int, int], stride: tuple[int, int], sides: tuple[int, int, int, int], least: int
) -> NDArray[Code]:
    """Return [elements of a window, images * channels * rows * columns] for `x` [images, channels, height, width].

    The padding, on the `sides` (top, left, bottom, right), holds `least`: the least word, which changes no maximum.
    """
    taken = np.stack(_taps(_padded(x, sides, least), window, stride))
    return taken.reshape(window[0] * window[1], -1)


def output_map(results: NDArray[Code], images: int, shape: tuple[int, ...]) -> NDArray[Code]:
    """Return [images, *shape] from `results` [channels, columns], or from those of all channels in one row: a view."""
    channels = len(results)
    if channels == 1:
        return results.reshape(images, *shape)
    return results.reshape(channels, images, *shape[1:]).swapaxes(0, 1)


def _padded(x: NDArray[Code], sides: tuple[int, int, int, int], code: int) -> NDArray[Code]:
    top, left, bottom, right = sides
    word = np.array(code).astype(x.dtype)  # two's complement, as the codes are
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=word)


def _taps(
    x: NDArray[Code], kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int] = (1, 1)
) -> list[NDArray[Code]]:
    """Return what each element of the kernel meets, row by row: views [images, channels, rows, columns]."""
    height, width = (
        (size - (taps - 1) * apart - 1) // step + 1
        for size, taps, apart, step in zip(x.shape[2:], kernel, dilation, stride, strict=True)
    )
    down, right = stride
    return [
        x[:, :, i : i + down * (height - 1) + 1 : down, j : j + right * (width - 1) + 1 : right]
        for i in range(0, kernel[0] * dilation[0], dilation[0])
        for j in range(0, kernel[1] * dilation[1], dilation[1])
    ]
