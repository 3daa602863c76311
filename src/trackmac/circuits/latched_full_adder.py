"""The latched full adder: the carry stays in a CMOS latch, only the sum is written (Luo 2016 lineage)."""

from collections.abc import Callable

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits.addition import addition, sum_format
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.carry import LATCHED, CarryChain
from trackmac.circuits.circuit import Circuit, Layout, Place

SUMMARY = "adds two words and a carry bit by bit, the carry kept in a CMOS latch, only the sum written"


def latched_full_adder(a_format: NumberFormat, b_format: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the latched adder for words of these formats; `carry_in` is 0 unless given."""
    return adder_with_carry_in("latched_full_adder", SUMMARY, (a_format, b_format), layout, lambda _: LATCHED)


def adder_with_carry_in(
    name: str,
    summary: str,
    formats: tuple[NumberFormat, NumberFormat],
    layout: Layout,
    chain: Callable[[Place], CarryChain],
) -> Circuit:
    """Return an adder of two words and a carry bit, `chain` being the carry's way, given the carry bit's MTJ."""
    builder = ProgramBuilder(layout)
    a, b = (builder.word(word, word_format) for word, word_format in zip("ab", formats, strict=True))
    carry = builder.single_domain("carry_in", NumberFormat(1, is_signed=False), default=0)
    total = builder.word("sum", sum_format(*formats, carry.format))
    builder.walk(addition(a, b, total.places, chain(carry.places[0]), carry_in=carry))
    builder.shift_home(a, b, total)
    return Circuit(
        name=name,
        summary=summary,
        layout=layout,
        operands=(a, b, carry),
        result=total,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_reference,
    )


def _reference(a: IntArray, b: IntArray, carry_in: IntArray) -> IntArray:
    return a + b + carry_in
