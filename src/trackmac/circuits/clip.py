"""Clipping in place to two bounds that are built into the program: two borrows decide, then every bit is rewritten."""

from functools import partial

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import FULL_SUBTRACTOR, MULTIPLEXER
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.microops import Evaluate


def clip(x_format: NumberFormat, low: int, high: int, layout: Layout = Layout.ALONG) -> Circuit:
    """Return min(max(x, low), high) in place for a word of this format, which both bounds fit."""
    builder = ProgramBuilder(layout)
    x = builder.word("x", x_format)
    builder.walk(_comparisons(x, low, high), keep=("is_below", "is_above"))
    builder.walk([_selection(x, bit, low, high) for bit in range(x_format.bits)])
    builder.shift_home(x)
    return Circuit(
        name="clip",
        summary="replaces a word beyond one of two bounds by that bound, in place",
        layout=layout,
        operands=(x,),
        result=x,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=partial(_reference, low=low, high=high),
    )


def _comparisons(x: Word, low: int, high: int) -> list[BitStep]:
    """Return the walk that latches the borrows of x - low and high - x; a sign bit weighs negatively."""
    steps: list[BitStep] = []
    for bit, place in enumerate(x.places):
        is_sign = x.format.is_signed and bit == x.format.bits - 1
        evaluate: tuple[Evaluate, ...] = ()
        for borrow, pair in (("is_below", ("x", _bit(low, bit))), ("is_above", (_bit(high, bit), "x"))):
            first, second = reversed(pair) if is_sign else pair
            inputs = (first, second, borrow if bit else "0")
            evaluate += (Evaluate(FULL_SUBTRACTOR, inputs, (f"{borrow}_difference", f"{borrow}_now")),)
        latch = {name: f"{name}_now" for name in ("is_below", "is_above")}
        steps.append(BitStep(sense={"x": place}, evaluate=evaluate, latch=latch))
    return steps


def _selection(x: Word, bit: int, low: int, high: int) -> BitStep:
    raised = Evaluate(MULTIPLEXER, ("is_below", "x", _bit(low, bit)), ("raised",))
    lowered = Evaluate(MULTIPLEXER, ("is_above", "raised", _bit(high, bit)), ("out",))
    place = x.places[bit]
    return BitStep(sense={"x": place}, evaluate=(raised, lowered), write={place: "out"})


def _bit(bound: int, bit: int) -> str:
    return str(bound >> bit & 1)


def _reference(x: IntArray, *, low: int, high: int) -> IntArray:
    clipped: IntArray = np.clip(x, low, high)
    return clipped
