"""The compiled loops: packing, unpacking and the interpreter of lowered programs.

Values are unsigned words in two's complement throughout: AVX2 has no arithmetic shift of 64 bits.

Everything lies in one flat array of words, `memory`; bit `l` of word `w` of a plane belongs to lane 64 * w + l.
"""
# mypy: disable-error-code="untyped-decorator"
# ruff: noqa: PLR0912, PLR0917 - a compiled function takes its arguments by position, and an interpreter branches

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.compiled import compiled
from trackmac.simulation.rows import ADD, AND_ADD, FILL, LOOKUP_2, MOVE

WordArray = NDArray[np.uint64]
Tiles = tuple[WordArray, WordArray, NDArray[np.uint8]]

TILE = 32
"""Words that are packed or unpacked together: their lanes' values fill half of a usual L1 cache."""


def new_tiles() -> Tiles:
    """Return room for one tile: as rows of planes, as columns of eight words, and these as octets."""
    columns = np.empty(8 * TILE, np.uint64)
    return np.empty(8 * TILE, np.uint64), columns, columns.view(np.uint8)


FULL = np.uint64(0xFFFFFFFFFFFFFFFF)
NONE = np.uint64(0)


@compiled
def pack(
    values: WordArray, memory: WordArray, offsets: IntArray, minimum: np.uint64, words: int, tiles: Tiles
) -> np.uint64:
    """Write bit `i` of 64 * `words` values into the plane that starts at `memory[offsets[i]]`.

    Returns the bits that are set in any value - `minimum`: from them the caller sees whether every value fits.
    """
    rows, columns, octets = tiles
    seen = NONE
    for start in range(0, words, TILE):
        count = min(TILE, words - start)
        lanes = values[start * 64 : (start + count) * 64]
        for low in range(0, offsets.size, 8):
            for i in range(count * 64):
                octets[i] = np.uint8(lanes[i] >> np.uint64(low))
            _transpose_bits(columns)
            for w in range(TILE):
                for group in range(8):
                    rows[group * TILE + w] = columns[w * 8 + group]
            _transpose_bytes(rows)
            for i in range(min(8, offsets.size - low)):
                first = offsets[low + i] + start
                plane = memory[first : first + count]
                for w in range(count):
                    plane[w] = rows[i * TILE + w]
        for i in range(count * 64):
            seen |= lanes[i] - minimum
    return seen


@compiled
def unpack(memory: WordArray, offsets: IntArray, values: WordArray, is_signed: bool, words: int, tiles: Tiles) -> None:
    """Set 64 * `words` values from their bits: bit `i` is in the plane that starts at `memory[offsets[i]]`."""
    rows, columns, octets = tiles
    sign = np.uint64(1 << (offsets.size - 1) if is_signed else 0)
    for start in range(0, words, TILE):
        count = min(TILE, words - start)
        lanes = values[start * 64 : (start + count) * 64]
        for low in range(0, offsets.size, 8):
            rows[:] = 0
            for i in range(min(8, offsets.size - low)):
                first = offsets[low + i] + start
                plane = memory[first : first + count]
                for w in range(count):
                    rows[i * TILE + w] = plane[w]
            _transpose_bytes(rows)
            for w in range(TILE):
                for group in range(8):
                    columns[w * 8 + group] = rows[group * TILE + w]
            _transpose_bits(columns)
            below = FULL if low else NONE
            extend = sign if low + 8 >= offsets.size else NONE
            for i in range(count * 64):
                lanes[i] = (((lanes[i] & below) | (np.uint64(octets[i]) << np.uint64(low))) ^ extend) - extend


@compiled
def _transpose_bits(words: WordArray) -> None:
    """Transpose each word as a matrix of 8 x 8 bits: of each 2 x 2, 4 x 4, 8 x 8 block swap two corners."""
    for i in range(words.size):
        x = words[i]
        swap = (x ^ (x >> np.uint64(7))) & np.uint64(0x00AA00AA00AA00AA)
        x ^= swap ^ (swap << np.uint64(7))
        swap = (x ^ (x >> np.uint64(14))) & np.uint64(0x0000CCCC0000CCCC)
        x ^= swap ^ (swap << np.uint64(14))
        swap = (x ^ (x >> np.uint64(28))) & np.uint64(0x00000000F0F0F0F0)
        x ^= swap ^ (swap << np.uint64(28))
        words[i] = x


@compiled
def _transpose_bytes(rows: WordArray) -> None:
    """Transpose words w, TILE + w, 2 * TILE + w ... for each w as a matrix of 8 x 8 bytes, in the same way."""
    for distance in (4, 2, 1):
        shift = np.uint64(8 * distance)
        mask = FULL // ((np.uint64(1) << shift) + np.uint64(1))
        for i in range(8):
            if not i & distance:
                x = rows[i * TILE : (i + 1) * TILE]
                y = rows[(i + distance) * TILE : (i + distance + 1) * TILE]
                for w in range(TILE):
                    swap = ((x[w] >> shift) ^ y[w]) & mask
                    x[w] ^= swap << shift
                    y[w] ^= swap


@compiled
def execute(rows: IntArray, offsets: IntArray, strides: IntArray, memory: WordArray, words: int, block: int) -> None:
    """Run a lowered program on `words` words of every plane, `block` words at a time.

    Slot `s` lies at `memory[offsets[s]]`; from a block to the next it moves on by `strides[s]` blocks (1: a plane, 0: a
    scratch register, of one block only).
    """
    for start in range(0, words, block):
        count = np.uint64(min(block, words - start))
        for r in range(rows.shape[0]):
            operation, k = rows[r, 0], rows[r, 7]
            d0 = np.uint64(offsets[rows[r, 1]] + start * strides[rows[r, 1]])
            d1 = np.uint64(offsets[rows[r, 2]] + start * strides[rows[r, 2]])
            s0 = np.uint64(offsets[rows[r, 3]] + start * strides[rows[r, 3]])
            s1 = np.uint64(offsets[rows[r, 4]] + start * strides[rows[r, 4]])
            s2 = np.uint64(offsets[rows[r, 5]] + start * strides[rows[r, 5]])
            s3 = np.uint64(offsets[rows[r, 6]] + start * strides[rows[r, 6]])
            invert = FULL if k else NONE
            if operation == AND_ADD:
                for i in range(count):
                    p, q, c = memory[s0 + i], memory[s1 + i] & memory[s3 + i], memory[s2 + i]
                    either = q ^ c
                    memory[d0 + i] = p ^ either
                    memory[d1 + i] = ((p ^ invert) & either) | (q & c)
            elif operation == ADD:
                for i in range(count):
                    p, q, c = memory[s0 + i], memory[s1 + i], memory[s2 + i]
                    either = q ^ c
                    memory[d0 + i] = p ^ either
                    memory[d1 + i] = ((p ^ invert) & either) | (q & c)
            elif operation == LOOKUP_2:
                one, a, b, ab = _term(k, 0), _term(k, 1), _term(k, 2), _term(k, 3)
                for i in range(count):
                    x, y = memory[s0 + i], memory[s1 + i]
                    memory[d0 + i] = one ^ (a & x) ^ (y & (b ^ (ab & x)))
            elif operation == MOVE:
                for i in range(count):
                    memory[d0 + i] = memory[s0 + i] ^ invert
            elif operation == FILL:
                for i in range(count):
                    memory[d0 + i] = invert
            else:
                one, a, b, ab = _term(k, 0), _term(k, 1), _term(k, 2), _term(k, 3)
                c, ac, bc, abc = _term(k, 4), _term(k, 5), _term(k, 6), _term(k, 7)
                for i in range(count):
                    x, y, z = memory[s0 + i], memory[s1 + i], memory[s2 + i]
                    without = one ^ (a & x) ^ (y & (b ^ (ab & x)))
                    memory[d0 + i] = without ^ (z & (c ^ (ac & x) ^ (y & (bc ^ (abc & x)))))


@compiled
def _term(k: int, term: int) -> np.uint64:
    return FULL if (k >> term) & 1 else NONE
