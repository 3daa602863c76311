"""Words of many lanes that are mostly alike: the lanes are `units` times `words` of 64, unit by unit."""

from dataclasses import dataclass

import numpy as np

from trackmac.bits import IntArray
from trackmac.simulation.packing import LANES_PER_WORD, PackedWord, WordArray
from trackmac.simulation.rows import LINE_WORDS

FULL = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnitWord:
    """Words that are the same in all lanes of a unit: bit `i` of unit `u` is `set_bits[i, u]`, 0 or 1 (uint8)."""

    set_bits: "np.ndarray[tuple[int, int], np.dtype[np.uint8]]"
    words: int

    def packed(self) -> PackedWord:
        """Return the word as bit planes of all lanes."""
        planes = np.repeat(self.set_bits.astype(np.uint64) * FULL, self.words, axis=1)
        return PackedWord(planes, planes.shape[1] * LANES_PER_WORD)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedWord:
    """A word that units of a kind have in common: unit `u` has `planes[:, kind_of_unit[u]]`, [bits, kinds, words].

    A kind's words adjoin, and so much follows them in memory that whole vectors can be read.
    """

    planes: WordArray
    kind_of_unit: IntArray

    def packed(self) -> PackedWord:
        """Return the word as bit planes of all lanes."""
        planes = self.planes[:, self.kind_of_unit].reshape(len(self.planes), -1)
        return PackedWord(planes, planes.shape[1] * LANES_PER_WORD)


LaneWord = UnitWord | SharedWord
"""What lanes receive at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnitWords:
    """Words of lanes that come one after another, each as a `UnitWord`: `set_bits` [words, bits, units]."""

    set_bits: "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]"
    words: int

    def __getitem__(self, number: int) -> UnitWord:
        """Return the word of that number."""
        return UnitWord(set_bits=self.set_bits[number], words=self.words)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedWords:
    """Words of lanes that come one after another, each as a `SharedWord`: [words, bits, kinds, words of one]."""

    planes: WordArray
    kind_of_unit: IntArray

    def __getitem__(self, number: int) -> SharedWord:
        """Return the word of that number."""
        return SharedWord(planes=self.planes[number], kind_of_unit=self.kind_of_unit)


LaneWords = UnitWords | SharedWords
"""What lanes receive one after another."""


def only(word: LaneWord) -> LaneWords:
    """Return one word as words that come one after another."""
    if isinstance(word, UnitWord):
        return UnitWords(set_bits=word.set_bits[np.newaxis], words=word.words)
    return SharedWords(planes=word.planes[np.newaxis], kind_of_unit=word.kind_of_unit)


def shared_word(planes: WordArray, kind_of_unit: IntArray) -> SharedWord:
    """Return the word that units of a kind have in common, `planes` [bits, kinds, words], with room behind a copy."""
    room = np.zeros(planes.size + LINE_WORDS, np.uint64)
    copy = room[: planes.size].reshape(planes.shape)
    copy[:] = planes
    return SharedWord(planes=copy, kind_of_unit=kind_of_unit)
