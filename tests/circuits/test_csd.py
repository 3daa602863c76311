"""Multiplication by known weights: every weight has its own program, and its count is known from its digits."""

import itertools

import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import Layout
from trackmac.circuits.csd import csd_digits, csd_mac, csd_multiplier
from trackmac.circuits.microops import step_activity
from trackmac.cost import Event, total
from trackmac.models.csd_counts import csd_mac_activity, csd_multiplier_activity
from trackmac.simulation import naive, packed

SIGNS = (True, False)
INT8, UINT8 = NumberFormat(8, True), NumberFormat(8, False)


@pytest.mark.parametrize("weight", range(-300, 300))
def test_digits_add_up_and_none_are_neighbours(weight: int) -> None:
    digits = csd_digits(weight)

    assert sum(digit << position for position, digit in digits.items()) == weight
    assert set(digits.values()) <= {1, -1}
    assert all(later - earlier >= 2 for earlier, later in itertools.pairwise(digits))


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize(("a_bits", "b_bits"), [(2, 2), (3, 5), (5, 3), (8, 4), (2, 7)])
def test_every_weight_is_exact_and_costs_what_its_digits_say(a_bits: int, b_bits: int, layout: Layout) -> None:
    for a_signed, b_signed in itertools.product(SIGNS, SIGNS):
        a, b = NumberFormat(a_bits, a_signed), NumberFormat(b_bits, b_signed)
        values = np.arange(a.minimum, a.maximum + 1)
        for weight in range(b.minimum, b.maximum + 1):
            circuit = csd_multiplier(a, b, weight, layout)

            result = packed.run(circuit, {"a": values})

            np.testing.assert_array_equal(result.values, values * weight)
            assert result.activity == csd_multiplier_activity(a=a, b=b, weight=weight, layout=layout), (a, b, weight)


@pytest.mark.parametrize("layout", list(Layout))
def test_wide_weights_are_exact_and_cost_what_their_digits_say(layout: Layout) -> None:
    generator = np.random.default_rng(16)
    for a_signed, b_signed, a_bits in itertools.product(SIGNS, SIGNS, (2, 9, 16)):
        a, b = NumberFormat(a_bits, a_signed), NumberFormat(16, b_signed)
        values = np.array([a.minimum, a.maximum, *generator.integers(a.minimum, a.maximum + 1, 50)])
        for weight in (b.minimum, b.maximum, *generator.integers(b.minimum, b.maximum + 1, 10).tolist()):
            circuit = csd_multiplier(a, b, weight, layout)

            result = packed.run(circuit, {"a": values})

            np.testing.assert_array_equal(result.values, values * weight)
            assert result.activity == csd_multiplier_activity(a=a, b=b, weight=weight, layout=layout), (a, b, weight)


@pytest.mark.parametrize("layout", list(Layout))
def test_macs_of_every_weight_are_exact_and_cost_what_their_digits_say(layout: Layout) -> None:
    for a_signed, b_signed in itertools.product(SIGNS, SIGNS):
        a, b = NumberFormat(4, a_signed), NumberFormat(4, b_signed)
        accumulator = NumberFormat(10, True)
        x, c = (grid.ravel() for grid in np.meshgrid(np.arange(a.minimum, a.maximum + 1), np.arange(-256, 256, 5)))
        for weight in range(b.minimum, b.maximum + 1):
            circuit = csd_mac(a, b, weight, accumulator, layout)

            result = packed.run(circuit, {"a": x, "c": c})

            np.testing.assert_array_equal(result.values, x * weight + c)
            assert result.activity == csd_mac_activity(
                a=a, b=b, weight=weight, accumulator=accumulator, layout=layout
            ), (a, b, weight)


def test_both_simulators_agree() -> None:
    for weight, layout in itertools.product((-8, -3, 0, 5, 7), Layout):
        circuit = csd_multiplier(NumberFormat(3, True), NumberFormat(4, True), weight, layout)
        values = np.arange(-4, 4)

        slow, fast = naive.run(circuit, {"a": values}), packed.run(circuit, {"a": values})

        np.testing.assert_array_equal(slow.values, fast.values)
        assert slow.activity == fast.activity == total(step_activity(step) for step in circuit.program)


def test_the_most_negative_pair_is_exact() -> None:
    assert packed.run(csd_multiplier(INT8, INT8, -128), {"a": np.array([-128])}).values.tolist() == [16384]


def test_a_power_of_two_only_copies_and_digits_are_paid_for() -> None:
    events = [
        csd_multiplier_activity(a=UINT8, b=UINT8, weight=weight, layout=Layout.ALONG).events
        for weight in (64, 0b101, 0b10101, 0b1010101)
    ]

    assert Event.EVALUATIONS not in events[0]
    assert [each[Event.WRITES] for each in events] == [8 + 8, 2 * 8 + 8, 3 * 8 + 8, 4 * 8 + 8]


def test_a_weight_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the weight must be within -128..127 \(int8\), not 128"):
        csd_multiplier(INT8, INT8, 128)
