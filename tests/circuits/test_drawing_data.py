from dataclasses import replace

import pytest

from trackmac.circuits import FAMILIES, Circuit, circuit, family
from trackmac.circuits.drawing_data import MOST_ROWS, drawing_of
from trackmac.circuits.microops import step_activity
from trackmac.circuits.program_check import ProgramError
from trackmac.cost import Event
from trackmac.drawings import CircuitDrawing
from trackmac.report.circuit_svg import circuit_svg
from trackmac.report.circuit_text import circuit_text

EVERY = [
    (name, str(layout), trd)
    for name, found in FAMILIES.items()
    for trd in found.at_trd or (None,)
    for layout in family(name, trd).layouts
]
SOME = 8
EVENTS = {"sense": Event.SENSES, "write": Event.WRITES, "evaluate": Event.EVALUATIONS, "latch": Event.LATCH_UPDATES}


def without_step(built: Circuit, number: int) -> Circuit | None:
    """Return the circuit without one step, or None if no hardware could run the rest."""
    try:
        return replace(built, program=built.program[:number] + built.program[number + 1 :])
    except ProgramError:
        return None


def times_of(drawing: CircuitDrawing) -> list[int]:
    """Return how often each column happens."""
    times = [1] * len(drawing.columns)
    for repeat in drawing.repeats:
        for column in range(repeat.first, repeat.last + 1):
            times[column] *= repeat.times
    return times


@pytest.mark.parametrize(("name", "layout", "trd"), EVERY)
def test_the_chart_of_every_circuit_shows_all_that_its_program_does(name: str, layout: str, trd: int | None) -> None:
    built = circuit(name, layout=layout, trd=trd)

    drawing = drawing_of(built)

    times = times_of(drawing)
    assert sum(times) == drawing.steps == len(built.program)
    drawn = dict.fromkeys(EVENTS, 0)
    for column, count in zip(drawing.columns, times, strict=True):
        for mark in column.marks:
            if mark.operation in drawn:
                drawn[mark.operation] += mark.amount * count
    happened = [step_activity(step).events for step in built.program]
    assert drawn == {name: sum(events.get(event, 0) for events in happened) for name, event in EVENTS.items()}
    assert sum(tracks.count for tracks in drawing.tracks) == len(built.tracks)
    assert sum(row.kind == "track" for row in drawing.rows) <= MOST_ROWS


@pytest.mark.parametrize(("name", "layout", "trd"), EVERY)
def test_a_dropped_step_changes_the_diagram(name: str, layout: str, trd: int | None) -> None:
    built = circuit(name, 2, layout=layout, trd=trd)
    text, figure = circuit_text(drawing_of(built)), circuit_svg(drawing_of(built))
    some = range(0, len(built.program), max(1, len(built.program) // SOME))

    shorter = [each for number in some if (each := without_step(built, number))]

    assert shorter
    for each in shorter:
        assert circuit_text(drawing_of(each)) != text
        assert circuit_svg(drawing_of(each)) != figure


@pytest.mark.slow
@pytest.mark.parametrize(("name", "layout", "trd"), EVERY)
def test_any_dropped_step_changes_the_chart(name: str, layout: str, trd: int | None) -> None:
    built = circuit(name, 2, layout=layout, trd=trd)
    chart = drawing_of(built).columns, drawing_of(built).repeats

    shorter = [each for number in range(len(built.program)) if (each := without_step(built, number))]

    for each in shorter:
        assert (drawing_of(each).columns, drawing_of(each).repeats) != chart


def test_tracks_that_do_the_same_share_a_row() -> None:
    rows = drawing_of(circuit("latched_full_adder", 8)).rows

    assert [(row.label, row.count) for row in rows] == [
        ("a, b", 2), ("carry_in", 1), ("sum", 1), ("full adder", 1), ("latch", 1),
    ]  # fmt: skip


def test_with_too_many_rows_tracks_of_one_name_share_one() -> None:
    rows = drawing_of(circuit("bitplane_popcount_mac")).rows

    assert [row.label for row in rows if row.kind == "track"] == [
        "x0..x7", "w0..w7", "c0..c19", "ones0..ones7", "column0..column19",
    ]  # fmt: skip


def test_the_data_path_says_what_is_wired_to_what() -> None:
    parts = {(part.kind, part.label): part for part in drawing_of(circuit("latched_full_adder", 8)).parts}

    assert parts["sense amplifier", "carry_in"].takes == (("carry_in",),)
    assert parts["cell", "full_adder"].takes == (("a",), ("b",), ("carry_in", "carry"))
    assert parts["cell", "full_adder"].gives == ("sum", "carry_out")
    assert parts["latch", "carry"].takes == (("carry_out",),)
    assert parts["write driver", "sum"].takes == (("sum",),)


def test_a_cell_fed_by_another_one_lies_behind_it() -> None:
    levels = {part.label: part.level for part in drawing_of(circuit("shift_add_multiplier", 4)).parts}

    assert levels["and"] == 0
    assert levels["full_adder"] == 1
