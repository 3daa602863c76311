from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from trackmac.errors import UnknownNameError
from trackmac.networks import IntegerNetwork
from trackmac.networks.layers import Requantize
from trackmac.networks.load import load_network
from trackmac.networks.shapes import layer_shapes
from trackmac.networks.zoo import ZOO, zoo_entry
from trackmac.networks.zoo.ds_cnn import ds_cnn
from trackmac.networks.zoo.lenet5 import lenet5
from trackmac.networks.zoo.mobilenet import mobilenetv1, mobilenetv2
from trackmac.networks.zoo.resnet import resnet8, resnet18, resnet20
from trackmac.networks.zoo.vgg_small import vgg_small

SMALL = ("lenet5", "ds-cnn", "resnet8")


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


# Published figures; those marked "recalled" were written down from memory of their source, "inventory" is a count of
# MLPerf Tiny's reference files, layer by layer, in public repositories. Published parameters hold batch normalisation:
# 2 (torchvision) or 4 (Keras) a channel, of which the folded network keeps 1, its bias.
PUBLISHED_MACS = [
    (resnet8, 12_501_632, 0),  # inventory of ic01
    (ds_cnn, 2_656_768, 0),  # inventory of kws_ref_model.tflite
    (resnet20, 40.81e6, 0.005e6),  # 40.81 M in the pruning literature, for the network of arXiv 1512.03385
    (resnet18, 1.8e9, 0.05e9),  # arXiv 1512.03385, table 1: 1.8e9; torchvision's ResNet18_Weights: 1.81e9
    (mobilenetv1, 569e6, 0.5e6),  # arXiv 1704.04861, table 4: 569 million
    (partial(mobilenetv1, width=0.5), 150e6, 0.6e6),  # tensorflow/models, research/slim/nets/mobilenet_v1.md: 150 M
    (partial(mobilenetv1, width=0.25), 41e6, 0.5e6),  # the same: 41 M
    (partial(mobilenetv1, width=0.25, size=96, classes=2), 7_489_664, 0),  # inventory of vww_96_int8.tflite
    (mobilenetv2, 300e6, 1e6),  # arXiv 1801.04381, table 4: 300 million
    (partial(mobilenetv2, width=1.4), 585e6, 3e6),  # the same, table 4: 585 million
    (vgg_small, 0.61e9, 0.005e9),  # 0.61e9 in the literature of binary networks (recalled)
]
PUBLISHED_PARAMETERS = [
    (resnet8, 78_666, 4),  # Keras' summary in the MLPerf Tiny repository (recalled)
    (ds_cnn, 24_908, 4),  # Keras' summary of MLPerf Tiny v0.5's keyword network, 1,152 of them not trained
    (resnet20, 272_474, 2),  # huggingface.co/spolivin/cnn-cifar10: 272,474; arXiv 1512.03385, table 6: 0.27 M
    (resnet18, 11_689_512, 2),  # docs.pytorch.org/vision, ResNet18_Weights.IMAGENET1K_V1: num_params
    (mobilenetv1, 4_253_864, 4),  # Keras' summary of applications.MobileNet(), 21,888 of them not trained
    (mobilenetv2, 3_504_872, 2),  # docs.pytorch.org/vision, MobileNet_V2_Weights.IMAGENET1K_V1: num_params
]


@pytest.mark.parametrize(("build", "published", "rounding"), PUBLISHED_MACS)
def test_macs_are_the_published_ones(build: Callable[[], IntegerNetwork], published: float, rounding: float) -> None:
    assert abs(sum(shape.macs for shape in build().shapes) - published) <= rounding


@pytest.mark.parametrize(("build", "published", "normalisation"), PUBLISHED_PARAMETERS)
def test_parameters_are_the_published_ones_with_batch_normalisation_folded(
    build: Callable[[], IntegerNetwork], published: int, normalisation: int
) -> None:
    shapes = build().shapes
    parameters = sum(shape.parameters for shape in shapes)
    convolutions = [shape for shape in shapes if shape.kind == "conv2d"]
    # MLPerf Tiny's Keras models have biases beside their normalisation, the others none; nor normalised shortcuts
    is_mlperf = build in (resnet8, ds_cnn)
    normalised = [shape for shape in convolutions if not (is_mlperf and shape.name.endswith("_shortcut"))]
    channels = sum(shape.channels_out for shape in normalised)

    assert parameters + channels * (normalisation - (0 if is_mlperf else 1)) == published


@pytest.mark.parametrize("name", ZOO)
def test_the_summary_gives_macs_and_parameters(name: str) -> None:
    shapes = ZOO[name].build().shapes
    macs, parameters = sum(shape.macs for shape in shapes), sum(shape.parameters for shape in shapes)
    figures = ZOO[name].summary.rsplit(": ", 1)[1].split(", ") if name != "lenet5" else []

    for exact, figure in zip((macs, parameters), figures, strict=False):
        number, unit = figure.rsplit(" ", 2)[0], figure.split(" ")[1]
        scale = {"k": 1e3, "M": 1e6, "G": 1e9}.get(unit, 1)
        digits = number.replace(",", "")
        step = scale * 10.0 ** -len(digits.partition(".")[2])
        assert abs(exact - float(digits) * scale) <= step / 2


@pytest.mark.parametrize(("width", "channels"), [(0.35, 16), (0.5, 16), (1.0, 32), (1.4, 48)])
def test_a_width_multiplier_keeps_multiples_of_8(width: float, channels: int) -> None:
    network = mobilenetv2(width=width, size=32)

    shapes = {shape.name: shape for shape in network.shapes}
    assert shapes["conv"].channels_out == channels
    assert shapes["last"].channels_out == (1792 if width == 1.4 else 1280)
    assert all(shape.channels_out % 8 == 0 for shape in network.shapes if shape.kind == "conv2d")
    assert network.name == ("mobilenetv2-untrained" if width == 1 else f"mobilenetv2-{width}-untrained")


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("build", [resnet8, ds_cnn])
def test_a_network_with_branches_or_groups_computes_at_every_width(
    build: Callable[[int, int], IntegerNetwork], bits: int
) -> None:
    network = build(bits, bits)
    channels, height, width = network.input_shape
    images = np.random.default_rng(0).integers(0, 256, size=(6, height, width, channels), dtype=np.uint8)

    logits = network.logits(images)

    assert len(np.unique(logits)) > 6


@pytest.mark.parametrize("name", SMALL)
def test_a_network_of_the_zoo_is_always_the_same(name: str) -> None:
    assert ZOO[name].build() == ZOO[name].build()


@pytest.mark.parametrize("name", ZOO)
def test_a_network_of_the_zoo_says_that_it_is_untrained(name: str) -> None:
    network = ZOO[name].build()

    assert network.name == f"{name}-untrained"
    assert not network.is_trained


@pytest.mark.parametrize("name", ["mobilenetv1-0.25", "mobilenetv2-0.35"])
def test_a_width_multiplier_stands_in_the_name(name: str) -> None:
    network = load_network(name)

    assert network.name == f"{name}-untrained"
    assert network.input_shape == (3, 224, 224)


@pytest.mark.parametrize("name", ["mobilenetv1-0.01", "mobilenetv1-5", "mobilenetv1-x", "resnet8-0.5", "mobilenetv2-"])
def test_a_width_that_is_none_is_an_unknown_name(name: str) -> None:
    assert zoo_entry(name) is None
    with pytest.raises(UnknownNameError, match="unknown network"):
        load_network(name)
