"""The weight-stationary dataflow, for many hardware points at once: which unit holds what, and how often it runs.

Every unit keeps the weights of one or more filters on its weight tracks for good. A filter fills whole periods of
segments (`weight_segments`: of evenly spaced ports each segment is one), so that each dot product starts at a port. A
filter longer than a unit is cut into slices, one to a unit; the first slice's unit sums them. As many filters share a
unit as the chip's size demands, in powers of two. Where units are left, layers are laid down more than once and the
copies share the pixels: as few pixels to a copy, the same power of two for every layer, as the chip's size allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays import HardwareGrid, UnitDesign, unit_design
from trackmac.arrays.chip import BITS_PER_KIB
from trackmac.arrays.macro_unit import weight_groups
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.mapping.stage import DotProductStage, ElementStage, Stage
from trackmac.mapping.stages import buffered_bits, constant_bits, workload_of
from trackmac.mapping.weight_segments import WeightLayout, longest_row, weight_layout
from trackmac.technology import unit_costs

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class DotProductPlan:
    """How one stage of dot products runs; every array has shape [points].

    A filter has `slices` of `words_per_slice` weights (the last may be shorter), that lie as `weights` says. A unit
    holds `filters_per_unit`; one copy of the layer takes `units`; `replicas` copies share the pixels, so that
    `waves` dot products follow one another in each unit. `active_units` work at once, in `mats` mats.
    """

    stage: DotProductStage
    slices: IntArray
    words_per_slice: IntArray
    weights: WeightLayout
    filters_per_unit: IntArray
    units: IntArray
    replicas: IntArray
    waves: IntArray
    active_units: IntArray
    mats: IntArray

    @property
    def results_at_once(self) -> IntArray:
        """The units with a first slice, that finish a dot product at once: [points]."""
        return self.active_units // self.slices

    @property
    def groups_at_once(self) -> IntArray:
        """The groups of a convolution that one copy's units work on at once, each on activations of its own: [points].

        Units whose turn it is hold filters F apart. Groups of fewer than F filters thus meet one unit each at most.
        """
        return np.asarray(np.minimum(self.stage.dot.groups, self.units // self.slices))


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementPlan:
    """How one stage of elements runs: `active_units` take one each, `waves` times; arrays of shape [points]."""

    stage: ElementStage
    waves: IntArray
    active_units: IntArray
    mats: IntArray

    @property
    def results_at_once(self) -> IntArray:
        """The units that finish an element at once: [points]."""
        return self.active_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """One rule of mapping, and where it is broken: `is_broken[point]`, with the two numbers that the message names."""

    rule: str
    is_broken: BoolArray
    needed: NDArray[np.float64]
    available: NDArray[np.float64]

    def message(self, point: int) -> str:
        """Say in one line why `point` cannot run the network."""
        return self.rule.format(needed=f"{self.needed[point]:g}", available=f"{self.available[point]:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plans of all stages, the computing cell for them, and what stands in the way; arrays of shape [points]."""

    grid: HardwareGrid
    design: UnitDesign
    stages: tuple[DotProductPlan | ElementPlan, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def is_feasible(self) -> BoolArray:
        """Whether each point can run the network."""
        return np.asarray(~np.any([obstacle.is_broken for obstacle in self.obstacles], axis=0))

    @property
    def weight_bits(self) -> IntArray:
        """Bits written once to lay the weights down, replicas included."""
        total = np.zeros(len(self.grid), dtype=np.int64)
        for plan in self.stages:
            if isinstance(plan, DotProductPlan):
                words = plan.stage.dot.channels_out * plan.stage.dot_length
                total += words * plan.stage.words.b.bits * plan.replicas
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class _Storage:
    """How one stage's filters lie in units, whatever the allocation: arrays of shape [points]."""

    stage: DotProductStage
    slices: IntArray
    words_per_slice: IntArray
    weights: WeightLayout
    filters_at_most: IntArray

    def units(self, filters: IntArray) -> IntArray:
        """Return the units of one copy with so many filters to a unit (fewer where they do not fit)."""
        channels = self.stage.dot.channels_out
        together = np.minimum(np.minimum(filters, self.filters_at_most), channels)
        return np.where(self.slices > 1, channels * self.slices, _ceil(channels, together))


def plan(stages: Sequence[Stage], grid: HardwareGrid) -> Plan:
    """Map the stages of a network to every point of `grid`; where an obstacle stands, the numbers mean nothing."""
    design = unit_design(grid.circuit, grid.layout, workload_of(stages))
    storages = {
        index: _storage(stage, grid, design) for index, stage in enumerate(stages) if isinstance(stage, DotProductStage)
    }
    filters = _filters_per_unit(tuple(storages.values()), grid)
    pixels = _pixels_per_copy(tuple(storages.values()), grid, filters)
    plans: list[DotProductPlan | ElementPlan] = []
    for index, stage in enumerate(stages):
        if isinstance(stage, DotProductStage):
            plans.append(_dot_product_plan(storages[index], grid, filters, pixels))
        else:
            plans.append(_element_plan(stage, grid))
    units = _total_units(tuple(storages.values()), filters)
    return Plan(grid=grid, design=design, stages=tuple(plans), obstacles=_obstacles(stages, grid, design, units))


def _storage(stage: DotProductStage, grid: HardwareGrid, design: UnitDesign) -> _Storage:
    word = stage.words.b.bits
    weights = weight_layout(grid, word if grid.layout is Layout.ALONG else 1)
    periods = np.maximum(weight_groups(grid, design, word) * weights.periods, 1)
    fewest_slices = _ceil(stage.dot_length, periods * weights.words_per_period)
    words_per_slice = _ceil(stage.dot_length, fewest_slices)
    slices = _ceil(stage.dot_length, words_per_slice)
    filters = periods // _ceil(words_per_slice, weights.words_per_period)
    return _Storage(
        stage=stage,
        slices=slices,
        words_per_slice=words_per_slice,
        weights=weights,
        filters_at_most=np.where(slices > 1, 1, np.maximum(filters, 1)),
    )


def _filters_per_unit(storages: Sequence[_Storage], grid: HardwareGrid) -> IntArray:
    """Return the fewest filters to a unit, a power of two, with which one copy of every layer fits the chip."""
    most = max(storage.stage.dot.channels_out for storage in storages)
    filters = np.ones(len(grid), dtype=np.int64)
    while True:
        grow = (_total_units(storages, filters) > grid.units) & (filters < most)
        if not grow.any():
            return filters
        filters = np.where(grow, filters * 2, filters)


def _pixels_per_copy(storages: Sequence[_Storage], grid: HardwareGrid, filters: IntArray) -> IntArray:
    """Return the fewest pixels to a copy of a layer, a power of two, with which all copies fit; 1 copy always does."""
    most = max(storage.stage.dot.pixels for storage in storages)
    layers = [(storage.units(filters), storage.stage.dot.pixels) for storage in storages]
    pixels = np.ones(len(grid), dtype=np.int64)
    while True:
        units = np.sum([units * _ceil(count, pixels) for units, count in layers], axis=0)
        grow = (units > grid.units) & (pixels < most)
        if not grow.any():
            return pixels
        pixels = np.where(grow, pixels * 2, pixels)


def _total_units(storages: Sequence[_Storage], filters: IntArray) -> IntArray:
    return np.asarray(np.sum([storage.units(filters) for storage in storages], axis=0, dtype=np.int64))


def _dot_product_plan(storage: _Storage, grid: HardwareGrid, filters: IntArray, pixels: IntArray) -> DotProductPlan:
    shape = storage.stage.dot
    units = storage.units(filters)
    filters_per_unit = _ceil(shape.channels_out * storage.slices, units)
    replicas = _ceil(shape.pixels, pixels)
    active = units * replicas
    return DotProductPlan(
        stage=storage.stage,
        slices=storage.slices,
        words_per_slice=storage.words_per_slice,
        weights=storage.weights,
        filters_per_unit=filters_per_unit,
        units=units,
        replicas=replicas,
        waves=filters_per_unit * _ceil(shape.pixels, replicas),
        active_units=active,
        mats=_ceil(active, grid.units_per_mat),
    )


def _element_plan(stage: ElementStage, grid: HardwareGrid) -> ElementPlan:
    active = np.minimum(grid.units, stage.head.outputs)
    return ElementPlan(
        stage=stage,
        waves=_ceil(stage.head.outputs, grid.units),
        active_units=active,
        mats=_ceil(active, grid.units_per_mat),
    )


def _obstacles(
    stages: Sequence[Stage], grid: HardwareGrid, design: UnitDesign, units: IntArray
) -> tuple[Obstacle, ...]:
    costs = unit_costs(grid.technology)
    dots = [stage for stage in stages if isinstance(stage, DotProductStage)]
    word = max(stage.words.b.bits for stage in dots)
    tracks = design.work_tracks + (1 if grid.layout is Layout.ALONG else word)
    buffered = max(buffered_bits(stages)) + constant_bits(stages)
    return (
        _obstacle(
            "walking the longest word past a work track's port takes {needed} domains, its bits twice less one, but a "
            "track has {available}, spare ones included; use longer tracks or fewer bits",
            grid, 2 * design.longest_word - 1, grid.physical_domains,
        ),
        _obstacle(
            "a weight of {needed} bits must lie where one port can read it all, but none reads more than "
            "{available} domains in a row; use fewer ports or fewer bits",
            grid, word if grid.layout is Layout.ALONG else 1, grid.weight_ports.each(longest_row),
        ),
        _obstacle(
            "a macro unit needs {needed} tracks to work and to hold a weight, but has {available}; give it more tracks",
            grid, tracks, grid.tracks,
        ),
        _obstacle(
            "shifting a track needs {needed} V, but the shift driver's supply is {available} V; "
            "use shorter tracks or more ports",
            grid, costs.drive_voltage_v(grid.physical_domains.astype(np.float64)), costs.driver_supply_v,
        ),
        _obstacle(
            "the network's weights need {needed} macro units, but the chip has {available}; "
            "give it more or larger units",
            grid, units, grid.units,
        ),
        _obstacle(
            "a layer's inputs and outputs, what is read later, all biases and multipliers need a buffer of {needed} "
            "bits, but it has {available}; enlarge buffer_kib",
            grid, buffered, grid.buffer_kib * BITS_PER_KIB,
        ),
    )  # fmt: skip


def _obstacle(rule: str, grid: HardwareGrid, needed: object, available: object) -> Obstacle:
    need = np.broadcast_to(np.asarray(needed, dtype=np.float64), len(grid))
    have = np.broadcast_to(np.asarray(available, dtype=np.float64), len(grid))
    return Obstacle(rule=rule, is_broken=need > have, needed=need, available=have)


def _ceil(number: IntArray | int, divisor: IntArray | int) -> IntArray:
    return -(-np.asarray(number, dtype=np.int64) // divisor)
