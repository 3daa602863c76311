"""The words that a packed simulation works on: bit planes, and scratch registers for the program that runs."""

from dataclasses import dataclass

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.simulation.lowering import Lowered
from trackmac.simulation.packing import WordArray, read_planes, words_for, write_planes
from trackmac.simulation.rows import LINE_WORDS, SLOT_COLUMNS

BLOCK_WORDS = 64
"""Words of every plane that go through a whole program before the next ones: what a program uses of them fits in L1."""

UNKNOWN = ~np.uint64(0)
"""What an untouched domain holds in all lanes: ones, so that a program which relies on cleared tracks is found out."""


@dataclass(frozen=True, slots=True, eq=False)
class BoundProgram:
    """A lowered program on given planes: rows with the place of a slot's first word instead of the slot.

    From one block to the next, `moves` is added to `rows`: planes move on, registers stay. Both are [rows, COLUMNS].
    """

    rows: WordArray
    moves: WordArray


class PlaneMemory:
    """Bit planes of `lanes` lanes, and scratch registers of one block each, in one array.

    Plane `p` starts at `words[p * stride]`; the registers lie behind the planes. All bits start as ones.
    """

    def __init__(self, lanes: int, planes: int, scratch: int) -> None:
        self.lanes = lanes
        self.planes = planes
        self.scratch = scratch
        self.stride = _stride(words_for(lanes))
        self.words: WordArray = np.full(planes * self.stride + scratch * BLOCK_WORDS, UNKNOWN)

    def bind(self, program: Lowered, planes: IntArray) -> BoundProgram:
        """Return `program` with slot `s` on plane `planes[s]`, and its registers in the scratch space."""
        registers = self.planes * self.stride + np.arange(program.scratch) * BLOCK_WORDS
        offsets = np.concatenate([planes * self.stride, registers])
        steps = np.repeat(np.array([BLOCK_WORDS, 0]), [planes.size, program.scratch])
        rows, moves = program.rows.copy(), np.zeros_like(program.rows)
        rows[:, SLOT_COLUMNS] = offsets[program.rows[:, SLOT_COLUMNS]]
        moves[:, SLOT_COLUMNS] = steps[program.rows[:, SLOT_COLUMNS]]
        return BoundProgram(rows=rows.view(np.uint64), moves=moves.view(np.uint64))

    def execute(self, program: BoundProgram) -> None:
        """Run a program in all lanes."""
        from trackmac.simulation import kernel

        kernel.execute(program.rows, program.moves, self.words, _whole_lines(words_for(self.lanes)), BLOCK_WORDS)

    def write(self, planes: IntArray, values: IntArray, number_format: NumberFormat | None = None) -> bool:
        """Put bit `i` of `values`, int64 [lanes], onto plane `planes[i]`; return whether they fit the format."""
        return write_planes(self.words, planes * self.stride, values, number_format)

    def read(self, planes: IntArray, values: IntArray, *, is_signed: bool) -> None:
        """Set `values`, int64 [lanes or fewer], to the numbers whose bit `i` is on plane `planes[i]`."""
        read_planes(self.words, planes * self.stride, values, is_signed=is_signed)

    def plane(self, number: int) -> WordArray:
        """Return the words of one plane, as a view."""
        return self.words[number * self.stride : number * self.stride + words_for(self.lanes)]

    def block(self, first: int, count: int) -> WordArray:
        """Return the words of `count` planes, as a view [planes, words]."""
        rows = self.words[first * self.stride : (first + count) * self.stride].reshape(count, self.stride)
        return rows[:, : words_for(self.lanes)]

    def extended(self, planes: int, scratch: int) -> "PlaneMemory":
        """Return a memory with the same planes, more of them, and room for `scratch` registers."""
        larger = PlaneMemory(self.lanes, planes, scratch)
        larger.words[: self.planes * self.stride] = self.words[: self.planes * self.stride]
        return larger


def _whole_lines(words: int) -> int:
    return -(-words // LINE_WORDS) * LINE_WORDS


def _stride(words: int) -> int:
    """Return the distance of planes: odd in cache lines, lest the same block of all planes falls into one cache set."""
    return _whole_lines(words) | LINE_WORDS
