"""What can be found out about a tape before its data are there: slots, liveness, folded programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.simulation.lane_words import UnitWords
from trackmac.simulation.packing import WordArray, narrowest, result_places
from trackmac.simulation.tape.blocks import Blocks, blocks_of
from trackmac.simulation.tape.families import Families, Family
from trackmac.simulation.tape.folded import RowArray, folder
from trackmac.simulation.tape.points import BoolArray
from trackmac.simulation.tape.steps import BitArray, constants_on_tracks, passages_of, receivers_of
from trackmac.simulation.tape.tape import Entry, Reading, Repeated, Run, Tape

FOLDED_CONSTANTS = 8
"""Where a step has more constants, they are bits as others are: hardly any set of them would be met twice."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """Tables for `trackmac.simulation.tape.kernel.play`; inputs and addresses of readings are the data's."""

    blocks: Blocks
    rows: RowArray
    bounds: IntArray
    programs: NDArray[np.int32]
    constants: BitArray
    first_constants: IntArray
    readings: IntArray
    places: IntArray
    masks: WordArray
    planes: int
    given: int
    received: int
    slots: int
    receivers: tuple[tuple[int, IntArray], ...]
    """Which of all runs and stores receive words, and as which steps."""


def plan_of(tape: Tape, entries: Sequence[Entry], is_constant: BoolArray) -> Plan:
    """Return the plan of a tape, of its unrolled entries; that of one that does the same is remembered by its deck."""
    key = tape.units, tape.words, tuple(map(_signature, entries))
    if key not in tape.deck.plans:
        tape.deck.plans[key] = _Planner(tape, entries, is_constant).plan()
    return tape.deck.plans[key]


def _signature(entry: Entry) -> object:
    if isinstance(entry, Reading):
        return entry.planes.tobytes(), entry.format
    if isinstance(entry, Repeated):
        return entry.places.tobytes(), *map(_signature, entry.runs)
    words = tuple(
        np.packbits(word.set_bits).tobytes() if isinstance(word, UnitWords) else word.planes.shape[1]
        for word in entry.received
    )
    if isinstance(entry, Run):
        return entry.circuit, entry.state, *words
    return entry.planes.tobytes(), *words


class _Planner:
    def __init__(self, tape: Tape, entries: Sequence[Entry], is_constant: BoolArray) -> None:
        self._tape, self._entries = tape, entries
        self._passages = passages_of(tape, entries, is_constant)
        self._steps = [step for passage in self._passages for step in passage.steps]
        self._number = sum(len(step.numbers) for step in self._steps)
        self._families = Families(tape, self._passages, is_constant)
        self._on_tracks = constants_on_tracks(tape)
        self._blocks = blocks_of(tape.units, tape.words)
        readings = (reading.planes.tolist() for step in self._steps for reading in step.readings)
        used = set[int]().union(*readings, *(family.found | family.written for family in self._families))
        self._planes = len(used)
        self._slot_of = np.full(tape.motion.planes + len(tape.sent_planes), -1)
        self._slot_of[sorted(used)] = np.arange(len(used))
        self._constants = max((family.constants for family in self._families), default=0)
        self._received = max((family.received for family in self._families), default=0)

    def plan(self) -> Plan:
        programs = _Programs(self._number, self._tape.units)
        constants, first_constants = self._fold(programs)
        rows, bounds = programs.table()
        readings, places, masks = self._readings()
        given = self._planes + self._constants
        number = {id(entry): index for index, entry in enumerate(receivers_of(self._entries))}
        return Plan(
            blocks=self._blocks,
            rows=rows,
            bounds=bounds,
            programs=programs.of_step,
            constants=constants,
            first_constants=first_constants,
            readings=readings,
            places=places,
            masks=masks,
            planes=self._planes,
            given=given,
            received=given + self._received,
            slots=max(programs.slots, given + self._received + 2),
            receivers=tuple((number[id(step.entries[0])], step.numbers) for step in self._steps if step.received),
        )

    def _live_after(self) -> list[int]:
        """Return the planes that are read later, after the step of each number: sets of slots as bits."""
        found = {family: self._bits(family.found) for family in self._families}
        written = {family: self._bits(family.written) for family in self._families}
        live, after = 0, [0] * self._number
        for passage in reversed(self._passages):
            # what is live where a round starts is, before the last one, the same for all rounds
            for rounds in (slice(-1, None), slice(-1))[: len(passage.places)]:
                for step in reversed(passage.steps):
                    for reading in step.readings:
                        live |= self._bits(reading.planes.tolist())
                    for number in step.numbers[rounds].tolist():
                        after[number] = live
                    family = self._families.of_step[step]
                    live = live & ~written[family] | found[family]
        return after

    def _bits(self, planes: Iterable[int]) -> int:
        return sum(1 << int(self._slot_of[plane]) for plane in set(planes))

    def _fold(self, programs: "_Programs") -> tuple[BitArray, IntArray]:
        """Set the programs of all steps; return the constants that they have as bits, and where each step's start."""
        kept: list[tuple[IntArray, BitArray]] = []
        counts = np.zeros(self._number, np.int64)
        live_after = self._live_after()
        for family in self._families:
            numbers = family.numbers
            alike: dict[int, list[int]] = {}
            for index, number in enumerate(numbers.tolist()):
                alike.setdefault(live_after[number], []).append(index)
            bits = self._families.constants(family, self._on_tracks)
            is_folded = self._blocks.units == 1 and family.constants <= FOLDED_CONSTANTS
            for live, own in alike.items():
                self._fold_alike(programs, family, bits[own] if is_folded else None, live, numbers[own])
            if not is_folded:
                kept.append((numbers, bits))
                counts[numbers] = family.constants
        firsts = np.cumsum([0, *counts])
        constants = np.empty((firsts[-1], self._tape.units), np.uint8)
        for numbers, bits in kept:
            constants[firsts[numbers][:, np.newaxis] + np.arange(bits.shape[1])] = bits
        return constants, firsts

    def _fold_alike(
        self, programs: "_Programs", family: Family, bits: BitArray | None, live: int, numbers: IntArray
    ) -> None:
        """Set the programs of steps of one family after which the same planes are live."""
        rows = family.rows(self._slot_of, self._planes, self._constants, self._received)
        given = self._planes + self._constants + self._received
        ours = folder(rows, self._planes, given, given + family.scratch)
        is_live = np.array([live >> slot & 1 for slot in range(self._planes)], np.bool_)
        if bits is None:
            programs.of_step[numbers] = programs.add(*ours.folded([-1] * family.constants, is_live))
            return
        codes = np.zeros((len(bits), self._tape.units), np.uint8)
        for place in range(family.constants):  # one byte holds the few that there are
            codes |= bits[:, place] << place
        program_of = np.zeros(1 << family.constants, np.int32)
        is_met = np.zeros(program_of.shape, np.bool_)
        is_met[codes] = True
        for code in np.flatnonzero(is_met).tolist():
            known = [code >> bit & 1 for bit in range(family.constants)]
            program_of[code] = programs.add(*ours.folded(known, is_live))
        programs.of_step[numbers] = program_of[codes]

    def _readings(self) -> tuple[IntArray, IntArray, WordArray]:
        table: list[tuple[int, ...]] = []
        places, masks = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
        first = first_mask = 0
        for step in self._steps:
            for reading in step.readings:
                (number,) = step.numbers
                own, mask = result_places(self._slot_of[reading.planes], is_signed=reading.format.is_signed)
                octets = narrowest(reading.format).itemsize
                own, mask = own[: 8 * octets], mask[:octets]
                table.append((number, first, own.size, first_mask, octets, 0))
                places.append(own)
                masks.append(mask)
                first, first_mask = first + own.size, first_mask + mask.size
        return np.array(table, np.int64).reshape(-1, 6), np.concatenate(places), np.concatenate(masks)


class _Programs:
    """The folded programs, and which of them each step runs in each unit's words."""

    def __init__(self, steps: int, units: int) -> None:
        self.of_step = np.zeros((steps, units), np.int32)
        self.slots = 0
        self._number: dict[int, int] = {}
        self._rows: list[RowArray] = []

    def add(self, rows: RowArray, slots: int) -> int:
        """Return the number of a program that uses so many slots."""
        if id(rows) not in self._number:
            self._number[id(rows)] = len(self._rows)
            self._rows.append(rows)
            self.slots = max(self.slots, slots)
        return self._number[id(rows)]

    def table(self) -> tuple[RowArray, IntArray]:
        """Return all rows, and where each program starts, and the last ends."""
        return np.concatenate(self._rows), np.cumsum([0, *map(len, self._rows)])
