"""A code that stands for zero is taken from a word in place: exact for every word and every code."""

import itertools

import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import Layout
from trackmac.circuits.microops import step_activity
from trackmac.circuits.offset import offset, offset_format
from trackmac.cost import Event, total
from trackmac.models.circuit_counts import offset_activity
from trackmac.simulation import naive, packed

LAYOUTS = pytest.mark.parametrize("layout", list(Layout))


@LAYOUTS
@pytest.mark.parametrize("bits", [2, 5])
@pytest.mark.parametrize("is_signed", [True, False])
def test_every_zero_point_is_taken_from_every_word(bits: int, is_signed: bool, layout: Layout) -> None:
    x = NumberFormat(bits, is_signed)
    values = np.arange(x.minimum, x.maximum + 1)
    for zero_point in set(values.tolist()) - {0}:
        circuit = offset(x, zero_point, layout)

        for simulator in (naive, packed):
            outcome = simulator.run(circuit, {"x": values})

            np.testing.assert_array_equal(outcome.values, values - zero_point)
            assert outcome.activity == offset_activity(
                x=x, result=circuit.result.format, zero_point=zero_point, layout=layout
            )


@LAYOUTS
def test_wide_words_cost_what_the_closed_form_says(layout: Layout) -> None:
    for bits, is_signed, zero_point in itertools.product((9, 16, 24), (True, False), (1, 3, 96, 128, 255)):
        x = NumberFormat(bits, is_signed)
        circuit = offset(x, zero_point, layout)

        predicted = offset_activity(x=x, result=circuit.result.format, zero_point=zero_point, layout=layout)
        assert total(map(step_activity, circuit.program)) == predicted, (x, zero_point)


def test_the_zeros_of_a_zero_point_are_passed_over() -> None:
    x = NumberFormat(16, True)
    of_64_words, odd = (offset(x, zero_point) for zero_point in (3 << 6, 3))

    written = [total(map(step_activity, circuit.program)).events[Event.WRITES] for circuit in (of_64_words, odd)]
    assert written == [17 - 6, 17]


@pytest.mark.parametrize(
    ("x", "zero_point", "expected"),
    [
        (NumberFormat(8, False), 0, NumberFormat(8, False)),
        (NumberFormat(8, False), 128, NumberFormat(8, True)),
        (NumberFormat(8, False), 127, NumberFormat(9, True)),
        (NumberFormat(8, False), 255, NumberFormat(9, True)),
        (NumberFormat(8, True), -128, NumberFormat(9, True)),
    ],
)
def test_the_result_is_as_narrow_as_it_can_be(x: NumberFormat, zero_point: int, expected: NumberFormat) -> None:
    assert offset_format(x, zero_point) == expected
