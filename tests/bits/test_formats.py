import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trackmac.bits import NumberFormat, bits_for_range
from trackmac.errors import OperandError


@pytest.mark.parametrize(
    ("number_format", "minimum", "maximum", "text"),
    [
        (NumberFormat(8, True), -128, 127, "int8"),
        (NumberFormat(8, False), 0, 255, "uint8"),
        (NumberFormat(1, False), 0, 1, "uint1"),
        (NumberFormat(2, True), -2, 1, "int2"),
    ],
)
def test_a_format_knows_its_range(number_format: NumberFormat, minimum: int, maximum: int, text: str) -> None:
    assert (number_format.minimum, number_format.maximum, str(number_format)) == (minimum, maximum, text)


@pytest.mark.parametrize("value", [-129, 128])
def test_a_value_just_outside_is_refused_with_the_range(value: int) -> None:
    with pytest.raises(OperandError, match=rf"operand a must be within -128\.\.127 \(int8\), but it is {value}; use"):
        NumberFormat(8, True).check(np.array([0, value, -128]), "a")


def test_the_extremes_are_accepted() -> None:
    for is_signed in (False, True):
        number_format = NumberFormat(5, is_signed)

        number_format.check(np.array([number_format.minimum, number_format.maximum]), "a")


def test_no_values_are_no_error() -> None:
    NumberFormat(8, True).check(np.array([], dtype=np.int64), "a")


@given(st.integers(-(2**40), 2**40), st.integers(0, 2**40))
@example(low=-1, span=0)
@example(low=-8, span=4)
def test_signed_bits_hold_the_range_and_one_bit_less_does_not(low: int, span: int) -> None:
    high = low + span

    bits = bits_for_range(low, high, is_signed=True)

    assert NumberFormat(bits, True).minimum <= low <= high <= NumberFormat(bits, True).maximum
    if bits > 1:
        narrower = NumberFormat(bits - 1, True)
        assert low < narrower.minimum or high > narrower.maximum


@given(st.integers(0, 2**40))
def test_unsigned_bits_hold_the_range_and_one_bit_less_does_not(high: int) -> None:
    bits = bits_for_range(0, high, is_signed=False)

    assert NumberFormat(bits, False).maximum >= high
    assert bits == 1 or NumberFormat(bits - 1, False).maximum < high


def test_an_unsigned_format_of_negative_numbers_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="an unsigned format cannot hold -1"):
        bits_for_range(-1, 3, is_signed=False)
