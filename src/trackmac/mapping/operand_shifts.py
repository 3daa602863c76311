"""How far the weight tracks shift for the operands of dot products: algebra over segments and waves.

A unit's pass is the filters that it holds in turn, for one pixel (those that it sends, for one turn of pixels); where
it holds one after another, W is the pixels times the filters. A group of tracks meets in each pass the same segments,
i = 1 .. n (rows are walked like one). One whose words take L domains is walked from displacement s = -lead to
e = L - 1 - lead, word after word. With static choice of the port and tracks that stay where they are (lazy), W passes
over a group that rests at s_0 take

    |s_1 - s_0| + W sum(e_i - s_i) + W sum(|s_(i+1) - e_i|, i < n) + (W - 1) |s_1 - e_n|

steps. The accelerator's programs bring a track home from each segment instead: W sum(lead_i + e_i - s_i + |e_i|). The
difference are moves that no access asks for: the last way home, and that past home to a segment below its port.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.mapping.schedule import DotProductSchedule
from trackmac.mapping.trace_rows import TraceRows, stride, tracks_of_group
from trackmac.mapping.weight_rows import row_words
from trackmac.mapping.weight_segments import Segment


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

    first: int
    within: int
    between: int
    programmed: int


def operand_shifts(entry: DotProductSchedule, layout: Layout, rows: TraceRows, pixels: int) -> OperandShifts:
    """Return what the first `pixels` of one image take; they are dealt out to the copies of the layer in turn.

    Of weights that are sent (`SendingSchedule`) it is what so many turns of pixels take.
    """
    copies = min(entry.replicas, pixels)
    accesses = steps = programmed = 0
    width = stride(entry, layout)
    for units, filters, words in _kinds_of_units(entry):
        at_once = min(filters, entry.filters_at_once)
        passes = units * pixels * filters // at_once
        unit = _unit(unit_pass(entry, at_once, words), width, -rows.behind)
        accesses += passes * at_once * words * width
        steps += units * copies * (unit.first - unit.between) + passes * (unit.within + unit.between)
        programmed += passes * unit.programmed
    return OperandShifts(
        accesses=accesses,
        tracks=tracks_of_group(entry, layout),
        shift_steps=steps,
        homeward_steps=programmed - steps,
    )


def _kinds_of_units(entry: DotProductSchedule) -> Iterator[tuple[int, int, int]]:
    """Yield for a copy's units that work alike how many they are, the filters and the words of a filter of each."""
    for index in range(entry.slices):
        words = len(entry.slice_words(index))
        for units, filters in entry.filters_of_units:
            if units and filters:
                yield units, filters, words


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPass:
    """The segments that a unit walks for one pixel, in order; arrays of one length.

    Of which group of tracks they are, which of a track's, how far below their port they start, how many words are used.
    """

    groups: IntArray
    numbers: IntArray
    leads: IntArray
    words: IntArray


def unit_pass(entry: DotProductSchedule, filters: int, words: int) -> UnitPass:
    """Return the pass of a unit with so many filters, of which it holds slices of so many words.

    A filter starts with a period of its own, and fills as many as a full slice needs.
    """
    if entry.is_by_rows:
        return _by_rows(entry, words)
    held = np.array([place.words for place in entry.segments])
    leads = np.array([place.lead for place in entry.segments])
    length = len(entry.period)
    periods = -(-entry.words_per_slice // entry.words_per_period)
    filled = np.tile(held[:length], periods)
    used = np.clip(words - (np.cumsum(filled) - filled), 0, filled)
    used = used[used > 0]
    numbers = (np.arange(filters)[:, np.newaxis] * periods * length + np.arange(used.size)).ravel()
    groups, numbers = np.divmod(numbers, len(held))
    return UnitPass(groups=groups, numbers=numbers, leads=leads[numbers], words=np.tile(used, filters))


def _by_rows(entry: DotProductSchedule, words: int) -> UnitPass:
    """Return the pass over rows as if each group of tracks had one segment, walked from its first row to its last."""
    to_group = sum(place.words for place in entry.segments)
    whole, rest = divmod(words, to_group)
    groups = [row_words(entry.ports, used) for used in [to_group] * whole + [rest] * (rest > 0)]
    return UnitPass(
        groups=np.arange(len(groups)),
        numbers=np.zeros(len(groups), dtype=np.int64),
        leads=np.array([rows[0].lead for rows in groups]),
        words=np.array([rows[0].lead - rows[-1].lead + 1 for rows in groups]),
    )


def _unit(walked: UnitPass, stride: int, rest: int) -> _Unit:
    start = -walked.leads
    end = start + walked.words * stride - 1
    is_next = walked.groups[1:] == walked.groups[:-1]
    begins, ends = start[np.append(True, ~is_next)], end[np.append(~is_next, True)]
    return _Unit(
        first=int(np.abs(begins - rest).sum()),
        within=int((end - start).sum() + np.abs(start[1:] - end[:-1])[is_next].sum()),
        between=int(np.abs(begins - ends).sum()),
        programmed=int((end - 2 * start + np.abs(end)).sum()),
    )


def groups_of_unit(entry: DotProductSchedule) -> int:
    """Return the groups of tracks that the weights of a unit with all its filters take."""
    return 1 + int(unit_pass(entry, entry.filters_at_once, entry.words_per_slice).groups[-1])


def track_places(entry: DotProductSchedule) -> tuple[Segment, ...]:
    """Return by port where weights lie on the unit's fullest tracks: the first domain, and how many there are."""
    if not entry.is_by_rows:
        walked = unit_pass(entry, entry.filters_at_once, entry.words_per_slice)
        most = [int(walked.words[walked.numbers == number].max(initial=0)) for number in range(len(entry.segments))]
        return tuple(replace(place, words=used) for place, used in zip(entry.segments, most, strict=True) if used)
    to_group = sum(place.words for place in entry.segments)
    by_port: dict[int, list[int]] = {}
    for place in row_words(entry.ports, min(entry.words_per_slice, to_group)):
        by_port.setdefault(place.port, []).append(place.first_domain)
    return tuple(Segment(port, min(domains), len(domains)) for port, domains in sorted(by_port.items()))
