"""Quantisation-aware training: a float start, then Brevitas, then the integer network; the same seed, the same bits."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.errors import FileFormatError, InputError
from trackmac.networks.integer import IntegerNetwork
from trackmac.training.architecture import Architecture, architecture_named
from trackmac.training.augmentation import Augmentation
from trackmac.training.checkpoint import CheckpointFile, digest
from trackmac.training.datasets import Dataset
from trackmac.training.export import export_difference, export_network
from trackmac.training.loop import BATCH_SIZE, LEARNING_RATE, Plan, TrainingLoop

QUANTIZED_FRACTION = 3 / 8  # of the epochs; the others are the float start
MIN_EPOCHS, MAX_EPOCHS = 4, 32
TARGET_STEPS = 3000  # large data sets get fewer epochs than MAX_EPOCHS
MOST_LEARNING = (
    8.0  # steps times learning rate; with half of it LeNet-5 on MNIST kept 99.2 of 99.3 % at 4 bits (validation)
)
EPOCH_LIMIT = 10_000
SEED_LIMIT = 1 << 63  # PyTorch takes seeds of 64 bits

Progress = Callable[[int, int, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResult:
    """A trained integer network and how well it does."""

    network: IntegerNetwork
    validation_accuracy: float
    """Of the integer network."""
    export_difference: float
    """Greatest difference between its logits and Brevitas' on the validation images."""
    epochs: int
    seconds: float


def train_network(
    architecture: str | Architecture,
    dataset: Dataset,
    *,
    weight_bits: int | None = None,
    activation_bits: int | None = None,
    seed: int = 0,
    epochs: int | None = None,
    patience: int | None = None,
    augmentation: Augmentation = Augmentation.NONE,
    learning_rate: float | None = None,
    checkpoint: Path | None = None,
    is_resumed: bool = False,
    on_progress: Progress | None = None,
    on_fraction: Callable[[float], None] | None = None,
) -> TrainingResult:
    """Train an architecture (or the named one) on `dataset`; equal arguments give the same network, bit for bit.

    Widths that are not given are the architecture's own. With `patience`, training stops early after so many quantised
    epochs without a better validation accuracy, and takes the best epoch. `learning_rate` is
    the greatest of the quantised epochs, else `default_learning_rate`. With `checkpoint`, the state is kept there
    after each epoch, and a resumed training ends in the same network as one that was never stopped. `on_progress` gets
    epochs done, epochs in all and the mean loss after each epoch, `on_fraction` the fraction of all epochs after each
    batch. The test part of the data set is not touched.

    Raises:
        InputError: an unknown name, a number out of range, images or classes that do not fit the architecture, or a
            checkpoint that is not of this training.
    """
    start = time.perf_counter()
    chosen = _resolve(architecture, dataset, weight_bits, activation_bits)
    epochs = default_epochs(len(dataset.train_labels)) if epochs is None else epochs
    plan = _plan(epochs, patience, augmentation, learning_rate, len(dataset.train_labels))
    if not 0 <= seed < SEED_LIMIT:
        raise InputError(f"a seed must be within 0..2^63-1, but is {seed}; choose a number in that range")
    kept = None if checkpoint is None else CheckpointFile(checkpoint, _identity(chosen, dataset, plan, seed))
    with _reproducible(seed):
        loop = TrainingLoop(chosen, dataset, plan, np.random.default_rng(seed))
        if kept is not None and is_resumed:
            _restore(loop, kept)
        while not loop.is_done:
            done = loop.epochs_done
            fraction = None if on_fraction is None else partial(_tell, on_fraction, done, plan.epochs)
            loss = loop.run_epoch(fraction)
            if kept is not None and loop.is_resumable:
                kept.save(loop.state())
            if on_progress is not None:
                on_progress(loop.epochs_done, plan.epochs, loss)
        module = loop.finished_module()
        network = export_network(module, chosen)
        difference = export_difference(module, network, dataset.validation_images)
    return TrainingResult(
        network=network,
        validation_accuracy=accuracy(network, dataset.validation_images, dataset.validation_labels),
        export_difference=difference,
        epochs=loop.epochs_done,
        seconds=time.perf_counter() - start,
    )


def _plan(
    epochs: int, patience: int | None, augmentation: Augmentation, learning_rate: float | None, train_images: int
) -> Plan:
    if not 1 <= epochs <= EPOCH_LIMIT:
        raise InputError(f"epochs must be within 1..{EPOCH_LIMIT}, but are {epochs}; choose a number in that range")
    if patience is not None and not 1 <= patience <= EPOCH_LIMIT:
        raise InputError(
            f"patience must be within 1..{EPOCH_LIMIT} epochs, but is {patience}; choose one in that range"
        )
    if learning_rate is not None and not 0 < learning_rate <= 1:
        raise InputError(f"a learning rate must be above 0 and at most 1, but is {learning_rate:g}; try 0.001")
    quantized = max(1, round(epochs * QUANTIZED_FRACTION))
    if learning_rate is None:
        learning_rate = default_learning_rate(quantized * steps_per_epoch(train_images))
    return Plan(
        float_epochs=epochs - quantized,
        quantized_epochs=quantized,
        patience=patience,
        augmentation=augmentation,
        quantized_learning_rate=learning_rate,
    )


def _identity(architecture: Architecture, dataset: Dataset, plan: Plan, seed: int) -> dict[str, str]:
    """Return what a resumed training must have in common with the one that wrote the checkpoint."""
    return {
        "network": architecture.name,
        "structure": hashlib.sha256(repr(architecture.blueprint()).encode()).hexdigest(),
        "data": digest(dataset),
        "epochs": str(plan.epochs),
        "patience": str(plan.patience),
        "augmentation": plan.augmentation.value,
        "learning rate": str(plan.quantized_learning_rate),
        "seed": str(seed),
    }


def _restore(loop: TrainingLoop, kept: CheckpointFile) -> None:
    state = kept.load()
    try:
        loop.restore(state)
    except (ValueError, KeyError, TypeError, RuntimeError, AttributeError, IndexError) as error:
        reason = " ".join(str(error).split())[:100]
        raise FileFormatError(
            f"{kept.path}: does not hold the state of this training ({reason}); drop --resume to start anew"
        ) from None


def _tell(on_fraction: Callable[[float], None], epochs_done: int, epochs: int, of_epoch: float) -> None:
    on_fraction((epochs_done + of_epoch) / epochs)


def accuracy(network: IntegerNetwork, images: NDArray[np.uint8], labels: IntArray) -> float:
    """Return the fraction of `images` that the integer network classifies as `labels` say."""
    return float((network.predict(images) == labels).mean())


def default_epochs(train_images: int) -> int:
    """Return how many epochs a training part of that many images gets."""
    return max(MIN_EPOCHS, min(MAX_EPOCHS, TARGET_STEPS // steps_per_epoch(train_images)))


def default_learning_rate(quantized_steps: int) -> float:
    """Return the greatest learning rate of so many quantised steps: many small ones need not leave the float start."""
    return min(LEARNING_RATE, MOST_LEARNING / quantized_steps)


def steps_per_epoch(train_images: int) -> int:
    """Return the batches of one epoch."""
    return -(-train_images // BATCH_SIZE)


def _resolve(
    architecture: str | Architecture, dataset: Dataset, weight_bits: int | None, activation_bits: int | None
) -> Architecture:
    if isinstance(architecture, str):
        architecture = architecture_named(architecture, dataset.input_shape, dataset.classes)
    if architecture.input_shape != dataset.input_shape or architecture.classes != dataset.classes:
        raise InputError(
            f"{architecture.name} is for images of {list(architecture.input_shape)} in {architecture.classes} classes, "
            f"but {dataset.name} has {list(dataset.input_shape)} in {dataset.classes}; choose others"
        )
    return architecture.with_bits(
        architecture.weight_bits if weight_bits is None else weight_bits,
        architecture.activation_bits if activation_bits is None else activation_bits,
    )


@contextmanager
def _reproducible(seed: int) -> Iterator[None]:
    """Seed PyTorch, one thread, deterministic algorithms; all of it put back afterwards."""
    threads = torch.get_num_threads()
    was_deterministic = torch.are_deterministic_algorithms_enabled()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(was_deterministic)
