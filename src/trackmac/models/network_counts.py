"""Closed forms of a mapped network: every layer's events and phases for one image, at many hardware points at once.

With D outputs of K products each, in s slices of K_s words, r replicas and F filters to a unit, one image takes

    D s          loads of an accumulator (the bias, or 0 in the slices behind the first)
    D K          loads of an activation, each followed by a multiply-and-accumulate
    D (K - g)    moves to the next weight, and D g moves home, g segments being walked by each dot product; where a
                 segment starts below its port, a move out to its first word as well; words across tracks that a
                 filter has to itself lie in rows (`row_walk`): moves from row to row, and home from each group
    D (s - 1)    partial sums sent, received and added
    D            rectifications, requantisations and results sent

Each is one program; its cost is a closed form in its widths. All units of a layer run in lockstep: what takes time is
one dot product's longest slice, F ceil(pixels / r) waves after one another. Where a unit keeps its output
(`OutputStationaryPlan`), s is 1, a load of a weight takes the place of the move to it, and `broadcast_counts` has what
sends it.

A stage of elements has D outputs of w words: D w loads and D (w - 1) additions or comparisons. A word that counts m
times in a sum is added or taken away once for each signed digit of m; one such digit is where the first word is loaded.
"""

import numpy as np

from trackmac.arrays import Dataflow
from trackmac.bits import IntArray
from trackmac.cost import Event, Phase
from trackmac.mapping import Plan
from trackmac.models.stage_programs import StagePrograms, stage_programs
from trackmac.models.tally import LayerCounts, NetworkCounts, Tally, bus_cycles
from trackmac.models.weight_walks import weight_walks


def layer_counts(planned: Plan) -> tuple[LayerCounts, ...]:
    """Return the counts of every layer that does something, for one image, in the network's order."""
    return network_counts(planned).layers


def network_counts(planned: Plan) -> NetworkCounts:
    """Return the counts of every layer that does something, for one image, in the network's order."""
    grid = planned.grid
    own = stage_programs(planned.network, grid.circuit, grid.layout, grid.dataflow)
    tally = own.tally.at(len(grid))
    _dot_products(planned, own, tally)
    if grid.dataflow is Dataflow.WEIGHT_STATIONARY:
        _weight_moves(planned, own, tally)
        _reductions(planned, own, tally)
    _transfers(planned, own, tally)
    return tally.counted(own.names, planned.of_stages("waves")[own.places], planned.of_stages("mats")[own.places])


def _bus_width(planned: Plan) -> int:
    return int(planned.grid.technology.value("bus.width_bits"))


def _dot_products(planned: Plan, own: StagePrograms, tally: Tally) -> None:
    """Count what depends on how filters are cut and shared: products in a wave, and how often words are read."""
    dots, mapped, width = planned.network.dots, planned.dots, _bus_width(planned)
    tally.issue(own.heads, own.product, mapped.words_per_slice)
    # units whose turn it is hold filters F apart: groups of fewer than F filters meet one unit each at most
    groups_at_once = np.minimum(dots.groups, mapped.units // mapped.slices)
    at_once = mapped.replicas * mapped.slices * groups_at_once
    tally.phase(own.heads, Phase.TRANSFER, bus_cycles(at_once * dots.a_bits, width) * mapped.words_per_slice)
    # a group's filters lie side by side: they take min(their number, F) of a unit's F turns
    readings = dots.pixels * dots.groups * np.minimum(dots.filters_per_group, mapped.filters_per_unit)
    tally.event(own.heads, Event.BUFFER_BITS, readings * dots.lengths * dots.a_bits)


def _weight_moves(planned: Plan, own: StagePrograms, tally: Tally) -> None:
    """Count the moves between words, and those out to each segment's first word and home from its last one."""
    dots, others, (full, last) = planned.network.dots, planned.dots.slices - 1, weight_walks(planned)
    tally.run(own.heads, own.advance, dots.outputs * (others * full.advances + last.advances))
    tally.issue(own.heads, own.advance, full.advances)
    domains = dots.outputs * (others * full.return_domains + last.return_domains)
    tally.event(own.heads, Event.SHIFT_STEPS, domains)
    tally.event(own.heads, Event.TRACK_SHIFTS, domains * dots.tracks(planned.grid.layout))
    tally.phase(own.heads, Phase.SHIFT, full.return_domains)
    tally.steps(own.heads, full.returns)


def _reductions(planned: Plan, own: StagePrograms, tally: Tally) -> None:
    """Count the partial sums: every slice behind the first starts at 0 and sends its own, which the first one adds."""
    dots, others = planned.network.dots, planned.dots.slices - 1
    tally.run(own.heads, own.start, dots.outputs * others)
    tally.run(own.heads, own.partial_sum, dots.outputs * others)
    tally.issue(own.heads, own.partial_sum, others)
    cycles = bus_cycles(planned.dots.results_at_once * dots.c_bits, _bus_width(planned))
    tally.phase(own.heads, Phase.TRANSFER, cycles * others)


def _transfers(planned: Plan, own: StagePrograms, tally: Tally) -> None:
    """Count the bus cycles of words that each unit at work, or each one with a result, sends or receives in a wave."""
    moved = own.transfers
    cycles = bus_cycles(planned.units_at_once[moved.units] * moved.bits, _bus_width(planned)) * moved.times
    firsts: IntArray = np.flatnonzero(np.diff(moved.layers, prepend=-1))
    tally.phase(moved.layers[firsts], Phase.TRANSFER, np.add.reduceat(cycles, firsts, axis=0))
