"""Closed forms of a reload: what bringing a layer's weights for every image costs, at many hardware points at once.

With C filters of K products, weights of b bits, s slices of K_s words and r copies, in F rounds,

    C K b        bits come from off-chip memory, one after another
    r C K b      bits arrive in units over the bus and are written; a weight is broadcast to all copies, so that it
                 takes bus cycles once
    F K_s        words are written one after another, by all units at once; along a track bit after bit
    r C s        filters' slices are walked past the ports that write (`weight_loads`), in F walks one after another

In the last round a unit may have no filter, and the last slice may be shorter: they wait for the others.
"""

import numpy as np

from trackmac.arrays import Dataflow
from trackmac.cost import EVENTS, PHASES, Event, Phase
from trackmac.mapping import Plan
from trackmac.models.broadcast_counts import broadcast_counts
from trackmac.models.tally import LayerCounts, NetworkCounts, bus_cycles
from trackmac.models.weight_loads import weight_loads
from trackmac.models.weight_walks import words_of_slices


def reload_counts(planned: Plan) -> tuple[LayerCounts, ...]:
    """Return what brings the weights of every layer for one image; none where they stay in their units everywhere."""
    return network_reload_counts(planned).layers if planned.shares_units.any() else ()


def network_reload_counts(planned: Plan) -> NetworkCounts:
    """Return what brings the weights of every layer for one image: nothing where they stay in their units."""
    if planned.grid.dataflow is Dataflow.OUTPUT_STATIONARY:
        return broadcast_counts(planned)
    dots, mapped, grid = planned.network.dots, planned.dots, planned.grid
    rounds, others = mapped.rounds, mapped.slices - 1
    copies = np.where(rounds > 0, mapped.replicas, 0)
    loads = weight_loads(planned, words_of_slices(dots, mapped.slices, mapped.words_per_slice))
    (full_moves, _), (full, last) = (ways.swapaxes(0, 1) for ways in (loads.moves, loads.domains))
    walked = copies * dots.channels_out * (others * full + last)
    written = mapped.words_per_slice * dots.strides(grid.layout)
    cycles = bus_cycles(mapped.units * dots.b_bits, int(grid.technology.value("bus.width_bits")))
    brought = dots.weight_bits * (rounds > 0)
    events = {
        Event.DRAM_BITS: brought,
        Event.BUS_BITS: dots.weight_bits * copies,
        Event.WRITES: dots.weight_bits * copies,
        Event.SHIFT_STEPS: walked,
        Event.TRACK_SHIFTS: walked * dots.tracks(grid.layout),
        Event.SEQUENCER_STEPS: rounds * (written + full_moves) * mapped.mats,
    }
    phases = {
        Phase.FETCH: brought,
        Phase.TRANSFER: rounds * cycles * mapped.words_per_slice,
        Phase.WRITE: rounds * written,
        Phase.SHIFT: rounds * full,
    }
    nothing = np.zeros_like(rounds)
    return NetworkCounts(
        tuple(stage.name for stage in dots.stages),
        np.stack([events.get(event, nothing) for event in EVENTS], axis=1),
        np.stack([phases.get(phase, nothing) for phase in PHASES], axis=1),
    )
