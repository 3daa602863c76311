"""Float ONNX networks made by hand, quantised; the golden model is onnxruntime."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from trackmac.bits import NumberFormat
from trackmac.errors import FileFormatError, InputError, UnsupportedNetworkError
from trackmac.networks.layers import Add, Concat, Conv2d, Requantize
from trackmac.networks.onnx_io import load_onnx, save_onnx
from trackmac.networks.quantization import quantize_onnx
from trackmac.networks.scale_choice import ScaleKind, best_scale

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, size=(40, 8, 8), dtype=np.uint8)


def branched(path: Path, operators: dict[str, str] | None = None) -> Path:
    """Write a network of all that is read: normalised input, residual, depthwise, ReLU6, concatenation, averages."""
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(3)

    def weights(*shape: int) -> NDArray[np.float32]:
        return np.asarray(rng.normal(size=shape) / np.sqrt(np.prod(shape[1:])), dtype=np.float32)

    constants: dict[str, NDArray[Any]] = {
        "mean": np.array(0.3, dtype=np.float32), "deviation": np.array(0.4, dtype=np.float32),
        "w1": weights(6, 1, 3, 3), "b1": weights(6), "gamma": 1 + weights(6) ** 2, "beta": weights(6),
        "average": weights(6), "variance": 0.1 + weights(6) ** 2, "w2": weights(6, 1, 3, 3),
        "zero": np.array(0, dtype=np.float32), "six": np.array(0.6, dtype=np.float32), "w3": weights(6, 6, 1, 1),
        "b3": weights(6), "w4": weights(12 * 16, 5), "b4": weights(5),
    }  # fmt: skip
    same: dict[str, Any] = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Sub", ["image", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "deviation"], ["scaled"]),
        helper.make_node("Conv", ["scaled", "w1", "b1"], ["c1"], **same),
        helper.make_node("BatchNormalization", ["c1", "gamma", "beta", "average", "variance"], ["n1"]),
        helper.make_node("Relu", ["n1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2"], ["c2"], group=6, **same),
        helper.make_node("Clip", ["c2", "zero", "six"], ["r2"]),
        helper.make_node("Conv", ["r2", "w3", "b3"], ["c3"], kernel_shape=[1, 1]),
        helper.make_node("Add", ["r1", "c3"], ["sum"]),
        helper.make_node("Relu", ["sum"], ["r3"]),
        helper.make_node("MaxPool", ["r3"], ["p1"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("AveragePool", ["c3"], ["p2"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Concat", ["p1", "p2"], ["both"], axis=1),
        helper.make_node("Flatten", ["both"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w4"], ["m"]),
        helper.make_node("Add", ["m", "b4"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["classes"]),
    ]
    for node in nodes:
        node.op_type = (operators or {}).get(node.op_type, node.op_type)
    graph = helper.make_graph(
        nodes,
        "branched",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, 8, 8])],
        [helper.make_tensor_value_info("classes", TensorProto.FLOAT, ["n", 5])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    path.write_bytes(model.SerializeToString())
    return path


def ran(path: Path, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return onnxruntime's output for images in 0..1."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    real = images[:, np.newaxis].astype(np.float32) / np.float32(255)
    output: NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: real})[0]
    return output


@pytest.mark.parametrize("bits", [3, 8])
@pytest.mark.parametrize("scales", [ScaleKind.TENSOR, ScaleKind.CHANNEL])
def test_the_written_network_equals_onnxruntime_in_every_logit(tmp_path: Path, scales: ScaleKind, bits: int) -> None:
    network = quantize_onnx(
        branched(tmp_path / "float.onnx"), IMAGES, weight_bits=bits, activation_bits=bits, scales=scales
    ).network
    save_onnx(network, tmp_path / "integer.onnx")

    logits = network.logits(IMAGES)

    np.testing.assert_array_equal(ran(tmp_path / "integer.onnx", IMAGES), network.real_logits(logits))
    np.testing.assert_array_equal(load_onnx(tmp_path / "integer.onnx").logits(IMAGES), logits)
    assert len(np.unique(logits)) > 20


def test_scales_of_tensors_make_every_requantisation_a_shift(tmp_path: Path) -> None:
    network = quantize_onnx(branched(tmp_path / "float.onnx"), IMAGES).network

    assert all(layer.is_shift for layer in network.layers if isinstance(layer, Requantize))
    assert sum(isinstance(layer, Add | Concat) for layer in network.layers) == 2
    assert [layer.groups for layer in network.layers if isinstance(layer, Conv2d)] == [1, 1, 6, 1]


@pytest.mark.parametrize("scales", list(ScaleKind))
def test_8_bits_come_near_the_float_network(tmp_path: Path, scales: ScaleKind) -> None:
    path = branched(tmp_path / "float.onnx")

    found = quantize_onnx(path, IMAGES, scales=scales)

    expected = ran(path, IMAGES)
    logits, theirs = found.network.real_logits(found.network.logits(IMAGES)), np.log(expected.astype(np.float64))
    ours = logits - logits.mean(axis=1, keepdims=True)
    theirs -= theirs.mean(axis=1, keepdims=True)
    assert np.linalg.norm(ours - theirs) < 0.05 * np.linalg.norm(theirs)
    assert (found.float_predictions == expected.argmax(axis=1)).all()


def test_the_same_images_give_the_same_network(tmp_path: Path) -> None:
    path = branched(tmp_path / "float.onnx")

    assert quantize_onnx(path, IMAGES).network == quantize_onnx(path, IMAGES).network


@pytest.mark.parametrize(("is_power_of_two", "exact"), [(True, 2.0**-4), (False, 0.05)])
def test_values_on_a_grid_get_its_scale(is_power_of_two: bool, exact: float) -> None:
    values = np.arange(16) * exact

    scale = best_scale(values, NumberFormat(4, is_signed=False), is_power_of_two=is_power_of_two)

    assert scale == pytest.approx(exact, rel=1e-6)


def test_a_rare_outlier_is_clamped_where_that_loses_less() -> None:
    values = np.append(np.random.default_rng(0).uniform(0, 1, size=100_000), 3.0)

    assert best_scale(values, NumberFormat(4, is_signed=False), is_power_of_two=True) == 2.0**-4


def test_an_unknown_operator_is_named_with_its_node(tmp_path: Path) -> None:
    path = branched(tmp_path / "float.onnx", {"Relu": "Erf"})

    with pytest.raises(UnsupportedNetworkError, match=r"node 'r1': operator 'Erf' is not supported in a float network"):
        quantize_onnx(path, IMAGES)


def test_a_network_that_is_quantised_already_is_refused(tmp_path: Path) -> None:
    save_onnx(quantize_onnx(branched(tmp_path / "float.onnx"), IMAGES).network, tmp_path / "integer.onnx")

    with pytest.raises(UnsupportedNetworkError, match=r"integer\.onnx: it is quantised already; use it as it is"):
        quantize_onnx(tmp_path / "integer.onnx", IMAGES)


def test_what_is_no_network_or_no_image_of_its_is_refused(tmp_path: Path) -> None:
    path = branched(tmp_path / "float.onnx")

    with pytest.raises(InputError, match=r"takes uint8 images of shape \[N, 8, 8, 1\], but these are uint8"):
        quantize_onnx(path, IMAGES[:, :7])
    with pytest.raises(InputError, match=r"weight bits must be within 2\.\.8, but are 9"):
        quantize_onnx(path, IMAGES, weight_bits=9)
    (tmp_path / "cut.onnx").write_bytes(path.read_bytes()[:500])
    with pytest.raises(FileFormatError, match=r"cut\.onnx"):
        quantize_onnx(tmp_path / "cut.onnx", IMAGES)
