import itertools

import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.inference.windows import dot_product_inputs, output_map, window_elements
from trackmac.networks import Conv2d, Linear


@pytest.mark.parametrize("stride", [(1, 1), (2, 1), (3, 2)])
@pytest.mark.parametrize("padding", [(0, 0), (1, 2)])
def test_each_column_takes_the_window_of_its_pixel(stride: tuple[int, int], padding: tuple[int, int]) -> None:
    layer = Conv2d(
        name="c", weights=np.zeros((4, 3, 2, 3), dtype=np.int64), bias=np.zeros(4, dtype=np.int64),
        weight_format=NumberFormat(2, is_signed=True), stride=stride, padding=padding,
    )  # fmt: skip
    x = np.random.default_rng(0).integers(1, 9, (2, 3, 7, 6))

    columns = dot_product_inputs(layer, x)

    rows = (7 + 2 * padding[0] - 2) // stride[0] + 1
    width = (6 + 2 * padding[1] - 3) // stride[1] + 1
    assert columns.shape == (18, 2 * rows * width)
    pixels = itertools.product(range(2), range(rows), range(width))
    for column, (image, row, place) in enumerate(pixels):
        for word, (channel, i, j) in enumerate(itertools.product(range(3), range(2), range(3))):
            y, z = row * stride[0] + i - padding[0], place * stride[1] + j - padding[1]
            inside = 0 <= y < 7 and 0 <= z < 6
            assert columns[word, column] == (x[image, channel, y, z] if inside else 0)


def test_a_linear_layer_has_a_column_for_each_image() -> None:
    layer = Linear(
        name="l", weights=np.zeros((2, 5), dtype=np.int64), bias=np.zeros(2, dtype=np.int64),
        weight_format=NumberFormat(2, is_signed=True),
    )  # fmt: skip
    x = np.arange(15).reshape(3, 5)

    np.testing.assert_array_equal(dot_product_inputs(layer, x), x.T)


def test_a_pooling_column_takes_the_elements_of_its_window() -> None:
    x = np.arange(2 * 2 * 5 * 5).reshape(2, 2, 5, 5)

    elements = window_elements(x, (2, 3), (2, 2), (0, 0, 0, 0), 0)

    assert elements.shape == (6, 2 * 2 * 2 * 2)
    np.testing.assert_array_equal(elements[:, 0], [0, 1, 2, 5, 6, 7])
    np.testing.assert_array_equal(elements[:, 1], [2, 3, 4, 7, 8, 9])
    np.testing.assert_array_equal(elements[:, 8], 50 + elements[:, 0])


def test_results_go_back_to_their_image_channel_and_pixel() -> None:
    images, channels, pixels = 2, 3, (2, 2)
    results = np.arange(24).reshape(channels, images * 4)

    back = output_map(results, images, (channels, *pixels))

    assert back[1, 2, 1, 0] == results[2, 4 + 2]
    assert back.shape == (2, 3, 2, 2)
