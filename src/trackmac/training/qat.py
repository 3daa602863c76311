"""Quantisation-aware training: a float start, then Brevitas, then the integer network; the same seed, the same bits."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from trackmac.bits import IntArray
from trackmac.errors import InputError
from trackmac.networks.integer import IntegerNetwork
from trackmac.training.architecture import Architecture, architecture_named
from trackmac.training.datasets import Dataset
from trackmac.training.export import export_difference, export_network, real_input
from trackmac.training.graph_module import GraphModule
from trackmac.training.modules import float_module, quantized_module, update_bias_grids

BATCH_SIZE = 64
LEARNING_RATE = 0.01
WEIGHT_DECAY = 1e-4
WARM_UP_FRACTION = 0.2
QUANTIZED_FRACTION = 3 / 8  # of the epochs; the others are the float start
MIN_EPOCHS, MAX_EPOCHS = 4, 32
TARGET_STEPS = 3000  # large data sets get fewer epochs than MAX_EPOCHS
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
    on_progress: Progress | None = None,
) -> TrainingResult:
    """Train an architecture (or the named one) on `dataset`; equal arguments give the same network, bit for bit.

    Widths that are not given are the architecture's own. `on_progress` gets epochs done, epochs in all and the mean
    loss after each epoch. The test part of the data set is not touched.

    Raises:
        InputError: an unknown name, a number out of range, or images or classes that do not fit the architecture.
    """
    start = time.perf_counter()
    chosen = _resolve(architecture, dataset, weight_bits, activation_bits)
    total = default_epochs(len(dataset.train_labels)) if epochs is None else epochs
    if not 1 <= total <= EPOCH_LIMIT:
        raise InputError(f"epochs must be within 1..{EPOCH_LIMIT}, but are {total}; choose a number in that range")
    if not 0 <= seed < SEED_LIMIT:
        raise InputError(f"a seed must be within 0..2^63-1, but is {seed}; choose a number in that range")
    quantized_epochs = max(1, round(total * QUANTIZED_FRACTION))
    with _reproducible(seed):
        loop = _Loop(dataset, total, seed, on_progress)
        started = float_module(chosen)
        loop.fit(started, total - quantized_epochs)
        module = quantized_module(started.eval(), chosen)
        loop.fit(module, quantized_epochs, before_epoch=update_bias_grids)
        update_bias_grids(module)
        network = export_network(module, chosen)
        difference = export_difference(module, network, dataset.validation_images)
    return TrainingResult(
        network=network,
        validation_accuracy=accuracy(network, dataset.validation_images, dataset.validation_labels),
        export_difference=difference,
        epochs=total,
        seconds=time.perf_counter() - start,
    )


def accuracy(network: IntegerNetwork, images: NDArray[np.uint8], labels: IntArray) -> float:
    """Return the fraction of `images` that the integer network classifies as `labels` say."""
    return float((network.predict(images) == labels).mean())


def default_epochs(train_images: int) -> int:
    """Return how many epochs a training part of that many images gets."""
    steps_per_epoch = -(-train_images // BATCH_SIZE)
    return max(MIN_EPOCHS, min(MAX_EPOCHS, TARGET_STEPS // steps_per_epoch))


class _Loop:
    """Feeds one data set to one module after the other, in an order that depends on the seed alone."""

    def __init__(self, dataset: Dataset, epochs: int, seed: int, on_progress: Progress | None) -> None:
        self._images = dataset.train_images
        self._labels = torch.from_numpy(dataset.train_labels)
        self._order = np.random.default_rng(seed)
        self._epochs = epochs
        self._epochs_done = 0
        self._on_progress = on_progress

    def fit(
        self, module: GraphModule, epochs: int, before_epoch: Callable[[GraphModule], None] | None = None
    ) -> None:
        """Train `module` for that many epochs with AdamW and a one-cycle learning rate."""
        if epochs == 0:
            return
        optimizer = torch.optim.AdamW(module.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        batches = -(-len(self._labels) // BATCH_SIZE)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, LEARNING_RATE, total_steps=epochs * batches, pct_start=WARM_UP_FRACTION
        )
        module.train()
        for _ in range(epochs):
            if before_epoch is not None:
                before_epoch(module)
            losses = []
            # batches of nearly equal size: a last batch of one image would have no variance to normalise by
            for index in np.array_split(self._order.permutation(len(self._labels)), batches):
                losses.append(self._step(module, optimizer, index))
                schedule.step()
            self._epochs_done += 1
            if self._on_progress is not None:
                self._on_progress(self._epochs_done, self._epochs, float(np.mean(losses)))

    def _step(self, module: nn.Module, optimizer: torch.optim.Optimizer, index: IntArray) -> float:
        optimizer.zero_grad()
        loss: Tensor = functional.cross_entropy(module(real_input(self._images[index])), self._labels[index])
        torch.autograd.backward(loss)
        optimizer.step()
        return loss.item()


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
