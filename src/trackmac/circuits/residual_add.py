"""The addition of a residual connection: two activations, clamped to the output format.

Two walks: the sum, with a record of what does not fit; clamping in place of the result. Clamping to an unsigned format
is a ReLU as well.
"""

from functools import partial

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import FULL_ADDER
from trackmac.circuits.addition import bit_source, sum_format
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.circuit import Circuit, Layout, Place, Word
from trackmac.circuits.clamping import clamping, overflow_flags, record_overflow
from trackmac.circuits.microops import Evaluate
from trackmac.errors import OperandError


def residual_add(
    a_format: NumberFormat, b_format: NumberFormat, output: NumberFormat, layout: Layout = Layout.ALONG
) -> Circuit:
    """Return a + b, clamped to `output`.

    Raises:
        OperandError: the output is as wide as the sum, so that there is nothing to clamp.
    """
    exact = sum_format(a_format, b_format)
    if output.bits >= exact.bits:
        raise OperandError(
            f"residual_add clamps, but {output} is not narrower than the sum ({exact}); use ripple_adder instead"
        )
    builder = ProgramBuilder(layout)
    a, b, total = builder.word("a", a_format), builder.word("b", b_format), builder.word("sum", output)
    flags = overflow_flags(exact, output)
    builder.walk([_added_bit(a, b, total, bit, exact) for bit in range(exact.bits)], keep=flags)
    builder.walk(clamping(total, flags))
    builder.shift_home(a, b, total)
    return Circuit(
        name="residual_add",
        summary="adds two activations and clamps the sum to the output format",
        layout=layout,
        operands=(a, b),
        result=total,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=partial(_reference, output=output),
    )


def _added_bit(a: Word, b: Word, total: Word, bit: int, exact: NumberFormat) -> BitStep:
    sense_a, signal_a = bit_source(a, bit, "a")
    sense_b, signal_b = bit_source(b, bit, "b")
    evaluate: tuple[Evaluate, ...] = ()
    signal = "carry"
    if not signal_a == signal_b == "0":
        signal = "sum"
        evaluate = (Evaluate(FULL_ADDER, (signal_a, signal_b, "carry" if bit else "0"), ("sum", "carry_out")),)
    recording, latch = record_overflow(bit, signal, exact, total.format)
    if bit < exact.bits - 1:
        latch = {"carry": "carry_out"} | latch
    write: dict[Place, str] = {total.places[bit]: signal} if bit < total.format.bits else {}
    return BitStep(sense=sense_a | sense_b, evaluate=evaluate + recording, write=write, latch=latch)


def _reference(a: IntArray, b: IntArray, *, output: NumberFormat) -> IntArray:
    clamped: IntArray = np.clip(a + b, output.minimum, output.maximum)
    return clamped
