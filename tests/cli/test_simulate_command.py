import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from trackmac import api
from trackmac.networks.blueprint_builder import BlueprintBuilder
from trackmac.networks.onnx_io import save_onnx
from trackmac.networks.zoo.untrained import untrained

if TYPE_CHECKING:
    from tests.cli.conftest import Cli


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small network for 8x8 images, as a file."""
    builder = BlueprintBuilder((1, 8, 8))
    builder.conv("conv", channels=2, kernel=3)
    builder.max_pool("pool")
    builder.flatten()
    path = tmp_path / "small.onnx"
    save_onnx(untrained(builder.blueprint("small", last="linear", classes=10), 2, 2, seed=1), path)
    return path


def test_json_has_the_keys_of_the_public_interface(cli: "Cli", small: Path) -> None:
    outcome = cli("simulate", small, "--hardware", "tiny", "--images", "2", "--json", "-")

    data = json.loads(outcome.out)
    assert outcome.code == 0
    assert {"network", "images", "accuracy", "predictions", "integer_logits", "mismatches"} <= set(data)
    assert (data["images"], data["mismatches"], data["faults_injected"]) == (2, 0, 0)
    assert data["events"] == data["predicted_events"]
    assert data["events"]["writes"] > 0
    expected = api.load_network(small).logits(_digits()[:2])
    assert data["integer_logits"] == expected.tolist()
    assert data["predictions"] == expected.argmax(axis=1).tolist()


def test_the_outcome_is_printed(cli: "Cli", small: Path) -> None:
    text = cli("simulate", small, "--hardware", "tiny", "--images", "1").out

    assert "on tiny: 1 image, accuracy" in text
    assert "0 mismatches" in text
    assert "track shifts" in text


def test_images_without_labels_have_no_accuracy(cli: "Cli", small: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "images.npz", images=_digits()[:3])

    outcome = cli(
        "simulate", small, "--hardware", "tiny", "--data", tmp_path / "images.npz", "--images", "1", "--json", "-"
    )

    assert json.loads(outcome.out)["accuracy"] is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mismatches": 4}, "must equal integer arithmetic, but 4 differ"),
        ({"predicted_events": {"writes": 1}}, "the events counted must be those predicted"),
    ],
)
def test_a_failed_check_is_exit_code_1(
    cli: "Cli", small: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], message: str
) -> None:
    _spoil(monkeypatch, change)

    outcome = cli("simulate", small, "--hardware", "tiny", "--images", "1", "--json", "-")

    assert outcome.code == 1
    assert message in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert json.loads(outcome.out)["images"] == 1


def test_wrong_input_is_refused(cli: "Cli", small: Path) -> None:
    assert cli("simulate", small, "--images", "0").refuses("--images must be at least 1, but it is 0")
    assert cli("simulate", small, "--images", "-5").refuses("--images must be at least 1, but it is -5")
    assert cli("simulate", small, "--images", "x").refuses("it must be an integer, but it is 'x'")
    assert cli("simulate", small, "--data", "/no/where").refuses("data '/no/where': no such file or folder")
    assert cli("simulate", small, "--data", "digit").refuses("did you mean 'digits'")
    assert cli("simulate", "lenet5").refuses("give --data")
    assert cli("simulate", "lenet5", "--data", "digits").refuses("but the network takes [1, 28, 28]")


def _digits() -> Any:
    from trackmac.training.datasets import load_images

    return load_images("digits")[0]


def _spoil(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]) -> None:
    right: Callable[..., Any] = api.simulate
    monkeypatch.setattr(api, "simulate", lambda *args, **kwargs: replace(right(*args, **kwargs), **change))
