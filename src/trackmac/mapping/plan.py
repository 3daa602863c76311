"""How a network runs on many hardware points at once: which unit holds what, and how often it works.

In the weight-stationary dataflow (`output_stationary` is the other one) every unit keeps the weights of one or more
filters on its weight tracks: for good where the network fits the chip, for a round where it does not (`allocation`). A
filter fills whole periods of segments (`weight_segments`: of evenly spaced ports each segment is one), so that each dot
product starts at a port. A filter longer than a unit is cut into slices, one to a unit, which the first sums.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays import Dataflow, HardwareGrid, UnitDesign, unit_design
from trackmac.arrays.chip import BITS_PER_KIB
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.mapping.allocation import Allocation, BoolArray, Storage, allocations, ceil_division, storage
from trackmac.mapping.dot_product_plan import DotProductPlan
from trackmac.mapping.output_stationary import output_stationary_plans
from trackmac.mapping.stage import DotProductStage, ElementStage, Stage
from trackmac.mapping.stages import buffered_bits, constant_bits, workload_of
from trackmac.mapping.weight_segments import longest_row
from trackmac.technology import unit_costs


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


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The plans of all stages, the computing cell for them, and what stands in the way; arrays of shape [points]."""

    grid: HardwareGrid
    design: UnitDesign
    stages: tuple[DotProductPlan | ElementPlan, ...]
    obstacles: tuple[Obstacle, ...]

    @cached_property
    def is_feasible(self) -> BoolArray:
        """Whether each point can run the network."""
        return np.asarray(~np.any([obstacle.is_broken for obstacle in self.obstacles], axis=0))

    @cached_property
    def dot_products(self) -> tuple[DotProductPlan, ...]:
        """The stages of dot products."""
        return tuple(mapped for mapped in self.stages if isinstance(mapped, DotProductPlan))

    @cached_property
    def is_resident(self) -> BoolArray:
        """Whether all weights stay on the chip; else all of them come from off-chip memory for every image."""
        return np.asarray(np.all([mapped.is_resident for mapped in self.dot_products], axis=0))

    @cached_property
    def shares_units(self) -> BoolArray:
        """Whether units work for one layer of dot products after another."""
        return np.asarray(np.all([mapped.shares_units for mapped in self.dot_products], axis=0))

    @cached_property
    def weight_bits(self) -> IntArray:
        """Bits written once to lay the weights down, replicas included; none where they come for every image."""
        total = np.zeros(len(self.grid), dtype=np.int64)
        for mapped in self.dot_products:
            total += mapped.stage.weight_bits * mapped.kept_copies
        return total


def plan(stages: Sequence[Stage], grid: HardwareGrid) -> Plan:
    """Map the stages of a network to every point of `grid`; where an obstacle stands, the numbers mean nothing."""
    design = unit_design(grid.circuit, grid.layout, workload_of(stages), grid.dataflow)
    dots = [stage for stage in stages if isinstance(stage, DotProductStage)]
    mapped = iter(_DATAFLOWS[grid.dataflow](dots, grid, design))
    plans = [next(mapped) if isinstance(stage, DotProductStage) else _element_plan(stage, grid) for stage in stages]
    return Plan(grid=grid, design=design, stages=tuple(plans), obstacles=_obstacles(tuple(plans), grid, design))


def _weight_stationary_plans(
    stages: Sequence[DotProductStage], grid: HardwareGrid, design: UnitDesign
) -> tuple[DotProductPlan, ...]:
    storages = [storage(stage, grid, design) for stage in stages]
    allocated = zip(storages, allocations(storages, grid), strict=True)
    return tuple(_dot_product_plan(stored, allocation, grid) for stored, allocation in allocated)


_DATAFLOWS: Mapping[
    Dataflow, Callable[[Sequence[DotProductStage], HardwareGrid, UnitDesign], Sequence[DotProductPlan]]
] = {
    Dataflow.WEIGHT_STATIONARY: _weight_stationary_plans,
    Dataflow.OUTPUT_STATIONARY: output_stationary_plans,
}


def _dot_product_plan(stored: Storage, allocation: Allocation, grid: HardwareGrid) -> DotProductPlan:
    active = allocation.units * allocation.replicas
    return DotProductPlan(
        stage=stored.stage,
        slices=stored.slices,
        words_per_slice=stored.words_per_slice,
        weights=stored.weights,
        filters_per_unit=allocation.filters_per_unit,
        units=allocation.units,
        replicas=allocation.replicas,
        rounds=allocation.rounds,
        waves=allocation.filters_per_unit * ceil_division(stored.stage.dot.pixels, allocation.replicas),
        active_units=active,
        mats=ceil_division(active, grid.units_per_mat),
    )


def _element_plan(stage: ElementStage, grid: HardwareGrid) -> ElementPlan:
    active = np.minimum(grid.units, stage.head.outputs)
    return ElementPlan(
        stage=stage,
        waves=ceil_division(stage.head.outputs, grid.units),
        active_units=active,
        mats=ceil_division(active, grid.units_per_mat),
    )


def _obstacles(
    plans: Sequence[DotProductPlan | ElementPlan], grid: HardwareGrid, design: UnitDesign
) -> tuple[Obstacle, ...]:
    costs = unit_costs(grid.technology)
    stages = [mapped.stage for mapped in plans]
    buffered = max(buffered_bits(stages)) + constant_bits(stages)
    staying = _of_weights_that_stay(plans, grid, design) if grid.dataflow == Dataflow.WEIGHT_STATIONARY else ()
    return (
        _obstacle(
            "walking the longest word past a work track's port takes {needed} domains, its bits twice less one, but a "
            "track has {available}, spare ones included; use longer tracks or fewer bits",
            grid, 2 * design.longest_word - 1, grid.physical_domains,
        ),
        *staying,
        _obstacle(
            "a macro unit needs {needed} tracks to work, but has {available}; give it more tracks",
            grid, design.work_tracks, grid.tracks,
        ),
        _obstacle(
            "shifting a track needs {needed} V, but the shift driver's supply is {available} V; "
            "use shorter tracks or more ports",
            grid, costs.drive_voltage_v(grid.physical_domains.astype(np.float64)), costs.driver_supply_v,
        ),
        _obstacle(
            "a layer's inputs and outputs, what is read later, all biases and multipliers need a buffer of {needed} "
            "KiB, but it has {available}; enlarge buffer_kib",
            grid, ceil_division(buffered, BITS_PER_KIB), grid.buffer_kib,
        ),
    )  # fmt: skip


def _of_weights_that_stay(
    plans: Sequence[DotProductPlan | ElementPlan], grid: HardwareGrid, design: UnitDesign
) -> tuple[Obstacle, ...]:
    """Return what stands in the way of weights that lie in the unit that computes with them."""
    dots = [mapped for mapped in plans if isinstance(mapped, DotProductPlan)]
    word = max(mapped.stage.words.b.bits for mapped in dots)
    tracks, row = (1, word) if grid.layout is Layout.ALONG else (word, 1)
    return (
        _obstacle(
            "a weight of {needed} bits must lie where one port can read it all, but none reads more than "
            "{available} domains in a row; use fewer ports or fewer bits",
            grid, row, grid.weight_ports.each(longest_row),
        ),
        _obstacle(
            "a macro unit needs {needed} tracks to work and to hold a weight, but has {available}; give it more tracks",
            grid, design.work_tracks + tracks, grid.tracks,
        ),
        _obstacle(
            "the network's longest filter needs {needed} macro units, but the chip has {available}; "
            "give it more or larger units",
            grid, np.max([mapped.slices for mapped in dots], axis=0), grid.units,
        ),
    )  # fmt: skip


def _obstacle(rule: str, grid: HardwareGrid, needed: object, available: object) -> Obstacle:
    need = np.broadcast_to(np.asarray(needed, dtype=np.float64), len(grid))
    have = np.broadcast_to(np.asarray(available, dtype=np.float64), len(grid))
    return Obstacle(rule=rule, is_broken=need > have, needed=need, available=have)
