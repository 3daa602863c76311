"""Sums by transverse read: all operands where they are few, random ones where not, and the bounds."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Circuit, circuit, resources_of
from trackmac.circuits.row_addition import addends
from trackmac.circuits.transverse_read_adder import transverse_read_adder
from trackmac.cost import Event, Phase
from trackmac.models import circuit_counts as counts
from trackmac.models.circuit_counts import circuit_activity
from trackmac.simulation import packed

DISTANCES = (3, 5, 7)


def assert_exact(found: Circuit, operands: dict[str, IntArray]) -> None:
    np.testing.assert_array_equal(packed.run(found, operands).values, sum(operands.values()))


def every_operand(found: Circuit) -> dict[str, IntArray]:
    axes = (range(word.format.minimum, word.format.maximum + 1) for word in found.operands)
    grid = np.array(list(itertools.product(*axes))).T
    return dict(zip((word.name for word in found.operands), grid, strict=True))


@pytest.mark.parametrize(("trd", "words"), [(3, 2), (5, 3), (7, 5)])
def test_so_many_words_are_added_at_once(trd: int, words: int) -> None:
    assert addends(trd) == words
    assert len(circuit("transverse_read_adder", trd=trd).operands) == words


@pytest.mark.parametrize("is_signed", [False, True])
@pytest.mark.parametrize(
    ("trd", "widths"),
    [(3, (9, 9)), (3, (2, 16)), (5, (6, 6, 6)), (5, (2, 9, 5)), (7, (3, 3, 4, 4, 4)), (7, (2, 10, 2, 2, 2))],
)
def test_all_operands_of_18_bits_together_are_added_exactly(trd: int, widths: tuple[int, ...], is_signed: bool) -> None:
    found = circuit("transverse_read_adder", widths, is_signed, trd=trd)

    assert_exact(found, every_operand(found))


@pytest.mark.parametrize("trd", DISTANCES)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_operands_are_added_exactly(trd: int, data: st.DataObject) -> None:
    formats = [NumberFormat(data.draw(st.integers(2, 16)), data.draw(st.booleans())) for _ in range(addends(trd))]
    found = transverse_read_adder(formats, trd)
    values = {
        word.name: np.array(
            data.draw(st.lists(st.integers(word.format.minimum, word.format.maximum), min_size=5, max_size=5))
        )
        for word in found.operands
    }

    assert_exact(found, values)
    assert circuit_activity(found) == packed.run(found, values).activity


@pytest.mark.parametrize("trd", DISTANCES)
@pytest.mark.parametrize("is_signed", [False, True])
def test_extreme_operands_of_all_widths_reach_the_sums_bounds(trd: int, is_signed: bool) -> None:
    for bits in range(2, 17):
        found = circuit("transverse_read_adder", bits, is_signed, trd=trd)
        ends = {word.name: np.array([word.format.minimum, word.format.maximum]) for word in found.operands}

        assert_exact(found, ends)
        low, high = packed.run(found, ends).values
        narrower = NumberFormat(found.result.format.bits - 1, is_signed)
        assert low < narrower.minimum or high > narrower.maximum


def test_a_sum_of_five_words_as_counted_by_hand() -> None:
    # uint2: five words up to 3 make 15, 4 columns. Zeros: C and C' of column 0, C' of column 1. Then read and write:
    # S, C, C' in columns 0 and 1; S, C in column 2; S in column 3.
    activity = counts.transverse_read_adder_activity(operands=[NumberFormat(2, False)] * 5, trd=7)

    assert activity.events == {
        Event.TRANSVERSE_READS: 4,
        Event.WRITES: 3 + 3 + 3 + 2 + 1,
        Event.SEQUENCER_STEPS: 1 + 2 * 4,
    }
    assert activity.phases == {Phase.TRANSVERSE_READ: 4, Phase.WRITE: 5}


def test_five_words_take_no_longer_than_two_of_the_same_sum() -> None:
    two = circuit_activity(circuit("transverse_read_adder", 10, trd=3))
    five = circuit_activity(circuit("transverse_read_adder", 8, trd=7))

    assert two.phases == five.phases


def test_it_needs_one_amplifier_for_all_columns_and_leaves_the_operands() -> None:
    found = circuit("transverse_read_adder", 8, trd=7)
    needs = resources_of(found)
    operands = {place for word in found.operands for place in word.places}

    assert needs.cells == {"transverse_sense_amplifier_7": 1}
    assert (needs.sense_amplifiers, needs.latches, needs.shift_drivers) == (0, 0, 0)
    assert operands.isdisjoint(found.result.places)
