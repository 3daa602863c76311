"""Networks as tools write them, from the file to the tracks: 0 mismatches, and every layer counts what is predicted."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
from tests.agreement.small_zoo import SMALL, float_model, small_blueprint
from tests.agreement.test_inference_equals_closed_form import TECHNOLOGY, counted_and_predicted
from tests.networks import test_onnx_tools as tools
from tests.networks.test_onnx_tools import Quantizing, ended, save

from trackmac.arrays import load_hardware
from trackmac.mapping import schedule
from trackmac.networks import Add, Clip, Concat, Conv2d, IntegerNetwork, Requantize
from trackmac.networks.onnx_io import load_onnx
from trackmac.networks.quantization import quantize_onnx
from trackmac.networks.scale_choice import ScaleKind
from trackmac.networks.zoo.untrained import untrained


def assert_agreement(network: IntegerNetwork, hardware: str = "edge", images: int = 1) -> None:
    mapped = schedule(network.shapes, load_hardware(hardware), TECHNOLOGY)

    counted, predicted = counted_and_predicted(network, mapped, images)

    assert counted == predicted


def multipliers_of(network: IntegerNetwork) -> list[tuple[int, int]]:
    return [layer.multipliers for layer in network.layers if isinstance(layer, Add)]


def zero_points_of(network: IntegerNetwork) -> list[int]:
    """Return those that are taken away before a requantisation."""
    found = [layer.input_zero_point for layer in network.layers if isinstance(layer, Requantize)]
    return [zero_point for zero_point in found if zero_point]


def is_power(number: int) -> bool:
    return number > 0 and number & (number - 1) == 0


@pytest.mark.parametrize("hardware", ["embedded", "edge"])
@pytest.mark.parametrize(
    ("build", "features", "kind"),
    [
        (tools.relu6, 64, Clip),
        (tools.two_branches, 64, Add),
        (tools.joined, 8, Concat),
        (tools.per_channel, 64, Requantize),
        (tools.padded_by_a_zero_point, 24, Requantize),
    ],
)
def test_powers_of_two_and_zero_points_run_on_tracks(
    build: Callable[[Quantizing], str], features: int, kind: type, hardware: str, tmp_path: Path
) -> None:
    make = Quantizing(4)
    network = load_onnx(ended(make, build(make), tmp_path / "network.onnx", features))

    assert any(isinstance(layer, kind) for layer in network.layers)
    assert_agreement(network, hardware, images=2)


def test_two_branches_of_unequal_scales_and_zero_points_meet_on_tracks(tmp_path: Path) -> None:
    make = Quantizing(4)
    network = load_onnx(ended(make, tools.two_branches(make), tmp_path / "network.onnx"))

    assert multipliers_of(network) == [(1, 4)]
    assert zero_points_of(network) == [4 * 100]


def statically_quantised(model: object, shape: tuple[int, int, int], codes: QuantType, path: Path) -> IntegerNetwork:
    save(model, path / "float.onnx")
    quantize_static(
        str(path / "float.onnx"),
        str(path / "network.onnx"),
        tools.Calibration(shape, 3),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=codes,
        weight_type=QuantType.QInt8,
        reduce_range=True,
    )
    return load_onnx(path / "network.onnx")


@pytest.mark.parametrize("codes", [QuantType.QUInt8, QuantType.QInt8])
def test_what_onnxruntime_quantised_asymmetrically_runs_on_tracks(codes: QuantType, tmp_path: Path) -> None:
    network = statically_quantised(tools.branching_model(), (3, 12, 12), codes, tmp_path)

    ((first, second),) = multipliers_of(network)
    assert first != second
    assert not is_power(first)
    assert not is_power(second)
    assert len(zero_points_of(network)) > 3
    assert_agreement(network)


@pytest.mark.parametrize("name", ["fixed4.qcdq", "float8.qonnx"])
def test_what_brevitas_wrote_runs_on_tracks(name: str) -> None:
    assert_agreement(load_onnx(tools.DATA / f"{name}.onnx"))


def binary(make: Quantizing) -> str:
    image = make.quantize("entry", "image", 2.0**-8)
    weights = make.constant("w", make.rng.normal(size=(4, 1, 3, 3)).astype(np.float32))
    scale = make.constant("w_s", np.array(2.0**-3, dtype=np.float32))
    signs = make.node("BipolarQuant", "signs", weights, scale, domain="qonnx.custom_op.general")
    return make.quantize("q", make.node("Conv", "conv", image, signs, kernel_shape=[3, 3]), 2.0**-6)


def test_binary_weights_run_on_tracks(tmp_path: Path) -> None:
    make = Quantizing(5)
    network = load_onnx(ended(make, binary(make), tmp_path / "network.onnx"))

    (conv,) = (layer for layer in network.layers if isinstance(layer, Conv2d))
    assert set(conv.weights.ravel().tolist()) == {-1, 1}
    assert conv.weight_format.bits == 2
    assert_agreement(network, images=2)


@pytest.mark.parametrize("ending", ["Softmax", "ArgMax"])
def test_a_reshaped_network_that_ends_in_a_class_runs_on_tracks(ending: str, tmp_path: Path) -> None:
    make = Quantizing(4)
    source = tools.relu6(make)
    flat = make.node("Reshape", "reshape", source, make.constant("flat", np.array([0, -1], dtype=np.int64)))
    logits = make.node("Gemm", "linear", flat, make.weights("v", (3, 64), 2.0**-3), transB=1)
    path = save(make.model(make.node(ending, "end", logits, axis=1), (1, 6, 6), 3), tmp_path / "network.onnx")

    network = load_onnx(path)

    assert network.layers[-1].name == "linear"
    assert_agreement(network, images=2)


def test_a_network_that_ends_in_maps_read_before_runs_on_tracks(tmp_path: Path) -> None:
    make = Quantizing(4)
    flat = make.node("Flatten", "flatten", tools.relu6(make))
    first = make.quantize("p", make.node("Gemm", "first", flat, make.weights("v", (3, 64), 2.0**-3), transB=1), 2.0**-4)
    second = make.node("Gemm", "second", first, make.weights("u", (2, 3), 2.0**-3), transB=1)
    ends = make.node("Concat", "concat", first, make.quantize("r", second, 2.0**-4), axis=1)
    path = save(make.model(ends, (1, 6, 6), 5), tmp_path / "network.onnx")

    network = load_onnx(path)

    assert isinstance(network.layers[-1], Concat)
    assert_agreement(network, images=2)


@pytest.mark.parametrize("name", ["resnet8", pytest.param("mobilenetv2", marks=pytest.mark.slow)])
def test_a_zoo_network_runs_on_tracks(name: str) -> None:
    assert_agreement(untrained(small_blueprint(name), 4, 4, seed=0, images=1))


def test_a_residual_network_of_other_scales_runs_on_tracks(tmp_path: Path) -> None:
    network = quantised("resnet8", ScaleKind.TENSOR, tmp_path)

    assert all(map(is_power, (times for pair in multipliers_of(network) for times in pair)))
    assert any(max(pair) > 1 for pair in multipliers_of(network))
    assert_agreement(network)


def quantised(name: str, scales: ScaleKind, path: Path) -> IntegerNetwork:
    blueprint = small_blueprint(name)
    save(float_model(blueprint), path / "float.onnx")
    channels, height, width = blueprint.input_shape
    images = np.random.default_rng(0).integers(0, 256, (6, height, width, channels), dtype=np.uint8)
    return quantize_onnx(path / "float.onnx", images, scales=scales).network


@pytest.mark.slow
@pytest.mark.parametrize("scales", ScaleKind)
@pytest.mark.parametrize("name", SMALL)
def test_every_zoo_network_runs_on_tracks_with_every_kind_of_scales(
    name: str, scales: ScaleKind, tmp_path: Path
) -> None:
    assert_agreement(quantised(name, scales, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("codes", [QuantType.QUInt8, QuantType.QInt8])
@pytest.mark.parametrize("name", SMALL)
def test_every_zoo_network_that_onnxruntime_quantised_runs_on_tracks(
    name: str, codes: QuantType, tmp_path: Path
) -> None:
    blueprint = small_blueprint(name)

    assert_agreement(statically_quantised(float_model(blueprint), blueprint.input_shape, codes, tmp_path))


@pytest.mark.slow
def test_a_trained_residual_network_runs_on_tracks() -> None:
    from trackmac.training.datasets import split_dataset
    from trackmac.training.qat import train_network

    images = np.random.default_rng(0).integers(0, 256, size=(30, 8, 8, 3), dtype=np.uint8)
    result = train_network(
        "resnet8", split_dataset("random", images, np.arange(30) % 3), weight_bits=4, activation_bits=4, epochs=2
    )

    assert any(first != second for first, second in multipliers_of(result.network))
    assert_agreement(result.network)
