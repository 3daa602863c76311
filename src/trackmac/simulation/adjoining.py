"""Operands that lie side by side in memory: the columns of one array, which are faster read row by row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Word
from trackmac.simulation.rows import LINE_WORDS
from trackmac.simulation.trace import Point


@dataclass(frozen=True, slots=True, eq=False)
class OperandBlock:
    """One operand, or a multiple of eight of one format side by side: `columns[c][l]` is that of word `c` in lane `l`.

    One alone is contiguous.
    """

    words: tuple[Word, ...]
    columns: tuple[IntArray, ...]

    @property
    def pitch(self) -> int:
        """Values from one lane to the next."""
        return self.columns[0].strides[0] // self.columns[0].itemsize

    @property
    def address(self) -> int:
        """Where the first value is; good for as long as this block lives."""
        return _address(self.columns[0])

    def last(self, lanes: int) -> "OperandBlock":
        """Return a copy of the last lanes, with zeros up to a whole word of them."""
        taken = np.zeros((64, len(self.words)), np.int64)
        for c, column in enumerate(self.columns):
            taken[:lanes, c] = column[column.size - lanes :]
        return OperandBlock(self.words, tuple(taken.T))


def adjoining(words: Sequence[Word], given: Mapping[str, IntArray]) -> Iterator[OperandBlock]:
    """Yield the operands `words` with their values, int64 [lanes] each; those that lie side by side are together."""
    first = 0
    while first < len(words):
        count = _side_by_side(words[first:], given) // LINE_WORDS * LINE_WORDS
        if count:
            some = tuple(words[first : first + count])
            yield OperandBlock(some, tuple(given[word.name] for word in some))
        else:
            yield OperandBlock((words[first],), (np.ascontiguousarray(given[words[first].name]),))
        first += max(count, 1)


def _side_by_side(words: Sequence[Word], given: Mapping[str, IntArray]) -> int:
    """Return how many of the first words have one format and lie side by side, lane by lane."""
    values = given[words[0].name]
    stride, size = values.strides[0], values.itemsize
    if stride < LINE_WORDS * size or stride % size:
        return 1
    address, number_format, places = _address(values), words[0].format, len(points_of(words[0]))
    for count, word in enumerate(words[: stride // size]):
        other = given[word.name]
        is_alike = word.format == number_format and len(points_of(word)) == places
        if not is_alike or other.strides[0] != stride or _address(other) != address + count * size:
            return count
    return min(len(words), stride // size)


def points_of(word: Word) -> tuple[Point, ...]:
    """Return where the bits of a word are, or on which wires."""
    return word.wires if word.is_on_wires else word.places


def _address(values: IntArray) -> int:
    address: int = values.__array_interface__["data"][0]
    return address
