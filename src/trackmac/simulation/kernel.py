"""The compiled loops: packing, unpacking and the interpreter of lowered programs.

Everything lies in one flat array of words, `memory`; bit `l` of word `w` of a plane belongs to lane 64 * w + l. Values
are unsigned words in two's complement throughout. The loops work on vectors of eight words: planes start where the
caller likes, but have room for whole vectors.

What may ever change is an argument or in this file: numba's cache on disk does not notice a change in another module.
"""
# mypy: disable-error-code="untyped-decorator, no-untyped-call, no-untyped-def, misc, attr-defined, no-any-return"
# ruff: noqa: PLR0912, PLR0917 - a compiled function takes its arguments by position, and an interpreter branches

import numpy as np
from numba import carray

from trackmac.bits import IntArray
from trackmac.compiled import compiled
from trackmac.simulation.packing import WordArray
from trackmac.simulation.rows import ADD, AND_ADD, FILL, LOOKUP_2, MOVE
from trackmac.simulation.rows import LINE_WORDS as LINE
from trackmac.simulation.vectors import (
    FULL,
    NONE,
    any_bits,
    append,
    doubled,
    fetch,
    load,
    lowered,
    octets_of_8,
    octets_of_64,
    pointer,
    raised,
    repeated,
    set_values,
    store,
    top_bits,
)


@compiled
def pack(values: WordArray, memory: WordArray, offsets: IntArray, minimum: np.uint64, words: int) -> np.uint64:
    """Write bit `i` of 64 * `words` values into the plane that starts at `memory[offsets[i]]`.

    Returns the bits that are set in any value - `minimum`: from them the caller sees whether every value fits.
    """
    least, seen = repeated(minimum), repeated(NONE)
    for w in range(words):
        for low in range(0, offsets.size, 8):
            _put(octets_of_64(values, 64 * w, np.uint64(low)), memory, offsets, low, min(8, offsets.size - low), w)
        for lane in range(0, 64, LINE):
            seen = seen | (load(values, 64 * w + lane) - least)
    return any_bits(seen)


@compiled
def pack_rows(
    values: WordArray, pitch: int, memory: WordArray, offsets: IntArray, bits: int, minimum: np.uint64, words: int
) -> np.uint64:
    """Do as `pack` with many operands, whose values in lane `l` lie side by side from `values[l * pitch]` on.

    Bit `i` of operand `c` goes to `memory[offsets[c * bits + i]]`; the number of operands is a multiple of eight. Lane
    after lane is read as it lies and turned in the cache, eight operands of eight lanes at a time.
    """
    lines = offsets.size // bits // LINE
    tile = np.empty(64 * lines, np.uint64)
    least, seen = repeated(minimum), repeated(NONE)
    for w in range(words):
        for low in range(0, bits, 8):
            for lane in range(64):
                first, place = (64 * w + lane) * pitch, np.uint64(lane % 8 * 8 + lane // 8)
                for line in range(lines):
                    seen = seen | (load(values, first + LINE * line) - least)
                    tile[np.uint64(64 * line) + place] = octets_of_8(values, first + LINE * line, np.uint64(low))
            for line in range(lines):
                _transpose_octets(tile, 64 * line)
            for c in range(LINE * lines):
                _put(load(tile, 8 * c), memory, offsets, c * bits + low, min(8, bits - low), w)
    return any_bits(seen)


@compiled
def pack_octets(octets, planes) -> None:
    """Write bit `i` of `octets`, uint8 [rows, lanes], to `planes`, uint64 [rows, bits, words]."""
    last = np.zeros(64, np.uint8)
    lanes = octets.shape[1]
    for row in range(octets.shape[0]):
        for w in range(planes.shape[2]):
            source = octets[row, 64 * w :]
            if 64 * w + 64 > lanes:
                last[: lanes - 64 * w] = source
                source = last
            vector = fetch(np.int64(source.ctypes.data))
            for i in range(planes.shape[1]):
                planes[row, i, w] = top_bits(raised(vector, np.uint64(7 - i)))


@compiled
def _put(octets, memory: WordArray, offsets: IntArray, first: int, count: int, w: int) -> None:
    """Write bit `i` < `count` of 64 octets to word `w` of the plane that starts at `memory[offsets[first + i]]`."""
    for i in range(8):
        if i < count:
            memory[np.uint64(offsets[np.uint64(first + i)] + w)] = top_bits(raised(octets, np.uint64(7 - i)))


@compiled
def _transpose_octets(tile: WordArray, first: int) -> None:
    """Transpose words `w`, 8 + `w`, 16 + `w` ... of 64, for each `w`, as a matrix of 8 x 8 octets: swap blocks."""
    for distance in (4, 2, 1):
        shift = np.uint64(8 * distance)
        mask = repeated(FULL // ((np.uint64(1) << shift) + np.uint64(1)))
        for row in range(8):
            if not row & distance:
                at, other = first + 8 * row, first + 8 * (row + distance)
                x, y = load(tile, at), load(tile, other)
                swap = (lowered(x, shift) ^ y) & mask
                store(tile, at, x ^ raised(swap, shift))
                store(tile, other, y ^ swap)


@compiled
def unpack_octets(memory: WordArray, offsets: IntArray, masks: WordArray, octets, words: int) -> None:
    """Do as `unpack` with values of eight bits."""
    for w in range(words):
        vector = repeated(NONE)
        for bit in range(7, -1, -1):
            vector = doubled(vector, memory[np.uint64(offsets[np.uint64(bit)] + w)])
        store(octets, 64 * w, vector & repeated(masks[0]))


@compiled
def unpack(memory: WordArray, offsets: IntArray, masks: WordArray, values, words: int) -> None:
    """Set 64 * `words` values from their bits: bit `i` is in the plane that starts at `memory[offsets[i]]`.

    There are a multiple of 16 bits, the top one a sign, and no more than the values have, which are of 16, 32 or 64; of
    octet `k`, only the bits in each octet of `masks[k]` count.
    """
    for w in range(words):
        for low in range(offsets.size - 16, -16, -16):
            lower, upper = repeated(NONE), repeated(NONE)
            for bit in range(7, -1, -1):
                lower = doubled(lower, memory[np.uint64(offsets[np.uint64(low + bit)] + w)])
            for bit in range(15, 7, -1):
                upper = doubled(upper, memory[np.uint64(offsets[np.uint64(low + bit)] + w)])
            lower = lower & repeated(masks[np.uint64(low // 8)])
            upper = upper & repeated(masks[np.uint64(low // 8 + 1)])
            if low + 16 == offsets.size:
                set_values(values, 64 * w, lower, upper)
            else:
                append(values, 64 * w, lower, upper)


@compiled
def simulate(
    rows: WordArray,
    memory: WordArray,
    block: int,
    sources: IntArray,
    offsets: IntArray,
    masks: WordArray,
    values: WordArray,
    words: int,
) -> bool:
    """Pack, execute and unpack 64 * `words` lanes; return whether all operands are in range.

    `block` words at a time go through the same planes of `memory`, which stay in the cache. A row of `sources` is an
    operand or several side by side: the address of the first value, the lanes' pitch in values, where its places are in
    `offsets`, how many operands, places of each, bits of the format and its minimum. `offsets` ends with the places of
    the result, in 16s of bits as `unpack` takes them.
    """
    result = offsets[offsets.size - 8 * masks.size :]
    is_in_range = True
    for start in range(0, words, block):
        count = min(block, words - start)
        for s in range(sources.shape[0]):
            address, pitch, first = sources[s, 0], sources[s, 1], sources[s, 2]
            operands, planes, bits, minimum = sources[s, 3], sources[s, 4], sources[s, 5], np.uint64(sources[s, 6])
            given = carray(pointer(address + 8 * 64 * start * pitch), (64 * count * pitch,))
            places = offsets[first : first + operands * planes]
            if operands == 1:
                seen = pack(given, memory, places, minimum, count)
            else:
                seen = pack_rows(given, pitch, memory, places, planes, minimum, count)
            is_in_range &= not seen >> np.uint64(bits)
        _execute_block(rows, memory, np.uint64(-(-count // LINE) * LINE))
        unpack(memory, result, masks, values[64 * start : 64 * (start + count)], count)
    return is_in_range


@compiled
def execute(rows: WordArray, moves: WordArray, memory: WordArray, words: int, block: int) -> None:
    """Run a bound program on `words` words of every plane, `block` words at a time, both multiples of eight.

    The rows hold places in `memory` instead of slots; from a block to the next, `moves` is added to them.
    """
    here = rows.copy()
    for start in range(0, words, block):
        _execute_block(here, memory, np.uint64(min(block, words - start)))
        here += moves


@compiled
def _execute_block(rows: WordArray, memory: WordArray, count: np.uint64) -> None:
    every, line = np.uint64(0), np.uint64(LINE)
    for r in range(rows.shape[0]):
        row = rows[r]
        operation, d0, d1, s0, s1, s2, s3, k = row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]
        invert = repeated(FULL if k else NONE)
        if operation == AND_ADD:
            for i in range(every, count, line):
                p, q, c = load(memory, s0 + i), load(memory, s1 + i) & load(memory, s3 + i), load(memory, s2 + i)
                either = q ^ c
                store(memory, d0 + i, p ^ either)
                store(memory, d1 + i, ((p ^ invert) & either) | (q & c))
        elif operation == ADD:
            for i in range(every, count, line):
                p, q, c = load(memory, s0 + i), load(memory, s1 + i), load(memory, s2 + i)
                either = q ^ c
                store(memory, d0 + i, p ^ either)
                store(memory, d1 + i, ((p ^ invert) & either) | (q & c))
        elif operation == LOOKUP_2:
            one, a, b, ab = _term(k, 0), _term(k, 1), _term(k, 2), _term(k, 3)
            for i in range(every, count, line):
                x, y = load(memory, s0 + i), load(memory, s1 + i)
                store(memory, d0 + i, one ^ (a & x) ^ (y & (b ^ (ab & x))))
        elif operation == MOVE:
            for i in range(every, count, line):
                store(memory, d0 + i, load(memory, s0 + i) ^ invert)
        elif operation == FILL:
            for i in range(every, count, line):
                store(memory, d0 + i, invert)
        else:
            one, a, b, ab = _term(k, 0), _term(k, 1), _term(k, 2), _term(k, 3)
            c, ac, bc, abc = _term(k, 4), _term(k, 5), _term(k, 6), _term(k, 7)
            for i in range(every, count, line):
                x, y, z = load(memory, s0 + i), load(memory, s1 + i), load(memory, s2 + i)
                without = one ^ (a & x) ^ (y & (b ^ (ab & x)))
                store(memory, d0 + i, without ^ (z & (c ^ (ac & x) ^ (y & (bc ^ (abc & x))))))


@compiled
def _term(k: np.uint64, term: int):
    return repeated(FULL if (k >> np.uint64(term)) & np.uint64(1) else NONE)
