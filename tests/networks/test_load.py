from pathlib import Path

import pytest

from trackmac.errors import FileFormatError, UnknownNameError
from trackmac.networks.load import load_network
from trackmac.networks.onnx_io import save_onnx
from trackmac.networks.zoo.lenet5 import lenet5


def test_a_zoo_name_a_file_and_a_network_are_taken(tmp_path: Path) -> None:
    network = lenet5()
    save_onnx(network, tmp_path / "lenet5.onnx")

    assert load_network("lenet5") == network
    assert load_network(tmp_path / "lenet5.onnx") == network
    assert load_network(str(tmp_path / "lenet5.onnx")) == network
    assert load_network(network) is network


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"'lenet': did you mean 'lenet5'\? known are FILE.*STUDY_DIR:TRIAL"):
        load_network("lenet")


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(FileFormatError, match="no such file"):
        load_network("missing.onnx")
