from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackmac.bits import IntArray, NumberFormat
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import Linear
from trackmac.networks.shapes import accumulator_format, layer_shapes


def test_shapes_are_those_of_the_arrays_that_flow(random_network: Callable[..., IntegerNetwork]) -> None:
    network = random_network(seed=3, weight_bits=3, activation_bits=5)

    shapes = layer_shapes(network)

    arrays = network.forward(np.zeros((1, 2, 9, 10), dtype=np.int64))
    assert [shape.output_shape for shape in shapes] == [array.shape[1:] for array in arrays]
    assert [shape.outputs for shape in shapes] == [array.size for array in arrays]
    assert all(shape.pixels * shape.channels_out == shape.outputs for shape in shapes)
    assert [shape.input_shape for shape in shapes] == [(2, 9, 10), *(shape.output_shape for shape in shapes[:-1])]


def test_a_convolution_is_described_in_numbers(random_network: Callable[..., IntegerNetwork]) -> None:
    shape = layer_shapes(random_network(seed=3, weight_bits=3, activation_bits=5))[0]

    assert (shape.name, shape.kind) == ("conv1", "conv2d")
    assert shape.output_shape == (5, 11, 6)
    assert (shape.pixels, shape.channels_out, shape.outputs) == (66, 5, 330)
    assert shape.dot_length == 2 * 3 * 2
    assert shape.macs == 330 * 12
    assert shape.parameters == 5 * 12 + 5
    assert shape.input_format == NumberFormat(5, is_signed=False)
    assert shape.weight_format == NumberFormat(3, is_signed=True)
    assert shape.output_format == shape.accumulator_format
    assert (shape.shift, shape.window) == (None, None)


def test_layers_without_weights_carry_formats_shift_and_window(random_network: Callable[..., IntegerNetwork]) -> None:
    conv, relu, quantize, pool, *_ = layer_shapes(random_network(seed=3, weight_bits=3, activation_bits=5))

    assert relu.input_format == relu.output_format == conv.accumulator_format
    assert quantize.input_format == conv.accumulator_format
    assert quantize.output_format == NumberFormat(5, is_signed=False)
    assert (quantize.kind, quantize.shift, quantize.macs, quantize.dot_length) == ("requantize", 3, 0, None)
    assert (pool.kind, pool.window, pool.output_format) == ("max_pool2d", (2, 3), quantize.output_format)
    assert all(shape.accumulator_format is None for shape in (relu, quantize, pool))


def linear(weights: list[int], bias: int) -> Linear:
    return Linear(
        name="fc",
        weights=np.array([weights]),
        bias=np.array([bias]),
        weight_format=NumberFormat(4, is_signed=True),
    )


def extreme_partial_sums(layer: Linear, input_format: NumberFormat) -> tuple[int, int]:
    """Return the least and the greatest partial sum over the best inputs, tried one product at a time."""
    low = high = 0
    for weight in layer.weights[0].tolist():
        products = [weight * x for x in (input_format.minimum, 0, input_format.maximum)]
        low, high = low + min(products), high + max(products)
    bias = int(layer.bias[0])
    return low + min(bias, 0), high + max(bias, 0)


@pytest.mark.parametrize("is_signed", [False, True])
@given(st.lists(st.integers(-8, 7), min_size=1, max_size=40), st.integers(-5000, 5000))
def test_every_partial_sum_fits_and_one_bit_less_overflows(is_signed: bool, weights: list[int], bias: int) -> None:
    layer, input_format = linear(weights, bias), NumberFormat(3, is_signed=is_signed)

    result = accumulator_format(layer, input_format)

    low, high = extreme_partial_sums(layer, input_format)
    assert result.is_signed
    assert result.minimum <= low
    assert high <= result.maximum
    narrower = NumberFormat(result.bits - 1, is_signed=True)
    assert low < narrower.minimum or high > narrower.maximum or result.bits == 3 + 4


@pytest.mark.parametrize(
    ("weights", "bias", "x", "attained"),
    [
        ([7, 7, 3], 0, [15, 15, 15], 255),  # the greatest of int9
        ([7, 7, 3], 1, [15, 15, 15], 256),  # one more: int10
        ([-8, -8, -1], -1, [15, 15, 15], -256),  # the least of int9
        ([-8, -8, -1], -2, [15, 15, 15], -257),  # one less: int10
    ],
)
def test_an_input_attains_the_bound(weights: list[int], bias: int, x: list[int], attained: int) -> None:
    layer = linear(weights, bias)

    result = accumulator_format(layer, NumberFormat(4, is_signed=False))

    assert int(np.dot(weights, x)) + bias == attained
    assert result.bits == (9 if -256 <= attained <= 255 else 10)


def test_a_bias_that_is_added_last_does_not_narrow_the_sum_before_it() -> None:
    layer = linear([-8, -8], 240)  # the whole sum is never below 0, the sum of the products reaches -240

    assert accumulator_format(layer, NumberFormat(4, is_signed=False)).bits == 9


def test_a_single_product_always_fits() -> None:
    assert accumulator_format(linear([0], 0), NumberFormat(4, is_signed=False)).bits == 8


def test_padding_and_stride_attain_the_accumulators_extreme(random_network: Callable[..., IntegerNetwork]) -> None:
    network = random_network(seed=7, weight_bits=4, activation_bits=4)
    conv = network.layers[0]
    shape = layer_shapes(network)[0]
    assert shape.accumulator_format is not None
    extremes: list[int] = []

    for channel in range(shape.channels_out):
        for sign in (1, -1):
            kernel: IntArray = conv.weights[channel]  # type: ignore[union-attr]
            # the window of output (4, 2) lies inside the image: rows 2..4, columns 3..4
            x = np.zeros((1, *network.input_shape), dtype=np.int64)
            x[0, :, 2:5, 3:5] = np.where(sign * kernel > 0, 15, 0)
            bias = int(conv.bias[channel])  # type: ignore[union-attr]
            extremes.append(int(network.forward(x)[0][0, channel, 4, 2]) + (sign * max(0, -sign * bias)))

    assert shape.accumulator_format.minimum <= min(extremes)
    assert max(extremes) <= shape.accumulator_format.maximum
    narrower = NumberFormat(shape.accumulator_format.bits - 1, is_signed=True)
    assert min(extremes) < narrower.minimum or max(extremes) > narrower.maximum
