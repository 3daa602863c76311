"""What a stage hands on: the outputs of its layers, and what they cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.inference.work import NO_WORK, Work, combined


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """By layer name: `outputs`, [channels, columns] (elements: [1, columns]), and `work`.

    `reload` brought the weights of one image to all units, if they do not stay.
    """

    outputs: Mapping[str, NDArray[np.integer]]
    work: Mapping[str, Work]
    reload: Work = NO_WORK


def joined(parts: Sequence[StageResult]) -> StageResult:
    """Return the result of columns simulated one part after another: each simulated the one reload of an image."""
    assert all(part.reload == parts[0].reload for part in parts)
    if len(parts) == 1:
        return parts[0]
    return StageResult(
        outputs={name: np.concatenate([part.outputs[name] for part in parts], axis=1) for name in parts[0].outputs},
        work={name: combined([part.work[name] for part in parts]) for name in parts[0].work},
        reload=parts[0].reload,
    )
