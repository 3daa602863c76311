"""Every truth table beside the arithmetic that its cell stands for."""

import itertools
from collections.abc import Callable

import pytest

from trackmac.cells import CELLS, LogicCell
from trackmac.cells.library import (
    AND,
    AND_NOT,
    BOOTH_ENCODER,
    BOOTH_SELECTOR,
    FULL_ADDER,
    FULL_SUBTRACTOR,
    HALF_ADDER,
    MULTIPLEXER,
    NOT,
    OR,
    ROUND_HALF_EVEN,
)


def outputs_of(cell: LogicCell, *inputs: int) -> tuple[int, ...]:
    return cell.table[sum(bit << pin for pin, bit in enumerate(inputs))]


def every_input(count: int) -> list[tuple[int, ...]]:
    return list(itertools.product((0, 1), repeat=count))


@pytest.mark.parametrize(("a", "b", "c"), every_input(3))
def test_a_full_adder_counts_its_ones(a: int, b: int, c: int) -> None:
    total, carry = outputs_of(FULL_ADDER, a, b, c)

    assert total + 2 * carry == a + b + c


@pytest.mark.parametrize(("a", "b", "c"), every_input(3))
def test_a_full_subtractor_takes_b_and_the_borrow_from_a(a: int, b: int, c: int) -> None:
    difference, borrow = outputs_of(FULL_SUBTRACTOR, a, b, c)

    assert difference - 2 * borrow == a - b - c


@pytest.mark.parametrize(("a", "c"), every_input(2))
def test_a_half_adder_counts_its_ones(a: int, c: int) -> None:
    total, carry = outputs_of(HALF_ADDER, a, c)

    assert total + 2 * carry == a + c


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (AND, lambda a, b: a and b),
        (OR, lambda a, b: a or b),
        (AND_NOT, lambda a, b: a and not b),
        (NOT, lambda a: not a),
        (MULTIPLEXER, lambda select, a, b: b if select else a),
    ],
    ids=lambda part: part.name if isinstance(part, LogicCell) else "",
)
def test_a_gate_is_its_boolean_function(cell: LogicCell, rule: Callable[..., bool | int]) -> None:
    for inputs in every_input(len(cell.inputs)):
        assert outputs_of(cell, *inputs) == (int(bool(rule(*inputs))),)


@pytest.mark.parametrize(("low", "middle", "high"), every_input(3))
def test_encoder_and_selector_make_the_digit_times_the_operand(low: int, middle: int, high: int) -> None:
    digit = -2 * high + middle + low
    negative, one, two = outputs_of(BOOTH_ENCODER, low, middle, high)

    assert (2 * two + one) * (-1) ** negative == digit
    for a in range(8):
        bits = [(a >> t) & 1 for t in range(5)]
        chosen = [outputs_of(BOOTH_SELECTOR, negative, one, two, bits[t], bits[t - 1] if t else 0)[0] for t in range(5)]
        multiple = sum(bit << t for t, bit in enumerate(chosen)) + negative
        assert (multiple - digit * a) % 32 == 0


@pytest.mark.parametrize("quarters", range(8))
def test_rounding_goes_to_the_nearest_and_a_half_to_even(quarters: int) -> None:
    last, guard, sticky = (quarters >> 2) & 1, (quarters >> 1) & 1, quarters & 1

    (round_up,) = outputs_of(ROUND_HALF_EVEN, guard, sticky, last)

    assert last + round_up == round(quarters / 4)


@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_every_cell_has_transistors_and_distinct_pins(cell: LogicCell) -> None:
    assert cell.transistors > 0
    assert len(set(cell.inputs)) == len(cell.inputs)
    assert len(cell.table) == 2 ** len(cell.inputs)
    assert {bit for row in cell.table for bit in row} == {0, 1}


def test_a_table_with_a_missing_row_is_not_a_cell() -> None:
    with pytest.raises(AssertionError, match="and: 4 rows are needed, not 3"):
        LogicCell("and", ("a", "b"), ("out",), AND.table[:3], 6)
