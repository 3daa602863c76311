"""|a - b|: what template matching, motion estimation and networks without products (AdderNet) sum up."""

import numpy as np

import trackmac as tm
from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import FULL_SUBTRACTOR, MULTIPLEXER
from trackmac.circuits import Circuit, CircuitFamily, Layout, Word
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.microops import Evaluate
from trackmac.cost import Activity, total
from trackmac.models.walks import Walk, moved, walked

NAME = "absolute_difference"


def build(bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    """Return |a - b| for two words of one format. The difference of two n-bit words is at most 2^n - 1."""
    (n,) = bits
    builder = ProgramBuilder(layout)
    a, b = (builder.word(name, NumberFormat(n, is_signed)) for name in "ab")
    distance = builder.word("distance", NumberFormat(n, is_signed=False))
    builder.walk([compared_bit(a, b, bit) for bit in range(n)], keep=("is_less",))
    builder.walk([subtracted_bit(a, b, distance, bit) for bit in range(n)])
    builder.shift_home(a, b, distance)
    return Circuit(
        name=NAME,
        summary="subtracts the lesser of two words from the greater",
        layout=layout,
        operands=(a, b),
        result=distance,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=reference,
    )


def compared_bit(a: Word, b: Word, bit: int) -> BitStep:
    """First walk: latch the borrow of a - b. A sign bit weighs negatively, so there the words change places."""
    is_sign = a.format.is_signed and bit == a.format.bits - 1
    words = ("b", "a") if is_sign else ("a", "b")
    compare = Evaluate(FULL_SUBTRACTOR, (*words, "is_less" if bit else "0"), ("difference", "borrow_out"))
    return BitStep(sense={"a": a.places[bit], "b": b.places[bit]}, evaluate=(compare,), latch={"is_less": "borrow_out"})


def subtracted_bit(a: Word, b: Word, distance: Word, bit: int) -> BitStep:
    """Second walk: two multiplexers put the greater word first, so that the subtraction never borrows at the end."""
    is_top = bit == a.format.bits - 1
    cells = (
        Evaluate(MULTIPLEXER, ("is_less", "a", "b"), ("greater",)),
        Evaluate(MULTIPLEXER, ("is_less", "b", "a"), ("lesser",)),
        Evaluate(FULL_SUBTRACTOR, ("greater", "lesser", "borrow" if bit else "0"), ("difference", "borrow_out")),
    )
    return BitStep(
        sense={"a": a.places[bit], "b": b.places[bit]},
        evaluate=cells,
        write={distance.places[bit]: "difference"},
        latch={} if is_top else {"borrow": "borrow_out"},
    )


def reference(a: IntArray, b: IntArray) -> IntArray:
    """Return the same on plain integers."""
    distance: IntArray = np.abs(a - b)
    return distance


def activity(circuit: Circuit) -> Activity:
    """Return what one execution costs, derived from the algorithm, never from `circuit.program`; n = bits of a word.

    Comparing: 2 n senses, n subtractors in line, the borrow latched n times (across: the last one only). Subtracting:
    2 n senses, n writes; at each bit two multiplexers side by side, then a subtractor, so 2 n levels along, and across
    one level of multiplexers and n of subtractors; n - 1 borrows latched along.
    Along tracks both words go n - 1 up and back, twice, the second time with the distance.
    """
    n = circuit.operand("a").format.bits
    comparing = Walk(senses=2 * n, sensing=n, evaluations=n, evaluating=n, depth=n, ripple=n, latches=n, kept=1)
    subtracting = Walk(
        senses=2 * n,
        sensing=n,
        evaluations=3 * n,
        evaluating=n,
        depth=2 * n,
        ripple=n + 1,
        writes=n,
        writing=n,
        latches=n - 1,
    )
    walks = comparing.activity(circuit.layout).then(subtracting.activity(circuit.layout))
    if circuit.layout is Layout.ACROSS:
        return walks
    two, three = (n - 1,) * 2, (n - 1,) * 3
    return total((walks, walked(*two), moved(*two), walked(*three), moved(*three)))


tm.register_circuit(
    CircuitFamily(name=NAME, kind="distance", layouts=tuple(Layout), width_names=("x",), build=build),
    activity=activity,
)

if __name__ == "__main__":
    print(tm.check_circuit(NAME))
