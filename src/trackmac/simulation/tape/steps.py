"""From what a tape took down to steps of rows: each receives at most one set of words, most are alike.

Tracks that no program writes and that hold the same in all lanes of a unit, as weights do, are no planes here: what a
step senses of them are its *constants*, bits known for each unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.circuits import Place
from trackmac.simulation.lane_words import LaneWord, SharedWord, UnitWord
from trackmac.simulation.lockstep import BoundCircuit
from trackmac.simulation.rows import ADD, AND_ADD, MOVE, SLOT_COLUMNS, table_of
from trackmac.simulation.tape.tape import Reading, Run, Store, Tape

BitArray = NDArray[np.uint8]


@dataclass(slots=True, eq=False)
class Step:
    """Entries of the tape that are done together, and the readings after them."""

    runs: list[Run | Store] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    @property
    def received(self) -> tuple[LaneWord, ...]:
        """The words that the first entry receives."""
        first = self.runs[0] if self.runs else None
        if first is None:
            return ()
        return first.received if isinstance(first, Run) else (first.word,)


def steps_of(tape: Tape, is_constant: NDArray[np.bool_]) -> list[Step]:
    """Return the steps; what is stored on planes that are constant is none."""
    steps: list[Step] = []
    is_open = False
    for entry in tape.entries:
        if isinstance(entry, Reading):
            if not steps:
                steps.append(Step())
            steps[-1].readings.append(entry)
            is_open = False
        elif isinstance(entry, Run):
            if not len(entry.circuit.binding.program.rows):
                continue
            if not is_open or entry.received:
                steps.append(Step())
                is_open = True
            steps[-1].runs.append(entry)
        elif not is_constant[entry.planes].all():
            steps.append(Step(runs=[entry]))
            is_open = False
    return steps


def constant_planes(tape: Tape) -> NDArray[np.bool_]:
    """Return which of the tracks' planes stay as they were stored, alike in all lanes of a unit, whole tracks each."""
    lockstep = tape.lockstep
    ends = np.append(lockstep.first_planes[1:], lockstep.planes)
    is_constant = np.ones(len(tape.tracks), np.bool_)
    has_run = False
    for entry in tape.entries:
        if isinstance(entry, Run):
            has_run |= bool(len(entry.circuit.binding.program.rows))
        elif isinstance(entry, Reading) or has_run or isinstance(entry.word, SharedWord):
            planes = entry.planes[entry.planes < lockstep.planes]
            is_constant[np.searchsorted(ends, planes, side="right")] = False
    for circuit in lockstep.circuits:
        tracks = dict(zip(circuit.binding.names, circuit.binding.tracks.tolist(), strict=True))
        for point in written_points(circuit):
            if isinstance(point, Place):
                is_constant[tracks[point.track]] = False
    return np.repeat(is_constant, np.diff(np.append(lockstep.first_planes, lockstep.planes)))


def written_points(circuit: BoundCircuit) -> list[Place | str]:
    """Return the points of a program that its rows write."""
    program = circuit.binding.program
    second = np.isin(program.rows[:, 0], (ADD, AND_ADD))
    slots = np.unique(np.concatenate([program.rows[:, 1], program.rows[second, 2]]))
    return [program.points[slot] for slot in slots.tolist() if slot < len(program.points)]


def constants_on_tracks(tape: Tape, is_constant: NDArray[np.bool_]) -> BitArray:
    """Return the bits of the constant planes, [planes, units], ones where nothing was stored."""
    bits = np.ones((tape.lockstep.planes, tape.units), np.uint8)
    for entry in tape.entries:
        if isinstance(entry, Store) and isinstance(entry.word, UnitWord) and is_constant[entry.planes].all():
            bits[entry.planes] = entry.word.set_bits
    return bits
