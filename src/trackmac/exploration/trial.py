"""One trial of the outer loop: train one architecture to an integer network and save it."""

import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from trackmac.errors import CheckFailedError, InputError
from trackmac.exploration.spaces import Parameters
from trackmac.networks import IntegerNetwork
from trackmac.training.architecture import CnnArchitecture
from trackmac.training.datasets import Dataset, load_dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedNetwork:
    """An integer network and its accuracy on the validation part."""

    network: IntegerNetwork
    validation_accuracy: float


Trainer = Callable[[CnnArchitecture, str, int, int | None], TrainedNetwork]
"""Trains an architecture on a data set (by name or path) with a seed, for so many epochs (None: by the data's size)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTask:
    """What a worker needs to know to run one trial."""

    trial: int
    parameters: Parameters
    architecture: CnnArchitecture
    dataset: str
    seed: int
    epochs: int | None
    network_path: Path
    trainer: Trainer


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOutcome:
    """What a finished trial came to; its network is saved already."""

    task: TrialTask
    accuracy: float


def run_trial(task: TrialTask) -> TrialOutcome:
    """Train the task's architecture and save the network; the file appears whole or not at all.

    Raises:
        CheckFailedError: the integer network computes something else than the trained one.
    """
    from trackmac.networks.onnx_io import save_onnx

    trained = task.trainer(task.architecture, task.dataset, task.seed, task.epochs)
    # the writer chooses the format by the name's end
    unfinished = task.network_path.with_name(f".{task.network_path.stem}.{os.getpid()}.onnx")
    save_onnx(trained.network, unfinished)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(task.network_path)
    return TrialOutcome(task=task, accuracy=trained.validation_accuracy)


def train_architecture(architecture: CnnArchitecture, dataset: str, seed: int, epochs: int | None) -> TrainedNetwork:
    """Train by quantisation-aware training; the same arguments give the same network, bit for bit.

    Raises:
        CheckFailedError: the integer network computes something else than the trained one.
    """
    from trackmac.training.qat import train_network

    result = train_network(architecture, cached_dataset(dataset), seed=seed, epochs=epochs)
    if result.export_difference != 0:
        raise CheckFailedError(
            f"network {architecture.name}: the integer network must compute what was trained, but logits differ by "
            f"{result.export_difference:g}; use fewer channels or bits"
        )
    return TrainedNetwork(network=result.network, validation_accuracy=result.validation_accuracy)


@lru_cache(maxsize=1)
def cached_dataset(dataset: str) -> Dataset:
    """Return a data set, read once in each process."""
    return load_dataset(dataset)


def require_training() -> None:
    """Refuse to go on where PyTorch or Brevitas is not installed.

    Raises:
        InputError: with the command that installs them.
    """
    for library in ("torch", "brevitas"):
        if importlib.util.find_spec(library) is None:
            raise InputError(f"training needs {library}, which is not installed; pip install 'trackmac[train]'")
