"""The transverse-read adder: of each column the ones between two ports are counted at once (CORUSCANT lineage)."""

from collections.abc import Sequence
from string import ascii_lowercase

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits.addition import sum_format
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.circuit import Circuit, Layout, Place, Word
from trackmac.circuits.microops import Step
from trackmac.circuits.row_addition import add_columns, addends, no_carries
from trackmac.circuits.transverse_window import Window


def transverse_read_adder(formats: Sequence[NumberFormat], trd: int) -> Circuit:
    """Return the adder of as many words as one addition at transverse-read distance `trd` takes: 2, 3 or 5.

    Track `k` has bit `k` of every word, in the window between its ports, the sign repeated up to the sum's width; the
    carries of the columns before come to the ports. The operands are left as they were.
    """
    assert len(formats) == addends(trd), f"{addends(trd)} words are needed, not {len(formats)}"
    builder = ProgramBuilder(Layout.ACROSS)
    total = sum_format(*formats)
    window = Window(builder, "column", total.bits, trd, domains=trd, amplifiers=1)
    first = int(addends(trd) == trd - 2)
    operands = tuple(
        Word(name=name, format=each, places=tuple(Place(track, first + number) for track in window.tracks))
        for number, (name, each) in enumerate(zip(ascii_lowercase, formats, strict=False))
    )
    builder.steps.append(Step(no_carries(window)))
    places = add_columns(window)
    return Circuit(
        name="transverse_read_adder",
        summary="adds 2, 3 or 5 words across tracks (TRD 3, 5 or 7): a transverse read counts the ones of each column",
        layout=Layout.ACROSS,
        operands=operands,
        result=Word(name="sum", format=total, places=tuple(places)),
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_reference,
    )


def _reference(**operands: IntArray) -> IntArray:
    first, *others = operands.values()
    total = first.copy()
    for values in others:
        total += values
    return total
