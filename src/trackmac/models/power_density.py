"""Closed forms of heat: mean and peak power density, at many hardware points at once.

Mean: all energy of an image on the chip, leakage included, over its time and the chip's area. Peak: over all layers,
reloads and phases, the power while that phase runs, over the area that it heats,

    (E_phase / t_phase + E_steady / t_layer) / A_phase + P_leakage / A_chip

where a phase's energy is that of the events that happen in it; steady is what closes or steps in every phase alike
(latches, sequencer), all of it laid to the area at work, where less of it lies; A is the footprint of the units at
work, the chip for transfers, whose wires and buffer are all over it. So the peak is never below the mean. It is a mean
over the steps of one phase of one layer, which last microseconds, as silicon's smallest thermal time constants do, and
over the units at work as if heat stayed within them.
"""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from trackmac.bits import IntArray
from trackmac.cost import EVENTS, PHASES, Event, Phase
from trackmac.mapping import StageTable
from trackmac.models.grid_costs import OFF_CHIP, GridCosts
from trackmac.units import FloatArray, added, power_density_w_per_cm2, power_nw

PHASE_OF_EVENT: Mapping[Event, Phase] = {
    Event.TRACK_SHIFTS: Phase.SHIFT,
    Event.SENSES: Phase.SENSE,
    Event.EVALUATIONS: Phase.EVALUATE,
    Event.WRITES: Phase.WRITE,
    Event.TRANSVERSE_READS: Phase.TRANSVERSE_READ,
    Event.TRANSVERSE_WRITES: Phase.WRITE,
    Event.BUS_BITS: Phase.TRANSFER,
    Event.BUFFER_BITS: Phase.TRANSFER,
}


def mean_power_density_w_per_cm2(costs: GridCosts) -> FloatArray:
    """Return energy / latency / area of one image after another, [points]."""
    on_chip = added(part for name, part in costs.energy_parts_pj.items() if name not in OFF_CHIP)
    return power_density_w_per_cm2(power_nw(on_chip, costs.latency_ns), costs.area_um2)


def peak_power_density_w_per_cm2(costs: GridCosts) -> FloatArray:
    """Return the density of the densest phase of any layer, [points]."""
    return np.asarray(layer_peaks_w_per_cm2(costs).max(axis=0))


def layer_peaks_w_per_cm2(costs: GridCosts) -> FloatArray:
    """Return the density of the densest phase of each reload and layer, [counts, points]."""
    units_um2 = _working_units(costs) * costs.chip.unit.footprint_um2
    own_pj, steady_pj = _by_phase(costs)
    times_ns = costs.parts_by_entry_ns
    steady_nw = power_nw(steady_pj, _or_one(costs.entry_times_ns))
    densest = power_density_w_per_cm2(steady_nw, units_um2)
    for row, phase in enumerate(PHASES):
        time_ns = times_ns[:, row]
        own_nw = power_nw(own_pj[phase], _or_one(time_ns))
        area_um2 = costs.area_um2 if phase is Phase.TRANSFER else units_um2
        densest = np.maximum(densest, power_density_w_per_cm2(own_nw + steady_nw, area_um2))
    return densest + power_density_w_per_cm2(costs.leakage_nw, costs.area_um2)


def _or_one(times_ns: FloatArray) -> FloatArray:
    """Return times to divide by: without time there is no energy."""
    return np.where(times_ns > 0, times_ns, 1.0)


def _by_phase(costs: GridCosts) -> tuple[dict[Phase, FloatArray], FloatArray]:
    """Return the energy of each phase's own events, and of all others on the chip: [counts, points].

    Where a layer has none of a phase, its events are such others.
    """
    nothing: FloatArray = np.zeros_like(costs.parts_by_entry_ns[:, 0])
    own_pj, steady_pj = dict.fromkeys(PHASES, nothing), nothing
    for row, event in enumerate(EVENTS):
        phase, energy_pj = PHASE_OF_EVENT.get(event), costs.parts_by_entry_pj[:, row]
        if event.value in OFF_CHIP:
            continue
        if phase is None:
            steady_pj = steady_pj + energy_pj
            continue
        lasts = costs.counts.phases[:, PHASES.index(phase)].any(axis=1, keepdims=True)
        own_pj[phase] = own_pj[phase] + np.where(lasts, energy_pj, 0.0)
        steady_pj = steady_pj + np.where(lasts, 0.0, energy_pj)
    return own_pj, steady_pj


def _working_units(costs: GridCosts) -> IntArray:
    """Return how many units work at once in each entry, [counts, points]: after dot products, first slices."""
    planned = costs.plan
    return planned.units_at_once[_workers(planned.network)[: len(costs.counts.names)]]


@lru_cache(maxsize=64)
def _workers(network: StageTable) -> IntArray:
    """Return for each layer, and then for each reload, which of the units at once work on it."""
    stages = list(zip(network.stages, network.places, strict=True))
    finishing = len(stages)
    of_layers = [place + finishing * (number > 0) for stage, place in stages for number in range(len(stage.layers))]
    return np.array([*of_layers, *range(len(network.dots))])
