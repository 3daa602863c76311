"""Steps that do the same with the same planes are a family: their rows are put together once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.simulation.lane_words import LaneWord, UnitWord
from trackmac.simulation.rows import MOVE, SLOT_COLUMNS, table_of
from trackmac.simulation.tape.points import Points
from trackmac.simulation.tape.steps import BitArray, Step
from trackmac.simulation.tape.tape import Run, Store

PointsOf = Callable[[Run], Points]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A program of a family: rows whose slot `s` is plane `planes[s]`, or a constant or received bit where that is < 0.

    Slots from `planes.size` on are scratch. `constants[s]` and `received[s]` number the step's, or are -1.
    """

    rows: IntArray
    scratch: int
    planes: IntArray
    constants: IntArray
    received: IntArray
    found: frozenset[int]
    written: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Family:
    """Steps that differ in their constants and received bits only: `members` are their numbers."""

    parts: tuple[Part, ...]
    constants: int
    received: int
    members: list[int]

    @property
    def found(self) -> set[int]:
        """The planes whose bit before the step is used."""
        found: set[int] = set()
        written: set[int] = set()
        for part in self.parts:
            found |= part.found - written
            written |= part.written
        return found

    @property
    def written(self) -> set[int]:
        """The planes that the step writes."""
        return set().union(*(part.written for part in self.parts))

    def rows(self, slot_of: IntArray, planes: int, constants: int, received: int) -> tuple[IntArray, int]:
        """Return the rows on slots, and how many slots there are.

        Plane `p` is slot `slot_of[p]` < `planes`; there is room for so many constants and received bits after them.
        """
        given = planes + constants + received
        tables = []
        for part in self.parts:
            slots = np.where(part.constants >= 0, planes + part.constants, planes + constants + part.received)
            is_plane = part.planes >= 0
            slots[is_plane] = slot_of[part.planes[is_plane]]
            rows = part.rows.copy()
            rows[:, SLOT_COLUMNS] = np.concatenate([slots, given + np.arange(part.scratch)])[rows[:, SLOT_COLUMNS]]
            tables.append(rows)
        return np.concatenate([table_of([]), *tables]), given + max((part.scratch for part in self.parts), default=0)


class FamilyBuilder:
    """Puts steps into families; `displacements` are those of all tracks in every state, and a column of zeros."""

    def __init__(self, points_of: PointsOf, displacements: IntArray) -> None:
        self._points_of, self._displacements = points_of, displacements
        self._families: dict[object, Family] = {}
        self._keys: dict[tuple[int, int], object] = {}

    def family(self, step: Step) -> Family:
        """Return the family of a step."""
        key = tuple(self._key(entry) for entry in step.runs)
        key = (*key, *(isinstance(word, UnitWord) for word in step.received))
        family = self._families.get(key)
        if family is None:
            family = self._families[key] = self._new(step)
        return family

    @property
    def families(self) -> list[Family]:
        """All families so far."""
        return list(self._families.values())

    def constants(self, family: Family, steps: Sequence[Step], on_tracks: BitArray) -> BitArray:
        """Return the constants of a family's members, [members, constants, units]."""
        members = [steps[number] for number in family.members]
        found = [np.empty((len(members), 0, on_tracks.shape[1]), np.uint8)]
        for position, entry in enumerate(members[0].runs if members else ()):
            if isinstance(entry, Run):
                points = self._points_of(entry)
                states = np.array([step.runs[position].state for step in members])  # type: ignore[union-attr]
                planes = self._planes(points, states)[:, points.is_constant]
                found.append(on_tracks[planes])
            if not position:
                for index, word in enumerate(members[0].received):
                    if isinstance(word, UnitWord):
                        found.append(np.stack([step.received[index].set_bits for step in members]))  # type: ignore[union-attr]
        return np.concatenate(found, axis=1)

    def _planes(self, points: Points, states: IntArray | int) -> IntArray:
        planes: IntArray = points.base + self._displacements[states][..., points.moved_by]
        return planes

    def _key(self, entry: Run | Store) -> object:
        if isinstance(entry, Store):
            return entry.planes.tobytes()
        at = id(entry.circuit), entry.state
        key = self._keys.get(at)
        if key is None:
            points = self._points_of(entry)
            key = self._keys[at] = id(entry.circuit), self._planes(points, entry.state)[points.is_plane].tobytes()
        return key

    def _new(self, step: Step) -> Family:
        constants = received = 0
        parts = []
        for position, entry in enumerate(step.runs):
            words = step.received if not position else ()
            numbers = self._word_numbers(entry, words, constants)
            if isinstance(entry, Store):
                parts.append(_stored(entry, *numbers))
            else:
                parts.append(self._part(entry, constants, *numbers))
                constants += int(self._points_of(entry).is_constant.sum())
            constants += sum(len(word.set_bits) for word in words if isinstance(word, UnitWord))
            received += sum(len(word.planes) for word in words if not isinstance(word, UnitWord))
        return Family(parts=tuple(parts), constants=constants, received=received, members=[])

    def _word_numbers(
        self, entry: Run | Store, words: Sequence[LaneWord], constants: int
    ) -> tuple[IntArray, IntArray]:
        """Return the numbers of the words' bits among the step's constants, and among the bits that it receives."""
        if isinstance(entry, Run):
            constants += int(self._points_of(entry).is_constant.sum())
        known, received, taken = [], [], 0
        for word in words:
            bits = len(word.set_bits if isinstance(word, UnitWord) else word.planes)
            is_known = isinstance(word, UnitWord)
            known += range(constants, constants + bits) if is_known else [-1] * bits
            received += [-1] * bits if is_known else range(taken, taken + bits)
            constants, taken = constants + bits * is_known, taken + bits * (not is_known)
        return np.array(known, np.int64), np.array(received, np.int64)

    def _part(self, entry: Run, first_constant: int, known: IntArray, received: IntArray) -> Part:
        points, program = self._points_of(entry), entry.circuit.binding.program
        planes = np.where(points.is_plane, self._planes(points, entry.state), -1)
        is_received = points.received >= 0
        constants = np.where(points.is_constant, first_constant + np.cumsum(points.is_constant) - 1, -1)
        constants[is_received] = known[points.received[is_received]]
        bits = np.full(planes.size, -1)
        bits[is_received] = received[points.received[is_received]]
        return Part(
            rows=program.rows,
            scratch=program.scratch,
            planes=planes,
            constants=constants,
            received=bits,
            found=frozenset(planes[points.is_plane & points.is_found].tolist()),
            written=frozenset(planes[points.is_plane & points.is_written].tolist()),
        )


def _stored(entry: Store, known: IntArray, received: IntArray) -> Part:
    bits, nothing = entry.planes.size, np.full(entry.planes.size, -1)
    rows = table_of([(MOVE, bit, 0, bits + bit, 0, 0, 0, 0) for bit in range(bits)])
    return Part(
        rows=rows,
        scratch=0,
        planes=np.concatenate([entry.planes, nothing]),
        constants=np.concatenate([nothing, known]),
        received=np.concatenate([nothing, received]),
        found=frozenset(),
        written=frozenset(entry.planes.tolist()),
    )
