"""Shift and write from first principles: worked examples by hand, limits, and orders of magnitude."""

import math

import numpy as np
import pytest

from trackmac.technology import physics


def test_the_current_of_a_strip_by_hand() -> None:
    # 45 nm x 6 nm = 270 nm2 = 2.7e-12 cm2, x 6.2e7 A/cm2 = 167.4 uA
    assert physics.current_ua(6.2e7, physics.cross_section_nm2(45, 6)) == pytest.approx(167.4)


def test_the_resistance_of_64_domains_by_hand() -> None:
    # 5.6e-7 ohm m x 5.76e-6 m / 2.7e-16 m2
    assert physics.wire_resistance_ohm(5.6e-7, 64 * 90.0, 270.0) == pytest.approx(11_947, rel=1e-4)


def test_at_the_recalled_density_64_domains_need_about_two_volts() -> None:
    wire_ohm = physics.wire_resistance_ohm(5.6e-7, 64 * 90.0, 270.0)

    assert physics.drive_voltage_v(physics.current_ua(6.2e7, 270.0), wire_ohm, 0.0) == pytest.approx(2.0, rel=0.01)


def test_a_wall_moves_in_step_with_the_density_above_the_threshold_and_not_below() -> None:
    velocities = [physics.wall_velocity_m_per_s(density, 2.5e-6, 3e6) for density in (2e6, 2e7, 4e7)]

    assert velocities == pytest.approx([0, 50, 100])


def test_a_wall_that_rests_never_passes_a_domain() -> None:
    assert physics.pulse_ns(90, 50) == pytest.approx(1.8)
    assert physics.pulse_ns(90, 0) == math.inf


def test_heat_is_current_times_voltage_times_time() -> None:
    heat_pj = physics.joule_heat_pj(54.0, 12_000.0, 1.8)

    assert heat_pj == pytest.approx(54e-6 * (54e-6 * 12_000) * 1.8e-9 * 1e12)
    assert heat_pj == pytest.approx(physics.pulse_energy_pj(54.0, 54e-6 * 12_000, 1.8))


def test_switches_in_series_drop_what_they_may() -> None:
    width_um = physics.switch_width_um(54, drop_v=0.6, switches=4, on_current_ua_per_um=400, overdrive_v=2.4)

    each_ohm = 2.4 / (2 * 400e-6) / width_um
    assert 4 * each_ohm * 54e-6 == pytest.approx(0.6)
    assert width_um == pytest.approx(1.08)


def test_a_switch_is_never_too_narrow_for_its_current() -> None:
    assert physics.switch_width_um(54, drop_v=50, switches=4, on_current_ua_per_um=400, overdrive_v=2.4) == 54 / 400


def test_a_junction_of_45_nm_has_4700_ohm_parallel_and_more_antiparallel() -> None:
    parallel = physics.junction_resistance_ohm(7.5, 45, 0)

    assert parallel == pytest.approx(4716, rel=1e-3)
    assert physics.junction_resistance_ohm(7.5, 45, 1.25) == pytest.approx(2.25 * parallel)


def test_spin_transfer_takes_tens_of_microamperes() -> None:
    assert physics.stt_current_ua(4e6, 45, 1.5) == pytest.approx(1.5 * 4e6 * math.pi * (45e-7) ** 2 / 4 * 1e6)


def test_spin_orbit_torque_needs_the_current_of_its_line() -> None:
    # 2e7 A/cm2 x 45 nm x 4 nm
    assert physics.sot_current_ua(2e7, 45, 4) == pytest.approx(36.0)


def test_switches_are_wider_only_where_the_rail_is_at_its_end() -> None:
    track_v = np.array([0.0, 1.0, 2.4, 2.6, 2.8, 5.0])

    wider = physics.widening(track_v, supply_v=3.0, drop_v=0.6, least_drop_v=0.2)

    np.testing.assert_allclose(wider, [1, 1, 1, 1.5, 3, 3])
