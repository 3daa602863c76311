"""A float network trained on digits, quantised by trackmac and by onnxruntime: what our integers share with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from torch import nn

from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.onnx_io import load_onnx, save_onnx
from trackmac.networks.quantization import quantize_onnx
from trackmac.networks.scale_choice import ScaleKind
from trackmac.training.datasets import Dataset, load_dataset

LEVELS = (onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL, onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL)
CALIBRATION_IMAGES = 128
EPOCHS = 16
LOSSES = {8: 0.01, 4: 0.03}  # of accuracy, by bits


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_dataset("digits")


@pytest.fixture(scope="module")
def trained(digits: Dataset) -> nn.Sequential:
    """Two convolutions and a linear layer, trained in float."""
    torch.manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    module = nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2)),
        *(nn.Flatten(), nn.Linear(64, 10)),
    )
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-2)
    images = torch.from_numpy(real_images(digits.train_images))
    labels = torch.from_numpy(np.asarray(digits.train_labels, dtype=np.int64))
    for _ in range(EPOCHS):
        order = torch.randperm(len(images))
        for start in range(0, len(order), 64):
            batch = order[start : start + 64]
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(module(images[batch]), labels[batch])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    torch.set_num_threads(threads)
    return module.eval()


@pytest.fixture(scope="module")
def float_file(trained: nn.Sequential, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("float") / "float.onnx"
    onnx.save(float_model(trained), path)
    return path


def float_model(module: nn.Sequential) -> Any:
    """Return the ONNX model of these layers."""
    nodes, constants, source = [], [], "image"
    for number, layer in enumerate(module):
        taken, output = [source], f"x{number}"
        if isinstance(layer, nn.Conv2d | nn.Linear):
            for part, values in layer.named_parameters():
                constants.append(numpy_helper.from_array(values.detach().numpy(), f"{part}{number}"))
                taken.append(f"{part}{number}")
        match layer:
            case nn.Conv2d():
                made = helper.make_node("Conv", taken, [output], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
            case nn.Linear():
                made = helper.make_node("Gemm", taken, [output], transB=1)
            case nn.MaxPool2d():
                made = helper.make_node("MaxPool", taken, [output], kernel_shape=[2, 2], strides=[2, 2])
            case nn.AvgPool2d():
                made = helper.make_node("AveragePool", taken, [output], kernel_shape=[2, 2], strides=[2, 2])
            case _:
                made = helper.make_node({"ReLU": "Relu", "Flatten": "Flatten"}[type(layer).__name__], taken, [output])
        made.name, source = f"layer{number}", output
        nodes.append(made)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 8, 8])
    logits = helper.make_tensor_value_info(source, TensorProto.FLOAT, ["batch", 10])
    graph = helper.make_graph(nodes, "digits", [image], [logits], constants)
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])


def real_images(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (images[:, np.newaxis].astype(np.float32) / np.float32(255)).astype(np.float32)


def run_onnx(path: Path, images: NDArray[np.uint8], level: Any = LEVELS[1]) -> NDArray[np.float64]:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.asarray(session.run(None, {name: real_images(images)})[0], dtype=np.float64)


def shares(network: IntegerNetwork, images: NDArray[np.uint8], theirs: NDArray[np.float64], step: float) -> Any:
    """Return the share of logits within one unit of `step`, and that of images of the same class."""
    ours = network.real_logits(network.logits(images))
    off = (ours - theirs) / step
    off -= np.rint(np.median(off))  # a zero point of the logits
    return (np.abs(off) < 1.5).mean(), (ours.argmax(axis=1) == theirs.argmax(axis=1)).mean()


@pytest.mark.parametrize("kind", ScaleKind)
@pytest.mark.parametrize("bits", LOSSES)
def test_a_quantised_file_keeps_accuracy_and_runs_in_onnxruntime_as_here(
    kind: ScaleKind, bits: int, float_file: Path, digits: Dataset, tmp_path: Path
) -> None:
    images, labels = digits.test_images, digits.test_labels
    float_accuracy = (run_onnx(float_file, images).argmax(axis=1) == labels).mean()
    calibration = digits.train_images[:CALIBRATION_IMAGES]
    network = quantize_onnx(float_file, calibration, weight_bits=bits, activation_bits=bits, scales=kind).network

    save_onnx(network, tmp_path / "integer.onnx")

    ours = network.real_logits(network.logits(images))
    for level in LEVELS:
        theirs = run_onnx(tmp_path / "integer.onnx", images, level)
        np.testing.assert_allclose(theirs, ours, rtol=1e-6)  # logit scales are rounded to float32
        np.testing.assert_array_equal(theirs.argmax(axis=1), ours.argmax(axis=1))
    assert float_accuracy > 0.92  # other people wrote the test part
    assert (network.predict(images) == labels).mean() >= float_accuracy - LOSSES[bits]


class Images(CalibrationDataReader):  # type: ignore[misc]
    """Calibration images, one after another."""

    def __init__(self, images: NDArray[np.uint8]) -> None:
        self._images: Iterator[NDArray[np.float32]] = iter(real_images(images)[:, np.newaxis])

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        image = next(self._images, None)
        return None if image is None else {"image": image}


# 7-bit int8 weights (reduce_range): without VNNI, onnxruntime's uint8-by-int8 products saturate at 8 bits
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("form", [QuantFormat.QDQ, QuantFormat.QOperator])
def test_a_file_of_quantize_static_agrees_on_real_images(
    form: QuantFormat, per_channel: bool, float_file: Path, digits: Dataset, tmp_path: Path
) -> None:
    quantize_static(
        str(float_file),
        str(tmp_path / "static.onnx"),
        Images(digits.train_images[:CALIBRATION_IMAGES]),
        quant_format=form,
        per_channel=per_channel,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        reduce_range=True,
    )

    network = load_onnx(tmp_path / "static.onnx")

    assert network.logit_scales
    images = np.concatenate([digits.train_images, digits.test_images])
    for level in LEVELS:
        theirs = run_onnx(tmp_path / "static.onnx", images, level)
        within, same = shares(network, images, theirs, network.logit_scales[0])
        assert within >= 0.999
        assert same >= 0.995
