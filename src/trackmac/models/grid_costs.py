"""Energy, latency, area and leakage of a network at many hardware points at once: counts x unit costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays import Chip, HardwareGrid, chip
from trackmac.bits import IntArray
from trackmac.cost import EVENTS, PHASES, Event, Phase
from trackmac.mapping import Plan, Stage, plan
from trackmac.models.network_counts import network_counts
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


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCosts:
    """A network, one image, at each hardware point; arrays of shape [points]. Infeasible points mean nothing.

    The parts are those of all layers together, by event and by phase. Energy, latency, area and leakage are their parts
    added one after another in the parts' order, so that they sum to the last bit. Layer by layer they are arrays:
    `layer_energies_pj` [layers, EVENTS and leakage, points], `layer_times_ns` [layers, PHASES, points].
    """

    plan: Plan
    chip: Chip
    counts: NetworkCounts
    layer_energies_pj: FloatArray
    layer_times_ns: FloatArray
    energy_parts_pj: Mapping[str, FloatArray]
    latency_parts_ns: Mapping[str, FloatArray]
    is_feasible: NDArray[np.bool_]
    energy_pj: FloatArray
    dynamic_energy_pj: FloatArray
    latency_ns: FloatArray
    area_um2: FloatArray
    leakage_nw: FloatArray

    @property
    def layers(self) -> tuple[LayerCosts, ...]:
        """Each layer's own costs, what never happens left out."""
        priced = zip(self.counts.layers, self.layer_energies_pj, self.layer_times_ns, strict=True)
        return tuple(
            LayerCosts(
                counts=counts,
                energy_parts_pj={
                    part: energy
                    for part, energy in zip(ENERGY_PARTS, energies, strict=True)
                    if part == LEAKAGE or (part in counts.events and part != Event.SHIFT_STEPS)
                },
                latency_parts_ns={
                    part: time
                    for part, time in zip(LATENCY_PARTS, times, strict=True)
                    if part in counts.phases
                },
            )
            for counts, energies, times in priced
        )


LEAKAGE = "leakage"
ENERGY_PARTS = (*(event.value for event in EVENTS), LEAKAGE)
LATENCY_PARTS = tuple(phase.value for phase in PHASES)


def grid_costs(stages: Sequence[Stage], grid: HardwareGrid) -> GridCosts:
    """Price the stages of a network at every point of `grid`.

    A layer's energy is the sum over its events of count x unit cost, plus the chip's leakage x the layer's time; layers
    and images follow one another.
    """
    planned = plan(stages, grid)
    built = chip(grid, planned.design)
    counts = network_counts(planned)
    leakage_nw = built.leakage_nw
    times = counts.phases * _phase_times_ns(built, planned)
    energies = np.empty((len(counts.names), len(ENERGY_PARTS), len(grid)))
    np.multiply(counts.events, _event_energies_pj(built, planned), out=energies[:, :-1])
    energies[:, -1] = leakage_energy_pj(leakage_nw, added(times.swapaxes(0, 1)))
    energy_parts = dict(zip(ENERGY_PARTS, added(energies), strict=True))
    energy_parts = {part: energy_parts[part] for part in _in_order_of_use(counts.events, ENERGY_PARTS)}
    latency_parts = dict(zip(LATENCY_PARTS, added(times), strict=True))
    latency_parts = {part: latency_parts[part] for part in _in_order_of_use(counts.phases, LATENCY_PARTS)}
    energy = added(energy_parts.values())
    return GridCosts(
        plan=planned,
        chip=built,
        counts=counts,
        layer_energies_pj=energies,
        layer_times_ns=times,
        energy_parts_pj=energy_parts,
        latency_parts_ns=latency_parts,
        is_feasible=planned.is_feasible,
        energy_pj=energy,
        dynamic_energy_pj=energy - energy_parts[LEAKAGE],
        latency_ns=added(latency_parts.values()),
        area_um2=built.area_um2,
        leakage_nw=leakage_nw,
    )


def _in_order_of_use(counts: IntArray, parts: Sequence[str]) -> list[str]:
    """Return the parts that cost something, as the layers come to have them; counts [layers, parts, points].

    Leakage, which has no count of its own, is the last of the first layer's; lockstep steps are only time.
    """
    happens = counts.any(axis=2)
    first = [(int(happens[:, row].argmax()), row) for row in np.flatnonzero(happens.any(axis=0))]
    if parts[-1] == LEAKAGE:
        first.append((0, len(parts) - 1))
    return [parts[row] for _, row in sorted(first) if parts[row] != Event.SHIFT_STEPS]


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
