"""The units that hold one slice of every filter of a layer, on one simulated machine."""

import itertools
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit
from trackmac.cost import Activity
from trackmac.inference.engines import Engine
from trackmac.inference.lanes import LaneGroups
from trackmac.inference.programs import Program, weight_move
from trackmac.inference.unit_tracks import UnitTracks
from trackmac.inference.weight_loading import load_weights
from trackmac.inference.work import Meter
from trackmac.inference.work_tracks import word_places
from trackmac.mapping import WeightSegment, segments_of
from trackmac.simulation import Observed
from trackmac.simulation.lane_words import LaneWord, UnitWord
from trackmac.simulation.packing import WordArray


class SliceUnits:
    """Units with slice `index` of the filters on their weight tracks, at work on one pixel in each of `columns` lanes.

    Unit `u` takes filters u * F .. u * F + F - 1 (the last unit maybe fewer) in turn: it holds them all, or one at a
    time that `load` brings. `weights` are those of the layer, [channels, products].
    """

    def __init__(self, tracks: UnitTracks, index: int, weights: IntArray, columns: int, engine: Engine) -> None:
        entry = tracks.entry
        self.products = entry.slice_words(index)
        self.groups = LaneGroups(units=entry.units // entry.slices, columns=columns)
        self.programs = tracks.programs
        self._tracks = tracks
        self.machine = engine.lanes(self.groups.units, self.groups.words, tracks.geometries(len(self.products)))
        self._weights = weights[:, self.products.start : self.products.stop]
        if entry.weights_stay:
            for turn in range(entry.filters_per_unit):
                self._lay_down(turn)
        if tracks.programs.ready_activation is not None:
            self.run(tracks.programs.ready_activation)
        self.meter = Meter(self.machine)

    def _lay_down(self, turn: int) -> None:
        """Put the filters number `turn` of every unit on the tracks: written once, before the first image."""
        for segment in self._segments(turn):
            words = self._words(turn, segment.words.start, segment.words.stop)
            self.machine.store(self._tracks.weight_places(segment), words)

    def load(self, turn: int) -> Activity:
        """Write the filters number `turn` of every unit to the tracks through their ports; return what that took."""
        load_weights(self.machine, self._tracks, self._segments(turn), partial(self._part, turn))
        return self.meter.reading()

    def _part(self, turn: int, word: int, bits: range) -> UnitWord:
        """Return some bits of a word of the filters number `turn` of every unit."""
        return self.groups.constant(self._values(turn, word, word + 1) >> bits.start, len(bits))

    def _words(self, turn: int, start: int, stop: int) -> UnitWord:
        """Return words `start` to `stop` of the filters number `turn` of every unit, one after another."""
        return self.groups.constant(self._values(turn, start, stop), self._tracks.entry.stage.words.b.bits)

    def _values(self, turn: int, start: int, stop: int) -> IntArray:
        """Return the same as numbers, [words, units]; 0 where a unit has no such filter."""
        own = self._weights[turn :: self._tracks.entry.filters_per_unit, start:stop]
        everywhere = np.zeros((stop - start, self.groups.units), dtype=np.int64)
        everywhere[:, : len(own)] = own.T
        return everywhere

    def _segments(self, turn: int) -> tuple[WeightSegment, ...]:
        return segments_of(self._tracks.entry, turn, len(self.products))

    def run(self, program: Program, word: LaneWord | Observed | None = None) -> Observed:
        """Run `program` in all lanes, `word` being on the wires; return the word sent, int64 [lanes], if any."""
        wires = {} if word is None else {"word": word}
        sent = self.machine.execute(program.circuit, binding=program.binding, wires=wires)
        return sent.get("word", np.empty(0, dtype=np.int64))

    def accumulate(self, turn: int, start: IntArray, activations: WordArray) -> None:
        """Compute the dot products of every unit's filter number `turn`.

        The accumulators start as `start` [units]; `activations` [words, bits, groups, words of a unit's lanes] are the
        bit planes of what the slice's products take in each group of the convolution.
        """
        c = self._tracks.entry.stage.words.c
        self.run(self.programs.load_accumulator, self.groups.constant(start[np.newaxis], c.bits))
        groups, segments = self.groups_of_units(turn), self._segments(turn)
        if self._tracks.entry.is_by_rows:
            for _, words in itertools.groupby(segments, key=lambda word: word.group):
                self._walk_rows(tuple(words), activations, groups)
        else:
            for segment in segments:
                self._walk(segment, activations, groups)

    def groups_of_units(self, turn: int) -> IntArray:
        """Return the group of the convolution that each unit's filter number `turn` belongs to, [units]."""
        entry = self._tracks.entry
        filters = range(turn, self.groups.units * entry.filters_per_unit, entry.filters_per_unit)
        return np.array([entry.group_of_filter(number) for number in filters])

    def _walk(self, segment: WeightSegment, activations: WordArray, groups: IntArray) -> None:
        b, layout = self._tracks.entry.stage.words.b, self._tracks.layout
        weight, ports = self._tracks.weight_binding(segment), self._tracks.weight_ports(segment)
        mac, operands = self.programs.mac.circuit, {**self.programs.mac.binding, **weight}
        next_word = weight_move(b, 1, layout)
        if segment.place.lead:
            self._run_weights(weight_move(b, -segment.place.lead, layout), weight, ports)
        for word in segment.words:
            if word != segment.words.start:
                self._run_weights(next_word, weight, ports)
            self.run(self.programs.load_activation, self.groups.spread(activations[word], groups))
            self._run_weights(mac, operands, ports)
        distance = segment.home_distance(b, layout)
        if distance:
            self._run_weights(weight_move(b, -distance, layout), weight, ports)

    def _walk_rows(self, words: Sequence[WeightSegment], activations: WordArray, groups: IntArray) -> None:
        """Walk over single words of one group of tracks, each displacement under all its ports before the next one."""
        b, layout = self._tracks.entry.stage.words.b, self._tracks.layout
        mac, weight = self.programs.mac, self._tracks.weight_binding(words[0])
        at = -words[0].place.lead
        if at:
            self._run_weights(weight_move(b, at, layout), weight, {})
        for word in words:
            while at < -word.place.lead:
                self._run_weights(weight_move(b, 1, layout), weight, {})
                at += 1
            self.run(self.programs.load_activation, self.groups.spread(activations[word.words.start], groups))
            self._run_weights(mac.circuit, {**mac.binding, **weight}, self._tracks.weight_ports(word))
        if at:
            self._run_weights(weight_move(b, -at, layout), weight, {})

    def _run_weights(self, circuit: Circuit, binding: Mapping[str, str], ports: Mapping[str, int]) -> None:
        self.machine.execute(circuit, binding=binding, ports=ports)

    def accumulators(self) -> Observed:
        """Return what the accumulators hold in all lanes: an observation, which costs nothing."""
        c = self._tracks.entry.stage.words.c
        return self.machine.peek(word_places("c", c.bits, self._tracks.layout), c)
