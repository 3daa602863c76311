"""The inner loop: one network at every hardware point of the study, no point missed.

Designs are compared within one technology only. Published device tables disagree by 2 to 34 times, so a design that
is cheaper under another table is not a better design: it is priced with other figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.errors import UnmappableError
from trackmac.exploration.pareto import Mask, non_dominated
from trackmac.exploration.spaces import HardwareSlab
from trackmac.mapping import refuse_obstacles, stages_of
from trackmac.models.grid_costs import GridCosts, grid_costs
from trackmac.networks import IntegerNetwork
from trackmac.units import FloatArray

POINTS_AT_ONCE = 1024  # a deep network keeps some 60 KB for each


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Designs of a study; arrays of shape [designs]. `technology` counts the study's technologies, from 0."""

    trial: IntArray
    point: IntArray
    technology: IntArray
    accuracy: FloatArray
    energy_pj: FloatArray
    dynamic_energy_pj: FloatArray
    latency_ns: FloatArray
    area_um2: FloatArray

    def __len__(self) -> int:
        return len(self.trial)

    def taken(self, index: Mask | IntArray) -> "Candidates":
        """Return some of the designs."""
        return replace(self, **{field.name: getattr(self, field.name)[index] for field in fields(self)})

    def costs(self, objectives: Sequence[str]) -> NDArray[np.float64]:
        """Return float64 [designs, objectives], all to be lowered: accuracy is negated."""
        columns = [-self.accuracy if name == "accuracy" else getattr(self, name) for name in objectives]
        return np.stack(columns, axis=1).astype(np.float64)

    def product(self, objectives: Sequence[str]) -> FloatArray:
        """Return the decimal logarithm of the product of some costs, [designs]."""
        return np.asarray(np.log10(self.costs(objectives)).sum(axis=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareSearch:
    """What one network has to offer: its front in each technology, and how many points were priced and can run it."""

    front: Candidates
    points: int
    feasible_points: int


def search_hardware(
    network: IntegerNetwork, trial: int, accuracy: float, slabs: Sequence[HardwareSlab], objectives: Sequence[str]
) -> HardwareSearch:
    """Price `network` at every point of `slabs` and return its front, exact, for each technology.

    Raises:
        UnmappableError: its layers cannot be mapped to any hardware.
    """
    stages = stages_of(network.shapes)
    technologies = list(dict.fromkeys(slab.grid.technology.name for slab in slabs))
    found = []
    for slab in slabs:
        number = technologies.index(slab.grid.technology.name)
        for start in range(0, len(slab.grid), POINTS_AT_ONCE):
            part = slab.grid.part(slice(start, start + POINTS_AT_ONCE))
            found.append(_feasible(grid_costs(stages, part), slab.first_point + start, trial, number, accuracy))
    everything = joined(found)
    return HardwareSearch(
        front=front_of(everything, objectives),
        points=sum(len(slab.grid) for slab in slabs),
        feasible_points=len(everything),
    )


def front_of(candidates: Candidates, objectives: Sequence[str]) -> Candidates:
    """Return the exact Pareto front of each technology, one technology after the other."""
    parts = []
    for number in np.unique(candidates.technology):
        part = candidates.taken(candidates.technology == number)
        parts.append(part.taken(non_dominated(part.costs(objectives))))
    return joined(parts) if parts else candidates


def joined(parts: Sequence[Candidates]) -> Candidates:
    """Return the designs of all `parts`, in their order; at least one part must be given."""
    columns = (field.name for field in fields(Candidates))
    return Candidates(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in columns})


def refuse_unmappable(networks: Iterable[IntegerNetwork], slabs: Sequence[HardwareSlab]) -> None:
    """Refuse hardware of which no point can run one of `networks`, with what stands in the way of its last point.

    Raises:
        UnmappableError: no point can run any of them.
    """
    for network in networks:
        stages = stages_of(network.shapes)
        for slab in slabs:
            costs = grid_costs(stages, slab.grid)
            if _keeps_weights(costs).any():
                return
    try:
        refuse_obstacles(costs.plan, f"for its last one and {network.name}", len(slabs[-1].grid) - 1)
    except UnmappableError as error:
        raise UnmappableError(f"no point of hardware_space can run a network of network_space; {error}") from None


def _keeps_weights(costs: GridCosts) -> Mask:
    """Return which points run the network with its weights on the chip, [points].

    The others need a DRAM beside the chip, whose area and price no objective counts.
    """
    return costs.is_feasible & costs.plan.is_resident


def _feasible(costs: GridCosts, first_point: int, trial: int, technology: int, accuracy: float) -> Candidates:
    index = np.flatnonzero(_keeps_weights(costs))
    return Candidates(
        trial=np.full(len(index), trial, dtype=np.int64),
        point=first_point + index,
        technology=np.full(len(index), technology, dtype=np.int64),
        accuracy=np.full(len(index), accuracy),
        energy_pj=costs.energy_pj[index],
        dynamic_energy_pj=costs.dynamic_energy_pj[index],
        latency_ns=costs.latency_ns[index],
        area_um2=costs.area_um2[index],
    )
