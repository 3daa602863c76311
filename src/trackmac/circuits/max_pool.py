"""The greater of two words, in place of the first: a borrow decides, then a multiplexer rewrites every bit.

A pooling window folds it over its elements.
"""

from functools import lru_cache

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import FULL_SUBTRACTOR, MULTIPLEXER
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.microops import Evaluate


@lru_cache(maxsize=256)
def max_pool(x_format: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return max(a, b), in place of a, for two words of one format."""
    builder = ProgramBuilder(layout)
    a, b = builder.word("a", x_format), builder.word("b", x_format)
    builder.walk(comparison(a, b), keep=("is_less",))
    builder.walk(selection(a, b))
    builder.shift_home(a, b)
    return Circuit(
        name="max_pool",
        summary="replaces a by the greater of a and b; a pooling window folds it over its elements",
        layout=layout,
        operands=(a, b),
        result=a,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_reference,
    )


def comparison(a: Word, b: Word) -> list[BitStep]:
    """Return the walk that latches, as `is_less`, the borrow of a - b.

    A sign bit weighs negatively, so there the operands change places.
    """
    steps: list[BitStep] = []
    for bit in range(a.format.bits):
        is_sign = a.format.is_signed and bit == a.format.bits - 1
        operands = ("b", "a") if is_sign else ("a", "b")
        borrow = "is_less" if bit else "0"
        compare = Evaluate(FULL_SUBTRACTOR, (*operands, borrow), ("difference", "borrow_out"))
        sense = {"a": a.places[bit], "b": b.places[bit]}
        steps.append(BitStep(sense=sense, evaluate=(compare,), latch={"is_less": "borrow_out"}))
    return steps


def selection(a: Word, b: Word) -> list[BitStep]:
    """Return the walk that replaces `a` by `b` if `is_less`."""
    select = Evaluate(MULTIPLEXER, ("is_less", "a", "b"), ("out",))
    return [
        BitStep(sense={"a": at_a, "b": at_b}, evaluate=(select,), write={at_a: "out"})
        for at_a, at_b in zip(a.places, b.places, strict=True)
    ]


def _reference(a: IntArray, b: IntArray) -> IntArray:
    return np.maximum(a, b)
