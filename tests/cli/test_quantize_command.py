import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from trackmac.networks.onnx_io import load_onnx

if TYPE_CHECKING:
    from tests.cli.conftest import Cli


@pytest.fixture
def linear(tmp_path: Path) -> Path:
    """A float network that compares the brightness of the 4 quarters of an 8x8 image."""
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("AveragePool", ["image"], ["quarters"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Flatten", ["quarters"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 4])],
        [numpy_helper.from_array(np.eye(4, dtype=np.float32), "w")],
    )
    path = tmp_path / "float.onnx"
    path.write_bytes(
        helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString()
    )
    return path


def test_the_integer_network_is_written_and_agrees(cli: "Cli", linear: Path, tmp_path: Path) -> None:
    out = tmp_path / "integer.onnx"

    outcome = cli("quantize", linear, "--data", "digits", "--images", "50", "--out", out, "--json", "-")

    data = json.loads(outcome.out)
    assert outcome.code == 0
    assert (data["images"], data["weight_bits"], data["activation_bits"], data["scales"]) == (50, 8, 8, "tensor")
    assert data["agreement"] >= 0.98
    assert 0 < data["accuracy"] < 0.5
    assert abs(data["accuracy"] - data["float_accuracy"]) <= 0.02
    assert load_onnx(out).classes == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--data", "digits", "--images", "0"), "--images must be at least 1"),
        (("--data", "digits", "--scales", "log"), "unknown kind of scales 'log'"),
        (("--data", "digits", "--weight-bits", "1"), "weight bits must be within 2..8, but are 1"),
        (("--data", "/no/where"), "no such file or folder"),
        ((), "missing option '--data'"),
    ],
)
def test_wrong_input_is_refused(
    cli: "Cli", linear: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    assert cli("quantize", linear, "--out", tmp_path / "out.onnx", *arguments).refuses(message)


def test_the_float_network_is_not_overwritten(cli: "Cli", linear: Path) -> None:
    before = linear.read_bytes()

    outcome = cli("quantize", linear, "--data", "digits", "--out", linear)

    assert outcome.refuses("--out must not be the float network itself")
    assert linear.read_bytes() == before


def test_the_network_is_checked_before_the_data_are_read(cli: "Cli", linear: Path, tmp_path: Path) -> None:
    cut, out = tmp_path / "cut.onnx", tmp_path / "out.onnx"
    cut.write_bytes(linear.read_bytes()[:100])

    assert cli("quantize", cut, "--data", "/no/where", "--out", out).refuses("cut.onnx")
    assert cli("quantize", linear, "--data", "mnist", "--out", out).refuses(
        "data 'mnist': its images have shape [1, 28, 28], but the network takes [1, 8, 8]"
    )
