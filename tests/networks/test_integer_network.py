import dataclasses
import itertools
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import InputError, OperandError, UnsupportedNetworkError
from trackmac.networks.arithmetic import requantize
from trackmac.networks.integer import IMAGES_AT_ONCE, IntegerNetwork
from trackmac.networks.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU

INT4 = NumberFormat(4, is_signed=True)


def flat_network(input_shape: tuple[int, int, int], bits: int, weights: IntArray | None = None) -> IntegerNetwork:
    """Return a network of one linear layer with two logits: the sum of all input codes, and its negative."""
    ones = np.ones((1, int(np.prod(input_shape))), dtype=np.int64)
    both = np.concatenate([ones, -ones]) if weights is None else weights
    layer = Linear(name="fc", weights=both, bias=np.zeros(len(both), dtype=np.int64), weight_format=INT4)
    return IntegerNetwork(
        name="flat",
        input_shape=input_shape,
        input_format=NumberFormat(bits, is_signed=False),
        input_exponent=-bits,
        layers=(Flatten(name="flatten"), layer),
        classes=len(both),
        is_trained=False,
    )


def naive_layer(layer: Layer, x: IntArray) -> IntArray:
    """One image, plain Python integers, straight from the definitions; for layers whose output has a window each."""
    if isinstance(layer, Conv2d):
        kernel, stride, padding = layer.weights.shape[2:], layer.stride, layer.padding
        channels = len(layer.weights)
    else:
        assert isinstance(layer, MaxPool2d)
        kernel, stride, padding = layer.kernel, layer.stride, (0, 0)
        channels = len(x)
    rows, columns = ((x.shape[1 + i] + 2 * padding[i] - kernel[i]) // stride[i] + 1 for i in (0, 1))
    result = np.zeros((channels, rows, columns), dtype=np.int64)
    for channel, row, column in itertools.product(range(channels), range(rows), range(columns)):
        window = {}
        for k, j, i in itertools.product(range(len(x)), range(kernel[0]), range(kernel[1])):
            at = (row * stride[0] + j - padding[0], column * stride[1] + i - padding[1])
            inside = 0 <= at[0] < x.shape[1] and 0 <= at[1] < x.shape[2]
            window[k, j, i] = int(x[k, *at]) if inside else 0
        if isinstance(layer, Conv2d):
            products = sum(int(layer.weights[channel, *place]) * value for place, value in window.items())
            result[channel, row, column] = products + int(layer.bias[channel])
        else:
            result[channel, row, column] = max(value for place, value in window.items() if place[0] == channel)
    return result


def test_every_layer_agrees_with_its_definition(random_network: Callable[..., IntegerNetwork]) -> None:
    network = random_network(seed=1, weight_bits=5, activation_bits=6, is_signed=True)
    x = np.random.default_rng(0).integers(0, 64, size=(3, 2, 9, 10))

    outputs = network.forward(x)

    inputs = (x, *outputs[:-1])
    for layer, before, after in zip(network.layers, inputs, outputs, strict=True):
        if isinstance(layer, Conv2d | MaxPool2d):
            np.testing.assert_array_equal(after, [naive_layer(layer, image) for image in before])
        elif isinstance(layer, Linear):
            expected = [[int((row * image).sum()) for row in layer.weights] for image in before]
            np.testing.assert_array_equal(after, np.array(expected) + layer.bias)
        elif isinstance(layer, ReLU):
            np.testing.assert_array_equal(after, np.where(before > 0, before, 0))
        elif isinstance(layer, Flatten):
            np.testing.assert_array_equal(after, [image.ravel() for image in before])


@given(st.integers(-(2**52), 2**52), st.integers(-9, 60), st.integers(2, 8), st.booleans())
def test_requantising_rounds_half_to_even_then_clamps(x: int, shift: int, bits: int, is_signed: bool) -> None:
    output_format = NumberFormat(bits, is_signed=is_signed)

    result = requantize(np.array([x]), shift, output_format)

    exact = round(x / Fraction(2) ** shift)  # Python rounds fractions half to even
    assert result.tolist() == [min(max(exact, output_format.minimum), output_format.maximum)]


def test_requantising_ties_go_to_the_even_neighbour_on_both_sides_of_zero() -> None:
    ties = np.array([-6, -2, 2, 6, 10])

    result = requantize(ties, 2, NumberFormat(8, is_signed=True))

    assert result.tolist() == [-2, 0, 0, 2, 2]


@pytest.mark.parametrize("bits", range(2, 9))
def test_images_are_quantised_half_to_even_and_clamped(bits: int) -> None:
    every_pixel = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)

    codes = flat_network((1, 16, 16), bits).quantize_images(every_pixel)

    exact = [min(round(Fraction(pixel, 255) * 2**bits), 2**bits - 1) for pixel in range(256)]
    assert codes.shape == (1, 1, 16, 16)
    assert codes.ravel().tolist() == exact


def test_8_bit_codes_are_the_pixels_but_one_more_from_128_on() -> None:
    every_pixel = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)

    codes = flat_network((1, 16, 16), 8).quantize_images(every_pixel)

    assert codes.ravel().tolist() == [min(255, pixel + (pixel >= 128)) for pixel in range(256)]


def test_colour_images_are_turned_to_channels_first() -> None:
    images = np.random.default_rng(0).integers(0, 256, size=(2, 4, 5, 3), dtype=np.uint8)

    codes = flat_network((3, 4, 5), 8).quantize_images(images)

    assert codes.shape == (2, 3, 4, 5)
    for image, channel in itertools.product(range(2), range(3)):
        one = flat_network((1, 4, 5), 8).quantize_images(images[image : image + 1, :, :, channel])
        np.testing.assert_array_equal(codes[image, channel], one[0, 0])


@pytest.mark.parametrize("shape", [(2, 8, 7), (8, 8), (2, 8, 8, 3), (2, 1, 8, 8)])
def test_images_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"flat takes images of shape \[N, 8, 8, 1\], but these have shape"):
        flat_network((1, 8, 8), 4).quantize_images(np.zeros(shape, dtype=np.uint8))


def test_images_that_are_not_uint8_are_refused() -> None:
    with pytest.raises(InputError, match="images must be uint8, but are float64"):
        flat_network((1, 8, 8), 4).quantize_images(np.zeros((1, 8, 8)))  # type: ignore[arg-type]


def test_a_code_outside_the_input_format_is_refused() -> None:
    network = flat_network((1, 1, 1), 4)

    assert network.forward(np.array([[[[15]]]]))[-1].tolist() == [[15, -15]]
    with pytest.raises(OperandError, match=r"0\.\.15"):
        network.forward(np.array([[[[16]]]]))


@pytest.mark.parametrize("images", [0, 1, IMAGES_AT_ONCE, IMAGES_AT_ONCE + 1])
def test_logits_do_not_depend_on_how_many_images_there_are(images: int) -> None:
    stack = np.random.default_rng(0).integers(0, 256, size=(images, 4, 4), dtype=np.uint8)
    network = flat_network((1, 4, 4), 8)

    logits = network.logits(stack)

    sums = network.quantize_images(stack).sum(axis=(1, 2, 3))
    np.testing.assert_array_equal(logits, np.stack([sums, -sums], axis=1))


def test_no_images_pass_through_every_kind_of_layer(random_network: Callable[..., IntegerNetwork]) -> None:
    network = random_network(seed=1, weight_bits=4, activation_bits=4)

    outputs = network.forward(np.zeros((0, 2, 9, 10), dtype=np.int64))

    assert outputs[-1].shape == (0, 3)


def test_the_first_of_equal_logits_is_predicted() -> None:
    network = flat_network((1, 1, 1), 4, weights=np.array([[1], [2], [2]]))

    assert network.predict(np.full((1, 1, 1), 255, dtype=np.uint8)).tolist() == [1]


def test_the_logits_exponent_adds_up_scales_and_shifts(random_network: Callable[..., IntegerNetwork]) -> None:
    network = random_network(seed=1, weight_bits=4, activation_bits=6)

    assert network.logit_exponent == -6 - 3 + 4 - 3 + 4 + 2


def test_networks_with_equal_layers_are_equal(random_network: Callable[..., IntegerNetwork]) -> None:
    assert random_network(seed=1, weight_bits=4, activation_bits=4) == random_network(
        seed=1, weight_bits=4, activation_bits=4
    )
    assert random_network(seed=1, weight_bits=4, activation_bits=4) != random_network(
        seed=2, weight_bits=4, activation_bits=4
    )


def network_of(*layers: Layer, classes: int = 2) -> IntegerNetwork:
    return IntegerNetwork(
        name="odd",
        input_shape=(1, 4, 4),
        input_format=NumberFormat(4, is_signed=False),
        input_exponent=-4,
        layers=layers,
        classes=classes,
        is_trained=False,
    )


def fully(features_in: int, features_out: int = 2, name: str = "fc") -> Linear:
    return Linear(
        name=name,
        weights=np.ones((features_out, features_in), dtype=np.int64),
        bias=np.zeros(features_out, dtype=np.int64),
        weight_format=INT4,
    )


def convolution(channels_in: int, kernel: int) -> Conv2d:
    weights = np.ones((2, channels_in, kernel, kernel), dtype=np.int64)
    return Conv2d(name="conv", weights=weights, bias=np.zeros(2, dtype=np.int64), weight_format=INT4)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((fully(16),), r"layer fc: its input must be \[features\], but has shape \[1, 4, 4\]"),
        ((Flatten(name="flatten"), fully(15)), "layer fc: its weights take 15 input channels, but get 16"),
        ((convolution(3, 3),), "layer conv: its weights take 3 input channels, but get 1"),
        ((convolution(1, 5),), "layer conv: a 5x5 window does not fit a 4x4 map"),
        ((MaxPool2d(name="pool", kernel=(5, 1), stride=(1, 1)), fully(1)), "layer pool: a 5x1 window does not fit"),
        ((Flatten(name="flatten"), fully(16, 3)), r"layer fc: the last layer must give 2 logits.* shape \[3\]"),
        ((Flatten(name="flatten"), fully(16), fully(2, name="fc2")), "layer fc2: inputs .*2 to 8 bits, but have 9"),
        ((Flatten(name="fc"), fully(16)), "layer fc: the name is used 2 times"),
        ((Flatten(name="flatten"),), "no convolution or linear layer"),
    ],
)
def test_layers_that_do_not_fit_are_refused_by_name(layers: tuple[Layer, ...], message: str) -> None:
    with pytest.raises(UnsupportedNetworkError, match=message):
        network_of(*layers)


def test_an_input_scale_that_float32_cannot_use_is_refused() -> None:
    network = flat_network((1, 4, 4), 4)

    with pytest.raises(UnsupportedNetworkError, match=r"the input scale must be within 2\^-31\.\.2\^31, but is 2\^32"):
        dataclasses.replace(network, input_exponent=32)
