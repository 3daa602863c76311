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

from functools import lru_cache

import numpy as np

from trackmac.circuits import Layout
from trackmac.cost import EVENTS, PHASES, Event, Phase
from trackmac.mapping import DotProducts, OutputStationaryPlan, Plan
from trackmac.models.circuit_counts import move_weights_activity, send_weight_activity
from trackmac.models.tally import NetworkCounts, Programs, Tally, bus_cycles
from trackmac.models.weight_walks import segment_walks, words_of_slices


def broadcast_counts(planned: Plan) -> NetworkCounts:
    """Return what sending the weights of every stage of dot products takes for one image."""
    dots, mapped, grid = planned.network.dots, planned.dots, planned.grid
    assert isinstance(mapped, OutputStationaryPlan)
    tally, stages = Tally.nothing(len(dots), len(grid)), np.arange(len(dots))
    send, _ = _programs(dots, grid.layout)
    sent = dots.channels_out * mapped.pixel_turns * mapped.is_stored
    tally.run(stages, send, sent * dots.lengths)
    tally.issue(stages, send, mapped.sends * mapped.is_stored * dots.lengths)
    _walks(planned, mapped, tally)
    width = int(grid.technology.value("bus.width_bits"))
    tally.phase(stages, Phase.TRANSFER, bus_cycles(mapped.units * dots.b_bits, width) * dots.lengths)
    names = tuple(stage.name for stage in dots.stages)
    counts = tally.counted(names, mapped.waves, -(-mapped.senders // grid.units_per_mat))
    fetched = np.where(mapped.is_stored, 0, dots.weight_bits * mapped.pixel_turns)
    counts.events[:, EVENTS.index(Event.DRAM_BITS)] = fetched
    counts.phases[:, PHASES.index(Phase.FETCH)] = fetched
    return counts


@lru_cache(maxsize=64)
def _programs(dots: DotProducts, layout: Layout) -> tuple[Programs, Programs]:
    """Return the programs that send a weight, and that move to the next one."""
    words = [stage.words.b for stage in dots.stages]
    return (
        Programs.of(send_weight_activity(word=word, layout=layout) for word in words),
        Programs.of(move_weights_activity(word=word, domains=1, layout=layout) for word in words),
    )


def _walks(planned: Plan, mapped: OutputStationaryPlan, tally: Tally) -> None:
    """Count the moves between words, out to each segment's first word and home from its last one, slice by slice."""
    dots, layout, stages = planned.network.dots, planned.grid.layout, np.arange(len(mapped.stages))
    others = mapped.stored_slices - 1
    words = words_of_slices(dots, mapped.stored_slices, mapped.stored_words)
    full, last = segment_walks(planned, words).full_and_last
    walks = dots.channels_out * mapped.pixel_turns * mapped.is_stored
    in_wave = mapped.sends * mapped.is_stored
    advances = others * full.advances + last.advances
    domains = others * full.return_domains + last.return_domains
    _, advance = _programs(dots, layout)
    tally.run(stages, advance, walks * advances)
    tally.issue(stages, advance, in_wave * advances)
    tally.event(stages, Event.SHIFT_STEPS, walks * domains)
    tally.event(stages, Event.TRACK_SHIFTS, walks * domains * dots.tracks(layout))
    tally.phase(stages, Phase.SHIFT, in_wave * domains)
    tally.steps(stages, in_wave * (others * full.returns + last.returns))
