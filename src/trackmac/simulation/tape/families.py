"""Steps that do the same with the same planes are a family: their rows are put together once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from trackmac.bits import IntArray
from trackmac.simulation.lane_words import LaneWords, UnitWords
from trackmac.simulation.lockstep import BoundCircuit
from trackmac.simulation.rows import MOVE, SLOT_COLUMNS, table_of
from trackmac.simulation.tape.points import BoolArray, points_of
from trackmac.simulation.tape.steps import BitArray, Passage, Step
from trackmac.simulation.tape.tape import Run, Store, Tape

NO_PLANE = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A program of a family: rows whose slot `s` is plane `planes[s]` or, where that is -1, one of the bits given.

    That is the step's constant number `constants[s]` or, where that is -1, bit `received[s]` of those it receives.
    Slots from `planes.size` on are scratch. The planes `found` are read before they are written.
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
    """Steps that differ in their constants and received bits only."""

    parts: tuple[Part, ...]
    constants: int
    received: int
    members: list[Step]

    @property
    def numbers(self) -> IntArray:
        """The numbers of the members, in all rounds."""
        return np.concatenate([step.numbers for step in self.members])

    @property
    def scratch(self) -> int:
        """How many scratch registers the rows use."""
        return max((part.scratch for part in self.parts), default=0)

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

    def rows(self, slot_of: IntArray, planes: int, constants: int, received: int) -> IntArray:
        """Return the rows on slots: plane `p` is slot `slot_of[p]` < `planes`.

        There is room for so many constants and received bits after them; then come scratch registers.
        """
        tables = [table_of([])]
        for part in self.parts:
            slots = np.where(part.constants >= 0, planes + part.constants, planes + constants + part.received)
            is_plane = part.planes != NO_PLANE
            slots[is_plane] = slot_of[part.planes[is_plane]]
            slots = np.concatenate([slots, planes + constants + received + np.arange(part.scratch)])
            rows = part.rows.copy()
            rows[:, SLOT_COLUMNS] = slots[rows[:, SLOT_COLUMNS]]
            tables.append(rows)
        return np.concatenate(tables)


class Families:
    """Puts the steps of a tape into families; `is_constant` says which of its tracks are no planes."""

    def __init__(self, tape: Tape, passages: Sequence[Passage], is_constant: BoolArray) -> None:
        self._tape, self._is_constant = tape, is_constant
        self._displacements = tape.motion.states
        moved = np.ascontiguousarray(self._displacements[:, ~is_constant])
        self._place_of_state = [row.tobytes() for row in moved]
        self._place_of_circuit: dict[BoundCircuit, object] = {}
        self._families: dict[object, Family] = {}
        self.of_step: dict[Step, Family] = {}
        for passage in passages:
            for step in passage.steps:
                family = self.of_step[step] = self._family(step)
                family.members.append(step)

    def __iter__(self) -> Iterator[Family]:
        return iter(self._families.values())

    def constants(self, family: Family, on_tracks: BitArray) -> BitArray:
        """Return the constants of a family's members in all rounds, [numbers, constants, units]."""
        found = [np.empty((len(family.numbers), 0, on_tracks.shape[1]), np.uint8)]
        for position, entry in enumerate(family.members[0].entries):
            if isinstance(entry, Run):
                found.append(on_tracks[self._constant_planes(family.members, position)])
            for index, word in enumerate(entry.received):
                if isinstance(word, UnitWords):
                    words = (step.received[index] for step in family.members)
                    found.append(np.concatenate([word.set_bits for word in words if isinstance(word, UnitWords)]))
        return np.concatenate(found, axis=1)

    def _constant_planes(self, steps: Sequence[Step], position: int) -> IntArray:
        """Return the planes of the constants that steps sense in the runs at one position, [numbers, constants]."""
        runs = [run for step in steps if isinstance(run := step.entries[position], Run)]
        points, constant = points_of(runs[0].circuit.binding.circuit), self._constant_points(runs[0])
        tracks = np.array([run.circuit.binding.tracks for run in runs])[:, points.tracks[constant]]
        origins = np.array([run.circuit.binding.fit.origins for run in runs])[:, points.tracks[constant]]
        states = np.array([run.state for run in runs])[:, np.newaxis]
        domains = origins + self._displacements[states, tracks] + points.domains[constant]
        rounds = [len(step.numbers) for step in steps]
        places = np.concatenate([step.passage.places for step in steps])  # [numbers, tracks]
        in_place = np.take_along_axis(places, np.repeat(tracks, rounds, axis=0), axis=1)
        planes: IntArray = self._tape.motion.first_planes[in_place] + np.repeat(domains, rounds, axis=0)
        return planes

    def _constant_points(self, run: Run) -> IntArray:
        """Return the points of a program that are constants."""
        tracks = points_of(run.circuit.binding.circuit).tracks
        return np.flatnonzero((tracks >= 0) & self._is_constant[run.circuit.binding.tracks[tracks]])

    def _family(self, step: Step) -> Family:
        words = (isinstance(word, UnitWords) for word in step.received)
        key = *(self._key(entry) for entry in step.entries), *words
        family = self._families.get(key)
        if family is None:
            family = self._families[key] = self._new(step)
        return family

    def _key(self, entry: Run | Store) -> object:
        """Return what is equal for entries that do the same with the same planes."""
        if isinstance(entry, Store):
            return entry.planes.tobytes()
        place = self._place_of_circuit.get(entry.circuit)
        if place is None:
            binding = entry.circuit.binding
            is_plane = ~self._is_constant[binding.tracks]
            where = np.where(is_plane, binding.tracks, NO_PLANE), np.where(is_plane, binding.fit.origins, 0)
            place = binding.program, where[0].tobytes(), where[1].tobytes()
            self._place_of_circuit[entry.circuit] = place
        return place, self._place_of_state[entry.state]

    def _new(self, step: Step) -> Family:
        constants, parts = 0, []
        for entry in step.entries:
            on_tracks = len(self._constant_points(entry)) if isinstance(entry, Run) else 0
            known, received = _numbers(entry.received, constants + on_tracks)
            parts.append(
                _stored(entry, known, received)
                if isinstance(entry, Store)
                else self._part(entry, constants, known, received)
            )
            constants += on_tracks + int((known >= 0).sum())
        taken = sum(word.planes.shape[1] for word in step.received if not isinstance(word, UnitWords))
        return Family(parts=tuple(parts), constants=constants, received=taken, members=[])

    def _part(self, entry: Run, first_constant: int, known: IntArray, received: IntArray) -> Part:
        binding, points = entry.circuit.binding, points_of(entry.circuit.binding.circuit)
        tracks = binding.tracks[points.tracks]
        domains = binding.fit.origins[points.tracks] + self._displacements[entry.state][tracks] + points.domains
        planes = np.where(points.tracks >= 0, self._tape.motion.first_planes[tracks] + domains, NO_PLANE)
        constants, bits = np.full(planes.size, -1), np.full(planes.size, -1)
        on_tracks = self._constant_points(entry)
        planes[on_tracks], constants[on_tracks] = NO_PLANE, first_constant + np.arange(len(on_tracks))
        for wire in np.flatnonzero(points.received >= 0):
            constants[wire], bits[wire] = known[points.received[wire]], received[points.received[wire]]
        for wire in np.flatnonzero(points.sent >= 0):
            planes[wire] = self._tape.sent_planes[binding.circuit.result.wires[points.sent[wire]]]
        is_plane = planes != NO_PLANE
        return Part(
            rows=binding.program.rows,
            scratch=binding.program.scratch,
            planes=planes,
            constants=constants,
            received=bits,
            found=frozenset(planes[is_plane & points.is_found].tolist()),
            written=frozenset(planes[is_plane & points.is_written].tolist()),
        )


def _numbers(words: Sequence[LaneWords], constants: int) -> tuple[IntArray, IntArray]:
    """Return the numbers of the words' bits among a step's constants, of which it has so many already, and the rest."""
    known: list[int] = []
    received: list[int] = []
    taken = 0
    for word in words:
        if isinstance(word, UnitWords):
            bits = word.set_bits.shape[1]
            known, received, constants = (
                [*known, *range(constants, constants + bits)],
                received + [-1] * bits,
                constants + bits,
            )
        else:
            bits = word.planes.shape[1]
            known, received, taken = known + [-1] * bits, [*received, *range(taken, taken + bits)], taken + bits
    return np.array(known, np.int64), np.array(received, np.int64)


def _stored(entry: Store, known: IntArray, received: IntArray) -> Part:
    bits, nothing = entry.planes.size, np.full(entry.planes.size, -1)
    return Part(
        rows=table_of([(MOVE, bit, 0, bits + bit, 0, 0, 0, 0) for bit in range(bits)]),
        scratch=0,
        planes=np.concatenate([entry.planes, nothing]),
        constants=np.concatenate([nothing, known]),
        received=np.concatenate([nothing, received]),
        found=frozenset(),
        written=frozenset(entry.planes.tolist()),
    )
