"""The compiled loop that plays folded rows block by block.

What may ever change is an argument or in this file: numba's cache on disk does not notice a change in another module.
"""
# mypy: disable-error-code="untyped-decorator, no-untyped-call, no-untyped-def, misc, attr-defined, no-any-return"
# ruff: noqa: PLR0917 - a compiled function takes its arguments by position

import numpy as np
from numba import carray
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.compiled import compiled
from trackmac.simulation.kernel import unpack, unpack_octets
from trackmac.simulation.packing import WordArray
from trackmac.simulation.rows import BORROWING, CHAIN, COLUMNS, FILL, FURTHER, KEPT, LOOKUP_2, MOVE, PLAIN
from trackmac.simulation.rows import LINE_WORDS as LINE
from trackmac.simulation.vectors import FULL, NONE, addresses, fetch, halves, pointer, put, repeated

XOR, AND, AND_NOT, OR, XOR_OF_3 = 6, 8, 10, 14, 22
"""Frequent functions in algebraic normal form, as in `trackmac.simulation.rows`."""

LINE_BYTES = 8 * LINE

ROW = np.uint64(COLUMNS)
D0, D1, S0, S1, S2, K = (np.uint64(column) for column in (1, 2, 3, 4, 5, 7))
"""Columns of a row: unsigned, an index needs no look at whether it counts from the end."""


@compiled
def play(
    rows,
    bounds: IntArray,
    steps: IntArray,
    programs: NDArray[np.int32],
    inputs: IntArray,
    kinds: IntArray,
    constants,
    readings: IntArray,
    places: IntArray,
    masks: WordArray,
    planes: int,
    given: int,
    received: int,
    words: int,
    block: int,
    at_once: int,
    first: int,
    last: int,
    memory: WordArray,
) -> None:
    """Play all steps on the blocks from `first` to `last`.

    Words `words` * u and on belong to unit u. A block is at most `block` of one unit's where `at_once` is 1, otherwise
    those of so many units; slot `s` starts at `memory[s * block]`.

    Args:
        rows: int16, COLUMNS for each row, folded.
        bounds: program `p` is rows `bounds[p]` to `bounds[p + 1]`.
        steps: [steps, 5]: the first input and their number, which of `kinds` says how units share them, the first
            constant and their number.
        programs: int32 [steps, units], which program a unit's words run.
        inputs: [inputs, 2]: address of the plane of kind 0, distance to the next kind's in words.
        kinds: [shared words, units].
        constants: uint8 [constants, units]: 0 or 1 in all lanes of a unit.
        readings: [readings, 6]: the step after which to read, first of `places` and their number, first of `masks`,
            octets of a value, address of the first lane's one.
        places: slots of the bits to read, see `trackmac.simulation.kernel.unpack`.
        masks: which bits count.
        planes: slots of planes, which start as ones; constants follow.
        given: slots of planes and constants; received bits follow.
        received: slots of planes, constants and received bits; one of zeros, one of ones and registers follow.
        words: of a unit.
        block: words of a slot.
        at_once: units of a block.
        first: number of a block.
        last: number of a block, not played.
        memory: room for the slots.
    """
    units = programs.shape[1]
    start = np.int64(memory.ctypes.data)
    home = start + 8 * block * np.arange(memory.size // block)
    where = home.copy()
    offsets = places * block
    table, slots = halves(np.int64(rows.ctypes.data)), addresses(np.int64(where.ctypes.data))
    memory[received * block : (received + 1) * block] = NONE
    memory[(received + 1) * block : (received + 2) * block] = FULL
    for number in range(first, last):
        if at_once == 1:
            unit, word = number % units, number // units * block
            count = min(block, words - word)
        else:
            unit, word = number * at_once, 0
            count = min(at_once, units - unit) * words
        memory[: planes * block] = FULL
        lines, reading = -(-count // LINE) * LINE_BYTES, 0
        for s in range(steps.shape[0]):
            first_input, input_count, kind, first_constant, constant_count = steps[s]
            for c in range(constant_count):
                _spread(constants[first_constant + c], unit, words, at_once, count, memory, (planes + c) * block)
            for i in range(input_count):
                address, pitch = inputs[first_input + i]
                if at_once == 1:
                    where[given + i] = address + 8 * (kinds[kind, unit] * pitch + word)
                else:
                    _gather(address, pitch, kinds[kind], unit, words, count, memory, (given + i) * block)
            program = programs[s, unit]
            _run(table, bounds[program], bounds[program + 1], slots, lines)
            while reading < readings.shape[0] and readings[reading, 0] == s:
                _, first_place, place_count, first_mask, octets, address = readings[reading]
                values = carray(pointer(address + 64 * octets * (unit * words + word)), (8 * octets * count,))
                at = offsets[first_place : first_place + place_count]
                _read(memory, at, masks[first_mask:], octets, values, count)
                reading += 1


@compiled
def _spread(bits, unit: int, words: int, at_once: int, count: int, memory: WordArray, to: int) -> None:
    """Fill the words of each unit of a block with its bit."""
    if at_once == 1:
        memory[to : to + count] = FULL if bits[unit] else NONE
        return
    for n in range(count // words):
        word = FULL if bits[unit + n] else NONE
        for w in range(words):
            memory[to + n * words + w] = word


@compiled
def _gather(
    address: int, pitch: int, kinds: IntArray, unit: int, words: int, count: int, memory: WordArray, to: int
) -> None:
    """Copy the words that each unit of a block receives."""
    for n in range(count // words):
        source = carray(pointer(address + 8 * kinds[unit + n] * pitch), (words,))
        for w in range(words):
            memory[to + n * words + w] = source[w]


@compiled
def _read(memory: WordArray, at: IntArray, masks: WordArray, octets: int, words: WordArray, count: int) -> None:
    """Set the values, of so many octets each, that fill `words`."""
    if octets == 1:
        unpack_octets(memory, at, masks, words.view(np.uint8), count)
    elif octets == 2:
        unpack(memory, at, masks, words.view(np.uint16), count)
    elif octets == 4:
        unpack(memory, at, masks, words.view(np.uint32), count)
    else:
        unpack(memory, at, masks, words, count)


@compiled
def _run(rows, first: int, last: int, where, lines: int) -> None:
    r, end = np.uint64(COLUMNS * first), np.uint64(COLUMNS * last)
    while r < end:
        operation, k = rows[r], np.uint64(rows[r + K])
        d0, s0, s1 = where[np.uint64(rows[r + D0])], where[np.uint64(rows[r + S0])], where[np.uint64(rows[r + S1])]
        if operation == CHAIN:
            r += _add(rows, r, k, where, lines)
        elif operation == LOOKUP_2:
            _look_up_2(k, d0, s0, s1, lines)
        elif operation == MOVE:
            invert = repeated(FULL if k else NONE)
            for i in range(0, lines, LINE_BYTES):
                put(d0 + i, fetch(s0 + i) ^ invert)
        elif operation == FILL:
            bits = repeated(FULL if k else NONE)
            for i in range(0, lines, LINE_BYTES):
                put(d0 + i, bits)
        else:
            _look_up_3(k, d0, s0, s1, where[np.uint64(rows[r + S2])], lines)
        r += ROW


@compiled
def _add(rows, first: np.uint64, k: np.uint64, where, lines: int) -> np.uint64:
    """Run a chain of adders; return how far behind `first` its last row starts."""
    kind, further = k % np.uint64(KEPT), k // np.uint64(FURTHER) * ROW
    last, is_kept = first + further, k & np.uint64(KEPT) != 0
    c, d = where[np.uint64(rows[first + S2])], where[np.uint64(rows[last + D1])]
    i = 0
    while i + 2 * LINE_BYTES <= lines:
        if kind == PLAIN:
            c0, c1 = _add_two(rows, first, last + ROW, where, i, fetch(c + i), fetch(c + i + LINE_BYTES))
        else:
            flip = repeated(FULL if kind == BORROWING else NONE)
            c0, c1 = _take_two(rows, first, last + ROW, where, i, fetch(c + i), fetch(c + i + LINE_BYTES), flip)
        if is_kept:
            put(d + i, c0)
            put(d + i + LINE_BYTES, c1)
        i += 2 * LINE_BYTES
    if i < lines:
        flip = repeated(FULL if kind == BORROWING else NONE)
        invert = repeated(NONE if kind == PLAIN else FULL)
        c0 = _add_one(rows, first, last + ROW, where, i, fetch(c + i), invert, flip)
        if is_kept:
            put(d + i, c0)
    return further


@compiled
def _add_two(rows, first: np.uint64, end: np.uint64, where, i: int, c, d):
    r = first
    while r < end:
        d0, s0, s1 = where[np.uint64(rows[r + D0])], where[np.uint64(rows[r + S0])], where[np.uint64(rows[r + S1])]
        p, q = fetch(s0 + i), fetch(s1 + i)
        either = p ^ q
        put(d0 + i, either ^ c)
        c = (p & q) | (either & c)
        p, q = fetch(s0 + i + LINE_BYTES), fetch(s1 + i + LINE_BYTES)
        either = p ^ q
        put(d0 + i + LINE_BYTES, either ^ d)
        d = (p & q) | (either & d)
        r += ROW
    return c, d


@compiled
def _take_two(rows, first: np.uint64, end: np.uint64, where, i: int, c, d, flip):
    full = repeated(FULL)
    r = first
    while r < end:
        d0, s0, s1 = where[np.uint64(rows[r + D0])], where[np.uint64(rows[r + S0])], where[np.uint64(rows[r + S1])]
        p, q = fetch(s0 + i) ^ full, fetch(s1 + i)
        either = p ^ q
        put(d0 + i, either ^ c ^ flip)
        c = (p & q) | (either & c)
        p, q = fetch(s0 + i + LINE_BYTES) ^ full, fetch(s1 + i + LINE_BYTES)
        either = p ^ q
        put(d0 + i + LINE_BYTES, either ^ d ^ flip)
        d = (p & q) | (either & d)
        r += ROW
    return c, d


@compiled
def _add_one(rows, first: np.uint64, end: np.uint64, where, i: int, c, invert, flip):
    r = first
    while r < end:
        p = fetch(where[np.uint64(rows[r + S0])] + i) ^ invert
        q = fetch(where[np.uint64(rows[r + S1])] + i)
        either = p ^ q
        put(where[np.uint64(rows[r + D0])] + i, either ^ c ^ flip)
        c = (p & q) | (either & c)
        r += ROW
    return c


@compiled
def _look_up_2(k: np.uint64, d0: int, s0: int, s1: int, lines: int) -> None:
    if k == XOR:
        for i in range(0, lines, LINE_BYTES):
            put(d0 + i, fetch(s0 + i) ^ fetch(s1 + i))
    elif k == AND:
        for i in range(0, lines, LINE_BYTES):
            put(d0 + i, fetch(s0 + i) & fetch(s1 + i))
    elif k == OR:
        for i in range(0, lines, LINE_BYTES):
            put(d0 + i, fetch(s0 + i) | fetch(s1 + i))
    elif k == AND_NOT:
        for i in range(0, lines, LINE_BYTES):
            x = fetch(s0 + i)
            put(d0 + i, x ^ (x & fetch(s1 + i)))
    else:
        one, a, b, ab = _term(k, 0), _term(k, 1), _term(k, 2), _term(k, 3)
        for i in range(0, lines, LINE_BYTES):
            x, y = fetch(s0 + i), fetch(s1 + i)
            put(d0 + i, one ^ (a & x) ^ (y & (b ^ (ab & x))))


@compiled
def _look_up_3(k: np.uint64, d0: int, s0: int, s1: int, s2: int, lines: int) -> None:
    if k == XOR_OF_3:
        for i in range(0, lines, LINE_BYTES):
            put(d0 + i, fetch(s0 + i) ^ fetch(s1 + i) ^ fetch(s2 + i))
        return
    one, a, b, ab = _term(k, 0), _term(k, 1), _term(k, 2), _term(k, 3)
    c, ac, bc, abc = _term(k, 4), _term(k, 5), _term(k, 6), _term(k, 7)
    for i in range(0, lines, LINE_BYTES):
        x, y, z = fetch(s0 + i), fetch(s1 + i), fetch(s2 + i)
        without = one ^ (a & x) ^ (y & (b ^ (ab & x)))
        put(d0 + i, without ^ (z & (c ^ (ac & x) ^ (y & (bc ^ (abc & x))))))


@compiled
def _term(k: np.uint64, term: int):
    return repeated(FULL if (k >> np.uint64(term)) & np.uint64(1) else NONE)
