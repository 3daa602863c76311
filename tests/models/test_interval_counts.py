"""Intervals between starts by hand, and what every priced circuit keeps."""

import itertools
from collections.abc import Iterator

import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import FAMILIES, Circuit, circuit
from trackmac.circuits.transfer import load_word
from trackmac.cost import Phase
from trackmac.errors import UnknownNameError
from trackmac.models.circuit_costs import circuit_cost
from trackmac.models.circuit_counts import circuit_activity
from trackmac.models.interval_counts import circuit_interval_ns, interval_phases
from trackmac.technology import load_technology, unit_costs

TECHNOLOGIES = ("rtsim-destiny-2017", "spimulator-2025")


def saved(taken: Circuit, number: int = 0) -> dict[Phase, int]:
    """Return by how much the interval is shorter than the latency."""
    latency, phases = circuit_activity(taken).phases, interval_phases(taken)[number]
    return {phase: latency[phase] - phases.get(phase, 0) for phase in latency if latency[phase] != phases.get(phase)}


def variants(name: str) -> Iterator[Circuit]:
    for family in FAMILIES[name].at_trd.values() or (FAMILIES[name],):
        for layout, is_signed in itertools.product(family.layouts, (False, True)):
            yield family.build((5, 4, 3, 3, 2)[: len(family.width_names)], is_signed, layout)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("technology", TECHNOLOGIES)
def test_a_run_may_start_at_the_earliest_after_some_time_and_always_after_the_last(name: str, technology: str) -> None:
    for each in variants(name):
        cost = circuit_cost(each, load_technology(technology))

        assert 0 < cost.interval_ns <= cost.latency_ns


def test_a_word_along_a_track_leaves_no_time_to_another() -> None:
    for name in ("ripple_adder", "shift_add_multiplier", "relu", "average_pool"):
        cost = circuit_cost(circuit(name, 8), load_technology("rtsim-destiny-2017"))

        assert cost.interval_ns == cost.latency_ns


def test_a_shift_add_mac_senses_and_multiplies_its_first_bits_before_the_product_is_free() -> None:
    assert saved(circuit("shift_add_mac", 8)) == {Phase.SENSE: 1, Phase.EVALUATE: 1}


def test_a_booth_mac_saves_the_recoding_of_its_first_digit() -> None:
    # two bits of b with a shift between, the encoder; then a's first bit, selector and adder
    assert saved(circuit("booth_radix4_mac", 8)) == {Phase.SENSE: 3, Phase.SHIFT: 1, Phase.EVALUATE: 3}


def test_booth_digits_across_tracks_are_sensed_before_they_are_latched() -> None:
    assert saved(circuit("booth_radix4_multiplier", 8, layout="across")) == {Phase.SENSE: 1}


def test_columns_that_are_home_already_leave_the_accumulator_busy_throughout() -> None:
    # an addition takes 3 rows at TRD 5, a compression 2 fewer: 5 rows need one, 6 two; the addition is a fill more
    assert saved(circuit("transverse_read_mac", 4, signed=False, trd=5)) == {}
    assert saved(circuit("transverse_read_mac", 4, trd=5)) == {Phase.SHIFT: 3}


def test_planes_that_were_walked_an_odd_number_of_times_are_away() -> None:
    planes = circuit("bitplane_popcount_mac", (4, 3), trd=7)

    assert [saved(planes, number) for number in (0, 1)] == [{Phase.SHIFT: 6}, {Phase.SENSE: 1}]


def test_where_the_guard_bit_alone_is_shifted_out_nothing_is_collected_for_it() -> None:
    assert saved(circuit("requantize", (8, 6), layout="across")) == {Phase.SENSE: 1}
    assert saved(circuit("requantize", (8, 7), layout="across")) == {Phase.SENSE: 2}
    assert saved(circuit("requantize", (8, 8), layout="across")) == {Phase.SENSE: 1}


def test_the_busiest_part_is_the_one_that_takes_longest() -> None:
    mac = circuit("transverse_read_mac", 4, trd=5)
    phases = circuit_activity(mac).phases

    def latency_less(idle: dict[Phase, int], of: Phase) -> int:
        return sum((1 + 99 * (phase is of)) * (count - idle.get(phase, 0)) for phase, count in phases.items())

    assert circuit_interval_ns(mac, lambda phase: 1 + 99 * (phase is Phase.SENSE)) == latency_less(
        {Phase.SHIFT: 3}, Phase.SENSE
    )
    assert circuit_interval_ns(mac, lambda phase: 1 + 99 * (phase is Phase.SHIFT)) == latency_less(
        {Phase.SENSE: 1, Phase.EVALUATE: 1}, Phase.SHIFT
    )


def test_a_circuit_without_a_closed_form_has_no_interval() -> None:
    with pytest.raises(UnknownNameError, match="load_word"):
        interval_phases(load_word(NumberFormat(8, True)))


def test_the_energy_delay_product_is_energy_times_latency() -> None:
    cost = circuit_cost(circuit("shift_add_mac", 8), load_technology("spimulator-2025"))

    assert cost.energy_delay_product_pj_ns == cost.energy_pj * cost.latency_ns


def test_the_interval_is_priced_in_the_technology() -> None:
    mac = circuit("booth_radix4_mac", 8)
    for name in TECHNOLOGIES:
        cost, phase_ns = circuit_cost(mac, load_technology(name)), unit_costs(load_technology(name)).phase_ns
        head = 3 * phase_ns(Phase.SENSE) + phase_ns(Phase.SHIFT) + 3 * phase_ns(Phase.EVALUATE)

        assert cost.interval_ns == pytest.approx(cost.latency_ns - head)
