"""How units and columns share the lanes of a machine: each unit has a lane for every column, in words of its own."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.simulation import Observed
from trackmac.simulation.lane_words import SharedWords, UnitWord, UnitWords
from trackmac.simulation.packing import LANES_PER_WORD, WordArray, words_for
from trackmac.simulation.rows import LINE_WORDS


def narrow(codes: NDArray[np.integer], bits: int) -> NDArray[np.integer]:
    """Return the codes, two's complement, in as few bytes as hold so many bits: unfolded, they fill the memory."""
    kinds = {8: np.uint8, 16: np.uint16, 32: np.uint32}
    return codes.astype(next((kind for most, kind in kinds.items() if bits <= most), np.uint64), copy=False)


def room_for_planes(words: int, bits: int, columns: int) -> WordArray:
    """Return uint64 [words, bits, ceil(columns / 64)], zeros; whole vectors can be read from every plane."""
    shape = words, bits, words_for(columns)
    room = np.zeros(math.prod(shape) + LINE_WORDS, np.uint64)
    return room[: math.prod(shape)].reshape(shape)


def fill_planes(planes: WordArray, codes: NDArray[np.integer]) -> None:
    """Set `planes` [words, bits, ceil(columns / 64)] to the bits of `codes` [words, columns], two's complement."""
    from trackmac.simulation import kernel

    for low in range(0, planes.shape[1], 8):
        octets = (codes >> codes.dtype.type(low)).astype(np.uint8) if low else codes.astype(np.uint8, copy=False)
        kernel.pack_octets(np.ascontiguousarray(octets), planes[:, low : low + 8])


def column_planes(codes: NDArray[np.integer], bits: int) -> WordArray:
    """Return uint64 [words, bits, ceil(columns / 64)]: the bit planes of `codes` [words, columns], two's complement."""
    planes = room_for_planes(len(codes), bits, codes.shape[1])
    fill_planes(planes, codes)
    return planes


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneGroups:
    """`units` groups of lanes, one lane for each of `columns` and idle ones up to a whole word."""

    units: int
    columns: int

    @property
    def words(self) -> int:
        """Words of one group."""
        return words_for(self.columns)

    @property
    def lanes(self) -> int:
        """Lanes of the machine, idle ones included."""
        return self.units * self.words * LANES_PER_WORD

    def spread(self, planes: WordArray, kind_of_unit: IntArray) -> SharedWords:
        """Return words that all units take: unit `u` those of its kind, `planes` [words, bits, kinds, words of one]."""
        return SharedWords(planes=planes, kind_of_unit=kind_of_unit)

    def constants(self, values: NDArray[np.integer], bits: int) -> UnitWords:
        """Return the words `values[word, unit]`, each the same in all lanes of a unit."""
        codes = narrow(values, bits)
        set_bits = (codes[:, np.newaxis] >> np.arange(bits, dtype=codes.dtype)[:, np.newaxis]) & 1
        return UnitWords(set_bits=set_bits.astype(np.uint8, copy=False), words=self.words)

    def constant(self, values: NDArray[np.integer], bits: int) -> UnitWord:
        """Return such words as one, the bits of the first word first."""
        words = self.constants(values, bits)
        return UnitWord(set_bits=words.set_bits.reshape(-1, self.units), words=self.words)

    def by_unit(self, lanes: Observed) -> NDArray[np.integer]:
        """Return [units, columns] from the values of all lanes."""
        return np.asarray(lanes).reshape(self.units, -1)[:, : self.columns]
