"""How far the weight tracks shift for the operands of dot products: algebra over segments and waves.

A unit's pass is its filters in turn, for one pixel. A group of tracks meets in each pass the same segments, i = 1 .. n;
one whose words take L domains is walked from displacement s = -lead to e = L - 1 - lead, word after word. With static
choice of the port and tracks that stay where they are (lazy), W passes over a group that rests at s_0 take

    |s_1 - s_0| + W sum(e_i - s_i) + W sum(|s_(i+1) - e_i|, i < n) + (W - 1) |s_1 - e_n|

steps. The accelerator's programs bring a track home from each segment instead: W sum(lead_i + e_i - s_i + |e_i|). The
difference are moves that no access asks for: the last way home, and that past home to a segment below its port.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trackmac.circuits import Layout
from trackmac.mapping.filter_segments import WeightSegment, segments_of
from trackmac.mapping.schedule import DotProductSchedule
from trackmac.mapping.trace_rows import TraceRows, stride, tracks_of_group


@dataclass(frozen=True, slots=True, kw_only=True)
class OperandShifts:
    """What reading a stage's weights takes, over all its units: `accesses`, each to one row of a group of `tracks`.

    `shift_steps` are those between the accesses, `homeward_steps` those that the programs add to come home.
    """

    accesses: int
    tracks: int
    shift_steps: int
    homeward_steps: int

    @property
    def track_shifts(self) -> int:
        """Steps between the accesses times the tracks moved."""
        return self.shift_steps * self.tracks

    @property
    def homeward_track_shifts(self) -> int:
        """The programs' further steps times the tracks moved."""
        return self.homeward_steps * self.tracks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """Steps of one unit: from rest to the `first` access, within a pass, from a pass to the next, of the programs."""

    accesses: int
    first: int
    within: int
    between: int
    programmed: int


def operand_shifts(entry: DotProductSchedule, layout: Layout, rows: TraceRows, pixels: int) -> OperandShifts:
    """Return what the first `pixels` of one image take; they are dealt out to the copies of the layer in turn."""
    copies = min(entry.replicas, pixels)
    accesses = steps = programmed = 0
    for units, filters, words in _kinds_of_units(entry):
        visited = [place for turn in range(filters) for place in segments_of(entry, turn, words)]
        unit = _unit(visited, stride(entry, layout), -rows.behind)
        accesses += units * pixels * unit.accesses
        steps += units * (copies * (unit.first - unit.between) + pixels * (unit.within + unit.between))
        programmed += units * pixels * unit.programmed
    return OperandShifts(
        accesses=accesses,
        tracks=tracks_of_group(entry, layout),
        shift_steps=steps,
        homeward_steps=programmed - steps,
    )


def _kinds_of_units(entry: DotProductSchedule) -> Iterator[tuple[int, int, int]]:
    """Yield for a copy's units that work alike how many they are, the filters and the words of a filter of each."""
    full, rest = divmod(entry.stage.dot.channels_out, entry.filters_per_unit)
    for index in range(entry.slices):
        words = len(entry.slice_words(index))
        yield full, entry.filters_per_unit, words
        if rest:
            yield 1, rest, words


def _unit(visited: Sequence[WeightSegment], stride: int, rest: int) -> _Unit:
    accesses = first = within = between = programmed = 0
    for _, group in itertools.groupby(visited, key=lambda segment: segment.group):
        ways = [_way(segment, stride) for segment in group]
        accesses += sum(end - start + 1 for start, end in ways)
        first += abs(ways[0][0] - rest)
        within += sum(end - start for start, end in ways)
        within += sum(abs(after - end) for (_, end), (after, _) in itertools.pairwise(ways))
        between += abs(ways[0][0] - ways[-1][1])
        programmed += sum(-start + (end - start) + abs(end) for start, end in ways)
    return _Unit(accesses=accesses, first=first, within=within, between=between, programmed=programmed)


def _way(segment: WeightSegment, stride: int) -> tuple[int, int]:
    """Return the displacements at the first and the last domain of the words."""
    start = -segment.place.lead
    return start, start + len(segment.words) * stride - 1
