"""Closed forms of a mapped network: every layer's events and phases for one image, at many hardware points at once.

With D outputs of K products each, in s slices of K_s words, r replicas and F filters to a unit, one image takes

    D s          loads of an accumulator (the bias, or 0 in the slices behind the first)
    D K          loads of an activation, each followed by a multiply-and-accumulate
    D (K - g)    moves to the next weight, and D g moves home, g segments being walked by each dot product; where a
                 segment starts below its port, a move out to its first word as well
    D (s - 1)    partial sums sent, received and added
    D            rectifications, requantisations and results sent

Each is one program; its cost is a closed form in its widths. All units of a layer run in lockstep: what takes time is
one dot product's longest slice, F ceil(pixels / r) waves after one another.
"""

from trackmac.circuits import Layout
from trackmac.cost import Event, Phase
from trackmac.mapping import DotProductPlan, Plan, PoolPlan
from trackmac.models.circuit_counts import (
    MAC_ACTIVITIES,
    accumulate_activity,
    load_word_activity,
    max_pool_activity,
    move_weights_activity,
    relu_activity,
    requantize_activity,
    unload_word_activity,
)
from trackmac.models.tally import LayerCounts, Tally
from trackmac.models.weight_walks import weight_walk


def layer_counts(planned: Plan) -> tuple[LayerCounts, ...]:
    """Return the counts of every layer that does something, for one image, in the network's order."""
    result: list[LayerCounts] = []
    for stage in planned.stages:
        if isinstance(stage, PoolPlan):
            result.append(_pool(planned, stage))
        else:
            result += _dot_product_stage(planned, stage)
    return tuple(result)


def _bus_width(planned: Plan) -> int:
    return int(planned.grid.technology.value("bus.width_bits"))


def _dot_product_stage(planned: Plan, mapped: DotProductPlan) -> list[LayerCounts]:
    stage = mapped.stage
    layers = [_dot_products(planned, mapped)]
    if stage.relu is not None:
        tally = _tally(mapped)
        tally.run(relu_activity(x=stage.words.c, layout=planned.grid.layout), runs=stage.dot.outputs)
        if stage.requantize is None:
            _send_results(planned, mapped, tally)
        layers.append(tally.counts(stage.relu.name))
    if stage.requantize is not None and stage.rescaling is not None:
        tally = _tally(mapped)
        scale = stage.rescaling
        program = requantize_activity(x=scale.c, shift=scale.shift, output=scale.output, layout=planned.grid.layout)
        tally.run(program, runs=stage.dot.outputs)
        _send_results(planned, mapped, tally)
        layers.append(tally.counts(stage.requantize.name))
    return layers


def _dot_products(planned: Plan, mapped: DotProductPlan) -> LayerCounts:
    grid, stage, words = planned.grid, mapped.stage, mapped.stage.words
    layout, width = grid.layout, _bus_width(planned)
    outputs, length = stage.dot.outputs, stage.dot_length
    tally = _tally(mapped)
    load_bias = load_word_activity(word=words.c, layout=layout)
    load_activation = load_word_activity(word=words.a, layout=layout, from_top=True)
    mac = MAC_ACTIVITIES[grid.circuit](a=words.a, b=words.b, accumulator=words.c, layout=layout)
    tally.run(load_bias, runs=outputs * mapped.slices)
    tally.bus(mapped.active_units * words.c.bits, width)
    tally.event(Event.BUFFER_BITS, outputs * words.c.bits)
    tally.run(load_activation, runs=outputs * length, in_wave=mapped.words_per_slice)
    tally.run(mac, runs=outputs * length, in_wave=mapped.words_per_slice)
    tally.bus(mapped.replicas * mapped.slices * words.a.bits, width, times=mapped.words_per_slice)
    tally.event(Event.BUFFER_BITS, stage.dot.pixels * mapped.filters_per_unit * length * words.a.bits)
    _weight_moves(planned, mapped, tally)
    _reductions(planned, mapped, tally)
    if stage.relu is stage.requantize is None:
        _send_results(planned, mapped, tally)
    return tally.counts(stage.dot.name)


def _weight_moves(planned: Plan, mapped: DotProductPlan, tally: Tally) -> None:
    """Count the moves between words, and those out to each segment's first word and home from its last one."""
    layout, word, outputs = planned.grid.layout, mapped.stage.words.b, mapped.stage.dot.outputs
    stride, tracks = (word.bits, 1) if layout is Layout.ALONG else (1, word.bits)
    others = mapped.slices - 1
    full = weight_walk(mapped.weights, mapped.words_per_slice, stride)
    last = weight_walk(mapped.weights, mapped.stage.dot_length - others * mapped.words_per_slice, stride)
    advance = move_weights_activity(word=word, domains=1, layout=layout)
    tally.run(advance, runs=outputs * (others * full.advances + last.advances), in_wave=full.advances)
    domains = outputs * (others * full.return_domains + last.return_domains)
    tally.event(Event.SHIFT_STEPS, domains)
    tally.event(Event.TRACK_SHIFTS, domains * tracks)
    tally.phase(Phase.SHIFT, full.return_domains)
    tally.steps(full.returns)


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
    tally.bus(mapped.active_units // mapped.slices * c.bits, _bus_width(planned), times=times)


def _send_results(planned: Plan, mapped: DotProductPlan, tally: Tally) -> None:
    """Count what leaves the unit: every result is sensed, sent and put into the buffer."""
    word, outputs = mapped.stage.output_format, mapped.stage.dot.outputs
    tally.run(unload_word_activity(word=word, layout=planned.grid.layout), runs=outputs)
    tally.bus(mapped.active_units // mapped.slices * word.bits, _bus_width(planned))
    tally.event(Event.BUFFER_BITS, outputs * word.bits)


def _pool(planned: Plan, mapped: PoolPlan) -> LayerCounts:
    """Count a pooling layer: each window's elements are loaded, the greater one kept, and the result sent."""
    layout, width = planned.grid.layout, _bus_width(planned)
    shape, window = mapped.stage.pool, mapped.stage.window
    word, outputs = shape.output_format, shape.outputs
    tally = Tally(mapped.waves, mapped.mats)
    tally.run(load_word_activity(word=word, layout=layout), runs=outputs * window, in_wave=window)
    tally.run(max_pool_activity(x=word, layout=layout), runs=outputs * (window - 1), in_wave=window - 1)
    tally.run(unload_word_activity(word=word, layout=layout), runs=outputs)
    tally.bus(mapped.active_units * word.bits, width, times=window + 1)
    tally.event(Event.BUFFER_BITS, outputs * (window + 1) * word.bits)
    return tally.counts(shape.name)


def _tally(mapped: DotProductPlan) -> Tally:
    return Tally(mapped.waves, mapped.mats)
