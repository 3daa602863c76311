"""Energy, latency, area and leakage of a network at many hardware points at once: counts x unit costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays import Chip, HardwareGrid, chip
from trackmac.cost import Event, Phase
from trackmac.mapping import Plan, Stage, plan
from trackmac.models.network_counts import layer_counts
from trackmac.models.reload_counts import reload_counts
from trackmac.models.tally import LayerCounts
from trackmac.technology import UnitCosts, unit_costs
from trackmac.units import FloatArray, added, leakage_energy_pj


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCosts:
    """One layer, one image: its counts, and what they cost by event and by phase; arrays of shape [points]."""

    counts: LayerCounts
    energy_parts_pj: Mapping[str, FloatArray]
    latency_parts_ns: Mapping[str, FloatArray]

    @property
    def energy_pj(self) -> FloatArray:
        """Events and leakage."""
        return added(self.energy_parts_pj.values())

    @property
    def latency_ns(self) -> FloatArray:
        """All phases, one after another."""
        return added(self.latency_parts_ns.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCosts:
    """A network, one image, at each hardware point; arrays of shape [points]. Infeasible points mean nothing.

    `reloads` bring the weights of the layers of their names, where they do not stay. The parts are those of layers and
    reloads together, by event and by phase. Energy, latency, area and leakage are their parts added one after another
    in the parts' order, so that they sum to the last bit.
    """

    plan: Plan
    chip: Chip
    layers: tuple[LayerCosts, ...]
    reloads: tuple[LayerCosts, ...]
    energy_parts_pj: Mapping[str, FloatArray]
    latency_parts_ns: Mapping[str, FloatArray]
    is_feasible: NDArray[np.bool_]
    energy_pj: FloatArray
    dynamic_energy_pj: FloatArray
    latency_ns: FloatArray
    area_um2: FloatArray
    leakage_nw: FloatArray

    @property
    def everything(self) -> tuple[LayerCosts, ...]:
        """Layers and reloads."""
        return (*self.layers, *self.reloads)


LEAKAGE, DRAM_REFRESH = "leakage", "dram_refresh"
STANDING = (LEAKAGE, DRAM_REFRESH)
"""The parts of energy that grow with time, whatever happens."""
OFF_CHIP = (Event.DRAM_BITS.value, DRAM_REFRESH)
"""The parts of energy that do not heat the chip."""


def grid_costs(stages: Sequence[Stage], grid: HardwareGrid) -> GridCosts:
    """Price the stages of a network at every point of `grid`.

    A layer's energy is the sum over its events of count x unit cost, plus the chip's leakage x the layer's time, and
    the refresh of the off-chip memory where weights come from one; reloads, layers and images follow one another.
    """
    planned = plan(stages, grid)
    built = chip(grid, planned.design)
    costs = unit_costs(grid.technology)
    leakage_nw = built.leakage_nw
    standing_nw = {LEAKAGE: leakage_nw}
    if not planned.is_resident.all():
        standing_nw[DRAM_REFRESH] = refresh_nw(planned)
    reloads, layers = (
        tuple(_layer_costs(counts, planned, built, costs, standing_nw) for counts in counted)
        for counted in (reload_counts(planned), layer_counts(planned))
    )
    energy_parts = _over_layers([part.energy_parts_pj for part in (*layers, *reloads)])
    latency_parts = _over_layers([part.latency_parts_ns for part in (*layers, *reloads)])
    energy = added(energy_parts.values())
    return GridCosts(
        plan=planned,
        chip=built,
        layers=layers,
        reloads=reloads,
        energy_parts_pj=energy_parts,
        latency_parts_ns=latency_parts,
        is_feasible=planned.is_feasible,
        energy_pj=energy,
        dynamic_energy_pj=energy - added(energy_parts[name] for name in standing_nw),
        latency_ns=added(latency_parts.values()),
        area_um2=built.area_um2,
        leakage_nw=leakage_nw,
    )


def refresh_nw(planned: Plan) -> FloatArray:
    """Return the power of the off-chip memory that keeps the weights; 0 where they stay on the chip."""
    return np.where(planned.is_resident, 0.0, planned.grid.technology.value("dram.refresh_nw"))


def _over_layers(parts: Sequence[Mapping[str, FloatArray]]) -> dict[str, FloatArray]:
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: added(part[name] for part in parts if name in part) for name in names}


def _layer_costs(
    counts: LayerCounts, planned: Plan, built: Chip, costs: UnitCosts, standing_nw: Mapping[str, FloatArray]
) -> LayerCosts:
    latency: dict[str, FloatArray] = {
        phase.value: steps * _phase_ns(phase, built, costs) for phase, steps in sorted(counts.phases.items())
    }
    energy: dict[str, FloatArray] = {
        event.value: count * _event_energy_pj(event, planned, built, costs)
        for event, count in sorted(counts.events.items())
        if event is not Event.SHIFT_STEPS
    }
    time_ns = added(latency.values())
    energy |= {name: leakage_energy_pj(power_nw, time_ns) for name, power_nw in standing_nw.items()}
    return LayerCosts(counts=counts, energy_parts_pj=energy, latency_parts_ns=latency)


def _phase_ns(phase: Phase, built: Chip, costs: UnitCosts) -> FloatArray | float:
    """Return the time of one step; a transfer over wires slower than the bus takes more than one of its cycles."""
    return costs.phase_ns(phase) * (built.bus.cycles if phase is Phase.TRANSFER else 1)


def _event_energy_pj(event: Event, planned: Plan, built: Chip, costs: UnitCosts) -> FloatArray | float:
    if event is Event.TRACK_SHIFTS:
        return costs.track_shift_energy_pj(planned.grid.physical_domains.astype(np.float64))
    if event is Event.BUS_BITS:
        return costs.bus_energy_pj(built.bus_length_mm)
    return costs.energy_pj(event, physical_domains=0.0, bus_length_mm=0.0)
