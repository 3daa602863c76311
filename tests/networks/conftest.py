"""Seeded random integer networks for tests."""

from collections.abc import Callable

import numpy as np
import pytest

from trackmac.bits import IntArray, NumberFormat
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Requantize


@pytest.fixture
def random_network() -> Callable[..., IntegerNetwork]:
    return _random_network


def _random_network(seed: int, weight_bits: int, activation_bits: int, *, is_signed: bool = False) -> IntegerNetwork:
    """Return a network with strides, uneven padding and kernels, pooling and biases."""
    rng = np.random.default_rng(seed)
    weight_format = NumberFormat(weight_bits, is_signed=True)
    activations = NumberFormat(activation_bits, is_signed=is_signed)
    size = weight_bits + activation_bits

    def weights(*shape: int) -> IntArray:
        return rng.integers(weight_format.minimum, weight_format.maximum, size=shape, endpoint=True)

    def bias(channels: int) -> IntArray:
        return rng.integers(-(1 << size), 1 << size, size=channels)

    conv1 = Conv2d(
        name="conv1",
        weights=weights(5, 2, 3, 2),
        bias=bias(5),
        weight_format=weight_format,
        weight_exponent=-3,
        stride=(1, 2),
        padding=(2, 1),
    )
    conv2 = Conv2d(
        name="conv2",
        weights=weights(4, 5, 1, 3),
        bias=bias(4),
        weight_format=weight_format,
        weight_exponent=1 - weight_bits,
    )
    layers: tuple[Layer, ...] = (
        conv1,
        ReLU(name="relu1"),
        Requantize(name="quantize1", shift=weight_bits, output_format=activations),
        MaxPool2d(name="pool1", kernel=(2, 3), stride=(2, 1)),
        conv2,
        Requantize(name="quantize2", shift=weight_bits, output_format=activations),
        Flatten(name="flatten"),
        Linear(name="fc", weights=weights(3, 4 * 5 * 2), bias=bias(3), weight_format=weight_format, weight_exponent=2),
    )
    return IntegerNetwork(
        name=f"random-{seed}",
        input_shape=(2, 9, 10),
        input_format=NumberFormat(activation_bits, is_signed=False),
        input_exponent=-activation_bits,
        layers=layers,
        classes=3,
        is_trained=False,
    )
