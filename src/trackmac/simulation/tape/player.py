"""Plays a tape: liveness, folded programs, blocks of words that stay in the cache, on all processors."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.simulation.lane_words import SharedWord
from trackmac.simulation.packing import LANES_PER_WORD, WordArray, result_places
from trackmac.simulation.rows import LINE_WORDS
from trackmac.simulation.tape.families import Family, FamilyBuilder
from trackmac.simulation.tape.folded import RowArray, folder
from trackmac.simulation.tape.points import Points, points_of
from trackmac.simulation.tape.steps import BitArray, Step, constant_planes, constants_on_tracks, steps_of
from trackmac.simulation.tape.tape import Reading, Run, Tape

BLOCK_WORDS = 64
"""Words of a slot: what a program uses of so many fits in the first-level cache."""

FOLDED_CONSTANTS = 8
"""A step with more constants than that is played with the constants as bits: hardly any would be met twice."""

SHARES = 4
"""Ranges of blocks for each processor, which takes the next one when it is done."""


def play(tape: Tape) -> None:
    """Do what the tape took down, and give its readings their values."""
    readings = [entry for entry in tape.entries if isinstance(entry, Reading)]
    for reading in readings:
        reading.values = np.empty(tape.lanes, np.int64)
    _Player(tape).play()


class _Player:
    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        is_constant = constant_planes(tape)
        self._steps = steps_of(tape, is_constant)
        self._on_tracks = constants_on_tracks(tape, is_constant)
        self._points: dict[int, Points] = {}
        self._is_constant = is_constant
        displacements = np.pad(tape.lockstep.all_displacements, ((0, 0), (0, 1)))
        self._builder = FamilyBuilder(self._points_of, displacements)
        self._family = [self._builder.family(step) for step in self._steps]
        for number, family in enumerate(self._family):
            family.members.append(number)
        self._lay_out()

    def _points_of(self, run: Run) -> Points:
        key = id(run.circuit)
        if key not in self._points:
            self._points[key] = points_of(self._tape, run.circuit, self._is_constant)
        return self._points[key]

    def _lay_out(self) -> None:
        """Give slots to the planes that are used, and say how the lanes are divided into blocks."""
        families, tape = self._builder.families, self._tape
        used = set[int]().union(*(family.found | family.written for family in families))
        used.update(*(reading.planes.tolist() for step in self._steps for reading in step.readings))
        self._planes = len(used)
        self._slot_of = np.full(tape.lockstep.planes + len(tape.sent_planes), -1)
        self._slot_of[sorted(used)] = np.arange(len(used))
        self._constants = max((family.constants for family in families), default=0)
        self._received = max((family.received for family in families), default=0)
        self._at_once = max(1, BLOCK_WORDS // tape.words) if tape.words < LINE_WORDS else 1
        if self._at_once == 1:
            parts = -(-tape.words // BLOCK_WORDS)
            self._block = -(-tape.words // parts // LINE_WORDS) * LINE_WORDS
            self._blocks = tape.units * -(-tape.words // self._block)
        else:
            self._at_once = min(self._at_once, tape.units)
            self._block = -(-self._at_once * tape.words // LINE_WORDS) * LINE_WORDS
            self._blocks = -(-tape.units // self._at_once)

    def _live_after(self) -> list[int]:
        """Return the planes that are read later, after each step: sets of slots as bits."""

        def bits(planes: Sequence[int] | set[int]) -> int:
            return sum(1 << int(self._slot_of[plane]) for plane in set(planes))

        found = {id(family): bits(family.found) for family in self._builder.families}
        written = {id(family): bits(family.written) for family in self._builder.families}
        live, after = 0, [0] * len(self._steps)
        for number in reversed(range(len(self._steps))):
            for reading in self._steps[number].readings:
                live |= bits(reading.planes.tolist())
            after[number] = live
            family = id(self._family[number])
            live = live & ~written[family] | found[family]
        return after

    def play(self) -> None:
        from trackmac.simulation.tape import kernel

        programs = _Programs(len(self._steps), self._tape.units)
        constants = self._fold(programs)
        rows, bounds = programs.table()
        inputs, kinds, steps = self._inputs()
        first_constants = np.cumsum([0, *(len(bits) for bits in constants)])
        steps[:, 3], steps[:, 4] = first_constants[:-1], np.diff(first_constants)
        readings, places, masks = self._readings()
        tables = rows, bounds, steps, programs.of_step, inputs, kinds, np.concatenate(constants), readings, places, masks
        given = self._planes + self._constants
        sizes = self._planes, given, given + self._received, self._tape.words, self._block, self._at_once

        def share(blocks: range) -> None:
            memory = _aligned(programs.slots * self._block)
            kernel.play(*tables, *sizes, blocks.start, blocks.stop, memory)

        processors = len(os.sched_getaffinity(0))
        each = max(1, -(-self._blocks // (processors * SHARES)))
        shares = [range(start, min(start + each, self._blocks)) for start in range(0, self._blocks, each)]
        if len(shares) > 1 and processors > 1:
            with ThreadPoolExecutor(processors) as pool:
                list(pool.map(share, shares))
        else:
            for blocks in shares:
                share(blocks)

    def _fold(self, programs: "_Programs") -> list[BitArray]:
        """Set the programs of all steps; return the constants that each step has as bits, [constants, units]."""
        none = np.empty((0, self._tape.units), np.uint8)
        kept = [none] * len(self._steps)
        live_after = self._live_after()
        for family in self._builder.families:
            bits = self._builder.constants(family, self._steps, self._on_tracks)
            is_folded = self._at_once == 1 and 0 < family.constants <= FOLDED_CONSTANTS
            rows, slots = family.rows(self._slot_of, self._planes, self._constants, self._received)
            ours = folder(rows, self._planes, slots - max((p.scratch for p in family.parts), default=0), slots)
            members, live = np.array(family.members), np.array([live_after[n] for n in family.members], object)
            for now in set(live.tolist()):
                alike = live == now
                is_live = np.array([now >> slot & 1 for slot in range(self._planes)], np.bool_)
                if is_folded:
                    codes = np.tensordot(bits[alike], 1 << np.arange(family.constants), (1, 0))
                    for code in np.unique(codes).tolist():
                        known = [code >> bit & 1 for bit in range(family.constants)]
                        program = programs.add(*ours.folded(known, is_live))
                        step, unit = np.nonzero(codes == code)
                        programs.of_step[members[alike][step], unit] = program
                else:
                    programs.of_step[members[alike]] = programs.add(*ours.folded([], is_live))
            if not is_folded and family.constants:
                for number, own in zip(family.members, bits, strict=True):
                    kept[number] = own
        return kept

    def _inputs(self) -> tuple[IntArray, IntArray, IntArray]:
        steps = np.zeros((len(self._steps), 5), np.int64)
        inputs: list[tuple[int, int]] = []
        kinds: dict[int, int] = {}
        rows: list[IntArray] = [np.zeros(self._tape.units, np.int64)]
        for number, step in enumerate(self._steps):
            steps[number, 0] = len(inputs)
            for word in step.received:
                if isinstance(word, SharedWord):
                    address, (per_bit, per_kind, _) = word.planes.ctypes.data, word.planes.strides
                    inputs += [(address + bit * per_bit, per_kind // 8) for bit in range(len(word.planes))]
                    if id(word.kind_of_unit) not in kinds:
                        kinds[id(word.kind_of_unit)] = len(rows)
                        rows.append(word.kind_of_unit)
                    steps[number, 2] = kinds[id(word.kind_of_unit)]
            steps[number, 1] = len(inputs) - steps[number, 0]
        return np.array(inputs, np.int64).reshape(-1, 2), np.array(rows, np.int64), steps

    def _readings(self) -> tuple[IntArray, IntArray, WordArray]:
        table: list[tuple[int, ...]] = []
        places: list[IntArray] = [np.empty(0, np.int64)]
        masks: list[WordArray] = [np.empty(0, np.uint64)]
        for number, step in enumerate(self._steps):
            for reading in step.readings:
                assert reading.values is not None
                own, mask = result_places(self._slot_of[reading.planes], is_signed=reading.format.is_signed)
                first, first_mask = sum(map(len, places)), sum(map(len, masks))
                table.append((number, first, own.size, first_mask, reading.values.ctypes.data))
                places.append(own)
                masks.append(mask)
        return np.array(table, np.int64).reshape(-1, 5), np.concatenate(places), np.concatenate(masks)


class _Programs:
    """The folded programs, and which of them each step runs in each unit's words."""

    def __init__(self, steps: int, units: int) -> None:
        self.of_step = np.zeros((steps, units), np.int32)
        self.slots = 1
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


def _aligned(words: int) -> WordArray:
    """Return so many words, from the start of a cache line on."""
    room = np.empty(words + LINE_WORDS, np.uint64)
    first = -(room.ctypes.data // 8) % LINE_WORDS
    return room[first : first + words]
