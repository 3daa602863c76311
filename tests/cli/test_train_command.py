import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackmac.networks.onnx_io import load_onnx

if TYPE_CHECKING:
    from tests.cli.conftest import Cli


@pytest.mark.slow
def test_a_trained_network_is_written(cli: "Cli", tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"

    outcome = cli(
        "train", "lenet5", "--weight-bits", "3", "--activation-bits", "4", "--epochs", "1", "--out", path, "--json", "-"
    )

    data = json.loads(outcome.out)
    network = load_onnx(path)
    assert outcome.code == 0
    assert network.is_trained
    assert network.input_shape == (1, 8, 8)
    assert data["epochs"] == 1
    assert data["export_difference"] == 0
    assert 0 < data["validation_accuracy"] <= 1
    assert data["out"] == str(path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lenet6",), "unknown trainable network 'lenet6': did you mean 'lenet5'"),
        (("lenet5", "--out", "net.pt"), "net.pt: a network is written as ONNX, so --out must end in .onnx"),
        (("lenet5", "--out", "/nowhere/net.onnx"), "/nowhere/net.onnx: cannot be written"),
        (("lenet5", "--data", "/no/where"), "no such file or folder"),
        (("lenet5", "--weight-bits", "1"), "weight_bits must be within 2..8, but is 1"),
        (("lenet5", "--activation-bits", "17"), "activation_bits must be within 2..8, but is 17"),
        (("lenet5", "--epochs", "0"), "epochs must be within 1..10000, but are 0"),
        (("lenet5", "--resume", "--out", "never-trained.onnx"), "never-trained.checkpoint: no such checkpoint"),
        (("mobilenetv1",), "layer block6_depthwise: its 3x3 window is larger than the 1x1 map"),
        (("lenet5", "--seed", "-1"), "a seed must be within 0..2^63-1, but is -1"),
    ],
)
def test_wrong_input_is_refused(cli: "Cli", arguments: tuple[str, ...], message: str) -> None:
    assert cli("train", *arguments).refuses(message)
