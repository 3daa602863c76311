"""The index of the greatest of several words, of the first one where several are equal.

The greatest word so far and its index are kept in place; each next word is compared with the former, and if it is
greater both are rewritten by multiplexers. The sequencer knows the number of the word that it compares.
"""

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import MULTIPLEXER
from trackmac.circuits.average_pool import copying
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.max_pool import comparison, selection
from trackmac.circuits.microops import Evaluate


def argmax(x_format: NumberFormat, words: int = 4, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the index (from 0) of the greatest of `words` words that lie one behind another, two at least."""
    builder = ProgramBuilder(layout)
    xs = builder.words("x", x_format, words)
    greatest = builder.word("greatest", x_format)
    index = builder.word("index", NumberFormat((words - 1).bit_length(), is_signed=False))
    builder.walk(copying(xs[0], greatest))
    for number, x in enumerate(xs[1:], start=1):
        builder.to_first_bits(x, greatest)
        builder.walk(comparison(greatest, x), keep=("is_less",))
        is_last = number == words - 1
        builder.walk([*([] if is_last else selection(greatest, x)), *_renumbering(index, number)])
    builder.shift_home(*xs, greatest, index)
    return Circuit(
        name="argmax",
        summary="gives the index of the greatest of several words, of the first one where several are equal",
        layout=layout,
        operands=xs,
        result=index,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_reference,
    )


def _renumbering(index: Word, number: int) -> list[BitStep]:
    """Return the walk that sets `index` to `number` if the word of that number is greater.

    Bits above those of `number` are 0 so far and not written yet; its top bit is new where it is a power of two.
    """
    steps: list[BitStep] = []
    for bit, place in enumerate(index.places[: number.bit_length()]):
        if bit == (number - 1).bit_length():
            steps.append(BitStep(write={place: "is_less"}))
            continue
        choose = Evaluate(MULTIPLEXER, ("is_less", "index", str(number >> bit & 1)), ("chosen",))
        steps.append(BitStep(sense={"index": place}, evaluate=(choose,), write={place: "chosen"}))
    return steps


def _reference(**xs: IntArray) -> IntArray:
    index: IntArray = np.argmax(np.array(list(xs.values())), axis=0).astype(np.int64)
    return index
