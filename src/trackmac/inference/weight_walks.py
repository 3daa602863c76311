"""The way of the weights past their ports while a unit computes a dot product: out from home, group by group, and back.

On most groups of tracks words lie alike: the same programs run there, one group after another.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from trackmac.inference.programs import weight_move
from trackmac.inference.unit_tracks import UnitTracks
from trackmac.mapping import WeightSegment, segments_of
from trackmac.simulation import Lanes
from trackmac.simulation.lockstep import BoundCircuit

Walk = tuple[WeightSegment, ...]
"""Segments on one group of tracks."""


def walks_alike(tracks: UnitTracks, turn: int, words: int) -> Iterator[tuple[Walk, ...]]:
    """Yield the walks of a unit over its filter number `turn`, those together that are alike."""
    segments = segments_of(tracks.entry, turn, words)
    walks = (tuple(walk) for _, walk in groupby(segments, key=lambda segment: segment.group))
    for _, alike in groupby(walks, key=lambda walk: [(segment.place, len(segment.words)) for segment in walk]):
        yield tuple(alike)


def trades(tracks: UnitTracks, walks: Sequence[Walk]) -> list[Mapping[str, str]]:
    """Return, for each of the walks that are alike, which tracks take the places of the first one's."""
    home, *others = (tracks.weight_binding(walk[0]) for walk in walks)
    return [{home[name]: track for name, track in binding.items()} for binding in (home, *others)]


def walk_programs(machine: Lanes, tracks: UnitTracks, walk: Walk) -> Iterator[BoundCircuit]:
    """Yield what a unit runs on a walk: it loads an activation for each word, and multiplies and accumulates."""
    steps = _Steps(machine, tracks)
    if tracks.entry.is_by_rows:
        yield from _over_rows(steps, walk)
    else:
        for segment in walk:
            yield from _over_segment(steps, segment, segment.home_distance(tracks.entry.stage.words.b, tracks.layout))


def _over_segment(steps: "_Steps", segment: WeightSegment, home_distance: int) -> Iterator[BoundCircuit]:
    yield from steps.move(segment, -segment.place.lead)
    for word in segment.words:
        if word != segment.words.start:
            yield from steps.move(segment, 1)
        yield from steps.product(segment)
    yield from steps.move(segment, -home_distance)


def _over_rows(steps: "_Steps", walk: Walk) -> Iterator[BoundCircuit]:
    """Walk over single words, each displacement under all ports before the next one."""
    at = -walk[0].place.lead
    yield from steps.move(walk[0], at)
    for segment in walk:
        while at < -segment.place.lead:
            yield from steps.move(segment, 1)
            at += 1
        yield from steps.product(segment)
    yield from steps.move(walk[0], -at)


class _Steps:
    """What happens to the weights of a segment."""

    def __init__(self, machine: Lanes, tracks: UnitTracks) -> None:
        self._bound, self._tracks = machine.bound, tracks

    def product(self, segment: WeightSegment) -> Iterator[BoundCircuit]:
        """Load an activation; multiply it with the weight at the port, and accumulate."""
        load, mac = self._tracks.programs.load_activation, self._tracks.programs.mac
        yield self._bound(load.circuit, load.binding)
        weight, ports = self._tracks.weight_binding(segment), self._tracks.weight_ports(segment)
        yield self._bound(mac.circuit, {**mac.binding, **weight}, ports)

    def move(self, segment: WeightSegment, domains: int) -> Iterator[BoundCircuit]:
        """Shift the tracks by so many domains."""
        if domains:
            program = weight_move(self._tracks.entry.stage.words.b, domains, self._tracks.layout)
            yield self._bound(program, self._tracks.weight_binding(segment), self._tracks.weight_ports(segment))
