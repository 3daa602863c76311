"""Adds a word to an accumulator in place: how partial sums of several units, and words of two scales, become one.

A word that counts 2^k times is added k bits higher: the accumulator's track stands at bit k when the walk starts, and
what lies below stays. The shift is native and the walk k positions shorter.
"""

from functools import partial

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import FULL_ADDER, FULL_SUBTRACTOR
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.carry import LATCHED
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.shift_add import in_place_addition


def accumulate(
    x_format: NumberFormat,
    accumulator: NumberFormat,
    layout: Layout = Layout.ALONG,
    *,
    from_bit: int = 0,
    is_negative: bool = False,
) -> Circuit:
    """Return accumulator + x * 2^from_bit (or minus it), in place, modulo 2 to the number of the accumulator's bits.

    Operand `c` has a bit less than the accumulator, so that no sum of words of its width overflows.
    """
    builder = ProgramBuilder(layout)
    x, c = builder.word("x", x_format), builder.word("c", accumulator)
    cell = FULL_SUBTRACTOR if is_negative else FULL_ADDER
    builder.walk(in_place_addition(c, x, LATCHED, from_bit=from_bit, cell=cell))
    builder.shift_home(x, c)
    addend = Word(name="c", format=NumberFormat(accumulator.bits - 1, accumulator.is_signed), places=c.places)
    return Circuit(
        name="accumulate",
        summary="adds a word to an accumulator in place",
        layout=layout,
        operands=(x, addend),
        result=c,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=partial(_reference, times=-(1 << from_bit) if is_negative else 1 << from_bit),
    )


def _reference(x: IntArray, c: IntArray, *, times: int) -> IntArray:
    return x * times + c
