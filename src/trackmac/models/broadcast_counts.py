"""Closed forms of weights that are broadcast to the units that keep outputs: what sending them costs for one image.

With C filters of K products, weights of b bits, s slices of K_s words where they are stored, P turns of pixels and F of
channels, each weight is sent P times, by one unit of the chip or from off-chip memory:

    P C K        senses of b bits, sent over the bus; the tracks of each slice walk from word to word and home as those
                 of weights that are computed with in place (`weight_walks`)
    P C K b      bits from off-chip memory instead, one after another, where the chip does not hold the weights
    P F K        transfers of the weights that are needed at once, whoever sends them

Units that send at once do so in lockstep, in as many goes as filters that are needed at once share a unit. What
receives a weight writes it for each of its products (`network_counts`).
"""

import numpy as np

from trackmac.circuits import Layout
from trackmac.cost import EVENTS, PHASES, Event, Phase
from trackmac.mapping import OutputStationaryPlan, Plan
from trackmac.models.circuit_counts import move_weights_activity, send_weight_activity
from trackmac.models.tally import NetworkCounts, Tally, counted
from trackmac.models.weight_walks import weight_walk


def broadcast_counts(planned: Plan) -> NetworkCounts:
    """Return what sending the weights of every stage of dot products takes for one image."""
    mapped = [stage for stage in planned.dot_products if isinstance(stage, OutputStationaryPlan)]
    counts = counted({stage.stage.name: _sent(planned, stage) for stage in mapped})
    fetched = [np.where(stage.is_stored, 0, stage.stage.weight_bits * stage.pixel_turns) for stage in mapped]
    counts.events[:, EVENTS.index(Event.DRAM_BITS)] = fetched
    counts.phases[:, PHASES.index(Phase.FETCH)] = fetched
    return counts


def _sent(planned: Plan, mapped: OutputStationaryPlan) -> Tally:
    stage, layout, words = mapped.stage, planned.grid.layout, mapped.stage.words.b
    tally = Tally(mapped.waves, -(-mapped.senders // planned.grid.units_per_mat))
    sent = stage.dot.channels_out * mapped.pixel_turns * mapped.is_stored
    in_wave = mapped.sends * mapped.is_stored
    tally.run(
        send_weight_activity(word=words, layout=layout),
        runs=sent * stage.dot_length,
        in_wave=in_wave * stage.dot_length,
    )
    _walks(planned, mapped, tally)
    width = int(planned.grid.technology.value("bus.width_bits"))
    tally.bus(mapped.units * words.bits, width, times=stage.dot_length)
    return tally


def _walks(planned: Plan, mapped: OutputStationaryPlan, tally: Tally) -> None:
    """Count the moves between words, out to each segment's first word and home from its last one, slice by slice."""
    layout, word = planned.grid.layout, mapped.stage.words.b
    stride, tracks = (word.bits, 1) if layout is Layout.ALONG else (1, word.bits)
    others = mapped.stored_slices - 1
    full = weight_walk(mapped.weights, mapped.stored_words, stride)
    last = weight_walk(mapped.weights, mapped.stage.dot_length - others * mapped.stored_words, stride)
    walks = mapped.stage.dot.channels_out * mapped.pixel_turns * mapped.is_stored
    in_wave = mapped.sends * mapped.is_stored
    advances = others * full.advances + last.advances
    domains = others * full.return_domains + last.return_domains
    advance = move_weights_activity(word=word, domains=1, layout=layout)
    tally.run(advance, runs=walks * advances, in_wave=in_wave * advances)
    tally.event(Event.SHIFT_STEPS, walks * domains)
    tally.event(Event.TRACK_SHIFTS, walks * domains * tracks)
    tally.phase(Phase.SHIFT, in_wave * domains)
    tally.steps(in_wave * (others * full.returns + last.returns))
