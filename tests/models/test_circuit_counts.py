"""The closed forms beside counts made by hand, on paper, for the smallest words."""

import dataclasses

import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import FAMILIES, Layout, circuit
from trackmac.cost import Event, Phase
from trackmac.errors import OperandError, UnknownNameError
from trackmac.models import circuit_counts as counts

UINT2, INT2, INT3, UINT8, INT8 = (
    NumberFormat(2, False),
    NumberFormat(2, True),
    NumberFormat(3, True),
    NumberFormat(8, False),
    NumberFormat(8, True),
)


def test_a_two_bit_ripple_addition_as_counted_by_hand() -> None:
    # bits 0 and 1: sense a and b, add, write, latch the carry; bit 2: write the carry. Shifts: 2 up, 2 home.
    activity = counts.ripple_adder_activity(a=UINT2, b=UINT2)

    assert activity.events == {
        Event.SENSES: 4,
        Event.EVALUATIONS: 2,
        Event.WRITES: 3,
        Event.LATCH_UPDATES: 2,
        Event.SHIFT_STEPS: 4,
        Event.TRACK_SHIFTS: 2 * (1 + 1 + 2),
        Event.SEQUENCER_STEPS: (2 + 2 + 3) + 3,
    }
    assert activity.phases == {Phase.SHIFT: 4, Phase.SENSE: 2, Phase.EVALUATE: 2, Phase.WRITE: 3}


def test_a_magnetic_addition_writes_and_senses_every_carry_but_the_last() -> None:
    latched = counts.latched_full_adder_activity(a=UINT8, b=UINT8).events
    magnetic = counts.magnetic_full_adder_activity(a=UINT8, b=UINT8).events

    assert magnetic[Event.WRITES] - latched[Event.WRITES] == latched[Event.LATCH_UPDATES] == 8
    assert magnetic[Event.SENSES] - latched[Event.SENSES] == 8
    assert Event.LATCH_UPDATES not in magnetic


def test_a_relu_across_tracks_is_a_sense_of_the_sign_and_one_pass() -> None:
    activity = counts.relu_activity(x=INT8, layout=Layout.ACROSS)

    assert activity.events == {
        Event.SENSES: 9,
        Event.EVALUATIONS: 8,
        Event.WRITES: 8,
        Event.LATCH_UPDATES: 1,
        Event.SEQUENCER_STEPS: 4,
    }
    assert activity.phases == {Phase.SENSE: 2, Phase.EVALUATE: 1, Phase.WRITE: 1}


def test_shift_add_needs_the_senses_and_writes_of_its_documented_totals() -> None:
    n, m = 5, 7
    events = counts.shift_add_multiplier_activity(
        a=NumberFormat(n, False), b=NumberFormat(m, True), layout=Layout.ALONG
    ).events

    assert events[Event.SENSES] == m + 2 * n * m - n
    assert events[Event.WRITES] == m * (n + 1)
    assert events[Event.LATCH_UPDATES] == n * (m - 1)


def test_booth_halves_the_walks_of_shift_add() -> None:
    shift_add = counts.shift_add_multiplier_activity(a=INT8, b=INT8, layout=Layout.ACROSS)
    booth = counts.booth_radix4_multiplier_activity(a=INT8, b=INT8, layout=Layout.ACROSS)

    assert shift_add.phases[Phase.WRITE] == 8
    assert booth.phases[Phase.WRITE] == 4


def test_a_two_bit_booth_product_as_counted_by_hand() -> None:
    # One digit: b0 sensed and latched, b1 sensed, encoded, four latches; then four positions: selector and half adder.
    activity = counts.booth_radix4_multiplier_activity(a=INT2, b=INT2, layout=Layout.ALONG)

    assert activity.events[Event.SENSES] == 2 + 2
    assert activity.events[Event.EVALUATIONS] == 1 + 4 * 2
    assert activity.events[Event.WRITES] == 4
    assert activity.events[Event.LATCH_UPDATES] == (1 + 4) + 2 + 3
    assert activity.events[Event.TRACK_SHIFTS] == 1 + (1 + 3) + (1 + 1 + 3)


def test_a_shift_right_by_one_rounds_with_the_guard_bit_alone() -> None:
    # int3 -> int2: the guard; rounding cell, three half adders, one record of two cells; OR, AND, multiplexer.
    activity = counts.requantize_activity(x=INT3, shift=1, output=INT2, layout=Layout.ALONG)

    assert activity.events[Event.SENSES] == 1 + 2 + 1
    assert activity.events[Event.EVALUATIONS] == (1 + 3 + 2) + 3
    assert activity.events[Event.WRITES] == 2 + 2
    assert activity.events[Event.LATCH_UPDATES] == 1 + (2 + 1 + 2)


def test_a_word_loaded_from_its_top_needs_no_rewind() -> None:
    upwards = counts.load_word_activity(word=UINT8, layout=Layout.ALONG)
    downwards = counts.load_word_activity(word=UINT8, layout=Layout.ALONG, from_top=True)

    assert upwards.events[Event.SHIFT_STEPS] == 14
    assert downwards.events[Event.SHIFT_STEPS] == 7
    assert upwards.events[Event.BUS_BITS] == downwards.events[Event.BUS_BITS] == 8


@pytest.mark.parametrize("domains", [3, -3])
def test_weight_tracks_cost_the_same_both_ways(domains: int) -> None:
    activity = counts.move_weights_activity(word=INT8, domains=domains, layout=Layout.ACROSS)

    assert activity.events == {Event.SHIFT_STEPS: 3, Event.TRACK_SHIFTS: 24, Event.SEQUENCER_STEPS: 1}
    assert activity.phases == {Phase.SHIFT: 3}


def test_every_registered_circuit_has_a_closed_form() -> None:
    for name in FAMILIES:
        assert counts.circuit_activity(circuit(name)).events


def test_the_dispatch_takes_operand_formats_not_one_width() -> None:
    mac = circuit("shift_add_mac", bits=(4, 6))

    assert counts.circuit_activity(mac) == counts.shift_add_mac_activity(
        a=NumberFormat(4, True), b=NumberFormat(6, True), accumulator=mac.result.format, layout=Layout.ALONG
    )


def test_a_circuit_without_a_closed_form_is_refused_with_the_nearest_name() -> None:
    unknown = dataclasses.replace(circuit("relu"), name="relux")

    with pytest.raises(UnknownNameError, match="unknown closed form of a circuit 'relux': did you mean 'relu'"):
        counts.circuit_activity(unknown)


def test_a_magnetic_mac_across_tracks_is_refused() -> None:
    with pytest.raises(OperandError, match="magnetic_mac has words along tracks, not 'across'"):
        counts.magnetic_mac_activity(a=INT8, b=INT8, accumulator=NumberFormat(17, True), layout=Layout.ACROSS)
