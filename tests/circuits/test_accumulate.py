"""Words that count several times in a sum, or are taken away: exact, at the cost of the digits' bits."""

import itertools

import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import Layout
from trackmac.circuits.accumulate import accumulate
from trackmac.circuits.microops import step_activity
from trackmac.circuits.transfer import load_word
from trackmac.cost import Activity, Event, total
from trackmac.models.circuit_counts import accumulate_activity, load_word_activity
from trackmac.models.csd_counts import signed_digits
from trackmac.simulation import naive, packed

LAYOUTS = pytest.mark.parametrize("layout", list(Layout))
SIGNS = (True, False)


@LAYOUTS
@pytest.mark.parametrize("times", [1, 2, 4, 8, -1, -4, 3, -5, 7, 11])
def test_a_word_counts_as_often_as_it_is_told(times: int, layout: Layout) -> None:
    for x_signed in SIGNS:
        x, accumulator = NumberFormat(3, x_signed), NumberFormat(9, True)
        circuit = accumulate(x, accumulator, layout, times=times)
        pairs = np.array(list(itertools.product(range(x.minimum, x.maximum + 1), range(-128, 128)))).T

        for simulator in (naive, packed):
            outcome = simulator.run(circuit, {"x": pairs[0], "c": pairs[1]})

            np.testing.assert_array_equal(outcome.values, pairs[1] + pairs[0] * times)
            assert outcome.activity == predicted(x, accumulator, layout, times)


def predicted(x: NumberFormat, accumulator: NumberFormat, layout: Layout, times: int) -> Activity:
    positions = tuple(position for position, _ in signed_digits(times))
    return accumulate_activity(x=x, accumulator=accumulator, layout=layout, positions=positions)


@LAYOUTS
def test_any_number_of_times_costs_what_the_closed_form_says(layout: Layout) -> None:
    for n, q, is_signed in itertools.product((2, 3, 8), (9, 16, 24), SIGNS):
        x, accumulator = NumberFormat(n, is_signed), NumberFormat(q, is_signed)
        for times in (1, 2, 8, 1 << q - 1, 3, 85, 127, 128, -1, -11, -64):
            circuit = accumulate(x, accumulator, layout, times=times)

            counted = total(map(step_activity, circuit.program))
            assert counted == predicted(x, accumulator, layout, times), (x, accumulator, times)


def test_a_power_of_two_is_a_walk_that_is_shorter_by_its_bits() -> None:
    x, accumulator = NumberFormat(8, False), NumberFormat(12, False)

    walks = [predicted(x, accumulator, Layout.ALONG, times).events[Event.WRITES] for times in (1, 8, 9)]

    assert walks == [12, 12 - 3, 12 + 12 - 3]


@LAYOUTS
@pytest.mark.parametrize("times", [1, 6, 7, 11, 23, 45])
def test_an_unsigned_sum_may_wrap_between_digits(times: int, layout: Layout) -> None:
    # 7 x = 8 x - x: -x is none that fits, but modulo 2^9 the last sum is right, and it does
    x, c, values = NumberFormat(3, False), NumberFormat(9, False), np.arange(8)
    circuit = accumulate(x, c, layout, times=times)

    outcome = packed.run(circuit, {"x": values, "c": np.zeros(8, np.int64)})

    np.testing.assert_array_equal(outcome.values, times * values)


@LAYOUTS
@pytest.mark.parametrize("from_top", [True, False])
@pytest.mark.parametrize("zeros", range(5))
def test_a_word_may_be_written_higher_up(zeros: int, layout: Layout, from_top: bool) -> None:
    for is_signed in SIGNS:
        word = NumberFormat(4, is_signed)
        circuit = load_word(word, layout, from_top=from_top, zeros_below=zeros)
        values = np.arange(word.minimum, word.maximum + 1)

        for simulator in (naive, packed):
            outcome = simulator.run(circuit, {"word": values})

            np.testing.assert_array_equal(outcome.values, values << zeros)
            assert outcome.activity == load_word_activity(
                word=word, layout=layout, from_top=from_top, zeros_below=zeros
            )


def test_zeros_below_come_over_no_wire() -> None:
    plain, raised = (
        load_word_activity(word=NumberFormat(8, True), layout=Layout.ALONG, zeros_below=zeros) for zeros in (0, 3)
    )

    assert _counts(plain) == {"bus_bits": 8, "writes": 8}
    assert _counts(raised) == {"bus_bits": 8, "writes": 11}


def _counts(activity: Activity) -> dict[str, int]:
    return {event.value: count for event, count in activity.events.items() if event.value in {"bus_bits", "writes"}}
