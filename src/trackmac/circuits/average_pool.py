"""The mean of a window of words: their sum, which grows in place, then a division by their number, a power of two.

The mean of words fits their own format, also rounded, so that nothing is clamped.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import HALF_ADDER
from trackmac.circuits.addition import addition, bit_source, sum_format
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.carry import LATCHED
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.microops import Evaluate
from trackmac.circuits.requantize import rounding_bits, rounding_flags, rounding_up, scaled_and_clamped


def average_pool(x_format: NumberFormat, words: int = 4, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the mean, rounded half to even, of `words` words that lie one behind another; a power of two of them."""
    shift = words.bit_length() - 1
    if words != 1 << shift or words < 2:
        raise ValueError(f"a mean is a shift only for a power of two of words, not for {words}")
    builder = ProgramBuilder(layout)
    xs = builder.words("x", x_format, words)
    total = builder.word("sum", NumberFormat(x_format.bits + shift, x_format.is_signed))
    mean = builder.word("mean", x_format)
    so_far = Word(name="sum", format=x_format, places=total.places)
    builder.walk(copying(xs[0], so_far))
    for number, x in enumerate(xs[1:], start=2):
        builder.to_first_bits(x, total)
        wider = sum_format(*[x_format] * number)
        builder.walk(addition(so_far, x, total.places[: wider.bits], LATCHED))
        so_far = replace(so_far, format=wider)
    builder.walk(rounding_bits(total, shift), keep=rounding_flags(shift))
    builder.walk([_rounded_bit(total, mean, shift, bit) for bit in range(x_format.bits)])
    builder.shift_home(*xs, total, mean)
    return Circuit(
        name="average_pool",
        summary="takes the mean of a window's words, rounded half to even",
        layout=layout,
        operands=xs,
        result=mean,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=partial(_reference, shift=shift, output=x_format),
    )


def copying(source: Word, target: Word) -> list[BitStep]:
    """Return the walk that writes `source`, its sign extended, to every bit of `target`."""
    steps: list[BitStep] = []
    for bit, place in enumerate(target.places[: target.format.bits]):
        sense, signal = bit_source(source, bit, "copied")
        steps.append(BitStep(sense=sense, write={place: signal}))
    return steps


def _rounded_bit(total: Word, mean: Word, shift: int, bit: int) -> BitStep:
    evaluate: tuple[Evaluate, ...] = (rounding_up(shift, "x"),) if bit == 0 else ()
    carry = "carry" if bit else "round_up"
    evaluate += (Evaluate(HALF_ADDER, ("x", carry), ("rounded", "carry_out")),)
    latch = {} if bit == mean.format.bits - 1 else {"carry": "carry_out"}
    write = {mean.places[bit]: "rounded"}
    return BitStep(sense={"x": total.places[bit + shift]}, evaluate=evaluate, write=write, latch=latch)


def _reference(*, shift: int, output: NumberFormat, **xs: IntArray) -> IntArray:
    return scaled_and_clamped(np.sum(list(xs.values()), axis=0, dtype=np.int64), shift=shift, output=output)
