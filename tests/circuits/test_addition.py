import itertools

import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits.addition import addition, bit_source, difference_format, product_format, sum_format
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.carry import LATCHED
from trackmac.circuits.circuit import Layout, Place, Word
from trackmac.models.addition_counts import sum_bits

INT3, INT4, UINT3, UINT4 = (NumberFormat(bits, sign) for sign in (True, False) for bits in (3, 4))


@pytest.mark.parametrize(
    ("a", "b", "total", "difference", "product"),
    [
        (UINT4, UINT4, "uint5", "int5", "uint8"),
        (UINT3, UINT4, "uint5", "int5", "uint7"),
        (INT4, INT3, "int5", "int5", "int7"),
        (INT4, UINT3, "int5", "int5", "int7"),
        (INT4, UINT4, "int6", "int6", "int8"),
        (UINT4, INT3, "int6", "int6", "int7"),
    ],
    ids=str,
)
def test_results_have_the_least_format(
    a: NumberFormat, b: NumberFormat, total: str, difference: str, product: str
) -> None:
    assert str(sum_format(a, b)) == total
    assert str(difference_format(a, b)) == difference
    assert str(product_format(a, b)) == product


def test_the_least_sum_format_is_what_the_closed_forms_take() -> None:
    formats = [NumberFormat(bits, is_signed) for bits in range(2, 17) for is_signed in (False, True)]

    for a, b in itertools.product(formats, repeat=2):
        assert sum_format(a, b).bits == sum_format(a, b, NumberFormat(1, False)).bits == sum_bits(a, b)
        assert difference_format(a, b).bits == sum_bits(a, b)


def word(name: str, number_format: NumberFormat) -> Word:
    return ProgramBuilder(Layout.ALONG).word(name, number_format)


def test_a_signed_word_repeats_its_sign_and_an_unsigned_one_is_zero_above_its_top() -> None:
    assert bit_source(word("a", INT3), 2, "a") == ({"a": Place("a", 2)}, "a")
    assert bit_source(word("a", INT3), 3, "a") == ({}, "a")
    assert bit_source(word("a", UINT3), 3, "a") == ({}, "0")


def test_the_top_bit_of_an_unsigned_sum_needs_no_adder() -> None:
    targets = word("sum", UINT4).places

    unsigned = addition(word("a", UINT3), word("b", UINT3), targets, LATCHED)
    signed = addition(word("a", INT3), word("b", INT3), targets, LATCHED)

    assert [len(step.evaluate) for step in unsigned] == [1, 1, 1, 0]
    assert [len(step.evaluate) for step in signed] == [1, 1, 1, 1]
    assert signed[-1].sense == {}


def test_a_carry_in_is_sensed_with_the_first_bit() -> None:
    carry = Word(name="carry_in", format=NumberFormat(1, False), places=(Place("carry_in", 0),))

    first, *later = addition(word("a", INT3), word("b", INT3), word("s", INT4).places, LATCHED, carry_in=carry)

    assert first.sense["carry_in"] == Place("carry_in", 0)
    assert first.evaluate[0].inputs == ("a", "b", "carry_in")
    assert all("carry_in" not in step.sense for step in later)
