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
from trackmac.circuits import Layout
from trackmac.cost import Event, Phase
from trackmac.mapping import DotProductPlan, Plan
from trackmac.models.broadcast_counts import broadcast_counts
from trackmac.models.tally import LayerCounts, NetworkCounts, arrayed, counts_of
from trackmac.models.weight_loads import weight_load


def reload_counts(planned: Plan) -> tuple[LayerCounts, ...]:
    """Return what brings the weights of every layer for one image; none where they stay in their units everywhere."""
    return network_reload_counts(planned).layers if planned.shares_units.any() else ()


def network_reload_counts(planned: Plan) -> NetworkCounts:
    """Return what brings the weights of every layer for one image: nothing where they stay in their units."""
    if planned.grid.dataflow is Dataflow.OUTPUT_STATIONARY:
        return broadcast_counts(planned)
    return arrayed([_reload(planned, mapped) for mapped in planned.dot_products], len(planned.grid))


def _reload(planned: Plan, mapped: DotProductPlan) -> LayerCounts:
    stage, word, rounds = mapped.stage, mapped.stage.words.b.bits, mapped.rounds
    stride, tracks = (word, 1) if planned.grid.layout is Layout.ALONG else (1, word)
    others = mapped.slices - 1
    copies = np.where(rounds > 0, mapped.replicas, 0)
    full = weight_load(planned.grid, mapped.words_per_slice, stride)
    last = weight_load(planned.grid, stage.dot_length - others * mapped.words_per_slice, stride)
    walked = copies * stage.dot.channels_out * (others * full.domains + last.domains)
    written = mapped.words_per_slice * stride
    cycles = -(-mapped.units * word // int(planned.grid.technology.value("bus.width_bits")))
    brought = stage.weight_bits * (rounds > 0)
    return counts_of(
        stage.name,
        {
            Event.DRAM_BITS: brought,
            Event.BUS_BITS: stage.weight_bits * copies,
            Event.WRITES: stage.weight_bits * copies,
            Event.SHIFT_STEPS: walked,
            Event.TRACK_SHIFTS: walked * tracks,
            Event.SEQUENCER_STEPS: rounds * (written + full.moves) * mapped.mats,
        },
        {
            Phase.FETCH: brought,
            Phase.TRANSFER: rounds * cycles * mapped.words_per_slice,
            Phase.WRITE: rounds * written,
            Phase.SHIFT: rounds * full.domains,
        },
    )
