"""The trained networks in examples/ are what docs/benchmarks.md says of them."""

import os
from pathlib import Path

import numpy as np
import pytest

import trackmac as tm
from trackmac.training.datasets import load_images

EXAMPLES = Path(__file__).parents[2] / "examples"
SHARED = Path(os.environ.get("TRACKMAC_DATA", "../shared/data"))

# Correct of 10,000 test images, as `trackmac train` told when it wrote them (docs/benchmarks.md).
TRAINED = {
    "lenet5-mnist-w4a4": ("mnist", 9933),
    "lenet5-mnist-w2a3": ("mnist", 9923),
    "resnet8-cifar10-w4a4": ("cifar10", 8030),
}
LOCAL = {"mnist": "mnist", "cifar10": "cifar10_jpeg.zip"}


@pytest.mark.parametrize("name", TRAINED)
def test_a_trained_example_runs_on_tracks_without_a_mismatch(name: str) -> None:
    network = tm.load_network(EXAMPLES / f"{name}.onnx")
    shape = (2, 28, 28) if network.input_shape[0] == 1 else (2, 32, 32, 3)
    images = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)

    run = tm.simulate(network, "edge", images)

    assert run.mismatches == 0
    assert run.events == run.predicted_events


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
def test_a_trained_example_classifies_as_many_as_was_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data, correct = TRAINED[name]
    if not (SHARED / LOCAL[data]).exists():
        pytest.skip(f"needs ../shared/data/{LOCAL[data]}")
    monkeypatch.setenv("TRACKMAC_DATA", str(SHARED))

    images, labels = load_images(data)

    assert int((tm.load_network(EXAMPLES / f"{name}.onnx").predict(images) == labels).sum()) == correct
