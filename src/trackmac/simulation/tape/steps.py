"""From what a tape took down to steps: each receives one set of words at most, and most are alike.

Tracks that no program writes and that hold the same in all lanes of a unit, as weights do, are no planes: what a step
senses of them are its *constants*, bits that are known for each unit.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trackmac.simulation.lane_words import LaneWord, SharedWord, UnitWord
from trackmac.simulation.lockstep import BoundCircuit
from trackmac.simulation.tape.points import BoolArray, points_of
from trackmac.simulation.tape.tape import Reading, Run, Store, Tape

BitArray = NDArray[np.uint8]


@dataclass(slots=True, eq=False)
class Step:
    """Entries of the tape that are done together, the first of which may receive words, and the readings after them."""

    entries: list[Run | Store] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    @property
    def received(self) -> tuple[LaneWord, ...]:
        """The words that the first entry receives."""
        return self.entries[0].received if self.entries else ()


def steps_of(tape: Tape, is_constant: BoolArray) -> list[Step]:
    """Return the steps; `is_constant` says which of the tape's tracks are no planes."""
    steps: list[Step] = []
    is_open = False
    for entry in tape.entries:
        if isinstance(entry, Run):
            if not len(entry.circuit.binding.program.rows):
                continue
            if not is_open or entry.received:
                steps.append(Step())
            steps[-1].entries.append(entry)
            is_open = True
        elif isinstance(entry, Store):
            if not is_constant[tracks_of(tape, entry)].all():
                steps.append(Step(entries=[entry]))
                is_open = False
        else:
            if not steps:
                steps.append(Step())
            steps[-1].readings.append(entry)
            is_open = False
    return steps


def constant_tracks(tape: Tape) -> BoolArray:
    """Return which tracks stay as they were stored before the first program, alike in all lanes of a unit."""
    is_constant = np.ones(len(tape.tracks), np.bool_)
    checked: set[BoundCircuit] = set()
    for entry in tape.entries:
        if not isinstance(entry, Run):
            if checked or isinstance(entry, Reading) or isinstance(entry.word, SharedWord):
                is_constant[tracks_of(tape, entry)] = False
        elif entry.circuit not in checked and len(entry.circuit.binding.program.rows):
            checked.add(entry.circuit)
            binding = entry.circuit.binding
            points = points_of(binding.circuit)
            is_constant[binding.tracks[points.tracks[points.is_written & (points.tracks >= 0)]]] = False
    return is_constant


def tracks_of(tape: Tape, entry: Store | Reading) -> "NDArray[np.int64]":
    """Return the tracks of an entry's planes; wires have none."""
    planes = entry.planes[entry.planes < tape.motion.planes]
    return np.searchsorted(tape.motion.first_planes, planes, side="right") - 1


def constants_on_tracks(tape: Tape, is_constant: BoolArray) -> BitArray:
    """Return the bits on constant tracks, [planes, units]: ones where nothing was stored."""
    bits = np.ones((tape.motion.planes, tape.units), np.uint8)
    for entry in tape.entries:
        if isinstance(entry, Store) and isinstance(entry.word, UnitWord):
            bits[entry.planes] = entry.word.set_bits
        elif isinstance(entry, Run) and len(entry.circuit.binding.program.rows):
            break
    return bits
