"""Adds a word to an accumulator in place: how partial sums of several units become one."""

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.carry import LATCHED
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.shift_add import accumulate as accumulation


def accumulate(x_format: NumberFormat, accumulator: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return accumulator + x, in place; operand `c` has a bit less than the accumulator, so that no sum overflows."""
    builder = ProgramBuilder(layout)
    x, c = builder.word("x", x_format), builder.word("c", accumulator)
    accumulation(builder, x, c, LATCHED)
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
        reference=_reference,
    )


def _reference(x: IntArray, c: IntArray) -> IntArray:
    return x + c
