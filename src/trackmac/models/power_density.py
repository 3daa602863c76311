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

HEATING = sorted({PHASES.index(phase) for phase in PHASE_OF_EVENT.values()})
"""The phases that have events of their own, by number."""
OF_PHASES = sorted(
    (EVENTS.index(event) for event in PHASE_OF_EVENT), key=lambda row: PHASES.index(PHASE_OF_EVENT[EVENTS[row]])
)
"""The events that belong to a phase, phase by phase."""
OWN_PHASE = [HEATING.index(PHASES.index(PHASE_OF_EVENT[EVENTS[row]])) for row in OF_PHASES]
FIRST_OF_PHASE = [OWN_PHASE.index(number) for number in range(len(HEATING))]


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
    own_nw = power_nw(own_pj, _or_one(costs.parts_by_entry_ns[:, HEATING]))
    steady_nw = power_nw(steady_pj, _or_one(costs.entry_times_ns))
    areas_um2 = np.repeat(units_um2[:, np.newaxis], len(HEATING), axis=1)
    areas_um2[:, HEATING.index(PHASES.index(Phase.TRANSFER))] = costs.area_um2
    phases = power_density_w_per_cm2(own_nw + steady_nw[:, np.newaxis], areas_um2)
    densest = np.maximum(power_density_w_per_cm2(steady_nw, units_um2), phases.max(axis=1))
    return np.asarray(densest + power_density_w_per_cm2(costs.leakage_nw, costs.area_um2))


def _or_one(times_ns: FloatArray) -> FloatArray:
    """Return times to divide by: without time there is no energy."""
    return np.where(times_ns > 0, times_ns, 1.0)


def _by_phase(costs: GridCosts) -> tuple[FloatArray, FloatArray]:
    """Return the energy of the events of each phase that has any, and of all others on the chip.

    The first is [counts, HEATING, points], the second [counts, points]. Where a layer has none of a phase, its events
    are such others.
    """
    lasts = np.asarray(costs.counts.phases[:, HEATING].any(axis=2))
    happening_pj = costs.parts_by_entry_pj[:, : len(EVENTS)]
    is_own = np.zeros((*happening_pj.shape[:2], 1), np.bool_)
    is_own[:, OF_PHASES, 0] = lasts[:, OWN_PHASE]
    own_pj = np.add.reduceat(np.where(is_own, happening_pj, 0.0)[:, OF_PHASES], FIRST_OF_PHASE, axis=1)
    others_pj = np.where(is_own, 0.0, happening_pj)
    return own_pj, added(others_pj[:, row] for row, event in enumerate(EVENTS) if event.value not in OFF_CHIP)


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
