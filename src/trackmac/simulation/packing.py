"""Numbers of many lanes as bit planes, and back: 64 lanes a word."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray, NumberFormat

LANES_PER_WORD = 64

PAIR_BITS = 16
"""Bits that the kernel puts together at once: two octets."""

WordArray = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class PackedWord:
    """A number of `lanes` lanes as bit planes.

    `planes[i, w]` holds bit `i` of lanes 64 * w .. 64 * w + 63, lowest lane first; lanes beyond the last are arbitrary.
    """

    planes: WordArray
    lanes: int


def words_for(lanes: int) -> int:
    """Return how many words hold so many lanes."""
    return -(-lanes // LANES_PER_WORD)


def pack(values: IntArray, bits: int) -> PackedWord:
    """Return the lowest `bits` bits of `values`, int64 [lanes], two's complement where they are negative."""
    words = words_for(values.size)
    planes = np.empty((bits, words), np.uint64)
    write_planes(planes.reshape(-1), np.arange(bits) * words, values)
    return PackedWord(planes, values.size)


def unpack(word: PackedWord, *, is_signed: bool) -> IntArray:
    """Return the numbers, int64 [lanes]; the top plane is the sign where `is_signed`."""
    bits, words = word.planes.shape
    values = np.empty(word.lanes, np.int64)
    memory = np.ascontiguousarray(word.planes).reshape(-1)
    read_planes(memory, np.arange(bits) * words, values, is_signed=is_signed)
    return values


def write_planes(
    memory: WordArray, offsets: IntArray, values: IntArray, number_format: NumberFormat | None = None
) -> bool:
    """Write bit `i` of `values`, int64 [lanes], to `memory[offsets[i]]` and on; a part of a word is filled with zeros.

    Returns whether all values fit `number_format`, if there is one.
    """
    from trackmac.simulation import kernel

    minimum = np.uint64((0 if number_format is None else number_format.minimum) % (1 << LANES_PER_WORD))
    words = np.ascontiguousarray(values, dtype=np.int64).view(np.uint64)
    whole, rest = divmod(values.size, LANES_PER_WORD)
    seen = int(kernel.pack(words, memory, offsets, minimum, whole))
    if rest:
        last = np.zeros(LANES_PER_WORD, np.uint64)
        last[:rest] = words[-rest:]
        seen |= int(kernel.pack(last, memory, offsets + whole, minimum, 1))
    return number_format is None or seen < 1 << number_format.bits


def read_planes(memory: WordArray, offsets: IntArray, values: IntArray, *, is_signed: bool) -> None:
    """Set `values`, contiguous int64 [lanes], to the numbers whose bit `i` starts at `memory[offsets[i]]`."""
    from trackmac.simulation import kernel

    words = values.view(np.uint64)
    whole, rest = divmod(values.size, LANES_PER_WORD)
    places, masks = result_places(offsets, is_signed=is_signed)
    kernel.unpack(memory, places, masks, words, whole)
    if rest:
        last = np.empty(LANES_PER_WORD, np.uint64)
        kernel.unpack(memory, places + whole, masks, last, 1)
        words[-rest:] = last[:rest]


def narrowest(number_format: NumberFormat) -> "np.dtype[np.signedinteger | np.unsignedinteger]":
    """Return the smallest type that holds the numbers of a format; int64 where they are longer than 32 bits."""
    octets = next((size for size in (1, 2, 4) if number_format.bits <= 8 * size), 8)
    return np.dtype(f"{'i' if number_format.is_signed or octets == 8 else 'u'}{octets}")


def result_places(offsets: IntArray, *, is_signed: bool) -> tuple[IntArray, WordArray]:
    """Return the places and masks of bits as the kernel takes them: some more, so that they are in 16s with a sign.

    Further bits are copies of the sign or, without one, masked.
    """
    missing = -(offsets.size + (not is_signed)) % PAIR_BITS + (not is_signed)
    places = np.concatenate([offsets, np.repeat(offsets[-1:], missing)])
    kept = np.repeat(np.array([1, is_signed], np.uint8), [offsets.size, missing])
    return places, np.repeat(np.packbits(kept, bitorder="little"), 8).view(np.uint64)
