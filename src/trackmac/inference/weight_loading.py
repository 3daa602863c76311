"""Weights that are brought for every image, written to a unit's weight tracks through the ports that can write."""

from collections.abc import Callable, Sequence
from itertools import groupby

from trackmac.circuits import Layout
from trackmac.circuits.circuit import Circuit
from trackmac.inference.programs import weight_load, weight_move
from trackmac.inference.unit_tracks import UnitTracks
from trackmac.mapping import WeightSegment
from trackmac.simulation import Lanes
from trackmac.simulation.lane_words import UnitWord


def load_weights(
    machine: Lanes, tracks: UnitTracks, segments: Sequence[WeightSegment], part: Callable[[int, range], UnitWord]
) -> None:
    """Write the words of `segments` in all lanes, `part(k, bits)` being those bits of word `k`, from home and back.

    Domain after domain of a track, each passes the port that static choice takes for it.
    """
    for _, of_track in groupby(segments, key=lambda segment: segment.group):
        walk = _Walk(machine, tracks, list(of_track))
        for number, segment in walk.words:
            walk.write(segment, number, part)
        walk.go_to(0)


class _Walk:
    """The way of the weight tracks of one group."""

    def __init__(self, machine: Lanes, tracks: UnitTracks, segments: Sequence[WeightSegment]) -> None:
        words = [(number, segment) for segment in segments for number in segment.words]
        b, layout = tracks.entry.stage.words.b, tracks.layout
        self.words = sorted(words, key=lambda word: word[1].first_domain(word[0], b, layout))
        self._machine, self._tracks, self._any = machine, tracks, segments[0]
        self._displacement = 0

    def write(self, segment: WeightSegment, number: int, part: Callable[[int, range], UnitWord]) -> None:
        """Write a word, in as many parts as ports serve it."""
        for first, bits in _parts(self._tracks, segment, number):
            self.go_to(self._tracks.writing_displacement(first))
            program, ports = weight_load(len(bits), self._tracks.layout), self._tracks.write_ports(segment, first)
            self._execute(program, ports, part(number, bits))
            self._displacement += len(bits) - 1 if self._tracks.layout is Layout.ALONG else 0

    def go_to(self, displacement: int) -> None:
        """Shift the tracks until they are displaced so far."""
        domains = displacement - self._displacement
        if domains:
            word = self._tracks.entry.stage.words.b
            self._execute(weight_move(word, domains, self._tracks.layout), {})
        self._displacement = displacement

    def _execute(self, circuit: Circuit, ports: dict[str, int], word: UnitWord | None = None) -> None:
        wires = {} if word is None else {"word": word}
        self._machine.execute(circuit, binding=self._tracks.weight_binding(self._any), ports=ports, wires=wires)


def _parts(tracks: UnitTracks, segment: WeightSegment, number: int) -> list[tuple[int, range]]:
    """Return the parts of word `number` that one port writes: first domain, and bits."""
    bits = tracks.entry.stage.words.b.bits
    first = segment.first_domain(number, tracks.entry.stage.words.b, tracks.layout)
    if tracks.layout is Layout.ACROSS:
        return [(first, range(bits))]
    ports = [first + bit - tracks.writing_displacement(first + bit) for bit in range(bits)]
    starts = [bit for bit in range(bits) if bit == 0 or ports[bit] != ports[bit - 1]]
    return [(first + start, range(start, stop)) for start, stop in zip(starts, [*starts[1:], bits], strict=True)]
