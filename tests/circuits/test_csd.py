"""Multiplication by known weights: every weight has its own program, and its count is known from its digits."""

import itertools

import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import Layout, resources_of
from trackmac.circuits.csd import (
    costliest_weight,
    csd_digits,
    csd_dot_product,
    csd_mac,
    csd_multiplier,
    most_digits,
)
from trackmac.circuits.microops import step_activity
from trackmac.cost import Activity, Event, total
from trackmac.models.circuit_counts import circuit_activity
from trackmac.models.csd_counts import csd_dot_product_activity, csd_mac_activity, csd_multiplier_activity
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
    with pytest.raises(ValueError, match=r"the weight must be within 0..255 \(uint8\), not -1"):
        csd_dot_product(INT8, UINT8, (3, -1))


def test_a_weight_that_adds_and_subtracts_may_need_more_area_than_the_costliest_in_time_and_energy() -> None:
    costliest, other = (
        resources_of(csd_multiplier(INT8, INT8, weight, Layout.ACROSS)) for weight in (costliest_weight(INT8), -125)
    )

    assert other.transistors > costliest.transistors


@pytest.mark.parametrize("is_signed", SIGNS)
@pytest.mark.parametrize("bits", range(2, 17))
def test_no_weight_has_more_digits_than_the_costliest(bits: int, is_signed: bool) -> None:
    b = NumberFormat(bits, is_signed)

    digits = [len(csd_digits(weight)) for weight in range(b.minimum, b.maximum + 1)]

    assert max(digits) == most_digits(b) == len(csd_digits(costliest_weight(b)))
    assert csd_digits(costliest_weight(b))[0] == -1
    assert b.minimum <= costliest_weight(b) <= b.maximum


@pytest.mark.parametrize("layout", list(Layout))
def test_every_pair_of_weights_is_exact_and_costs_what_the_digits_say(layout: Layout) -> None:
    for a_signed, b_signed in itertools.product(SIGNS, SIGNS):
        a, b = NumberFormat(2, a_signed), NumberFormat(3, b_signed)
        weights = range(b.minimum, b.maximum + 1)
        for pair in itertools.product(weights, weights):
            circuit = csd_dot_product(a, b, pair, layout)
            grid = np.meshgrid(*(np.array(circuit.operand(name).values) for name in ("a0", "a1", "c")))
            a0, a1, c = (axis.ravel() for axis in grid)

            result = packed.run(circuit, {"a0": a0, "a1": a1, "c": c})

            np.testing.assert_array_equal(result.values, a0 * pair[0] + a1 * pair[1] + c)
            assert result.activity == csd_dot_product_activity(
                a=a, b=b, weights=pair, accumulator=circuit.result.format, layout=layout
            ), pair
            assert set(circuit.end.values()) == {0}


@pytest.mark.parametrize("layout", list(Layout))
def test_weights_of_zero_cost_only_the_way_over_their_words(layout: Layout) -> None:
    ones, gaps, nothing = (
        circuit_activity(csd_dot_product(INT8, INT8, weights, layout))
        for weights in ((1, 1, 0, 0), (0, 1, 0, 1), (0, 0, 0, 0))
    )

    for event in (Event.SENSES, Event.WRITES, Event.EVALUATIONS):
        assert gaps.events[event] == ones.events[event] > 0
    assert gaps.events[Event.TRACK_SHIFTS] > ones.events[Event.TRACK_SHIFTS]
    assert nothing == Activity()


@pytest.mark.parametrize(("a", "b"), [(INT8, INT8), (UINT8, INT8), (INT8, UINT8), (UINT8, UINT8)], ids=str)
def test_all_extremes_reach_the_accumulators_bounds(a: NumberFormat, b: NumberFormat) -> None:
    reached = []
    for x, weight in itertools.product((a.minimum, a.maximum), (b.minimum, b.maximum)):
        circuit = csd_dot_product(a, b, (weight,) * 16)
        c = circuit.operand("c").format
        ends = np.array([c.minimum, c.maximum])
        words = {f"a{k}": np.array([x, x]) for k in range(16)}

        values = packed.run(circuit, words | {"c": ends}).values

        assert values.tolist() == [16 * x * weight + int(end) for end in ends]
        reached += values.tolist()
    narrower = NumberFormat(circuit.result.format.bits - 1, circuit.result.format.is_signed)
    assert min(reached) < narrower.minimum or max(reached) > narrower.maximum, "no bit is spare"


def test_the_same_weights_give_the_same_circuit() -> None:
    found = csd_dot_product(INT8, INT8, (1, 2))
    assert found.at_known is not None

    other = found.at_known({"b0": 5, "b1": -7})

    assert other.known == {"b0": 5, "b1": -7}
    assert found.at_known({"b1": -7, "b0": 5}) is other
    assert other.bits == (8, 8, 8, 8)
    assert [word.name for word in other.operands] == ["a0", "a1", "b0", "b1", "c"]
