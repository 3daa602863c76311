"""How a stage of dot products runs, for many hardware points at once."""

from dataclasses import dataclass

import numpy as np

from trackmac.bits import IntArray
from trackmac.mapping.allocation import BoolArray
from trackmac.mapping.stage import DotProductStage
from trackmac.mapping.weight_segments import WeightLayout


@dataclass(frozen=True, slots=True, kw_only=True)
class DotProductPlan:
    """How one stage of dot products runs; every array has shape [points].

    A filter has `slices` of `words_per_slice` weights (the last may be shorter), that lie as `weights` says. A unit
    takes `filters_per_unit` in turn; one copy of the layer takes `units`; `replicas` copies share the pixels, so that
    `waves` dot products follow one another in each unit. `active_units` work at once, in `mats` mats. Where `rounds` is
    0 the filters stay; else they are brought for every image, one to a unit in each of so many rounds.
    """

    stage: DotProductStage
    slices: IntArray
    words_per_slice: IntArray
    weights: WeightLayout
    filters_per_unit: IntArray
    units: IntArray
    replicas: IntArray
    rounds: IntArray
    waves: IntArray
    active_units: IntArray
    mats: IntArray

    @property
    def results_at_once(self) -> IntArray:
        """The units with a first slice, that finish a dot product at once: [points]."""
        return self.active_units // self.slices

    @property
    def holds_one_filter(self) -> BoolArray:
        """Whether a unit holds one filter (or a slice of one) at a time: [points]."""
        return np.asarray((self.filters_per_unit == 1) | (self.rounds > 0))

    @property
    def groups_at_once(self) -> IntArray:
        """The groups of a convolution that one copy's units work on at once, each on activations of its own: [points].

        Units whose turn it is hold filters F apart. Groups of fewer than F filters thus meet one unit each at most.
        """
        return np.asarray(np.minimum(self.stage.dot.groups, self.units // self.slices))

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
