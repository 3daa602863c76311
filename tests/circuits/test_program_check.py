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


@pytest.mark.parametrize("steps", [2, -1])
def test_sensing_beyond_either_end_of_a_track_is_refused(steps: int) -> None:
    with pytest.raises(ProgramError, match=f"step 1: track 'a' has no domain {steps} to be at its port"):
        check((Shift(("a",), steps),), (Sense("a", "x"),))


def test_shifting_beyond_the_end_is_allowed_where_nothing_is_read_there() -> None:
    check((Shift(("a",), 5),), (Shift(("a",), -5),), (Write("a", "0"),))


def test_heads_start_where_the_circuit_says() -> None:
    with pytest.raises(ProgramError, match="track 'a' has no domain 2"):
        check((Shift(("a",), 1),), (Sense("a", "x"),), start={"a": 1})


def test_an_unknown_signal_is_refused() -> None:
    with pytest.raises(ProgramError, match="step 0: signal 'x' is used, but nothing holds it"):
        check((Write("a", "x"),))


def test_an_output_is_stale_once_the_amplifier_behind_it_has_sensed_again() -> None:
    with pytest.raises(ProgramError, match="step 2: signal 'out' no longer holds: its input 'x' has changed"):
        check((Sense("a", "x"), Sense("b", "y")), (Evaluate(AND, ("x", "y"), ("out",)), Latch("y", "x")), WRITE_OUT)


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


@pytest.mark.parametrize("steps", [2, -1])
def test_a_window_beyond_either_end_of_the_track_is_refused(steps: int) -> None:
    domain = steps if steps < 0 else steps + 4

    with pytest.raises(ProgramError, match=f"step 1: track 't' has no domain {domain} to be at its port"):
        check_window((Shift(("t",), steps),), (COUNT,))


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
