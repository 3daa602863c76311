from trackmac.cells.library import AND, FULL_ADDER
from trackmac.circuits import Place
from trackmac.circuits.carry import LATCHED, CarryChain
from trackmac.circuits.microops import Evaluate

TARGET, MTJ = Place("sum", 3), Place("carry", 0)
MAGNETIC = CarryChain(MTJ)
SENSE = {"a": Place("a", 3), "b": Place("b", 3)}


def test_a_latched_carry_is_neither_sensed_nor_written() -> None:
    step = LATCHED.bit(FULL_ADDER, ("a", "b"), TARGET, sense=SENSE)

    assert step.sense == SENSE
    assert step.evaluate == (Evaluate(FULL_ADDER, ("a", "b", "carry"), ("sum", "carry_out")),)
    assert step.write == {TARGET: "sum"}
    assert step.latch == {"carry": "carry_out"}


def test_a_magnetic_carry_is_sensed_and_written_and_never_latched() -> None:
    step = MAGNETIC.bit(FULL_ADDER, ("a", "b"), TARGET, sense=SENSE)

    assert step.sense == SENSE | {"carry": MTJ}
    assert step.write == {TARGET: "sum", MTJ: "carry_out"}
    assert step.latch == {}


def test_the_first_bit_takes_the_carry_that_it_is_given() -> None:
    step = MAGNETIC.bit(FULL_ADDER, ("a", "b"), TARGET, sense=SENSE, first="0")

    assert step.evaluate[0].inputs == ("a", "b", "0")
    assert step.sense == SENSE


def test_the_last_bit_hands_on_no_carry() -> None:
    latched = LATCHED.bit(FULL_ADDER, ("a", "b"), TARGET, sense=SENSE, is_last=True, latch={"below": "a"})
    magnetic = MAGNETIC.bit(FULL_ADDER, ("a", "b"), TARGET, sense=SENSE, is_last=True)

    assert latched.latch == {"below": "a"}
    assert magnetic.write == {TARGET: "sum"}


def test_cells_that_make_the_operands_come_before_the_adder() -> None:
    select = Evaluate(AND, ("a", "b"), ("partial",))

    step = LATCHED.bit(FULL_ADDER, ("p", "partial"), TARGET, sense=SENSE, before=(select,))

    assert step.evaluate[0] == select
    assert step.evaluate[1].inputs == ("p", "partial", "carry")


def test_the_top_bit_of_unsigned_words_is_the_carry_itself() -> None:
    latched, magnetic = LATCHED.last_carry(TARGET), MAGNETIC.last_carry(TARGET)

    assert latched.write == magnetic.write == {TARGET: "carry"}
    assert (latched.sense, magnetic.sense) == ({}, {"carry": MTJ})
    assert latched.evaluate == ()
