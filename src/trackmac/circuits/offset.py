"""Takes a known code away from a word, in place: what stands for zero, before a word is multiplied or shifted.

The code is built into the program, as the pins of the adders' second operands. Its lowest zeros change nothing, so the
walk starts above them.
"""

from functools import partial

from trackmac.bits import IntArray, NumberFormat, bits_for_range
from trackmac.cells.library import FULL_ADDER
from trackmac.circuits.addition import bit_source
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.carry import LATCHED
from trackmac.circuits.circuit import Circuit, Layout, Word


def offset_format(x_format: NumberFormat, zero_point: int) -> NumberFormat:
    """Return the format of x - zero_point: signed, unless nothing is taken away."""
    if not zero_point:
        return x_format
    low, high = x_format.minimum - zero_point, x_format.maximum - zero_point
    return NumberFormat(max(x_format.bits, bits_for_range(low, high, is_signed=True)), True)


def offset(x_format: NumberFormat, zero_point: int, layout: Layout = Layout.ALONG) -> Circuit:
    """Return x - zero_point in place, for a zero point that is not 0; the track has room for every result."""
    builder = ProgramBuilder(layout)
    result = builder.word("x", offset_format(x_format, zero_point))
    x = Word(name="x", format=x_format, places=result.places[: x_format.bits])
    builder.walk(_additions(x, result, -zero_point))
    builder.shift_home(result)
    return Circuit(
        name="offset",
        summary="takes the code that stands for zero away from a word, in place",
        layout=layout,
        operands=(x,),
        result=result,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=partial(_reference, zero_point=zero_point),
    )


def _additions(x: Word, result: Word, addend: int) -> list[BitStep]:
    """Return the walk that adds a known number, from its lowest bit that is set."""
    start, last = (addend & -addend).bit_length() - 1, len(result.places) - 1
    steps: list[BitStep] = []
    for bit in range(start, last + 1):
        sense, signal = bit_source(x, bit, "x")
        inputs = (signal, str(addend >> bit & 1))
        first = "0" if bit == start else None
        steps.append(LATCHED.bit(FULL_ADDER, inputs, result.places[bit], sense=sense, first=first, is_last=bit == last))
    return steps


def _reference(x: IntArray, *, zero_point: int) -> IntArray:
    return x - zero_point
