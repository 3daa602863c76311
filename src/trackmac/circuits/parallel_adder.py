"""The parallel adder: two words across tracks, all bits sensed in place, the carry rippling through the cells."""

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits.addition import addition, sum_format
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.carry import LATCHED
from trackmac.circuits.circuit import Circuit, Layout

SUMMARY = "adds two words across tracks, all bits sensed at once, the carry rippling through the cells; no shift"


def parallel_adder(a_format: NumberFormat, b_format: NumberFormat, layout: Layout = Layout.ACROSS) -> Circuit:
    """Return the parallel adder for words of these formats."""
    builder = ProgramBuilder(layout)
    a, b = builder.word("a", a_format), builder.word("b", b_format)
    total = builder.word("sum", sum_format(a_format, b_format))
    builder.walk(addition(a, b, total.places, LATCHED))
    return Circuit(
        name="parallel_adder",
        summary=SUMMARY,
        layout=layout,
        operands=(a, b),
        result=total,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_reference,
    )


def _reference(a: IntArray, b: IntArray) -> IntArray:
    return a + b
