"""The classic magnetic full adder: sum and carry sensed by PCSA, both written back to MTJs (Trinh 2013 lineage)."""

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits.addition import addition, sum_format
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.carry import CarryChain
from trackmac.circuits.circuit import Circuit, Layout

SUMMARY = "adds two words and a carry bit by bit, sum and carry both written back to MTJs (the classic baseline)"


def magnetic_full_adder(a_format: NumberFormat, b_format: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the classic adder for words of these formats; `carry_in` is 0 unless given."""
    builder = ProgramBuilder(layout)
    a, b = builder.word("a", a_format), builder.word("b", b_format)
    carry = builder.single_domain("carry_in", NumberFormat(1, is_signed=False), default=0)
    total = builder.word("sum", sum_format(a_format, b_format, carry.format))
    builder.walk(addition(a, b, total.places, CarryChain(carry.places[0]), carry_in=carry))
    builder.shift_home(a, b, total)
    return Circuit(
        name="magnetic_full_adder",
        summary=SUMMARY,
        layout=layout,
        operands=(a, b, carry),
        result=total,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_reference,
    )


def _reference(a: IntArray, b: IntArray, carry_in: IntArray) -> IntArray:
    return a + b + carry_in
