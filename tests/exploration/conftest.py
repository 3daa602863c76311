import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from trackmac.exploration.study import StudyFile, load_study
from trackmac.exploration.trial import Trainer

SCRIPT = Path(__file__).parent / "untrained_exploration.py"

SMALL_STUDY: dict[str, Any] = {
    "name": "small",
    "dataset": "digits",
    "network_space": {
        "depth": [1, 2],
        "channels": [1, 2, 3],
        "kernel": [1, 3],
        "weight_bits": [2, 3],
        "activation_bits": [2, 3],
    },
    "hardware_space": {
        "technologies": ["rtsim-destiny-2017", "spimulator-2025"],
        "circuits": ["shift_add_mac", "booth_radix4_mac"],
        "layouts": ["along", "across"],
        "domains": [32, 64],
        "ports": [1, 2, 3],
        "tracks": [32, 48],
        "units_per_mat": [8],
        "mats_per_bank": [1, 2],
        "banks": [1],
        "buffer_kib": [1],
    },
    "objectives": ["accuracy", "energy_pj", "latency_ns", "area_um2"],
    "constraints": {},
    "trials": 7,
    "trials_per_batch": 3,
    "seed": 5,
    "verify_images": 1,
    "front_resolution": 1.0,
}


@pytest.fixture
def small_study() -> dict[str, Any]:
    return {key: dict(value) if isinstance(value, dict) else value for key, value in SMALL_STUDY.items()}


@pytest.fixture
def study(tmp_path: Path, small_study: dict[str, Any]) -> StudyFile:
    return load_study(written(tmp_path / "small.yaml", small_study))


@pytest.fixture
def study_path(tmp_path: Path, small_study: dict[str, Any]) -> Path:
    return written(tmp_path / "small.yaml", small_study)


@pytest.fixture(scope="session")
def script() -> Path:
    return SCRIPT


@pytest.fixture(scope="session")
def untrained() -> Trainer:
    spec = importlib.util.spec_from_file_location("untrained_exploration", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    trainer: Trainer = module.trainer
    return trainer


def written(path: Path, data: dict[str, Any]) -> Path:
    path.write_text(json.dumps(data), encoding="utf-8")  # JSON is YAML
    return path
