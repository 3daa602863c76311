"""What of a network's counts is the same at every hardware point of one circuit and layout (`network_counts`).

Which programs a layer runs, what each of them costs and how often most of them run follows from the network. A point
says how filters are cut and shared, how many units work at once, and what the wires between them take. So this is found
once for a network, and points only add to it what is theirs.
"""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trackmac.arrays import Dataflow
from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Layout
from trackmac.cost import EVENTS, Activity, Event
from trackmac.mapping import DotProductStage, ElementStage, Stage, StageTable
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
from trackmac.models.tally import ISSUED, Programs, Tally
from trackmac.networks.shapes import LayerShape


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transfers:
    """Words that every unit at work, or every one with a result, sends or receives in a wave: arrays [transfers].

    `units` numbers stages as `Plan.units_at_once` has them. Each transfer is that of a layer, and all in its order.
    """

    layers: IntArray
    units: IntArray
    bits: IntArray
    times: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StagePrograms:
    """What is the same at all points: `tally` [.., 1], and the programs of dot products that points say the runs of.

    `names` are the layers that do something, `places` [layers] the stage of each among those of dot products and then
    those of elements, `heads` [stages of dot products] the layers that are the dot products.
    """

    names: tuple[str, ...]
    places: IntArray
    heads: IntArray
    tally: Tally
    transfers: Transfers
    start: Programs
    product: Programs
    advance: Programs
    partial_sum: Programs


@lru_cache(maxsize=256)
def stage_programs(network: StageTable, circuit: str, layout: Layout, dataflow: Dataflow) -> StagePrograms:
    """Return what is the same for a network wherever it runs by that circuit, layout and dataflow."""
    names = tuple(layer.name for stage in network.stages for layer in stage.layers)
    counting = _Counting(network, layout, Tally.nothing(len(names), 1), [])
    macs = [_product(stage, circuit, layout, dataflow) for stage in network.dots.stages]
    ends = np.cumsum([len(stage.layers) for stage in network.stages])
    firsts = ends - [len(stage.layers) for stage in network.stages]
    for stage, first, place in zip(network.stages, firsts.tolist(), network.places, strict=True):
        if isinstance(stage, DotProductStage):
            counting.dot_products(stage, first, place, macs[place])
        else:
            counting.elements(stage, first, place)
        counting.rewriting(stage, first, place)
        counting.results(stage, first + len(stage.layers) - 1, place)
    words = [stage.words for stage in network.dots.stages]
    layers, units, bits, times = np.array(counting.transfers).T
    return StagePrograms(
        names=names,
        places=np.repeat(network.places, np.diff(ends, prepend=0)),
        heads=firsts[np.argsort(network.places)][: len(words)],
        tally=counting.tally,
        transfers=Transfers(layers=layers, units=units, bits=bits[:, np.newaxis], times=times[:, np.newaxis]),
        start=Programs.of(load_word_activity(word=word.c, layout=layout) for word in words),
        product=Programs.of(macs),
        advance=Programs.of(move_weights_activity(word=word.b, domains=1, layout=layout) for word in words),
        partial_sum=Programs.of(_partial_sum(word.c, layout) for word in words),
    )


def _product(stage: DotProductStage, circuit: str, layout: Layout, dataflow: Dataflow) -> Activity:
    """Return what a product costs: its activation is loaded, and its weight where units keep outputs; then the MAC."""
    words = stage.words
    load = load_word_activity(word=words.a, layout=layout, from_top=True)
    mac = MAC_ACTIVITIES[circuit](a=words.a, b=words.b, accumulator=words.c, layout=layout)
    if dataflow is Dataflow.WEIGHT_STATIONARY:
        return load.then(mac)
    return load.then(load_word_activity(word=words.b, layout=layout, from_top=True)).then(mac)


def _partial_sum(c: NumberFormat, layout: Layout) -> Activity:
    """Return what a partial sum costs: a unit behind the first sends it, the first one receives it and adds it."""
    sent = unload_word_activity(word=c, layout=layout).then(load_word_activity(word=c, layout=layout))
    return sent.then(accumulate_activity(x=c, accumulator=c, layout=layout))


@dataclass(frozen=True, slots=True)
class _Counting:
    """Counts layer by layer; `place` is that of a stage, `layer` and `first` are numbers of layers."""

    network: StageTable
    layout: Layout
    tally: Tally
    transfers: list[tuple[int, int, int, int]]

    def dot_products(self, stage: DotProductStage, layer: int, place: int, product: Activity) -> None:
        """Count what does not depend on slices: each filter's bias, and all products' events."""
        outputs, c = stage.dot.outputs, stage.words.c
        self._run(layer, load_word_activity(word=c, layout=self.layout), outputs)
        self._run(layer, product, outputs * stage.dot_length, in_wave=0)
        self._event(layer, Event.BUFFER_BITS, outputs * c.bits)
        self._transfer(layer, place, c.bits)

    def elements(self, stage: ElementStage, layer: int, place: int) -> None:
        """Count elements: the first word is loaded as wide as c, and each other one is added or compared.

        A narrower first word comes with its sign repeated, which costs wires and writes, but no more of the buffer;
        zeros below it cost writes alone.
        """
        layout, outputs, start = self.layout, stage.head.outputs, stage.start
        self._run(layer, load_word_activity(word=start.word, layout=layout, zeros_below=start.zeros_below), outputs)
        self._transfer(layer, place, start.word.bits)
        for (word, times), count in Counter((join.word, join.times) for join in stage.joins).items():
            joins = (
                _additions(word, stage.c, times, layout) if stage.is_sum else max_pool_activity(x=word, layout=layout)
            )
            self._run(layer, load_word_activity(word=word, layout=layout), outputs * count, in_wave=count)
            self._run(layer, joins, outputs * count, in_wave=count)
            self._transfer(layer, place, word.bits, times=count)
        self._event(layer, Event.BUFFER_BITS, outputs * stage.read_bits)

    def rewriting(self, stage: Stage, first: int, place: int) -> None:
        """Count the layers that rewrite a result on its track: rectifications, clippings and a requantisation."""
        for number, layer in enumerate(stage.layers, start=first):
            if layer in stage.in_place:
                in_place = clip_activity if layer.kind == "clip" else relu_activity
                self._run(number, in_place(x=stage.c, layout=self.layout), layer.outputs)
            elif layer is stage.requantize:
                self._requantization(stage, layer, number, place)

    def results(self, stage: Stage, layer: int, place: int) -> None:
        """Count what leaves the unit: every result is sensed, sent and put into the buffer."""
        word, outputs = stage.output_format, stage.head.outputs
        self._run(layer, unload_word_activity(word=word, layout=self.layout), outputs)
        self._transfer_of_results(layer, place, word.bits)
        self._event(layer, Event.BUFFER_BITS, outputs * word.bits)

    def _requantization(self, stage: Stage, layer: LayerShape, number: int, place: int) -> None:
        scale, layout = stage.rescaling, self.layout
        assert scale is not None
        if scale.input_zero_point:
            program = offset_activity(x=scale.c, result=scale.centred, zero_point=scale.input_zero_point, layout=layout)
            self._run(number, program, layer.outputs)
        if scale.multiplier is not None:
            self._multiplications(stage, scale.centred, scale.multiplier, number, place)
        program = requantize_activity(
            x=scale.scaled, shift=scale.shift, output=scale.output, layout=layout, zero_point=scale.zero_point
        )
        self._run(number, program, layer.outputs)

    def _multiplications(
        self, stage: Stage, result: NumberFormat, multiplier: NumberFormat, layer: int, place: int
    ) -> None:
        """Count a multiplication of each result: its multiplier comes like a bias, in the place of an activation.

        Along tracks the activation's track, which dot products leave at its top bit, goes home for it and back.
        """
        layout, outputs = self.layout, stage.head.outputs
        self._run(layer, load_word_activity(word=multiplier, layout=layout), outputs)
        self._run(layer, booth_radix4_multiplier_activity(a=result, b=multiplier, layout=layout), outputs)
        if isinstance(stage, DotProductStage) and layout is Layout.ALONG:
            move = move_weights_activity(word=stage.words.a, domains=stage.words.a.bits - 1, layout=layout)
            self._run(layer, move, 2 * outputs, in_wave=2)
        self._transfer_of_results(layer, place, multiplier.bits)
        self._event(layer, Event.BUFFER_BITS, outputs * multiplier.bits)

    def _run(self, layer: int, program: Activity, runs: int, *, in_wave: int = 1) -> None:
        self.tally.events[layer, :, 0] += program.vector[: len(EVENTS)] * runs
        self.tally.issued[layer, :, 0] += program.vector[ISSUED] * in_wave

    def _event(self, layer: int, event: Event, count: int) -> None:
        self.tally.events[layer, EVENTS.index(event), 0] += count

    def _transfer(self, layer: int, place: int, bits: int, times: int = 1) -> None:
        """Count a word of each unit that works at once."""
        self.transfers.append((layer, place, bits, times))

    def _transfer_of_results(self, layer: int, place: int, bits: int) -> None:
        """Count a word of each unit that has a result at once."""
        self.transfers.append((layer, len(self.network.stages) + place, bits, 1))


def _additions(word: NumberFormat, accumulator: NumberFormat, times: int, layout: Layout) -> Activity:
    """Return what adding `times` a word costs: a walk for each signed digit, from its position on."""
    positions = tuple(position for position, _ in signed_digits(times))
    return accumulate_activity(x=word, accumulator=accumulator, layout=layout, positions=positions)
