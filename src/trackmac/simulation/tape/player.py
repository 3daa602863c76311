"""Plays a tape on all processors."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from trackmac.bits import IntArray
from trackmac.simulation.lane_words import SharedWord
from trackmac.simulation.packing import WordArray
from trackmac.simulation.rows import LINE_WORDS
from trackmac.simulation.tape.plan import Plan, plan_of
from trackmac.simulation.tape.tape import Reading, Tape

SHARES = 4
"""Ranges of blocks for each processor, which takes the next one when it is done."""


def play(tape: Tape) -> None:
    """Do what the tape took down, and give its readings their values."""
    from trackmac.simulation.tape import kernel

    plan = plan_of(tape)
    readings = [entry for entry in tape.entries if isinstance(entry, Reading)]
    for reading in readings:
        reading.values = np.empty(tape.lanes, np.int64)
    table = plan.readings.copy()
    table[:, 4] = [reading.__array__().ctypes.data for reading in readings]
    steps, inputs, kinds = _inputs(plan, tape)
    tables = plan.rows, plan.bounds, steps, plan.programs, inputs, kinds, plan.constants, table, plan.places, plan.masks
    sizes = plan.planes, plan.given, plan.received, tape.words, plan.blocks.words, plan.blocks.units

    def share(blocks: range) -> None:
        memory = _aligned(plan.slots * plan.blocks.words)
        kernel.play(*tables, *sizes, blocks.start, blocks.stop, memory)

    _on_all_processors(share, plan.blocks.number)


def _on_all_processors(share: Callable[[range], None], number: int) -> None:
    processors = len(os.sched_getaffinity(0))
    each = max(1, -(-number // (processors * SHARES)))
    shares = [range(start, min(start + each, number)) for start in range(0, number, each)]
    if processors == 1 or len(shares) == 1:
        for blocks in shares:
            share(blocks)
        return
    with ThreadPoolExecutor(processors) as pool:
        for done in [pool.submit(share, blocks) for blocks in shares]:
            done.result()


def _inputs(plan: Plan, tape: Tape) -> tuple[IntArray, IntArray, IntArray]:
    """Return the steps, the inputs and the kinds as the kernel takes them."""
    steps = np.zeros((len(plan.entries), 5), np.int64)
    steps[:, 3], steps[:, 4] = plan.first_constants[:-1], np.diff(plan.first_constants)
    words: list[tuple[int, int, int, int]] = []
    kinds: dict[int, int] = {}
    rows = [np.zeros(tape.units, np.int64)]
    first = 0
    for number, index in enumerate(plan.entries):
        steps[number, 0] = first
        entry = tape.entries[index]
        if index < 0 or isinstance(entry, Reading):
            continue
        for word in entry.received:
            if isinstance(word, SharedWord):
                per_bit, per_kind, _ = word.planes.strides
                words.append((word.planes.ctypes.data, per_bit, per_kind // 8, len(word.planes)))
                first += len(word.planes)
                if id(word.kind_of_unit) not in kinds:
                    kinds[id(word.kind_of_unit)] = len(rows)
                    rows.append(word.kind_of_unit)
                steps[number, 2] = kinds[id(word.kind_of_unit)]
        steps[number, 1] = first - steps[number, 0]
    return steps, _addresses(words), np.array(rows, np.int64)


def _addresses(words: Sequence[tuple[int, int, int, int]]) -> IntArray:
    """Return the address of every bit's plane and the distance of kinds, [bits of all words, 2]."""
    table = np.array(words, np.int64).reshape(-1, 4)
    bits = table[:, 3]
    bit = np.arange(bits.sum()) - np.repeat(np.cumsum(bits) - bits, bits)
    address, per_bit, per_kind, _ = np.repeat(table, bits, axis=0).T
    return np.stack([address + bit * per_bit, per_kind], axis=1)


def _aligned(words: int) -> WordArray:
    """Return so many words, from the start of a cache line on."""
    room = np.empty(words + LINE_WORDS, np.uint64)
    first = -(room.ctypes.data // 8) % LINE_WORDS
    return room[first : first + words]
