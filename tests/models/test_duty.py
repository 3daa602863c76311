"""A chip that works now and then: limit cases of mean power, by hand."""

import numpy as np
import pytest

from trackmac.models.duty import Duty, Standby, sleeps, stays_on
from trackmac.technology import load_technology

PHYSICS = load_technology("physics-45nm")
LATENCY_NS = np.array([1e6, 4e6])
LEAKAGE_NW = np.array([2000.0, 500.0])
LEAKED_PJ = LEAKAGE_NW * LATENCY_NS * 1e-6
ENERGY_PJ = np.array([3e6, 8e6]) + LEAKED_PJ


def duty(*standbys: Standby) -> Duty:
    return Duty(energy_pj=ENERGY_PJ, latency_ns=LATENCY_NS, standbys=standbys, cold_start=standbys[-1])


ASLEEP = Standby(
    name="asleep", power_nw=np.array([10.0, 20.0]), wake_energy_pj=np.array([1e4, 1e4]), wake_ns=np.array([1e3, 1e3])
)


def test_a_chip_that_stays_on_takes_its_leakage_and_the_rest_by_rate() -> None:
    always = duty(stays_on(LEAKAGE_NW))

    np.testing.assert_allclose(always.mean_power_nw(0), LEAKAGE_NW)
    np.testing.assert_allclose(always.mean_power_nw(100), LEAKAGE_NW + np.array([3e6, 8e6]) * 1e-12 * 100 / 1e-9)


def test_at_the_highest_rate_it_works_all_the_time() -> None:
    always = Duty(
        energy_pj=ENERGY_PJ[:1], latency_ns=LATENCY_NS[:1], standbys=(stays_on(LEAKAGE_NW[:1]),), cold_start=ASLEEP
    )

    assert always.mean_power_nw(1e3)[0] == pytest.approx(ENERGY_PJ[0] * 1e-12 / 1e-3 / 1e-9)


def test_without_an_inference_only_the_standby_takes_power() -> None:
    np.testing.assert_array_equal(duty(ASLEEP).mean_power_nw(0), ASLEEP.power_nw)


def test_a_sleeper_pays_for_waking_and_sleeps_the_rest_of_the_time() -> None:
    rate = 10

    power = duty(ASLEEP).mean_power_nw(rate)

    seconds = (LATENCY_NS + ASLEEP.wake_ns) * 1e-9
    by_hand = (ENERGY_PJ + ASLEEP.wake_energy_pj) * 1e-3 * rate + ASLEEP.power_nw * (1 - rate * seconds)
    np.testing.assert_allclose(power, by_hand)


def test_the_standby_is_the_one_that_needs_least() -> None:
    costly = Standby(name="costly", power_nw=np.zeros(2), wake_energy_pj=np.full(2, 1e9), wake_ns=np.zeros(2))
    either = duty(stays_on(LEAKAGE_NW), costly)

    assert either.standby(1e-6, 0).name == "costly"
    assert either.standby(100, 0).name == "stays on"
    np.testing.assert_array_equal(
        either.mean_power_nw(1), np.minimum(duty(stays_on(LEAKAGE_NW)).mean_power_nw(1), duty(costly).mean_power_nw(1))
    )


def test_who_has_no_time_to_wake_up_stays_on() -> None:
    either = duty(stays_on(LEAKAGE_NW), ASLEEP)

    assert np.isfinite(either.mean_power_nw(999.5)[0])
    assert either.standby(999.5, 0).name == "stays on"
    assert np.isinf(duty(ASLEEP).mean_power_nw(999.5)[0])
    assert np.isinf(either.mean_power_nw(1001)[0])


def test_sleep_leaves_what_the_switches_let_through_and_what_stays_on() -> None:
    value = PHYSICS.value

    asleep = sleeps("sleeps", LEAKAGE_NW, PHYSICS, kept_nw=7.0, reload_pj=100.0, reload_ns=50.0)

    fraction, always_on = value("wake_up.gated_leakage_fraction"), value("wake_up.always_on_nw")
    np.testing.assert_allclose(asleep.power_nw, LEAKAGE_NW * fraction + always_on + 7)
    np.testing.assert_allclose(asleep.wake_ns, value("wake_up.latency_ns") + 50)
    np.testing.assert_allclose(
        asleep.wake_energy_pj, value("wake_up.energy_pj") + 100 + LEAKAGE_NW * 1e-6 * asleep.wake_ns
    )


def test_without_leakage_a_chip_that_stays_on_waits_for_nothing() -> None:
    assert duty(stays_on(np.zeros(2))).mean_power_nw(0).tolist() == [0, 0]
