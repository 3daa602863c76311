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

import numpy as np

from trackmac.bits import IntArray
from trackmac.cost import Event, Phase
from trackmac.mapping import Plan
from trackmac.models.grid_costs import OFF_CHIP, STANDING, GridCosts, LayerCosts
from trackmac.units import FloatArray, added, power_density_w_per_cm2, power_nw

PHASE_OF_EVENT: Mapping[str, str] = {
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
    working = _working_units(costs.plan)
    footprint_um2 = costs.chip.unit.footprint_um2
    peak = np.zeros(len(costs.plan.grid))
    for layer in costs.everything:
        units_um2 = working[layer.counts.name] * footprint_um2
        peak = np.maximum(peak, _densest_phase(layer, units_um2, costs.area_um2))
    return peak + power_density_w_per_cm2(costs.leakage_nw, costs.area_um2)


def _densest_phase(layer: LayerCosts, units_um2: FloatArray, chip_um2: FloatArray) -> FloatArray:
    nothing: FloatArray = np.zeros_like(chip_um2)
    energy: dict[str, FloatArray] = dict.fromkeys(layer.latency_parts_ns, nothing)
    steady_pj = nothing
    for event, part in layer.energy_parts_pj.items():
        phase = PHASE_OF_EVENT.get(event)
        if phase is not None and phase in energy:
            energy[phase] = energy[phase] + part
        elif event not in (*STANDING, *OFF_CHIP):
            steady_pj = steady_pj + part
    steady_nw = power_nw(steady_pj, added(layer.latency_parts_ns.values()))
    densest = power_density_w_per_cm2(steady_nw, units_um2)
    for phase, time_ns in layer.latency_parts_ns.items():
        own_nw = power_nw(energy[phase], np.where(time_ns > 0, time_ns, 1.0))  # without time there is no energy
        area_um2 = chip_um2 if phase == Phase.TRANSFER else units_um2
        densest = np.maximum(densest, power_density_w_per_cm2(own_nw + steady_nw, area_um2))
    return densest


def _working_units(planned: Plan) -> dict[str, IntArray]:
    """Return how many units work at once in each layer: after a dot product, those with its first slice."""
    working: dict[str, IntArray] = {}
    for mapped in planned.stages:
        working |= {layer.name: mapped.results_at_once for layer in mapped.stage.layers}
        working[mapped.stage.name] = mapped.active_units
    return working
