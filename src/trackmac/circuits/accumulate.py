"""Adds a word to an accumulator in place: how partial sums of several units, and words of two scales, become one.

A word that counts m times is added, or taken away, once for each canonical signed digit of m: the digit at bit k by a
walk from the accumulator's bit k on. So 2^k times a word takes one walk, shorter by k positions: a native shift.
"""

from functools import lru_cache, partial

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import FULL_ADDER, FULL_SUBTRACTOR
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.carry import LATCHED
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.csd import csd_digits
from trackmac.circuits.shift_add import in_place_addition


@lru_cache(maxsize=256)
def accumulate(
    x_format: NumberFormat, accumulator: NumberFormat, layout: Layout = Layout.ALONG, *, times: int = 1
) -> Circuit:
    """Return accumulator + x * times, in place, modulo 2 to the number of the accumulator's bits.

    Operand `c` has a bit less than the accumulator, so that no sum of words of its width overflows. Between two digits
    a sum may wrap; the last one is right, as long as it fits.
    """
    builder = ProgramBuilder(layout)
    x, c = builder.word("x", x_format), builder.word("c", accumulator)
    for bit, digit in csd_digits(times).items():
        cell = FULL_ADDER if digit > 0 else FULL_SUBTRACTOR
        builder.walk(in_place_addition(c, x, LATCHED, from_bit=bit, cell=cell))
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
        reference=partial(_reference, times=times),
    )


def _reference(x: IntArray, c: IntArray, *, times: int) -> IntArray:
    return x * times + c
