"""Which input each lane takes, and when: layers unfolded into one column for each output pixel.

An output pixel's dot products and a pooling window's elements come one word after another; `unfolded[k]` is what every
column takes as its word `k`. Columns run image by image, then over the output's pixels in their own order.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.networks import Conv2d, Linear, MaxPool2d

Code = TypeVar("Code", bound=np.integer)


def dot_product_inputs(layer: Conv2d | Linear, x: NDArray[Code]) -> NDArray[Code]:
    """Return [products, columns]: the activations that meet the weights `layer.weights[c].ravel()`, 0 in the padding.

    `x` is [images, channels, height, width] for a convolution, [images, features] for a linear layer.
    """
    if isinstance(layer, Linear):
        return np.ascontiguousarray(x.T)
    rows, columns = layer.padding
    padded = np.pad(x, ((0, 0), (0, 0), (rows, rows), (columns, columns)))
    kernel = (layer.weights.shape[2], layer.weights.shape[3])
    taken = _unfold(padded, kernel, layer.stride)  # [kernel row, kernel column, image, channel, row, column]
    by_product = taken.transpose(3, 0, 1, 2, 4, 5)
    return by_product.reshape(layer.weights[0].size, -1)


def window_elements(layer: MaxPool2d, x: NDArray[Code]) -> NDArray[Code]:
    """Return [elements of a window, images * channels * rows * columns] for `x` [images, channels, height, width]."""
    taken = _unfold(x, layer.kernel, layer.stride)
    return taken.reshape(layer.kernel[0] * layer.kernel[1], -1)


def output_map(results: IntArray, images: int, shape: tuple[int, ...]) -> IntArray:
    """Return [images, *shape] from `results` [channels, columns], `shape` being [channels, ...pixels]."""
    by_image = results.reshape(len(results), images, -1).transpose(1, 0, 2)
    return np.ascontiguousarray(by_image).reshape(images, *shape)


def _unfold(x: NDArray[Code], kernel: tuple[int, int], stride: tuple[int, int]) -> NDArray[Code]:
    height, width = ((size - k) // step + 1 for size, k, step in zip(x.shape[2:], kernel, stride, strict=True))
    down, right = stride
    return np.stack(
        [
            [
                x[:, :, i : i + down * (height - 1) + 1 : down, j : j + right * (width - 1) + 1 : right]
                for j in range(kernel[1])
            ]
            for i in range(kernel[0])
        ]
    )
