"""Adds rows of bits by transverse reads: compress TRD rows to their counts' bits, add the last few (CORUSCANT lineage).

Of each column a transverse read counts the ones; the count's bits S, C, C' are rows again, C one column further on
and C' two. So TRD rows become two (TRD 3) or three. What is left is added column by column: S is the sum's bit, C and
C' go into the window of the next two columns, which has room for them beside 2, 3 or 5 rows.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat

from trackmac.bits import NumberFormat
from trackmac.circuits.circuit import Place
from trackmac.circuits.microops import Step, Write
from trackmac.circuits.transverse_window import Row, Window, rows_of


def addends(trd: int) -> int:
    """Return how many rows one addition takes: the window's domains but for the carries of the columns before."""
    return trd - trd.bit_length() + 1


def add_rows(window: Window, rows: Iterator[Row], count: int, targets: Sequence[Place] | None = None) -> list[Place]:
    """Append the steps that add `count` rows, modulo 2 to the number of the window's tracks; return the sum's places.

    Args:
        window: its tracks are the columns; its tracks stand where they started.
        rows: asked for one by one, when it is their turn to be written; it may append the steps that make them.
        count: how many rows there are.
        targets: where the sum goes; into the window's tracks if None.
    """
    gain = window.trd - window.count_bits
    rounds = max(0, -(-(count - addends(window.trd)) // gain))
    padded = chain(rows, repeat({}))
    held: list[Row] = []
    for _ in range(rounds):
        _fill(window, held, padded)
        held = rows_of(window.read_all())
    _fill_for_addition(window, chain(held, padded))
    return add_columns(window, targets)


def _fill(window: Window, held: list[Row], rows: Iterator[Row]) -> None:
    """Fill the window with the rows that the amplifiers hold from the last read, and new ones."""
    steps = window.builder.steps
    leading = chain(held[:-1], rows)
    for number in range(window.trd - 1):
        if number:
            steps.append(Step((window.advance(),)))
        writes = window.row(next(leading), window.leading)
        is_last = number == window.trd - 2
        steps.append(Step(writes + (window.row(held[-1], window.trailing) if held and is_last else ())))
    if not held:
        row = next(rows)
        steps.append(Step(window.row(row, window.trailing)))


def _fill_for_addition(window: Window, rows: Iterator[Row]) -> None:
    """Write as many rows as one addition takes, and zeros where the first columns get no carry."""
    steps = window.builder.steps
    for _ in range(window.trd - 2):
        row = next(rows)
        steps += [Step(window.row(row, window.leading)), Step((window.advance(),))]
    last = window.row(next(rows), window.trailing) if addends(window.trd) > window.trd - 2 else ()
    steps.append(Step(last + no_carries(window)))


def no_carries(window: Window) -> tuple[Write, ...]:
    """Return the writes of zeros where the first columns get no carry: C at the leading port, C' at the trailing."""
    second = window.tracks[: 2 if window.count_bits > 2 else 0]
    return (
        Write(window.tracks[0], "0", window.leading),
        *(Write(track, "0", window.trailing) for track in second),
    )


def add_columns(window: Window, targets: Sequence[Place] | None = None) -> list[Place]:
    """Append the addition of the rows in the window, column by column; the sum takes the place of the carries C."""
    places: list[Place] = []
    for column in range(len(window.tracks)):
        total, *carries = window.read(column)
        here = window.place(column, window.leading) if targets is None else targets[column]
        writes = [Write(here.track, total, window.leading if targets is None else 0)]
        for distance, (carry, port) in enumerate(zip(carries, (window.leading, window.trailing), strict=False), 1):
            if column + distance < len(window.tracks):
                writes.append(Write(window.tracks[column + distance], carry, port))
        window.builder.steps.append(Step(tuple(writes)))
        places.append(here)
    return places


def constant_row(value: int, columns: int) -> Row:
    """Return the row of a number, modulo 2 to the number of columns."""
    return {column: "1" for column in range(columns) if value >> column & 1}


def is_negative(a: NumberFormat, b: NumberFormat, i: int, j: int) -> bool:
    """Whether bit `i` of a and bit `j` of b make a negative product: exactly one of them is a sign."""
    return (a.is_signed and i == a.bits - 1) != (b.is_signed and j == b.bits - 1)


def negative_weight(a: NumberFormat, b: NumberFormat) -> int:
    """Return the sum of 2^(i + j) over the negative products of bits, of which the complement is added instead.

    -x = (1 - x) - 1: with each complement goes a constant, -2^(i + j), and all these are one row (Baugh and Wooley).
    """
    pairs = ((i, j) for i in range(a.bits) for j in range(b.bits))
    return sum(1 << i + j for i, j in pairs if is_negative(a, b, i, j))
