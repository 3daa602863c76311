"""The units that hold one slice of every filter of a layer, on one simulated machine."""

import itertools
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.cost import Activity
from trackmac.inference.engines import Engine
from trackmac.inference.lanes import LaneGroups, narrow
from trackmac.inference.programs import Program
from trackmac.inference.unit_tracks import UnitTracks
from trackmac.inference.weight_loading import load_weights
from trackmac.inference.weight_walks import Walk, trades, walk_programs, walks_alike
from trackmac.inference.work import Meter
from trackmac.inference.work_tracks import word_places
from trackmac.mapping import WeightSegment, segments_of
from trackmac.simulation import Observed
from trackmac.simulation.lane_words import LaneWord, LaneWords, UnitWord
from trackmac.simulation.lockstep import BoundCircuit
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
        self._weights = narrow(weights[:, self.products.start : self.products.stop], entry.stage.words.b.bits)
        if entry.weights_stay:
            for turn in range(entry.filters_per_unit):
                self._lay_down(turn)
        if tracks.programs.ready_activation is not None:
            self.run(tracks.programs.ready_activation)
        self.meter = Meter(self.machine)

    def _lay_down(self, turn: int) -> None:
        """Put the filters number `turn` of every unit on the tracks: written once, before the first image."""
        bits = self._tracks.entry.stage.words.b.bits
        words = self.groups.constant(self._values(turn, 0, len(self.products)), bits)
        for walks in walks_alike(self._tracks, turn, len(self.products)):
            own = words.set_bits[walks[0][0].words.start * bits : walks[-1][-1].words.stop * bits]
            places = [place for segment in walks[0] for place in self._tracks.weight_places(segment)]
            self.machine.store(places, UnitWord(set_bits=own, words=words.words), trades(self._tracks, walks))

    def load(self, turn: int) -> Activity:
        """Write the filters number `turn` of every unit to the tracks through their ports; return what that took."""
        load_weights(self.machine, self._tracks, self._segments(turn), partial(self._part, turn))
        return self.meter.reading()

    def _part(self, turn: int, word: int, bits: range) -> UnitWord:
        """Return some bits of a word of the filters number `turn` of every unit."""
        return self.groups.constant(self._values(turn, word, word + 1) >> bits.start, len(bits))

    def _values(self, turn: int, start: int, stop: int) -> NDArray[np.integer]:
        """Return words `start` to `stop` of the same, two's complement [words, units]; 0 where there is no filter."""
        own = self._weights[turn :: self._tracks.entry.filters_per_unit, start:stop]
        everywhere = np.zeros((stop - start, self.groups.units), dtype=own.dtype)
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
        for walks in walks_alike(self._tracks, turn, len(self.products)):
            self._walk(walks, activations, self.groups_of_units(turn))

    def groups_of_units(self, turn: int) -> IntArray:
        """Return the group of the convolution that each unit's filter number `turn` belongs to, [units]."""
        entry = self._tracks.entry
        return entry.groups_of_filters(
            np.arange(turn, self.groups.units * entry.filters_per_unit, entry.filters_per_unit)
        )

    def _walk(self, walks: Sequence[Walk], activations: WordArray, groups: IntArray) -> None:
        """Walk over groups of tracks on which words lie alike, in a round each."""
        first, end = walks[0], walks[-1][-1].words.stop
        words = sum(len(segment.words) for segment in first)
        number = itertools.count(first[0].words.start)
        programs: list[tuple[BoundCircuit, Mapping[str, LaneWords]]] = []
        for bound in walk_programs(self.machine, self._tracks, first):
            taken = (
                {"word": self.groups.spread(activations[next(number) : end : words], groups)} if bound.received else {}
            )
            programs.append((bound, taken))
        self.machine.repeat(programs, trades(self._tracks, walks))

    def accumulators(self) -> Observed:
        """Return what the accumulators hold in all lanes: an observation, which costs nothing."""
        c = self._tracks.entry.stage.words.c
        return self.machine.peek(word_places("c", c.bits, self._tracks.layout), c)
