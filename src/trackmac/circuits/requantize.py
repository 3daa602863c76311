"""Requantisation by a power of two: shift right, round half to even, clamp to the output format.

The shift is free: the walk only starts at another bit. A zero point is built in, and added while rounding. Three
walks: guard and sticky bits; rounding, with a record of what does not fit; clamping in place of the result.
"""

from functools import lru_cache, partial

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import FULL_ADDER, HALF_ADDER, OR, ROUND_HALF_EVEN
from trackmac.circuits.addition import bit_source
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.circuit import Circuit, Layout, Place, Word
from trackmac.circuits.clamping import clamping, overflow_flags, record_overflow
from trackmac.circuits.microops import Evaluate


@lru_cache(maxsize=256)
def requantize(
    x_format: NumberFormat, shift: int, output: NumberFormat, layout: Layout = Layout.ALONG, *, zero_point: int = 0
) -> Circuit:
    """Return x * 2^-shift rounded half to even, plus `zero_point`, clamped to `output`; a negative shift moves left."""
    builder = ProgramBuilder(layout)
    x, result = builder.word("x", x_format), builder.word("result", output)
    scale_and_clamp(builder, x, result, shift, zero_point)
    builder.shift_home(x, result)
    return Circuit(
        name="requantize",
        summary="scales a word by a power of two, rounds half to even and clamps it to the output format",
        layout=layout,
        operands=(x,),
        result=result,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=partial(scaled_and_clamped, shift=shift, output=output, zero_point=zero_point),
    )


def scale_and_clamp(builder: ProgramBuilder, x: Word, result: Word, shift: int, zero_point: int = 0) -> None:
    """Append the walks that write x * 2^-shift rounded half to even, plus `zero_point`, clamped, into `result`."""
    if shift > 0:
        builder.walk(rounding_bits(x, shift), keep=rounding_flags(shift))
    top = max(x.format.bits - shift, result.format.bits)
    exact = NumberFormat(top + 2, True) if zero_point else NumberFormat(top + 1, x.format.is_signed)
    flags = overflow_flags(exact, result.format)
    builder.walk([_rounded_bit(x, result, shift, bit, exact, zero_point) for bit in range(exact.bits)], keep=flags)
    builder.walk(clamping(result, flags))


def rounding_flags(shift: int) -> tuple[str, ...]:
    """Return what rounding has to know of the bits that are shifted out."""
    return ("guard", "sticky")[: min(shift, 2)]


def rounding_bits(x: Word, shift: int) -> list[BitStep]:
    """Bit shift-1 is the guard bit; the sticky bit tells whether any bit below it is set."""
    steps: list[BitStep] = []
    for bit in range(shift - 1):
        sense, signal = bit_source(x, bit, "x")
        collect = Evaluate(OR, ("sticky" if bit else "0", signal), ("seen",))
        steps.append(BitStep(sense=sense, evaluate=(collect,), latch={"sticky": "seen"}))
    sense, signal = bit_source(x, shift - 1, "x")
    return [*steps, BitStep(sense=sense, latch={"guard": signal})]


def rounding_up(shift: int, last: str) -> Evaluate:
    """Return the cell that tells whether to round up, where `last` carries the lowest bit that stays."""
    return Evaluate(ROUND_HALF_EVEN, ("guard", "sticky" if shift > 1 else "0", last), ("round_up",))


def _rounded_bit(  # noqa: PLR0917 - a walk's bit
    x: Word, result: Word, shift: int, t: int, exact: NumberFormat, zero_point: int
) -> BitStep:
    """Add the rounding bit, and the zero point's bits, to x >> shift; `exact` has room for what is carried out."""
    sense, signal = ({}, "0") if t + shift < 0 else bit_source(x, t + shift, "x")
    evaluate: tuple[Evaluate, ...] = ()
    carry = "carry" if t else "0"
    if t == 0 and shift > 0:
        evaluate = (rounding_up(shift, signal),)
        carry = "round_up"
    if zero_point:
        evaluate += (Evaluate(FULL_ADDER, (signal, str(zero_point >> t & 1), carry), ("rounded", "carry_out")),)
    else:
        evaluate += (Evaluate(HALF_ADDER, (signal, carry), ("rounded", "carry_out")),)
    recording, latch = record_overflow(t, "rounded", exact, result.format)
    if t < exact.bits - 1:
        latch = {"carry": "carry_out"} | latch
    write: dict[Place, str] = {result.places[t]: "rounded"} if t < result.format.bits else {}
    return BitStep(sense=sense, evaluate=evaluate + recording, write=write, latch=latch)


def scaled_and_clamped(x: IntArray, *, shift: int, output: NumberFormat, zero_point: int = 0) -> IntArray:
    """Return x * 2^-shift rounded half to even, plus `zero_point`, clamped."""
    if shift <= 0:
        clamped: IntArray = np.clip((x << -shift) + zero_point, output.minimum, output.maximum)
        return clamped
    floor, rest, half = x >> shift, x & ((1 << shift) - 1), 1 << (shift - 1)
    round_up = (rest > half) | ((rest == half) & (floor & 1 == 1))
    clamped = np.clip(floor + round_up + zero_point, output.minimum, output.maximum)
    return clamped
