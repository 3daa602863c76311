"""How a network runs on many hardware points at once: which unit holds what, and how often it works.

In the weight-stationary dataflow (`output_stationary` is the other one) every unit keeps the weights of one or more
filters on its weight tracks: for good where the network fits the chip, for a round where it does not (`allocation`). A
filter fills whole periods of segments (`weight_segments`: of evenly spaced ports each segment is one), so that each dot
product starts at a port. A filter longer than a unit is cut into slices, one to a unit, which the first sums.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays import Dataflow, HardwareGrid, UnitDesign, unit_design
from trackmac.arrays.chip import BITS_PER_KIB
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.mapping.allocation import BoolArray, allocations, ceil_division, storage
from trackmac.mapping.dot_product_plan import DotProductPlan
from trackmac.mapping.output_stationary import output_stationary_plan
from trackmac.mapping.stage import ElementStage, Stage
from trackmac.mapping.stage_table import DotProducts, StageTable, stage_table
from trackmac.mapping.weight_segments import longest_row
from trackmac.technology import unit_costs
from trackmac.units import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementPlan:
    """How stages of elements run: `active_units` take one each, `waves` times.

    Arrays have shape [stages, points], in the plan of one stage [points].
    """

    stages: tuple[ElementStage, ...]
    waves: IntArray
    active_units: IntArray
    mats: IntArray

    def __getitem__(self, number: int) -> "ElementPlan":
        return ElementPlan(
            stages=self.stages[number : number + 1],
            waves=self.waves[number],
            active_units=self.active_units[number],
            mats=self.mats[number],
        )

    @property
    def stage(self) -> ElementStage:
        """The stage that this is the plan of."""
        (stage,) = self.stages
        return stage

    @property
    def results_at_once(self) -> IntArray:
        """The units that finish an element at once."""
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
    network: StageTable
    design: UnitDesign
    dots: DotProductPlan
    elements: ElementPlan
    obstacles: tuple[Obstacle, ...]

    @cached_property
    def is_feasible(self) -> BoolArray:
        """Whether each point can run the network."""
        return np.asarray(~np.any([obstacle.is_broken for obstacle in self.obstacles], axis=0))

    @cached_property
    def dot_products(self) -> tuple[DotProductPlan, ...]:
        """The plan of each stage of dot products."""
        return tuple(self.dots[number] for number in range(len(self.dots.stages)))

    @cached_property
    def stages(self) -> tuple[DotProductPlan | ElementPlan, ...]:
        """The plan of each stage, in the network's order."""
        elements = (self.elements[number] for number in range(len(self.elements.stages)))
        plans: tuple[DotProductPlan | ElementPlan, ...] = (*self.dot_products, *elements)
        return tuple(plans[place] for place in self.network.places)

    def of_stages(self, figure: str) -> IntArray:
        """Return a figure that all plans have, of the stages of dot products and then of elements: [stages, points]."""
        return np.concatenate([getattr(self.dots, figure), getattr(self.elements, figure)])

    @cached_property
    def units_at_once(self) -> IntArray:
        """The units that work at once in each stage, and then those that have a result at once: [2 x stages, points].

        The stages of dot products come first, and then those of elements.
        """
        return np.concatenate([self.of_stages("active_units"), self.of_stages("results_at_once")])

    @cached_property
    def is_resident(self) -> BoolArray:
        """Whether all weights stay on the chip; else all of them come from off-chip memory for every image."""
        return np.asarray(self.dots.is_resident.all(axis=0))

    @cached_property
    def shares_units(self) -> BoolArray:
        """Whether units work for one layer of dot products after another."""
        return np.asarray(self.dots.shares_units.all(axis=0))

    @cached_property
    def weight_bits(self) -> IntArray:
        """Bits written once to lay the weights down, replicas included; none where they come for every image."""
        return np.asarray((self.network.dots.weight_bits * self.dots.kept_copies).sum(axis=0))


def plan(stages: Sequence[Stage], grid: HardwareGrid) -> Plan:
    """Map the stages of a network to every point of `grid`; where an obstacle stands, the numbers mean nothing."""
    network = stage_table(tuple(stages))
    design = _design(network, grid.circuit, grid.layout, grid.dataflow)
    dots = _DATAFLOWS[grid.dataflow](network.dots, grid, design)
    return Plan(
        grid=grid,
        network=network,
        design=design,
        dots=dots,
        elements=_element_plan(network, grid),
        obstacles=_obstacles(network, dots, grid, design),
    )


@lru_cache(maxsize=1024)
def _design(network: StageTable, circuit: str, layout: Layout, dataflow: Dataflow) -> UnitDesign:
    return unit_design(circuit, layout, network.workload, dataflow)


def _weight_stationary_plan(dots: DotProducts, grid: HardwareGrid, design: UnitDesign) -> DotProductPlan:
    stored = storage(dots, grid, design)
    allocation = allocations(stored, grid)
    active = allocation.units * allocation.replicas
    return DotProductPlan(
        stages=dots.stages,
        slices=stored.slices,
        words_per_slice=stored.words_per_slice,
        filters_per_unit=allocation.filters_per_unit,
        units=allocation.units,
        replicas=allocation.replicas,
        rounds=allocation.rounds,
        waves=allocation.filters_per_unit * ceil_division(dots.pixels, allocation.replicas),
        active_units=active,
        mats=ceil_division(active, grid.units_per_mat),
    )


_DATAFLOWS: Mapping[Dataflow, Callable[[DotProducts, HardwareGrid, UnitDesign], DotProductPlan]] = {
    Dataflow.WEIGHT_STATIONARY: _weight_stationary_plan,
    Dataflow.OUTPUT_STATIONARY: output_stationary_plan,
}


def _element_plan(network: StageTable, grid: HardwareGrid) -> ElementPlan:
    active = np.minimum(grid.units, network.element_outputs)
    return ElementPlan(
        stages=network.elements,
        waves=ceil_division(network.element_outputs, grid.units),
        active_units=active,
        mats=ceil_division(active, grid.units_per_mat),
    )


def _obstacles(
    network: StageTable, dots: DotProductPlan, grid: HardwareGrid, design: UnitDesign
) -> tuple[Obstacle, ...]:
    costs = unit_costs(grid.technology)
    staying = _of_weights_that_stay(network, dots, grid, design) if grid.dataflow == Dataflow.WEIGHT_STATIONARY else ()
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
            grid, ceil_division(network.buffer_bits, BITS_PER_KIB), grid.buffer_kib,
        ),
    )  # fmt: skip


def _of_weights_that_stay(
    network: StageTable, dots: DotProductPlan, grid: HardwareGrid, design: UnitDesign
) -> tuple[Obstacle, ...]:
    """Return what stands in the way of weights that lie in the unit that computes with them."""
    tracks, row = (int(of(grid.layout).max()) for of in (network.dots.tracks, network.dots.strides))
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
            grid, dots.slices.max(axis=0), grid.units,
        ),
    )  # fmt: skip


Figure = IntArray | FloatArray | float


def _obstacle(rule: str, grid: HardwareGrid, needed: Figure, available: Figure) -> Obstacle:
    need, have = np.full(len(grid), needed, np.float64), np.full(len(grid), available, np.float64)
    return Obstacle(rule=rule, is_broken=need > have, needed=need, available=have)
