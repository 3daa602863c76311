"""The training loop: epoch by epoch, in float, then quantised; its whole state can be taken out and put back."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from trackmac.bits import IntArray
from trackmac.training.architecture import Architecture
from trackmac.training.augmentation import Augmentation, augmented
from trackmac.training.datasets import Dataset
from trackmac.training.graph_module import GraphModule
from trackmac.training.modules import COLLECTING_STEPS, float_module, quantized_module, update_bias_grids

BATCH_SIZE = 64
LEARNING_RATE = 0.01
WEIGHT_DECAY = 1e-4
WARM_UP_FRACTION = 0.2
IMAGES_AT_ONCE = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long to train: `float_epochs` without quantisation, then `quantized_epochs` with it.

    With `patience`, the quantised part ends after so many epochs without a better validation accuracy, and the best
    epoch's network is taken. A smaller `quantized_learning_rate` keeps more of the float start.
    """

    float_epochs: int
    quantized_epochs: int
    patience: int | None = None
    augmentation: Augmentation = Augmentation.NONE
    quantized_learning_rate: float = LEARNING_RATE

    @property
    def epochs(self) -> int:
        """Of both parts."""
        return self.float_epochs + self.quantized_epochs


@dataclass(slots=True)
class Best:
    """The best epoch so far."""

    accuracy: float = -1.0
    epochs_since: int = 0
    state: dict[str, Any] = field(default_factory=dict)


class TrainingLoop:
    """Trains one network on one data set; what it does depends on the arguments and the random generator alone."""

    def __init__(self, architecture: Architecture, dataset: Dataset, plan: Plan, random: np.random.Generator) -> None:
        self.module = float_module(architecture)
        self.epochs_done = 0
        self.best = Best()
        self._architecture = architecture
        self._dataset = dataset
        self._labels = torch.from_numpy(dataset.train_labels)
        self._plan = plan
        self._random = random
        self._batches = -(-len(self._labels) // BATCH_SIZE)
        self._begin(plan.float_epochs, LEARNING_RATE)

    @property
    def is_done(self) -> bool:
        """Whether all epochs are over, or patience is."""
        plan = self._plan
        has_patience = plan.patience is None or self.best.epochs_since < plan.patience
        return self.epochs_done >= plan.epochs or not has_patience

    @property
    def is_resumable(self) -> bool:
        """Whether `state` is complete: not while Brevitas collects the first scales of activations."""
        quantized = self.epochs_done - self._plan.float_epochs
        return quantized <= 0 or quantized * self._batches > COLLECTING_STEPS

    def run_epoch(self, on_batch: Callable[[float], None] | None = None) -> float:
        """Train one epoch and return its mean loss; `on_batch` gets the fraction of it that is done."""
        is_quantized = self.epochs_done >= self._plan.float_epochs
        if self.epochs_done == self._plan.float_epochs:
            self._quantize()
        if is_quantized:
            update_bias_grids(self.module)
        losses = []
        # batches of nearly equal size: a last batch of one image would have no variance to normalise by
        for index in np.array_split(self._random.permutation(len(self._labels)), self._batches):
            losses.append(self._step(index))
            self._schedule.step()
            if on_batch is not None:
                on_batch(len(losses) / self._batches)
        self.epochs_done += 1
        if is_quantized and self._plan.patience is not None:
            self._compare()
        return float(np.mean(losses))

    def finished_module(self) -> GraphModule:
        """Return the quantised module: the last epoch's, or with patience the best one's."""
        if self.best.state:
            self.module.load_state_dict(self.best.state)
        update_bias_grids(self.module)
        return self.module

    def state(self) -> dict[str, Any]:
        """Return all that `restore` needs."""
        return {
            "epochs_done": self.epochs_done,
            "module": self.module.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "random": json.dumps(self._random.bit_generator.state),
            "best_accuracy": self.best.accuracy,
            "epochs_since_best": self.best.epochs_since,
            "best": self.best.state,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state of the same training.

        Raises:
            ValueError, KeyError, TypeError, RuntimeError, AttributeError: it is no such state.
        """
        self.epochs_done = int(state["epochs_done"])
        if self.epochs_done > self._plan.float_epochs:
            self._quantize()
        self.module.load_state_dict(state["module"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._random.bit_generator.state = json.loads(state["random"])
        self.best = Best(float(state["best_accuracy"]), int(state["epochs_since_best"]), dict(state["best"]))

    def _quantize(self) -> None:
        self.module = quantized_module(self.module.eval(), self._architecture)
        self._begin(self._plan.quantized_epochs, self._plan.quantized_learning_rate)

    def _begin(self, epochs: int, learning_rate: float) -> None:
        """Start AdamW and a one-cycle learning rate for so many epochs."""
        self._optimizer = torch.optim.AdamW(self.module.parameters(), lr=learning_rate, weight_decay=WEIGHT_DECAY)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimizer, learning_rate, total_steps=max(1, epochs * self._batches), pct_start=WARM_UP_FRACTION
        )
        self.module.train()

    def _step(self, index: IntArray) -> float:
        images = augmented(self._dataset.train_images[index], self._plan.augmentation, self._random)
        self._optimizer.zero_grad()
        loss: Tensor = functional.cross_entropy(self.module(real_input(images)), self._labels[index])
        torch.autograd.backward(loss)
        self._optimizer.step()
        return loss.item()

    def _compare(self) -> None:
        """Keep the module if it classifies more validation images than any before."""
        update_bias_grids(self.module)
        found = module_accuracy(self.module, self._dataset.validation_images, self._dataset.validation_labels)
        if found > self.best.accuracy:
            self.best = Best(found, 0, copy.deepcopy(self.module.state_dict()))
        else:
            self.best.epochs_since += 1


def module_accuracy(module: GraphModule, images: NDArray[np.uint8], labels: IntArray) -> float:
    """Return the fraction of images that the module classifies as `labels` say."""
    logits = module_logits(module, images)
    return float((logits.argmax(dim=1).numpy() == labels).mean())


def module_logits(module: GraphModule, images: NDArray[np.uint8]) -> Tensor:
    """Return the logits [N, classes] in evaluation mode; the module's own mode is kept."""
    was_training = module.training
    module.eval()
    with torch.no_grad():
        parts = [module(real_input(part)) for part in np.array_split(images, -(-len(images) // IMAGES_AT_ONCE))]
    module.train(was_training)
    return torch.cat(parts)


def real_input(images: NDArray[np.uint8]) -> Tensor:
    """Return uint8 images [N, H, W] or [N, H, W, C] as float32 [N, C, H, W] in 0..1."""
    real = torch.from_numpy(images.astype(np.float32) / np.float32(255))
    # channels stay last in memory: convolutions are a third faster
    return real.unsqueeze(1) if images.ndim == 3 else real.permute(0, 3, 1, 2)
