"""Runs a stage on whole images: unfolds its input into columns, and simulates as many of them as memory allows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trackmac.cost import Activity
from trackmac.inference.stage_result import StageResult, joined
from trackmac.inference.windows import output_map
from trackmac.networks import LayerShape


class Stage(Protocol):
    """What a kind of stage does with columns: each is one output pixel (dot products) or element."""

    @property
    def layers(self) -> tuple[LayerShape, ...]:
        """The network's layers that the stage runs, first to last."""

    @property
    def mats(self) -> int:
        """Mats that work at once."""

    @property
    def bringing_mats(self) -> int:
        """Mats that work at once while weights are brought."""

    @property
    def sequences(self) -> int:
        """How often the sequence of `run` is issued for one image."""

    @property
    def columns_at_once(self) -> int:
        """How many columns to simulate on one machine."""

    def unfold(self, *inputs: NDArray[np.integer]) -> NDArray[np.integer]:
        """Return the codes [words, columns] that the columns take, for the stage's inputs, [images, ...] each."""

    def run(self, codes: NDArray[np.integer]) -> StageResult:
        """Simulate the columns `codes` [words, columns]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """By layer name: `outputs`, [images, ...], and `activities`, for all images; `reload` of the weights, too."""

    outputs: Mapping[str, NDArray[np.integer]]
    activities: Mapping[str, Activity]
    reload: Activity


def run_stage(stage: Stage, inputs: Sequence[NDArray[np.integer]], on_macs: Callable[[int], None]) -> StageRun:
    """Run `stage` on its inputs, [images, ...] each; `on_macs` is told the number of MACs after each part of them."""
    codes, images, at_once = stage.unfold(*inputs), len(inputs[0]), stage.columns_at_once
    macs_of_column = stage.layers[0].macs // stage.layers[0].pixels
    parts: list[StageResult] = []
    for start in range(0, codes.shape[1], at_once):
        columns = codes[:, start : start + at_once]
        parts.append(stage.run(columns))
        on_macs(columns.shape[1] * macs_of_column)
    result = joined(parts)
    return StageRun(
        outputs={
            layer.name: output_map(result.outputs[layer.name], images, layer.output_shape) for layer in stage.layers
        },
        activities={name: work.over(stage.sequences * images, stage.mats) for name, work in result.work.items()},
        reload=result.reload.repeated(images).over(1, stage.bringing_mats),
    )
