import numpy as np
import pytest

from trackmac.networks.layers import Requantize
from trackmac.networks.shapes import layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.networks.zoo.lenet5 import lenet5


def test_lenet5_has_the_macs_and_parameters_of_the_textbook() -> None:
    shapes = layer_shapes(lenet5())

    assert {shape.name: shape.macs for shape in shapes if shape.macs} == {
        "conv1": 117_600,
        "conv2": 240_000,
        "linear1": 48_000,
        "linear2": 10_080,
        "linear3": 840,
    }
    assert sum(shape.macs for shape in shapes) == 416_520
    assert sum(shape.parameters for shape in shapes) == 61_706


@pytest.mark.parametrize("bits", range(2, 9))
def test_untrained_activations_use_more_than_half_of_their_range(bits: int) -> None:
    network = lenet5(bits, bits)
    images = np.random.default_rng(1).integers(0, 256, size=(40, 28, 28), dtype=np.uint8)

    outputs = network.forward(network.quantize_images(images))

    for layer, output in zip(network.layers, outputs, strict=True):
        if isinstance(layer, Requantize):
            assert output.max() * 2 >= layer.output_format.maximum


@pytest.mark.parametrize("name", ZOO)
def test_a_network_of_the_zoo_is_always_the_same_and_says_that_it_is_untrained(name: str) -> None:
    network = ZOO[name].build()

    assert network == ZOO[name].build()
    assert network.name == f"{name}-untrained"
    assert not network.is_trained
