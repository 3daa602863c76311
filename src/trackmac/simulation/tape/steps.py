"""From what a tape took down to steps: each receives one set of words at most, and most are alike.

Tracks that no program writes and that hold the same in all lanes of a unit, as weights do, are no planes: what a step
senses of them are its *constants*, bits that are known for each unit.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.simulation.lane_words import LaneWords, SharedWords, UnitWords, only
from trackmac.simulation.lockstep import BoundCircuit, Motion
from trackmac.simulation.tape.points import BoolArray, points_of
from trackmac.simulation.tape.tape import Entry, Reading, Repeated, Run, Store, Tape

BitArray = NDArray[np.uint8]


@dataclass(slots=True, eq=False)
class Step:
    """Runs that are done together, the first of which may receive words, and the readings after them.

    It is done once in every round of its passage, as step number `numbers[r]`.
    """

    passage: "Passage"
    numbers: IntArray
    entries: list[Run | Store] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    @property
    def received(self) -> tuple[LaneWords, ...]:
        """The words that the first entry receives."""
        return self.entries[0].received if self.entries else ()


@dataclass(slots=True, eq=False)
class Passage:
    """Steps that are done one after another, in rounds: in round `r`, `places[r, t]` is in the place of track `t`."""

    places: IntArray
    steps: list[Step] = field(default_factory=list)


class _Sequence:
    """Passages that are put together from a tape's entries, one after another."""

    def __init__(self, tracks: int) -> None:
        self.passages: list[Passage] = []
        self._once = np.arange(tracks)[np.newaxis]
        self._steps = 0
        self._is_open = False

    def add(self, entry: Entry) -> None:
        if isinstance(entry, Repeated):
            self._repeat(entry)
            return
        if isinstance(entry, Reading):
            self._last().readings.append(entry)
        elif isinstance(entry, Run) and self._is_open and not entry.received:
            self._last().entries.append(entry)
        else:
            self._new().entries.append(entry)
        self._is_open = isinstance(entry, Run)

    def _last(self) -> Step:
        """Return the last step, to which something is added that is done once."""
        is_once = self.passages and len(self.passages[-1].places) == 1
        return self.passages[-1].steps[-1] if is_once else self._new()

    def _new(self) -> Step:
        passage = Passage(self._once)
        passage.steps.append(Step(passage, np.array([self._steps])))
        self.passages.append(passage)
        self._steps += 1
        return passage.steps[-1]

    def _repeat(self, entry: Repeated) -> None:
        parts: list[list[Run | Store]] = []
        for run in entry.runs:
            if run.received or not parts:
                parts.append([])
            parts[-1].append(run)
        passage, rounds = Passage(entry.places), len(entry.places)
        firsts = self._steps + len(parts) * np.arange(rounds)
        passage.steps += [Step(passage, firsts + number, part) for number, part in enumerate(parts)]
        self.passages.append(passage)
        self._steps += len(parts) * rounds
        self._is_open = False


def passages_of(tape: Tape, entries: Sequence[Entry], is_constant: BoolArray) -> list[Passage]:
    """Return the steps of a tape, of its unrolled entries; `is_constant` says which of its tracks are no planes."""
    is_constant_plane = np.repeat(is_constant, np.diff(tape.motion.first_planes, append=tape.motion.planes))
    sequence = _Sequence(len(is_constant))
    for entry in entries:
        if not isinstance(entry, Store) or not is_constant_plane[entry.planes].all():
            sequence.add(entry)
    return sequence.passages


def unrolled(tape: Tape, is_constant: BoolArray) -> list[Entry]:
    """Return the entries of a tape; of those repeated, others than constant tracks stay in their places."""
    entries: list[Entry] = []
    for entry in tape.entries:
        if not isinstance(entry, Repeated) or (len(entry.places) > 1 and _trade_constants(entry, is_constant)):
            entries.append(entry)
        else:
            entries += _one_by_one(tape.motion, entry)
    return entries


def receivers_of(entries: Iterable[Entry]) -> Iterator[Run | Store]:
    """Yield those of a tape's entries that may receive words, those within repeated ones, too."""
    for entry in entries:
        if isinstance(entry, Repeated):
            yield from entry.runs
        elif not isinstance(entry, Reading):
            yield entry


def _trade_constants(entry: Repeated, is_constant: BoolArray) -> bool:
    has_moved = (entry.places != np.arange(len(is_constant))).any(axis=0)
    return bool(is_constant[has_moved].all())


def _one_by_one(motion: Motion, entry: Repeated) -> Iterator[Run]:
    for number, places in enumerate(entry.places):
        for run in entry.runs:
            received = tuple(only(words[number]) for words in run.received)
            yield Run(motion.traded(run.circuit, places), motion.traded_state(run.state, places), received)


def constant_tracks(tape: Tape) -> BoolArray:
    """Return which tracks stay as they were stored before the first program, alike in all lanes of a unit."""
    is_constant = np.ones(len(tape.tracks), np.bool_)
    checked: set[BoundCircuit] = set()
    has_run = False
    for entry in tape.entries:
        if isinstance(entry, Store | Reading):
            if has_run or isinstance(entry, Reading) or isinstance(entry.received[0], SharedWords):
                is_constant[tracks_of(tape, entry)] = False
            continue
        has_run = True
        if isinstance(entry, Repeated):
            for run in entry.runs:
                is_constant[entry.places[:, _written_tracks(run.circuit)]] = False
        elif entry.circuit not in checked:
            checked.add(entry.circuit)
            is_constant[_written_tracks(entry.circuit)] = False
    return is_constant


def _written_tracks(circuit: BoundCircuit) -> IntArray:
    points = points_of(circuit.binding.circuit)
    tracks: IntArray = circuit.binding.tracks[points.tracks[points.is_written & (points.tracks >= 0)]]
    return tracks


def tracks_of(tape: Tape, entry: Store | Reading) -> "NDArray[np.int64]":
    """Return the tracks of an entry's planes; wires have none."""
    planes = entry.planes[entry.planes < tape.motion.planes]
    return np.searchsorted(tape.motion.first_planes, planes, side="right") - 1


def constants_on_tracks(tape: Tape) -> BitArray:
    """Return the bits on constant tracks, [planes, units]: ones where nothing was stored."""
    bits = np.ones((tape.motion.planes, tape.units), np.uint8)
    for entry in tape.entries:
        if isinstance(entry, Run | Repeated):
            break
        if isinstance(entry, Store) and isinstance(entry.received[0], UnitWords):
            bits[entry.planes] = entry.received[0].set_bits[0]
    return bits
