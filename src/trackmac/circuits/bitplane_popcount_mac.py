"""A dot product by bit planes: the ones of plane i of x AND plane j of w are counted, times +-2^(i + j).

x . w is the sum over all pairs of planes of 2^(i + j) * popcount(x_i AND w_j), negative where exactly one of the two
is a sign. A transverse read counts TRD elements at once; the counts' bits are rows, which `add_rows` adds. A negative
count is that of the complements less TRD: -popcount(y) = popcount(NOT y) - TRD; all these constants are one row.
"""

from collections.abc import Iterator
from itertools import chain

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.microops import Sense, Shift, Step
from trackmac.circuits.row_addition import add_rows
from trackmac.circuits.transverse_read_multiplier import bit_products, correction, has_correction, sensed_row
from trackmac.circuits.transverse_window import Row, Window, rows_of


def bitplane_popcount_mac(
    x_format: NumberFormat, w_format: NumberFormat, accumulator: NumberFormat, trd: int
) -> Circuit:
    """Return accumulator + the dot product of `trd` elements x and w, in place.

    Bit `i` of all x lies along one track, which is plane `i`; the planes of x and w shift in lockstep. Every other
    plane of w is walked backwards, so that nothing is rewound in between.
    """
    builder = ProgramBuilder(Layout.ACROSS)
    xs, ws = builder.words("x", x_format, trd), builder.words("w", w_format, trd)
    c = builder.word("c", accumulator)
    ones = Window(builder, "ones", x_format.bits, trd, amplifiers=x_format.bits)
    columns = Window(builder, "column", accumulator.bits, trd, amplifiers=accumulator.bits)
    builder.steps.append(Step(tuple(Sense(place.track, place.track) for place in c.places)))
    rows = chain(
        _popcounts(builder, xs[0], ws[0], ones), [sensed_row(c)], correction(x_format, w_format, accumulator.bits, trd)
    )
    count = w_format.bits * ones.count_bits + 1 + has_correction(x_format, w_format)
    add_rows(columns, rows, count, c.places)
    builder.all_home()
    addend = NumberFormat(accumulator.bits - 1, accumulator.is_signed)
    return Circuit(
        name="bitplane_popcount_mac",
        summary="adds a dot product of TRD elements to an accumulator: popcounts of bit planes by transverse read",
        layout=Layout.ACROSS,
        operands=(*xs, *ws, Word(name="c", format=addend, places=c.places)),
        result=c,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_reference,
    )


def _popcounts(builder: ProgramBuilder, x: Word, w: Word, ones: Window) -> Iterator[Row]:
    """Yield, for each plane `j` of w, the rows of the counts of all planes of x with it, having appended the steps."""
    x_planes, w_planes = (tuple(place.track for place in word.places) for word in (x, w))
    for j, w_plane in enumerate(w_planes):
        sense = Step(tuple(Sense(plane, plane) for plane in (*x_planes, w_plane)))
        products = bit_products(x, w, j, x_planes, w_plane)
        row = {i: f"partial{i}" for i in range(x.format.bits)}
        for number in range(ones.trd):
            is_last = number == ones.trd - 1
            if number:
                walk = _walk(builder, (*x_planes, *w_planes), -1 if j % 2 else 1)
                builder.steps.append(Step((walk,) if is_last else (walk, ones.advance())))
            write = Step(ones.row(row, ones.trailing if is_last else ones.leading))
            builder.steps += [sense, products, write]
        yield from rows_of(ones.read_all(), first=j)


def _walk(builder: ProgramBuilder, planes: tuple[str, ...], steps: int) -> Shift:
    for plane in planes:
        builder.heads[plane] += steps
    return Shift(planes, steps)


def _reference(c: IntArray, **elements: IntArray) -> IntArray:
    count = len(elements) // 2
    total = c.copy()
    for k in range(count):
        total += elements[f"x{k}"] * elements[f"w{k}"]
    return total
