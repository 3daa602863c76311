"""The ripple subtractor: like the ripple adder, with a borrow; the difference is signed and exact."""

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import FULL_SUBTRACTOR
from trackmac.circuits.addition import addition, difference_format
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.carry import LATCHED
from trackmac.circuits.circuit import Circuit, Layout

SUMMARY = "subtracts two words along their tracks, one bit a step; the difference is signed"


def ripple_subtractor(a_format: NumberFormat, b_format: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the ripple subtractor (a - b) for words of these formats."""
    builder = ProgramBuilder(layout)
    a, b = builder.word("a", a_format), builder.word("b", b_format)
    difference = builder.word("difference", difference_format(a_format, b_format))
    builder.walk(addition(a, b, difference.places, LATCHED, cell=FULL_SUBTRACTOR))
    builder.shift_home(a, b, difference)
    return Circuit(
        name="ripple_subtractor",
        summary=SUMMARY,
        layout=layout,
        operands=(a, b),
        result=difference,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_reference,
    )


def _reference(a: IntArray, b: IntArray) -> IntArray:
    return a - b
