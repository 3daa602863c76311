"""How units and columns share the lanes of a machine: each unit has a lane for every column, in words of its own."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.simulation import PackedWord
from trackmac.simulation.packing import LANES_PER_WORD, WordArray, words_for

FULL = np.uint64(0xFFFFFFFFFFFFFFFF)


def narrow(codes: IntArray, bits: int) -> NDArray[np.integer]:
    """Return the codes, two's complement, in as few bytes as hold so many bits: unfolded, they fill the memory."""
    kinds = {8: np.uint8, 16: np.uint16, 32: np.uint32}
    return codes.astype(next((kind for most, kind in kinds.items() if bits <= most), np.uint64))


def column_planes(codes: NDArray[np.integer], bits: int) -> WordArray:
    """Return uint64 [words, bits, ceil(columns / 64)]: the bit planes of `codes` [words, columns], two's complement."""
    padded = np.pad(codes, ((0, 0), (0, -codes.shape[1] % LANES_PER_WORD)))
    octets = [
        np.packbits(padded & padded.dtype.type(1 << bit), axis=1, bitorder="little").view(np.uint64)
        for bit in range(bits)
    ]
    return np.stack(octets, axis=1)


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

    def spread(self, planes: WordArray, kind_of_unit: IntArray) -> PackedWord:
        """Return the word that all units take at once: unit `u` that of its kind, `planes` [bits, kinds, words]."""
        return PackedWord(planes[:, kind_of_unit].reshape(len(planes), -1), self.lanes)

    def constant(self, values: IntArray, bits: int) -> PackedWord:
        """Return the words `values[word, unit]`, one after another, each the same in all lanes of a unit."""
        set_bits = (values[:, np.newaxis] >> np.arange(bits)[:, np.newaxis]) & 1
        planes = np.where(set_bits, FULL, np.uint64(0)).reshape(-1, self.units)
        return PackedWord(np.repeat(planes, self.words, axis=1), self.lanes)

    def by_unit(self, lanes: IntArray) -> IntArray:
        """Return [units, columns] from the values of all lanes."""
        return lanes.reshape(self.units, -1)[:, : self.columns]
