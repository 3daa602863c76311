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

from collections import Counter
from collections.abc import Mapping

import numpy as np

from trackmac.bits import NumberFormat
from trackmac.circuits import Layout
from trackmac.cost import Activity, Event, Phase
from trackmac.mapping import DotProductPlan, DotProductStage, ElementPlan, OutputStationaryPlan, Plan
from trackmac.models.circuit_counts import (
    MAC_ACTIVITIES,
    accumulate_activity,
    booth_radix4_multiplier_activity,
    clip_activity,
    load_word_activity,
    max_pool_activity,
    move_weights_activity,
    offset_activity,
    relu_activity,
    requantize_activity,
    unload_word_activity,
)
from trackmac.models.csd_counts import signed_digits
from trackmac.models.tally import LayerCounts, NetworkCounts, Tally, counted
from trackmac.models.weight_walks import WeightWalk, weight_walks
from trackmac.networks.shapes import LayerShape


def layer_counts(planned: Plan) -> tuple[LayerCounts, ...]:
    """Return the counts of every layer that does something, for one image, in the network's order."""
    return network_counts(planned).layers


def network_counts(planned: Plan) -> NetworkCounts:
    """Return the counts of every layer that does something, for one image, in the network's order."""
    tallies: dict[str, Tally] = {}
    walks = weight_walks(planned)
    for mapped in planned.stages:
        tallies |= _stage(planned, mapped, walks)
    return counted(tallies)


def _bus_width(planned: Plan) -> int:
    return int(planned.grid.technology.value("bus.width_bits"))


def _stage(planned: Plan, mapped: DotProductPlan | ElementPlan, walks: Mapping[str, WeightWalk]) -> dict[str, Tally]:
    """Count a stage: its first layer's own work, then each layer that rewrites a result, which leaves with the last."""
    stage = mapped.stage
    tallies = {layer.name: Tally(mapped.waves, mapped.mats) for layer in stage.layers}
    head = tallies[stage.name]
    if isinstance(mapped, ElementPlan):
        _elements(planned, mapped, head)
    else:
        _dot_products(planned, mapped, head)
        if stage.name in walks:
            _weight_moves(planned, mapped, walks[stage.name], head)
    for layer in stage.then:
        _rewriting(planned, mapped, layer, tallies[layer.name])
    _send_results(planned, mapped, list(tallies.values())[-1])
    return tallies


def _rewriting(planned: Plan, mapped: DotProductPlan | ElementPlan, layer: LayerShape, tally: Tally) -> None:
    """Count a layer that rewrites a result on its track: a rectification, a clipping or a requantisation."""
    stage, layout = mapped.stage, planned.grid.layout
    if layer in stage.in_place:
        in_place = clip_activity if layer.kind == "clip" else relu_activity
        tally.run(in_place(x=stage.c, layout=layout), runs=layer.outputs)
        return
    scale = stage.rescaling
    assert scale is not None
    if scale.input_zero_point:
        program = offset_activity(x=scale.c, result=scale.centred, zero_point=scale.input_zero_point, layout=layout)
        tally.run(program, runs=layer.outputs)
    if scale.multiplier is not None:
        _multiplications(planned, mapped, scale.multiplier, tally)
    program = requantize_activity(
        x=scale.scaled, shift=scale.shift, output=scale.output, layout=layout, zero_point=scale.zero_point
    )
    tally.run(program, runs=layer.outputs)


def _multiplications(
    planned: Plan, mapped: DotProductPlan | ElementPlan, multiplier: NumberFormat, tally: Tally
) -> None:
    """Count a multiplication of each result: its multiplier comes like a bias, in the place of an activation.

    Along tracks the activation's track, which dot products leave at its top bit, goes home for it and back.
    """
    stage, layout = mapped.stage, planned.grid.layout
    assert stage.rescaling is not None
    tally.run(load_word_activity(word=multiplier, layout=layout), runs=stage.head.outputs)
    multiply = booth_radix4_multiplier_activity(a=stage.rescaling.centred, b=multiplier, layout=layout)
    tally.run(multiply, runs=stage.head.outputs)
    if isinstance(stage, DotProductStage) and layout is Layout.ALONG:
        move = move_weights_activity(word=stage.words.a, domains=stage.words.a.bits - 1, layout=layout)
        tally.run(move, runs=2 * stage.head.outputs, in_wave=2)
    tally.bus(mapped.results_at_once * multiplier.bits, _bus_width(planned))
    tally.event(Event.BUFFER_BITS, stage.head.outputs * multiplier.bits)


def _dot_products(planned: Plan, mapped: DotProductPlan, tally: Tally) -> None:
    grid, stage, words = planned.grid, mapped.stage, mapped.stage.words
    layout, width = grid.layout, _bus_width(planned)
    outputs, length = stage.dot.outputs, stage.dot_length
    load_bias = load_word_activity(word=words.c, layout=layout)
    load_activation = load_word_activity(word=words.a, layout=layout, from_top=True)
    mac = MAC_ACTIVITIES[grid.circuit](a=words.a, b=words.b, accumulator=words.c, layout=layout)
    tally.run(load_bias, runs=outputs * mapped.slices)
    tally.bus(mapped.active_units * words.c.bits, width)
    tally.event(Event.BUFFER_BITS, outputs * words.c.bits)
    tally.run(load_activation, runs=outputs * length, in_wave=mapped.words_per_slice)
    tally.run(mac, runs=outputs * length, in_wave=mapped.words_per_slice)
    at_once = mapped.replicas * mapped.slices * mapped.groups_at_once
    tally.bus(at_once * words.a.bits, width, times=mapped.words_per_slice)
    # a group's filters lie side by side: they take min(their number, F) of a unit's F turns
    readings = stage.dot.groups * np.minimum(stage.filters_per_group, mapped.filters_per_unit)
    tally.event(Event.BUFFER_BITS, stage.dot.pixels * readings * length * words.a.bits)
    if isinstance(mapped, OutputStationaryPlan):
        load_weight = load_word_activity(word=words.b, layout=layout, from_top=True)
        tally.run(load_weight, runs=outputs * length, in_wave=length)
    else:
        _reductions(planned, mapped, tally)


def _weight_moves(planned: Plan, mapped: DotProductPlan, walk: WeightWalk, tally: Tally) -> None:
    """Count the moves between words, and those out to each segment's first word and home from its last one."""
    layout, word, outputs = planned.grid.layout, mapped.stage.words.b, mapped.stage.dot.outputs
    tracks = 1 if layout is Layout.ALONG else word.bits
    others = mapped.slices - 1
    advance = move_weights_activity(word=word, domains=1, layout=layout)
    tally.run(advance, runs=outputs * (others * walk.advances[0] + walk.advances[1]), in_wave=walk.advances[0])
    domains = outputs * (others * walk.return_domains[0] + walk.return_domains[1])
    tally.event(Event.SHIFT_STEPS, domains)
    tally.event(Event.TRACK_SHIFTS, domains * tracks)
    tally.phase(Phase.SHIFT, walk.return_domains[0])
    tally.steps(walk.returns[0])


def _reductions(planned: Plan, mapped: DotProductPlan, tally: Tally) -> None:
    """Count the partial sums: every slice behind the first sends its own, the first adds one after another."""
    layout, c = planned.grid.layout, mapped.stage.words.c
    times = mapped.slices - 1
    for program in (
        unload_word_activity(word=c, layout=layout),
        load_word_activity(word=c, layout=layout),
        accumulate_activity(x=c, accumulator=c, layout=layout),
    ):
        tally.run(program, runs=mapped.stage.dot.outputs * times, in_wave=times)
    tally.bus(mapped.results_at_once * c.bits, _bus_width(planned), times=times)


def _send_results(planned: Plan, mapped: DotProductPlan | ElementPlan, tally: Tally) -> None:
    """Count what leaves the unit: every result is sensed, sent and put into the buffer."""
    word, outputs = mapped.stage.output_format, mapped.stage.head.outputs
    tally.run(unload_word_activity(word=word, layout=planned.grid.layout), runs=outputs)
    tally.bus(mapped.results_at_once * word.bits, _bus_width(planned))
    tally.event(Event.BUFFER_BITS, outputs * word.bits)


def _elements(planned: Plan, mapped: ElementPlan, tally: Tally) -> None:
    """Count elements: the first word is loaded as wide as c, and each other one is added or compared.

    A narrower first word comes with its sign repeated, which costs wires and writes, but no more of the buffer; zeros
    below it cost writes alone.
    """
    layout, width = planned.grid.layout, _bus_width(planned)
    stage, outputs, start = mapped.stage, mapped.stage.head.outputs, mapped.stage.start
    tally.run(load_word_activity(word=start.word, layout=layout, zeros_below=start.zeros_below), runs=outputs)
    tally.bus(mapped.active_units * start.word.bits, width)
    for (word, times), count in Counter((join.word, join.times) for join in stage.joins).items():
        joins = _additions(word, stage.c, times, layout) if stage.is_sum else max_pool_activity(x=word, layout=layout)
        tally.run(load_word_activity(word=word, layout=layout), runs=outputs * count, in_wave=count)
        tally.run(joins, runs=outputs * count, in_wave=count)
        tally.bus(mapped.active_units * word.bits, width, times=count)
    tally.event(Event.BUFFER_BITS, outputs * stage.read_bits)


def _additions(word: NumberFormat, accumulator: NumberFormat, times: int, layout: Layout) -> Activity:
    """Return what adding `times` a word costs: a walk for each signed digit, from its position on."""
    positions = tuple(position for position, _ in signed_digits(times))
    return accumulate_activity(x=word, accumulator=accumulator, layout=layout, positions=positions)
