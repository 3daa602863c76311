"""Dot products by the popcounts of bit planes: exact at every width, sign and transverse-read distance."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Circuit, circuit, resources_of
from trackmac.circuits.bitplane_popcount_mac import bitplane_popcount_mac
from trackmac.cost import Event
from trackmac.models import circuit_counts as counts
from trackmac.simulation import packed

DISTANCES = (3, 5, 7)
every_distance = pytest.mark.parametrize("trd", DISTANCES)


def dot(operands: dict[str, IntArray], trd: int) -> IntArray:
    return operands["c"] + sum(operands[f"x{k}"] * operands[f"w{k}"] for k in range(trd))


def extremes(found: Circuit, lanes: int) -> dict[str, IntArray]:
    """Return all operands at their least or greatest values: random ones, and in the last four lanes all of a kind."""
    generator = np.random.default_rng(lanes)
    operands = {}
    for word in found.operands:
        low, high = word.format.minimum, word.format.maximum
        kinds = [low, high, low, high] if word.name[0] == "w" else [low, high, high, low]
        operands[word.name] = np.concatenate([generator.choice([low, high], lanes), np.array(kinds)])
    return operands


@pytest.mark.parametrize("is_signed", [False, True])
def test_all_operands_of_three_elements_of_two_bits_are_exact(is_signed: bool) -> None:
    found = circuit("bitplane_popcount_mac", 2, is_signed, trd=3)
    elements = found.operands[:-1]
    grid = np.array(list(itertools.product(*(range(w.format.minimum, w.format.maximum + 1) for w in elements)))).T
    c = found.operands[-1].format
    operands = dict(zip((word.name for word in elements), grid, strict=True))
    operands["c"] = np.resize(np.arange(c.minimum, c.maximum + 1), grid.shape[1])

    np.testing.assert_array_equal(packed.run(found, operands).values, dot(operands, 3))


@every_distance
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_any_elements_are_exact_and_cost_what_the_closed_form_says(trd: int, data: st.DataObject) -> None:
    x, w = (NumberFormat(data.draw(st.integers(2, 16)), data.draw(st.booleans())) for _ in range(2))
    wide = x.bits + w.bits + trd.bit_length() + data.draw(st.integers(1, 6))
    accumulator = NumberFormat(wide, x.is_signed or w.is_signed)
    found = bitplane_popcount_mac(x, w, accumulator, trd)
    seed = data.draw(st.integers(0, 1 << 32))
    generator = np.random.default_rng(seed)
    operands = {
        word.name: generator.integers(word.format.minimum, word.format.maximum, 20, endpoint=True)
        for word in found.operands
    }

    result = packed.run(found, operands)

    np.testing.assert_array_equal(result.values, dot(operands, trd))
    predicted = counts.bitplane_popcount_mac_activity(x=x, w=w, accumulator=accumulator, trd=trd)
    assert result.activity == predicted


@every_distance
@pytest.mark.parametrize("is_signed", [False, True])
def test_extreme_elements_of_all_widths_are_exact_and_fill_the_accumulator(trd: int, is_signed: bool) -> None:
    for bits in range(2, 17):
        found = circuit("bitplane_popcount_mac", bits, is_signed, trd=trd)
        operands = extremes(found, 30)

        values = packed.run(found, operands).values

        np.testing.assert_array_equal(values, dot(operands, trd))
        narrower = NumberFormat(found.result.format.bits - 1, is_signed)
        assert values.min() < narrower.minimum or values.max() > narrower.maximum


@every_distance
def test_weights_and_activations_may_differ_in_width_and_sign(trd: int) -> None:
    x, w = NumberFormat(8, False), NumberFormat(4, True)
    found = bitplane_popcount_mac(x, w, NumberFormat(17, True), trd)
    operands = extremes(found, 100)

    np.testing.assert_array_equal(packed.run(found, operands).values, dot(operands, trd))


@every_distance
def test_one_transverse_read_counts_all_elements_of_a_pair_of_planes(trd: int) -> None:
    x, w = NumberFormat(8, False), NumberFormat(2, False)
    events = counts.bitplane_popcount_mac_activity(x=x, w=w, accumulator=NumberFormat(16, False), trd=trd).events
    rows = 2 * trd.bit_length() + 1
    gain = trd - trd.bit_length()
    compressions = -(-(rows - gain - 1) // gain)

    assert events[Event.TRANSVERSE_READS] == 8 * 2 + 16 * compressions + 16
    assert events[Event.EVALUATIONS] == 8 * 2 * trd


def test_planes_of_both_operands_share_a_shift_driver() -> None:
    found = circuit("bitplane_popcount_mac", (4, 3), trd=7)
    planes = {place.track for word in found.operands[:-1] for place in word.places}

    assert len(planes) == 4 + 3
    assert all(track.domains == 7 for track in found.tracks if track.name in planes)
    assert resources_of(found).shift_drivers == 3
