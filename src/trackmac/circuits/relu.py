"""ReLU in place: the sign is sensed first, then every bit is rewritten as bit AND NOT sign."""

from functools import lru_cache

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import AND_NOT
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.circuit import Circuit, Layout
from trackmac.circuits.microops import Evaluate


@lru_cache(maxsize=256)
def relu(x_format: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return max(x, 0) in place for a word of this format."""
    builder = ProgramBuilder(layout)
    x = builder.word("x", x_format)
    sign = "0"
    if x_format.is_signed:
        sign = "sign"
        builder.walk([BitStep(sense={"x": x.places[-1]}, latch={sign: "x"})], keep=(sign,))
    clear = Evaluate(AND_NOT, ("x", sign), ("out",))
    builder.walk([BitStep(sense={"x": place}, evaluate=(clear,), write={place: "out"}) for place in x.places])
    builder.shift_home(x)
    return Circuit(
        name="relu",
        summary="replaces a negative word by 0, in place",
        layout=layout,
        operands=(x,),
        result=x,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_reference,
    )


def _reference(x: IntArray) -> IntArray:
    return np.maximum(x, 0)
