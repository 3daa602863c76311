"""What each micro-operation means in events and phases, counted by hand."""

import pytest

from trackmac.cells.library import AND, FULL_ADDER, HALF_ADDER
from trackmac.circuits.microops import (
    Evaluate,
    Latch,
    MicroOp,
    Receive,
    Send,
    Sense,
    Shift,
    Step,
    TransverseRead,
    Write,
    evaluation_levels,
    step_activity,
)
from trackmac.cost import Event, Phase

SEQUENCER = {Event.SEQUENCER_STEPS: 1}


@pytest.mark.parametrize(
    ("ops", "events", "phases"),
    [
        (
            (Shift(("a", "b"), -3), Shift(("c",), 5)),
            {Event.SHIFT_STEPS: 5, Event.TRACK_SHIFTS: 11},
            {Phase.SHIFT: 5},
        ),
        ((Sense("a", "x"), Sense("b", "y")), {Event.SENSES: 2}, {Phase.SENSE: 1}),
        ((Write("a", "x"), Write("b", "x")), {Event.WRITES: 2}, {Phase.WRITE: 1}),
        ((Sense("a", "x"), Latch("x", "kept")), {Event.SENSES: 1, Event.LATCH_UPDATES: 1}, {Phase.SENSE: 1}),
        ((Latch("x", "kept"),), {Event.LATCH_UPDATES: 1}, {}),
        (
            (TransverseRead("a", ("s", "c")), TransverseRead("b", ("t", "d"))),
            {Event.TRANSVERSE_READS: 2},
            {Phase.TRANSVERSE_READ: 1},
        ),
        ((Receive("w"), Write("a", "w")), {Event.BUS_BITS: 1, Event.WRITES: 1}, {Phase.WRITE: 1}),
        ((Sense("a", "x"), Send("x", "w")), {Event.BUS_BITS: 1, Event.SENSES: 1}, {Phase.SENSE: 1}),
        ((Evaluate(AND, ("x", "y"), ("out",)),), {Event.EVALUATIONS: 1}, {Phase.EVALUATE: 1}),
    ],
    ids=["shift", "sense", "write", "sense and latch", "latch", "count", "receive", "send", "evaluate"],
)
def test_a_step_costs_what_its_operations_do(
    ops: tuple[MicroOp, ...], events: dict[Event, int], phases: dict[Phase, int]
) -> None:
    activity = step_activity(Step(ops))

    assert activity.events == events | SEQUENCER
    assert activity.phases == phases


def test_cells_side_by_side_are_one_level_and_a_rippling_carry_one_each() -> None:
    partials = tuple(Evaluate(AND, (f"a{i}", "b"), (f"p{i}",)) for i in range(3))
    adders = tuple(Evaluate(HALF_ADDER, (f"p{i}", f"c{i}"), (f"s{i}", f"c{i + 1}")) for i in range(3))

    assert evaluation_levels(Step(partials)) == 1
    assert evaluation_levels(Step((*partials, *adders))) == 1 + 3
    assert step_activity(Step((*partials, *adders))).phases == {Phase.EVALUATE: 4}
    assert step_activity(Step((*partials, *adders))).events[Event.EVALUATIONS] == 6


def test_a_chain_of_three_is_as_long_as_its_longest_path() -> None:
    first = Evaluate(AND, ("x", "y"), ("one",))
    second = Evaluate(AND, ("one", "y"), ("two",))
    third = Evaluate(FULL_ADDER, ("one", "two", "x"), ("sum", "carry"))

    assert evaluation_levels(Step((first, second, third))) == 3


def test_operations_can_be_asked_for_by_kind() -> None:
    step = Step((Sense("a", "x"), Latch("x", "kept")))

    assert step.of(Latch) == (Latch("x", "kept"),)
    assert step.of(Write) == ()
