"""Any integer network, written as ONNX: onnxruntime computes the same outputs, and reading gives the same network."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from numpy.typing import NDArray
from tests.agreement.small_zoo import SMALL, small_blueprint
from tests.networks.grown_networks import grown_networks

from trackmac.bits import NumberFormat
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import Add, Clip, Concat, Conv2d, Flatten, Layer, Linear, ReLU, Requantize
from trackmac.networks.load import load_network
from trackmac.networks.onnx_io import save_onnx
from trackmac.networks.scales import scales_of
from trackmac.networks.zoo import ZOO
from trackmac.networks.zoo.untrained import untrained

LEVELS = (onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL, onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL)
IMAGES = 6
FEW = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=2000)


def random_images(network: IntegerNetwork, number: int = IMAGES) -> NDArray[np.uint8]:
    channels, height, width = network.input_shape
    return np.random.default_rng(0).integers(0, 256, size=(number, height, width, channels), dtype=np.uint8)


def onnxruntime_logits(path: Path, images: NDArray[np.uint8], level: Any) -> NDArray[np.float64]:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    channels_first = images.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
    return np.asarray(session.run(None, {"image": channels_first})[0], dtype=np.float64)


def check_export(network: IntegerNetwork, path: Path, number: int = IMAGES) -> IntegerNetwork:
    """Save, compare every output of onnxruntime and of what is read, and return the latter."""
    images = random_images(network, number)
    ours = network.real_logits(network.logits(images))

    save_onnx(network, path)

    for level in LEVELS:
        np.testing.assert_array_equal(onnxruntime_logits(path, images, level), ours)
    found = load_network(path)
    np.testing.assert_array_equal(found.real_logits(found.logits(images)), ours)
    return found


def has_another_form(network: IntegerNetwork) -> bool:
    """Return whether a layer does what a simpler one, or none, would do: that is what is read then."""
    scales = scales_of(network)
    clamps = (Clip, ReLU)
    before: Layer | None = None
    for layer, shape in zip(network.layers, network.shapes, strict=True):
        word = shape.input_format
        match layer:
            case ReLU() if scales[shape.inputs[0]].zero_point or isinstance(before, clamps) or not word.is_signed:
                return True
            case Clip() if (
                word.bits > 8 or isinstance(before, clamps) or {layer.low, layer.high} & {0, word.minimum, word.maximum}
            ):
                return True
            case Conv2d() if not any(layer.sides) and layer.input_zero_point != scales[shape.inputs[0]].zero_point:
                return True
            case Requantize() if all(value % 2 == 0 for value in layer.multiplier):
                return True
            case Requantize() if len(layer.multiplier) > 1 and len(set(layer.multiplier)) == 1:
                return True
        before = layer
    return False


@FEW
@given(network=grown_networks())
def test_onnxruntime_and_trackmac_compute_what_was_written(
    network: IntegerNetwork, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = check_export(network, tmp_path_factory.mktemp("grown") / "grown.onnx")

    assert found == network or has_another_form(network)


@pytest.mark.slow
@MANY
@given(network=grown_networks())
def test_onnxruntime_and_trackmac_compute_what_was_written_2000_times(
    network: IntegerNetwork, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = check_export(network, tmp_path_factory.mktemp("grown") / "grown.onnx")

    assert found == network or has_another_form(network)


def test_branches_of_other_zero_points_are_joined_and_padded_as_they_are(tmp_path: Path) -> None:
    word = NumberFormat(4, is_signed=False)
    weights = np.arange(-9, 9).reshape(1, 2, 3, 3)
    layers: tuple[Layer, ...] = (
        Requantize(name="q", shift=1, output_format=word, multiplier=(3,), input_zero_point=2, zero_point=9),
        Concat(name="concat", inputs=("q", "input")),
        Conv2d(
            name="conv",
            weights=weights,
            bias=np.array([5]),
            weight_format=NumberFormat(6, is_signed=True),
            padding=(1, 2, 0, 1),
            input_zero_point=4,  # neither of theirs
        ),
        Requantize(name="sums", shift=4, output_format=word, zero_point=7),
        Flatten(name="flatten"),
        Linear(name="last", weights=np.eye(9, dtype=np.int64), bias=np.arange(9), weight_format=word_of_weights()),
    )
    network = IntegerNetwork(
        name="joined",
        input_shape=(1, 4, 2),
        input_format=word,
        input_exponent=-4,
        input_zero_point=3,
        layers=layers,
        classes=9,
        is_trained=True,
    )

    found = check_export(network, tmp_path / "joined.onnx", 50)

    assert [layer for layer in found.layers if layer.name == "conv"] == [layers[2]]


def word_of_weights() -> NumberFormat:
    return NumberFormat(2, is_signed=True)


@pytest.mark.parametrize("multipliers", [(2, 2), (3, 3), (6, 4), (40_000, 39_999)])
def test_a_sum_keeps_its_multipliers(multipliers: tuple[int, int], tmp_path: Path) -> None:
    word, weights = NumberFormat(2, is_signed=False), np.array([[1, -2], [-1, 1]])
    wide = NumberFormat(8, is_signed=False)
    layers: tuple[Layer, ...] = (
        Add(name="add", inputs=("input", "input"), multipliers=multipliers),
        Requantize(name="q", shift=max(0, sum(multipliers).bit_length() - 6), output_format=wide),
        Flatten(name="flatten"),
        Linear(name="last", weights=weights, bias=np.array([1, 3]), weight_format=word_of_weights()),
    )
    direct = (layers[0], *layers[2:])  # odd biases in steps of the sum
    for chosen in (layers, direct) if sum(multipliers) < 64 else (layers,):
        network = IntegerNetwork(
            name="sum",
            input_shape=(1, 2, 1),
            input_format=word,
            input_exponent=-2,
            layers=chosen,
            classes=2,
            is_trained=True,
        )

        assert check_export(network, tmp_path / "sum.onnx", 40) == network


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("name", SMALL)
def test_every_small_network_of_the_zoo_comes_back_as_it_was(name: str, bits: int, tmp_path: Path) -> None:
    network = untrained(small_blueprint(name), bits, bits, seed=1)

    assert check_export(network, tmp_path / "network.onnx") == network


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ZOO, "mobilenetv1-0.25", "mobilenetv2-0.35"])
def test_every_network_of_the_zoo_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    network = load_network(name)

    assert check_export(network, tmp_path / "network.onnx", 2) == network
