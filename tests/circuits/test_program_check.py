"""Each rule of the hardware, broken once."""

import pytest

from trackmac.cells.library import AND, FULL_ADDER, NOT
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
)
from trackmac.circuits.program_check import ProgramError, check_program

DOMAINS = {"a": 2, "b": 2}
WRITE_OUT = (Write("a", "out"),)


def check(*steps: tuple[MicroOp, ...], start: dict[str, int] | None = None) -> None:
    check_program("example", DOMAINS, start or {}, tuple(Step(ops) for ops in steps))


def test_a_lawful_program_is_accepted() -> None:
    check(
        (Sense("a", "x"), Sense("b", "y")),
        (Evaluate(AND, ("x", "y"), ("out",)), Latch("out", "kept")),
        (Shift(("a",), 1), Shift(("b",), 1)),
        (Write("a", "kept"), Write("b", "1")),
    )


@pytest.mark.parametrize(
    "ops",
    [
        (Sense("a", "x"), Write("b", "0")),
        (Shift(("a",), 1), Sense("b", "x")),
        (Sense("a", "x"), Evaluate(NOT, ("x",), ("out",))),
        (Receive("x"), Sense("a", "y")),
    ],
    ids=["sense and write", "shift and sense", "sense and evaluate", "receive and sense"],
)
def test_a_step_of_two_kinds_is_refused(ops: tuple[MicroOp, ...]) -> None:
    with pytest.raises(ProgramError, match="example, step 0: a step does one kind of thing, but this one does"):
        check(ops)


def test_an_empty_step_is_refused() -> None:
    with pytest.raises(ProgramError, match="does nothing"):
        check(())


@pytest.mark.parametrize(
    "ops",
    [(Sense("a", "x"), Sense("a", "y")), (Write("a", "0"), Write("a", "1")), (Shift(("a",), 1), Shift(("a",), -1))],
    ids=["senses", "writes", "shifts"],
)
def test_a_port_used_twice_at_once_is_refused(ops: tuple[MicroOp, ...]) -> None:
    with pytest.raises(ProgramError, match="step 0: the port of track 'a' is used twice at once"):
        check(ops)


def test_an_undeclared_track_is_refused() -> None:
    with pytest.raises(ProgramError, match="step 1: there is no track 'z'"):
        check((Sense("a", "x"),), (Shift(("z",), 1),))


@pytest.mark.parametrize("steps", [2, 100, -1])
def test_shifting_beyond_either_end_of_a_track_is_refused_even_if_nothing_is_sensed_there(steps: int) -> None:
    message = f"step 0: track 'a' must have one of its 2 domains at port 0, but domain {steps} would be there"
    with pytest.raises(ProgramError, match=message):
        check((Shift(("a",), steps),), (Shift(("a",), -steps),))


@pytest.mark.parametrize("shift", [Shift(("a",), 0), Shift((), 1)], ids=["no domains", "no tracks"])
def test_a_shift_that_moves_nothing_is_refused(shift: Shift) -> None:
    with pytest.raises(ProgramError, match="step 0: a shift moves at least one track by at least one domain"):
        check((shift,))


def test_heads_start_where_the_circuit_says() -> None:
    with pytest.raises(ProgramError, match=r"step 0: track 'a' must have .* but domain 2 would be there"):
        check((Shift(("a",), 1),), start={"a": 1})
    with pytest.raises(ProgramError, match=r"^example: track 'a' must have .* but domain 2 would be there"):
        check((Shift(("a",), -1),), start={"a": 2})


def test_an_unknown_signal_is_refused() -> None:
    with pytest.raises(ProgramError, match="step 0: signal 'x' is used, but nothing holds it"):
        check((Write("a", "x"),))


def test_an_output_is_stale_once_the_amplifier_behind_it_has_sensed_again() -> None:
    with pytest.raises(ProgramError, match="step 3: signal 'out' no longer holds: its input 'x' has changed"):
        check((Sense("a", "x"), Sense("b", "y")), (Evaluate(AND, ("x", "y"), ("out",)),), (Sense("b", "x"),), WRITE_OUT)


def test_an_output_is_stale_through_a_chain_of_cells() -> None:
    evaluate = (Evaluate(NOT, ("x",), ("middle",)), Evaluate(NOT, ("middle",), ("out",)))

    with pytest.raises(ProgramError, match="step 3: signal 'middle' no longer holds: its input 'x' has changed"):
        check((Sense("a", "x"),), evaluate, (Sense("b", "x"),), WRITE_OUT)


def test_a_latched_output_still_holds() -> None:
    evaluate = (Evaluate(NOT, ("x",), ("out",)), Latch("out", "kept"))

    check((Sense("a", "x"),), evaluate, (Sense("b", "x"),), (Write("a", "kept"),))


def test_a_bit_on_a_wire_is_gone_in_the_next_step() -> None:
    with pytest.raises(ProgramError, match="step 1: signal 'w' is used, but nothing holds it"):
        check((Receive("w"), Write("a", "w")), (Write("b", "w"),))


def test_a_send_of_nothing_is_refused() -> None:
    with pytest.raises(ProgramError, match="signal 'x' is used"):
        check((Send("x", "w"),))


def test_a_cell_with_the_wrong_pins_is_refused() -> None:
    with pytest.raises(ProgramError, match="cell full_adder has pins"):
        check((Evaluate(FULL_ADDER, ("0", "1"), ("sum", "carry")),))


def test_a_constant_cannot_be_set() -> None:
    with pytest.raises(ProgramError, match="the constant '0' cannot be set"):
        check((Sense("a", "0"),))


TWO_PORTS: dict[str, tuple[int, ...]] = {"t": (0, 4)}


def check_window(*steps: tuple[MicroOp, ...], domains: int = 6, ports: dict[str, tuple[int, ...]] = TWO_PORTS) -> None:
    program = tuple(Step(ops) for ops in steps)
    check_program("example", {"t": domains, "other": 1}, {}, program, ports=ports)


COUNT = TransverseRead("t", ("s", "c", "d"))


def test_a_transverse_read_and_the_use_of_its_count_are_accepted() -> None:
    check_window((COUNT,), (Shift(("t",), 1),), (Write("t", "d", 1), Write("t", "s")), (Sense("t", "x", 1),))


def test_a_window_beyond_the_end_of_the_track_is_refused() -> None:
    with pytest.raises(ProgramError, match="step 1: track 't' has no domain 6 to be at its port"):
        check_window((Shift(("t",), 2),), (COUNT,))


@pytest.mark.parametrize("ports", [(0, 0), (0, 4, 2), (1, 4), ()])
def test_ports_that_do_not_follow_one_another_from_the_first_are_refused(ports: tuple[int, ...]) -> None:
    with pytest.raises(ProgramError, match=r"^example: the ports of track 't' must be at distances that grow from 0"):
        check_window((Write("other", "0"),), ports={"t": ports})


def test_a_transverse_read_needs_ports_of_its_track() -> None:
    with pytest.raises(ProgramError, match="step 0: track 'other' has no port 1"):
        check_window((TransverseRead("other", ("s", "c")),))
    with pytest.raises(ProgramError, match="step 0: track 't' has no port 2"):
        check_window((TransverseRead("t", ("s", "c"), (0, 2)),))


@pytest.mark.parametrize("ports", [(0, 0), (1, 0), (0, 2)])
def test_a_window_of_another_length_is_refused(ports: tuple[int, int]) -> None:
    with pytest.raises(ProgramError, match="a transverse read counts 3, 5 or 7 domains, not the"):
        check_window((TransverseRead("t", ("s", "c"), ports),), ports={"t": (0, 4, 5)})


def test_a_count_of_the_wrong_number_of_bits_is_refused() -> None:
    with pytest.raises(ProgramError, match="a count of 5 domains has 3 bits, not 2"):
        check_window((TransverseRead("t", ("s", "c")),))


def test_no_port_of_a_track_serves_twice_and_none_during_a_transverse_read() -> None:
    busy = "step 0: the port of track 't' is used twice at once"

    with pytest.raises(ProgramError, match=busy):
        check_window((COUNT, TransverseRead("t", ("x", "y", "z"))))
    with pytest.raises(ProgramError, match=busy):
        check_window((Write("t", "0", 1), Write("t", "1", 1)))
    with pytest.raises(ProgramError, match="a step does one kind of thing"):
        check_window((COUNT, Sense("t", "x")))


def test_a_port_that_the_track_does_not_have_is_refused() -> None:
    with pytest.raises(ProgramError, match="step 0: track 'other' has no port 1"):
        check_window((Write("other", "0", 1),))
    with pytest.raises(ProgramError, match="track 't' has no domain 4 to be at its port"):
        check_window((Sense("t", "x", 1),), domains=4)


def test_what_was_made_of_a_count_is_stale_after_the_next() -> None:
    evaluate = (Evaluate(NOT, ("c",), ("out",)),)

    with pytest.raises(ProgramError, match="step 3: signal 'out' no longer holds: its input 'c' has changed"):
        check_window((COUNT,), evaluate, (COUNT,), (Write("t", "out"),))


X, Y = Sense("a", "x"), Sense("b", "y")


@pytest.mark.parametrize(
    "steps",
    [
        ((Sense("a", "x"), Sense("b", "x")),),
        ((X,), (Evaluate(NOT, ("x",), ("out",)), Evaluate(NOT, ("x",), ("out",)))),
        ((X,), (Evaluate(FULL_ADDER, ("x", "x", "x"), ("out", "out")),)),
        ((X, Y), (Latch("x", "out"), Latch("y", "out"), Write("a", "0"))),
        ((Receive("out"), Receive("out")),),
        ((X, Y), (Send("x", "out"), Send("y", "out"))),
    ],
    ids=["amplifier", "cells", "outputs of a cell", "latch", "wire in", "wire out"],
)
def test_what_is_driven_twice_at_once_is_refused(steps: tuple[tuple[MicroOp, ...], ...]) -> None:
    with pytest.raises(ProgramError, match=r"signal '(x|out)' is driven twice at once"):
        check(*steps)


def test_transverse_reads_into_one_amplifier_or_with_a_repeated_bit_are_refused() -> None:
    ports = {"t": (0, 2), "u": (0, 2)}
    two = (TransverseRead("t", ("s", "c")), TransverseRead("u", ("s", "c")))

    for ops in (two, (TransverseRead("t", ("s", "s")),)):
        with pytest.raises(ProgramError, match="step 0: signal 's' is driven twice at once"):
            check_program("example", {"t": 3, "u": 3}, {}, (Step(ops),), ports=ports)


@pytest.mark.parametrize(
    ("steps", "drivers"),
    [
        (((X, Latch("x", "y")), (Y,)), "a latch and by a sense amplifier"),
        (((X, Y), (Evaluate(NOT, ("x",), ("y",)),)), "a sense amplifier and by a cell"),
    ],
)
def test_a_signal_of_two_kinds_of_parts_is_refused(steps: tuple[tuple[MicroOp, ...], ...], drivers: str) -> None:
    with pytest.raises(ProgramError, match=f"step 1: signal 'y' is driven by {drivers}"):
        check(*steps)


def test_a_count_s_bits_belong_to_one_amplifier() -> None:
    with pytest.raises(ProgramError, match="'c' is driven by the transverse-read amplifier of s, c, d and by"):
        check_window((COUNT,), (TransverseRead("t", ("c", "s", "d")),))


def test_a_latch_takes_over_no_latch_that_closes_at_once() -> None:
    exchange = (Write("a", "0"), Latch("kept", "older"), Latch("x", "kept"))

    with pytest.raises(ProgramError, match="step 1: latch 'older' takes over latch 'kept', which closes in the same"):
        check((X, Latch("x", "kept")), exchange)
