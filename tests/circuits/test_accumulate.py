"""Words that join a sum at another bit, or are taken away: exact, at the cost of the bits that are left."""

import itertools

import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import Layout
from trackmac.circuits.accumulate import accumulate
from trackmac.circuits.csd import csd_digits
from trackmac.circuits.microops import step_activity
from trackmac.circuits.transfer import load_word
from trackmac.cost import Activity, total
from trackmac.models.circuit_counts import accumulate_activity, load_word_activity
from trackmac.simulation import Machine, TrackGeometry, naive, packed

LAYOUTS = pytest.mark.parametrize("layout", list(Layout))
SIGNS = (True, False)


@LAYOUTS
@pytest.mark.parametrize("from_bit", range(4))
def test_every_word_counts_as_often_as_its_bit_says(from_bit: int, layout: Layout) -> None:
    for x_signed, is_negative in itertools.product(SIGNS, SIGNS):
        x, accumulator = NumberFormat(3, x_signed), NumberFormat(8, True)
        circuit = accumulate(x, accumulator, layout, from_bit=from_bit, is_negative=is_negative)
        pairs = np.array(list(itertools.product(range(x.minimum, x.maximum + 1), range(-64, 64)))).T

        for simulator in (naive, packed):
            outcome = simulator.run(circuit, {"x": pairs[0], "c": pairs[1]})

            sign = -1 if is_negative else 1
            np.testing.assert_array_equal(outcome.values, pairs[1] + sign * (pairs[0] << from_bit))
            assert outcome.activity == accumulate_activity(
                x=x, accumulator=accumulator, layout=layout, from_bit=from_bit
            )


@LAYOUTS
def test_a_word_costs_what_the_closed_form_says_at_any_bit(layout: Layout) -> None:
    for n, q, is_signed in itertools.product((2, 3, 8), (4, 9, 24), SIGNS):
        x, accumulator = NumberFormat(n, is_signed), NumberFormat(q, is_signed)
        for from_bit in range(q):
            circuit = accumulate(x, accumulator, layout, from_bit=from_bit)

            assert total(map(step_activity, circuit.program)) == accumulate_activity(
                x=x, accumulator=accumulator, layout=layout, from_bit=from_bit
            ), (x, accumulator, from_bit)


@LAYOUTS
@pytest.mark.parametrize("times", [1, 6, 7, 11, 23, 45])
def test_a_walk_for_each_signed_digit_multiplies_in_any_order(times: int, layout: Layout) -> None:
    # 7 x = 8 x - x: between the walks an unsigned sum may wrap, but modulo 2^9 the last one is right, and it fits
    x, c, values = NumberFormat(3, False), NumberFormat(9, False), np.arange(8)
    for digits in itertools.permutations(csd_digits(times).items()):
        tracks = accumulate(x, c, layout)
        machine = Machine(8, {track.name: TrackGeometry(track.domains) for track in tracks.tracks})
        machine.store(tracks.operand("x").places, values)
        machine.store(tracks.result.places, np.zeros(8, np.int64))
        for bit, digit in digits:
            machine.execute(accumulate(x, c, layout, from_bit=bit, is_negative=digit < 0))

        np.testing.assert_array_equal(machine.peek(tracks.result.places, c), times * values)


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
