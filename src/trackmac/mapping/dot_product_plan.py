"""How stages of dot products run, for many hardware points at once."""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from trackmac.bits import IntArray
from trackmac.mapping.allocation import BoolArray
from trackmac.mapping.stage import DotProductStage


@dataclass(frozen=True, slots=True, kw_only=True)
class DotProductPlan:
    """How stages of dot products run; every array has shape [stages, points], in the plan of one of them [points].

    A filter has `slices` of `words_per_slice` weights (the last may be shorter). A unit takes `filters_per_unit` in
    turn; one copy of the layer takes `units`; `replicas` copies share the pixels, so that `waves` dot products follow
    one another in each unit. `active_units` work at once, in `mats` mats. Where `rounds` is 0 the filters stay; else
    they are brought for every image, one to a unit in each of so many rounds.
    """

    stages: tuple[DotProductStage, ...]
    slices: IntArray
    words_per_slice: IntArray
    filters_per_unit: IntArray
    units: IntArray
    replicas: IntArray
    rounds: IntArray
    waves: IntArray
    active_units: IntArray
    mats: IntArray

    def __getitem__(self, number: int) -> Self:
        arrays = {field.name: getattr(self, field.name)[number] for field in fields(self) if field.name != "stages"}
        return replace(self, stages=self.stages[number : number + 1], **arrays)

    @property
    def stage(self) -> DotProductStage:
        """The stage that this is the plan of."""
        (stage,) = self.stages
        return stage

    @property
    def results_at_once(self) -> IntArray:
        """The units with a first slice, that finish a dot product at once."""
        return self.active_units // self.slices

    @property
    def holds_one_filter(self) -> BoolArray:
        """Whether a unit holds one filter (or a slice of one) at a time."""
        return np.asarray((self.filters_per_unit == 1) | (self.rounds > 0))

    @property
    def is_resident(self) -> BoolArray:
        """Whether the weights stay on the chip."""
        return np.asarray(self.rounds == 0)

    @property
    def kept_copies(self) -> IntArray:
        """How often the weights are on the chip for good."""
        return np.where(self.rounds == 0, self.replicas, 0)

    @property
    def shares_units(self) -> BoolArray:
        """Whether the units work for other layers, too."""
        return np.asarray(self.rounds > 0)
