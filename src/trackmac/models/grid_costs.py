"""Energy, latency, area and leakage of a network at many hardware points at once: counts x unit costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays import Chip, HardwareGrid, chip
from trackmac.bits import IntArray
from trackmac.cost import EVENTS, PHASES, Event, Phase
from trackmac.mapping import Plan, Stage, plan
from trackmac.models.network_counts import network_counts
from trackmac.models.reload_counts import network_reload_counts
from trackmac.models.tally import LayerCounts, NetworkCounts
from trackmac.technology import unit_costs
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


@dataclass(frozen=True, kw_only=True)
class GridCosts:
    """A network, one image, at each hardware point; arrays of shape [points]. Infeasible points mean nothing.

    The first `computing` entries of `counts` are the layers; all others bring the weights of the layers of their names,
    where they do not stay in their units. The parts are those of layers and reloads together, by event and by phase.
    Energy, latency, area and leakage are their parts added one after another in the parts' order, so that they sum to
    the last bit. Entry by entry they are arrays: `parts_by_entry_pj` [counts, ENERGY_PARTS, points],
    `parts_by_entry_ns` [counts, PHASES, points].
    """

    plan: Plan
    chip: Chip
    counts: NetworkCounts
    computing: int
    parts_by_entry_pj: FloatArray
    parts_by_entry_ns: FloatArray
    energy_parts_pj: Mapping[str, FloatArray]
    latency_parts_ns: Mapping[str, FloatArray]
    is_feasible: NDArray[np.bool_]
    energy_pj: FloatArray
    dynamic_energy_pj: FloatArray
    latency_ns: FloatArray
    area_um2: FloatArray
    leakage_nw: FloatArray

    @cached_property
    def entry_energies_pj(self) -> FloatArray:
        """The energy of each layer and reload, [counts, points]."""
        return added(self.parts_by_entry_pj.swapaxes(0, 1))

    @cached_property
    def entry_times_ns(self) -> FloatArray:
        """The time of each layer and reload, [counts, points]."""
        return added(self.parts_by_entry_ns.swapaxes(0, 1))

    @property
    def layers(self) -> tuple[LayerCosts, ...]:
        """Each layer's own costs, what never happens left out."""
        return self.everything[: self.computing]

    @property
    def reloads(self) -> tuple[LayerCosts, ...]:
        """Each reload's own costs."""
        return self.everything[self.computing :]

    @property
    def everything(self) -> tuple[LayerCosts, ...]:
        """Layers and reloads."""
        entries = zip(self.counts.layers, self.parts_by_entry_pj, self.parts_by_entry_ns, strict=True)
        return tuple(self._entry(*entry) for entry in entries)

    def _entry(self, counts: LayerCounts, energies_pj: FloatArray, times_ns: FloatArray) -> LayerCosts:
        energies = zip(ENERGY_PARTS, energies_pj, strict=True)
        times = zip(PHASES, times_ns, strict=True)
        return LayerCosts(
            counts=counts,
            energy_parts_pj={
                part: energy
                for part, energy in energies
                if part in self.energy_parts_pj and (part in counts.events or part in STANDING)
            },
            latency_parts_ns={phase.value: time for phase, time in times if phase in counts.phases},
        )


LEAKAGE, DRAM_REFRESH = "leakage", "dram_refresh"
STANDING = (LEAKAGE, DRAM_REFRESH)
"""The parts of energy that grow with time, whatever happens."""
OFF_CHIP = (Event.DRAM_BITS.value, DRAM_REFRESH)
"""The parts of energy that do not heat the chip."""
ENERGY_PARTS = (*(event.value for event in EVENTS), *STANDING)


def grid_costs(stages: Sequence[Stage], grid: HardwareGrid) -> GridCosts:
    """Price the stages of a network at every point of `grid`.

    A layer's energy is the sum over its events of count x unit cost, plus the chip's leakage x the layer's time, and
    the refresh of the off-chip memory where weights come from one; reloads, layers and images follow one another.
    """
    planned = plan(stages, grid)
    built = chip(grid, planned.design)
    layers = network_counts(planned)
    counts = layers.then(network_reload_counts(planned)) if planned.shares_units.any() else layers
    leakage_nw = built.leakage_nw
    standing_nw = (
        {LEAKAGE: leakage_nw}
        if planned.is_resident.all()
        else dict(zip(STANDING, (leakage_nw, refresh_nw(planned)), strict=True))
    )
    times = counts.phases * _phase_times_ns(built, planned)
    energies = _energies_pj(counts, _event_energies_pj(built, planned), standing_nw, added(times.swapaxes(0, 1)))
    energy_parts = _used(energies, ENERGY_PARTS, counts.events, tuple(standing_nw))
    latency_parts = _used(times, [phase.value for phase in PHASES], counts.phases)
    energy = added(energy_parts.values())
    return GridCosts(
        plan=planned,
        chip=built,
        counts=counts,
        computing=len(layers.names),
        parts_by_entry_pj=energies,
        parts_by_entry_ns=times,
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


def _energies_pj(
    counts: NetworkCounts, of_events_pj: FloatArray, standing_nw: Mapping[str, FloatArray], times_ns: FloatArray
) -> FloatArray:
    """Return count x unit cost, and power x time of what stands: [counts, ENERGY_PARTS, points]."""
    energies = np.zeros((len(counts.names), len(ENERGY_PARTS), times_ns.shape[1]))
    np.multiply(counts.events, of_events_pj, out=energies[:, : len(EVENTS)])
    for name, power_nw in standing_nw.items():
        energies[:, ENERGY_PARTS.index(name)] = leakage_energy_pj(power_nw, times_ns)
    return energies


def _used(
    parts: FloatArray, names: Sequence[str], counts: IntArray, standing: Sequence[str] = ()
) -> dict[str, FloatArray]:
    """Return the sums over all entries of the parts that cost something, in the order in which entries have them.

    What stands comes behind the events of the first layer; lockstep steps are only time. So a point alone has the order
    that it has among many, whether or not others reload.
    """
    happens = np.asarray(counts.any(axis=2))
    first = [(int(happens[:, row].argmax()), row) for row in np.flatnonzero(happens.any(axis=0)).tolist()]
    first += [(0, names.index(name)) for name in standing]
    totals = added(parts)
    return {names[row]: totals[row] for _, row in sorted(first) if names[row] != Event.SHIFT_STEPS}


def _phase_times_ns(built: Chip, planned: Plan) -> FloatArray:
    """Return the time of one step [PHASES, points]; over wires slower than the bus a transfer takes several cycles."""
    costs, cycles = unit_costs(planned.grid.technology), built.bus.cycles
    times_ns = np.empty((len(PHASES), len(cycles)))
    for row, phase in enumerate(PHASES):
        times_ns[row] = costs.phase_ns(phase) * (cycles if phase is Phase.TRANSFER else 1)
    return times_ns


def _event_energies_pj(built: Chip, planned: Plan) -> FloatArray:
    """Return the energy of one event [EVENTS, points]."""
    costs, grid = unit_costs(planned.grid.technology), planned.grid
    energies_pj = np.empty((len(EVENTS), len(grid)))
    for row, event in enumerate(EVENTS):
        if event is Event.TRACK_SHIFTS:
            energies_pj[row] = costs.track_shift_energy_pj(grid.physical_domains.astype(np.float64))
        elif event is Event.BUS_BITS:
            energies_pj[row] = costs.bus_energy_pj(built.bus_length_mm)
        else:
            energies_pj[row] = costs.energy_pj(event, physical_domains=0.0, bus_length_mm=0.0)
    return energies_pj
