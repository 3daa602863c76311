"""The carry-save accumulator: a sum word and a carry word take each addend without a ripple; one addition at the end.

Carry bit `t` weighs 2^(t + 1). Along tracks the carry that a position needs was sensed at the position before, where a
new one takes its place: a latch holds it, so that the carry word never moves against the sum.
"""

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import FULL_ADDER, HALF_ADDER
from trackmac.circuits.addition import bit_source, sum_format
from trackmac.circuits.average_pool import copying
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.carry import LATCHED
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.microops import Evaluate


def carry_save_accumulator(x_format: NumberFormat, words: int = 4, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the sum of `words` words that lie one behind another, two at least; no sum overflows."""
    builder = ProgramBuilder(layout)
    xs = builder.words("x", x_format, words)
    total = builder.word("sum", sum_format(*[x_format] * words))
    carry = builder.word("carry", NumberFormat(total.format.bits - 1, is_signed=False))
    builder.walk(copying(xs[0], total))
    for number, x in enumerate(xs[1:], start=1):
        builder.to_first_bits(x, total, carry)
        builder.walk(_saving(total, carry, x, has_carries=number > 1))
    builder.walk(_resolution(total, carry))
    builder.shift_home(*xs, total, carry)
    return Circuit(
        name="carry_save_accumulator",
        summary="sums words without a rippling carry: sum and carry words, added once at the end",
        layout=layout,
        operands=xs,
        result=total,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_reference,
    )


def _saving(total: Word, carry: Word, x: Word, *, has_carries: bool) -> list[BitStep]:
    """Add `x`: every position turns its three bits into a sum bit and a carry bit; the top one needs no carry out."""
    steps: list[BitStep] = []
    for bit, place in enumerate(total.places):
        sense, signal = bit_source(x, bit, "addend")
        sense = {"sum_so_far": place} | sense
        write = {place: "sum"}
        latch: dict[str, str] = {}
        if bit < len(carry.places):
            write[carry.places[bit]] = "carry_out"
            if has_carries:
                sense["carry_above"] = carry.places[bit]
                latch["carry"] = "carry_above"
        inputs = ("sum_so_far", signal)
        add = Evaluate(HALF_ADDER, inputs, ("sum", "carry_out"))
        if has_carries and bit:
            add = Evaluate(FULL_ADDER, (*inputs, "carry"), ("sum", "carry_out"))
        steps.append(BitStep(sense=sense, evaluate=(add,), write=write, latch=latch))
    return steps


def _resolution(total: Word, carry: Word) -> list[BitStep]:
    """Add the carry word, from bit 1 on, where its first bit weighs."""
    pairs = list(zip(total.places[1:], carry.places, strict=True))
    return [
        LATCHED.bit(
            FULL_ADDER,
            ("sum_so_far", "saved"),
            place,
            sense={"sum_so_far": place, "saved": saved},
            first=None if bit else "0",
            is_last=bit == len(pairs) - 1,
        )
        for bit, (place, saved) in enumerate(pairs)
    ]


def _reference(**xs: IntArray) -> IntArray:
    total: IntArray = np.sum(list(xs.values()), axis=0, dtype=np.int64)
    return total
