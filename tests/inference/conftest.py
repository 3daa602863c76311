"""A small network with every kind of layer, and hardware that maps it in every way."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from trackmac.arrays import Hardware
from trackmac.arrays.hardware import port_fields
from trackmac.arrays.ports import KNOWN_LAYOUTS, layout
from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Layout
from trackmac.mapping import Schedule, schedule
from trackmac.networks import Conv2d, Flatten, IntegerNetwork, Linear, MaxPool2d, ReLU, Requantize, layer_shapes
from trackmac.technology import load_technology

HARDWARE = {  # MAC circuit, layout, domains, tracks, RW ports, units
    "shared units": ("shift_add_mac", "along", 64, 16, 4, 8),
    "slices": ("booth_radix4_mac", "along", 32, 4, 2, 64),
    "magnetic": ("magnetic_mac", "along", 32, 6, 2, 64),
    "replicas": ("shift_add_mac", "along", 64, 40, 4, 80),
    "slices across": ("shift_add_mac", "across", 8, 28, 2, 64),
    "shared units across": ("booth_radix4_mac", "across", 8, 40, 2, 8),
    "a port for each domain": ("booth_radix4_mac", "across", 4, 40, 4, 64),
}
MIXED_PORTS = {  # MAC circuit, layout, tracks, weight tracks' ports, units
    "2RW+10R": ("shift_add_mac", "along", 8, KNOWN_LAYOUTS["2RW+10R"], 16),
    "2W+12R": ("booth_radix4_mac", "along", 9, KNOWN_LAYOUTS["2W+12R"], 16),
    "4W+8R": ("magnetic_mac", "along", 12, KNOWN_LAYOUTS["4W+8R"], 64),
    "5RW across": ("shift_add_mac", "across", 36, KNOWN_LAYOUTS["5RW"], 16),
    "4W+8R across": ("booth_radix4_mac", "across", 40, KNOWN_LAYOUTS["4W+8R"], 8),
    "one reader at the far end": ("shift_add_mac", "along", 12, layout(16, W=(0, 8), R=(15,)), 64),
}


def _random_network() -> IntegerNetwork:
    """Return convolutions with stride and padding, pooling, signed and unsigned words, with and without ReLU."""
    rng = np.random.default_rng(0)
    narrow, wide = NumberFormat(3, is_signed=True), NumberFormat(4, is_signed=True)
    layers = (
        Conv2d(
            name="conv1", weights=_codes(rng, narrow, (5, 2, 3, 2)), bias=rng.integers(-20, 20, 5),
            weight_format=narrow, stride=(2, 1), padding=(1, 0),
        ),
        ReLU(name="relu1"),
        Requantize(name="requantize1", shift=3, output_format=NumberFormat(3, is_signed=False)),
        MaxPool2d(name="pool1", kernel=(2, 2), stride=(1, 2)),
        Conv2d(
            name="conv2", weights=_codes(rng, wide, (3, 5, 2, 2)), bias=rng.integers(-20, 20, 3), weight_format=wide
        ),
        Requantize(name="requantize2", shift=3, output_format=NumberFormat(4, is_signed=True)),
        Flatten(name="flatten"),
        Linear(name="linear", weights=_codes(rng, narrow, (7, 9)), bias=rng.integers(-9, 9, 7), weight_format=narrow),
    )  # fmt: skip
    return IntegerNetwork(
        name="random", input_shape=(2, 10, 6), input_format=NumberFormat(4, is_signed=False), input_exponent=-4,
        layers=layers, classes=7, is_trained=False,
    )  # fmt: skip


def _codes(rng: np.random.Generator, number_format: NumberFormat, shape: tuple[int, ...]) -> IntArray:
    return rng.integers(number_format.minimum, number_format.maximum + 1, shape)


@pytest.fixture
def network() -> IntegerNetwork:
    return _random_network()


@pytest.fixture
def images() -> NDArray[np.uint8]:
    return np.random.default_rng(7).integers(0, 256, (3, 10, 6, 2), dtype=np.uint8)


Map = Callable[[IntegerNetwork, str], Schedule]


@pytest.fixture
def map_to() -> Map:
    """Return what maps a network to the hardware of a name."""

    def mapped(network: IntegerNetwork, name: str) -> Schedule:
        technology = load_technology("physics-45nm")
        hardware = _mixed(name) if name in MIXED_PORTS else _evenly_spaced(name)
        return schedule(layer_shapes(network), hardware, technology)

    return mapped


def _evenly_spaced(name: str) -> Hardware:
    circuit, words, domains, tracks, ports, units = HARDWARE[name]
    return Hardware(
        name=name, technology="physics-45nm", domains=domains, tracks=tracks, ports=ports, circuit=circuit,
        layout=Layout(words), units_per_mat=4, mats_per_bank=units // 4, banks=1, buffer_kib=8,
    )  # fmt: skip


def _mixed(name: str) -> Hardware:
    circuit, words, tracks, ports, units = MIXED_PORTS[name]
    return Hardware(
        name=name, technology="physics-45nm", tracks=tracks, circuit=circuit, layout=Layout(words), units_per_mat=4,
        mats_per_bank=units // 4, banks=1, buffer_kib=8, **port_fields(ports),
    )  # fmt: skip


@pytest.fixture(params=[*HARDWARE, *MIXED_PORTS])
def any_schedule(request: pytest.FixtureRequest, network: IntegerNetwork, map_to: Map) -> Schedule:
    """The network's schedule on each hardware in turn."""
    return map_to(network, request.param)


@pytest.fixture
def every_schedule(network: IntegerNetwork, map_to: Map) -> tuple[Schedule, ...]:
    """The network's schedules on all hardware."""
    return tuple(map_to(network, name) for name in [*HARDWARE, *MIXED_PORTS])
