"""The output-stationary dataflow, for many hardware points at once: each unit keeps one output's accumulator.

One layer after another has the whole chip. A unit takes one output at a time, and both operands of each product come
over wires: an activation to all units that compute the same pixel, a weight to all that compute the same channel. As
many channels as there are units are computed at once, in as few turns as that takes; the units that are left take
further pixels.

Where the weights come from: the tracks of the units that are not at work are memory. A filter lies there as in the
weight-stationary dataflow, once, whole or in slices, each unit's amplifiers sending one word at a time; filters that
are computed at once lie in different units as far as there are any (`stored_filters`). Where not all weights fit, all
of them come from off-chip memory, as often as they are needed.
"""

from dataclasses import dataclass

import numpy as np

from trackmac.arrays import HardwareGrid, UnitDesign
from trackmac.arrays.macro_unit import weight_groups
from trackmac.bits import IntArray
from trackmac.mapping.allocation import BoolArray, ceil_division, shared_units, storage, whole_chip
from trackmac.mapping.dot_product_plan import DotProductPlan
from trackmac.mapping.stage_table import DotProducts
from trackmac.mapping.weight_segments import longest_row


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputStationaryPlan(DotProductPlan):
    """How stages of dot products run whose weights come over wires; arrays as in `DotProductPlan`.

    The fields have their usual meaning, a copy being the `units` that compute one pixel; a unit computes its filters in
    turn. Where `is_stored`, the weights lie in the chip: filters in `stored_slices` of `stored_words` weights (the last
    may be shorter), a slice of all filters over `stored_units`.
    """

    is_stored: BoolArray
    stored_slices: IntArray
    stored_words: IntArray
    stored_units: IntArray

    @property
    def is_resident(self) -> BoolArray:
        """Whether the weights stay on the chip."""
        return self.is_stored

    @property
    def kept_copies(self) -> IntArray:
        """How often the weights are on the chip for good."""
        return self.is_stored.astype(np.int64)

    @property
    def shares_units(self) -> BoolArray:
        """Whether the units work for other layers, too."""
        return np.ones_like(self.is_stored)

    @property
    def senders(self) -> IntArray:
        """Units that send a weight at once; the weights of one product of all channels take `sends` times of that."""
        return np.minimum(self.units, self.stored_units)

    @property
    def sends(self) -> IntArray:
        """How often units send one after another until all channels that are computed at once have a weight."""
        return ceil_division(self.units, self.stored_units)

    @property
    def pixel_turns(self) -> IntArray:
        """How often the weights of a filter are sent for one image."""
        return self.waves // self.filters_per_unit


def output_stationary_plan(dots: DotProducts, grid: HardwareGrid, design: UnitDesign) -> OutputStationaryPlan:
    """Map the stages of dot products to every point of `grid`."""
    stored = storage(dots, grid, design)
    filters, fits = shared_units(stored, grid)
    one = np.ones_like(stored.slices)
    allocation = whole_chip(dots, one, grid)
    active = allocation.units * allocation.replicas
    return OutputStationaryPlan(
        stages=dots.stages,
        slices=one,
        words_per_slice=dots.lengths * one,
        filters_per_unit=allocation.filters_per_unit,
        units=allocation.units,
        replicas=allocation.replicas,
        rounds=0 * one,
        waves=allocation.filters_per_unit * ceil_division(dots.pixels, allocation.replicas),
        active_units=active,
        mats=ceil_division(active, grid.units_per_mat),
        is_stored=np.broadcast_to(fits & _are_possible(dots, grid, design), one.shape),
        stored_slices=stored.slices,
        stored_words=stored.words_per_slice,
        stored_units=stored.units(filters) // stored.slices,
    )


def _are_possible(dots: DotProducts, grid: HardwareGrid, design: UnitDesign) -> BoolArray:
    """Return whether every weight finds tracks on which one port can read it all, [points]."""
    row = grid.weight_ports.each(longest_row)
    are_possible = (weight_groups(grid, design, dots.b_bits) > 0) & (row >= dots.strides(grid.layout))
    return np.asarray(are_possible.all(axis=0))
