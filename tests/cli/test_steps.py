from trackmac.cells.library import FULL_ADDER
from trackmac.circuits.microops import Evaluate, Sense, Shift, Step, Write
from trackmac.cli.steps import folded_step_text, step_text


def test_operations_whose_names_count_up_are_one() -> None:
    step = Step(tuple(Sense(f"{name}{i}", f"{name}.{i}") for i in range(3) for name in "ab"))

    assert folded_step_text(step) == "sense a0..a2 as a.0..a.2; sense b0..b2 as b.0..b.2"
    assert step_text(step).startswith("sense a0 as a.0; sense b0 as b.0; ")


def test_a_carry_chain_is_told_apart_from_its_first_cell() -> None:
    carries = ("0", "c.0", "c.1", "c.2")
    step = Step(tuple(
        Evaluate(FULL_ADDER, (f"a.{i}", f"b.{i}", carries[i]), (f"s.{i}", f"c.{i}")) for i in range(4)
    ))  # fmt: skip

    assert folded_step_text(step) == (
        "s.0, c.0 = full_adder(a.0, b.0, 0); s.1..s.3, c.1..c.3 = full_adder(a.1..a.3, b.1..b.3, c.0..c.2)"
    )


def test_what_does_not_count_up_stays_apart() -> None:
    assert folded_step_text(Step((Write("x0", "s0"), Write("x1", "s0"), Write("x2", "s1")))) == (
        "write s0 to x0..x1; write s1 to x2"
    )
    assert folded_step_text(Step((Write("x0", "0"), Write("x1", "1")))) == "write 0 to x0; write 1 to x1"
    assert folded_step_text(Step((Shift(("a", "b"), 1), Shift(("c",), -2)))) == "shift a, b by +1; shift c by -2"
