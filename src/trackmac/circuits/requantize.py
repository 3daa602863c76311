"""Requantisation by a power of two: shift right, round half to even, clamp to the output format.

The shift is free: the walk only starts at another bit. Three walks: guard and sticky bits; rounding, with a record
of what does not fit; clamping in place of the result.
"""

from functools import partial

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import AND, AND_NOT, HALF_ADDER, MULTIPLEXER, OR, ROUND_HALF_EVEN
from trackmac.circuits.addition import bit_source
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.circuit import Circuit, Layout, Place, Word
from trackmac.circuits.microops import Evaluate


def requantize(x_format: NumberFormat, shift: int, output: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return x * 2^-shift, rounded half to even and clamped to `output`; a negative shift moves left."""
    builder = ProgramBuilder(layout)
    x, result = builder.word("x", x_format), builder.word("result", output)
    if shift > 0:
        builder.walk(_rounding_bits(x, shift), keep=("guard", "sticky")[: min(shift, 2)])
    flags = _flags(x_format, shift, output)
    builder.walk(_rounding(x, result, shift), keep=flags)
    builder.walk(_clamping(result, flags))
    builder.shift_home(x, result)
    return Circuit(
        name="requantize",
        summary="scales a word by a power of two, rounds half to even and clamps it to the output format",
        layout=layout,
        operands=(x,),
        result=result,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=partial(_reference, shift=shift, output=output),
    )


def _flags(x_format: NumberFormat, shift: int, output: NumberFormat) -> tuple[str, ...]:
    """Return what the clamping walk must know: the sign, whether any bit above the output's is set, whether all are."""
    if not x_format.is_signed:
        return ("any",)
    if output.is_signed:
        return ("sign", "any", "all")
    return ("sign", "any") if x_format.bits - shift > output.bits else ("sign",)


def _rounding_bits(x: Word, shift: int) -> list[BitStep]:
    """Bit shift-1 is the guard bit; the sticky bit tells whether any bit below it is set."""
    steps: list[BitStep] = []
    for bit in range(shift - 1):
        sense, signal = bit_source(x, bit, "x")
        collect = Evaluate(OR, ("sticky" if bit else "0", signal), ("seen",))
        steps.append(BitStep(sense=sense, evaluate=(collect,), latch={"sticky": "seen"}))
    sense, signal = bit_source(x, shift - 1, "x")
    return [*steps, BitStep(sense=sense, latch={"guard": signal})]


def _rounding(x: Word, result: Word, shift: int) -> list[BitStep]:
    """Add the rounding bit to x >> shift; one bit above x's top takes what it carries out."""
    top = max(x.format.bits - shift, result.format.bits)
    steps: list[BitStep] = []
    for t in range(top + 1):
        steps.append(_rounded_bit(x, result, shift, t, is_top=t == top))
    return steps


def _rounded_bit(x: Word, result: Word, shift: int, t: int, *, is_top: bool) -> BitStep:
    sense, signal = ({}, "0") if t + shift < 0 else bit_source(x, t + shift, "x")
    evaluate: list[Evaluate] = []
    carry = "carry" if t else "0"
    if t == 0 and shift > 0:
        evaluate.append(Evaluate(ROUND_HALF_EVEN, ("guard", "sticky" if shift > 1 else "0", signal), ("round_up",)))
        carry = "round_up"
    evaluate.append(Evaluate(HALF_ADDER, (signal, carry), ("rounded", "carry_out")))
    latch: dict[str, str] = {} if is_top else {"carry": "carry_out"}
    output = result.format
    if is_top and x.format.is_signed:
        latch["sign"] = "rounded"
    elif t >= output.bits - output.is_signed:
        _record_overflow(evaluate, latch, x.format, output, is_first=t == output.bits - output.is_signed)
    write: dict[Place, str] = {result.places[t]: "rounded"} if t < output.bits else {}
    return BitStep(sense=sense, evaluate=tuple(evaluate), write=write, latch=latch)


def _record_overflow(
    evaluate: list[Evaluate], latch: dict[str, str], x_format: NumberFormat, output: NumberFormat, *, is_first: bool
) -> None:
    """A non-negative number overflows if any bit above the output's is set, a negative one unless all are."""
    evaluate.append(Evaluate(OR, ("0" if is_first else "any", "rounded"), ("any_now",)))
    latch["any"] = "any_now"
    if output.is_signed and x_format.is_signed:
        evaluate.append(Evaluate(AND, ("1" if is_first else "all", "rounded"), ("all_now",)))
        latch["all"] = "all_now"


def _clamping(result: Word, flags: tuple[str, ...]) -> list[BitStep]:
    """Rewrite the result: all bits above the format set a positive overflow to the maximum, the sign clears or sets."""
    steps: list[BitStep] = []
    for bit, place in enumerate(result.places):
        if result.format.is_signed and bit == result.format.bits - 1:
            steps.append(BitStep(write={place: "sign" if "sign" in flags else "0"}))
            continue
        evaluate = [Evaluate(OR, ("r", "any" if "any" in flags else "0"), ("high",))]
        if "all" in flags:
            evaluate.append(Evaluate(AND, ("r", "all"), ("low",)))
            evaluate.append(Evaluate(MULTIPLEXER, ("sign", "high", "low"), ("out",)))
        elif "sign" in flags:
            evaluate.append(Evaluate(AND_NOT, ("high", "sign"), ("out",)))
        steps.append(BitStep(sense={"r": place}, evaluate=tuple(evaluate), write={place: evaluate[-1].outputs[0]}))
    return steps


def _reference(x: IntArray, *, shift: int, output: NumberFormat) -> IntArray:
    if shift <= 0:
        return np.asarray(np.clip(x << -shift, output.minimum, output.maximum))
    floor, rest, half = x >> shift, x & ((1 << shift) - 1), 1 << (shift - 1)
    round_up = (rest > half) | ((rest == half) & (floor & 1 == 1))
    return np.asarray(np.clip(floor + round_up, output.minimum, output.maximum))
