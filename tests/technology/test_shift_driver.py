"""A driver of its own: energy, width and voltage as functions of the track's physical length."""

from dataclasses import replace

import numpy as np
import pytest

from trackmac.technology import load_technology
from trackmac.technology.unit_costs import UnitCosts, unit_costs

LENGTHS = np.arange(8.0, 512.0)


@pytest.fixture
def costs() -> UnitCosts:
    return unit_costs(load_technology("physics-45nm"))


@pytest.fixture
def dense(costs: UnitCosts) -> UnitCosts:
    """The same at 6.2e7 A/cm2, where tracks come near the supply."""
    return replace(costs, domain_voltage_v=costs.domain_voltage_v * 3.1)


def test_a_step_of_64_domains_takes_0_05_to_1_pj(costs: UnitCosts) -> None:
    assert 0.05 < costs.track_shift_energy_pj(64.0) < 1


def test_longer_tracks_cost_more_per_step(costs: UnitCosts, dense: UnitCosts) -> None:
    for unit in (costs, dense):
        drivable = LENGTHS[unit.drive_voltage_v(LENGTHS) <= unit.driver_supply_v]

        assert len(drivable) > 50
        assert np.all(np.diff(unit.track_shift_energy_pj(drivable)) > 0)


def test_at_the_recalled_density_64_domains_need_about_two_volts_and_the_shipped_95_cannot_be_driven(
    dense: UnitCosts,
) -> None:
    assert dense.drive_voltage_v(64.0) == pytest.approx(2.0 + 0.2, rel=0.01)
    assert dense.drive_voltage_v(95.0) > dense.driver_supply_v


def test_the_longest_track_of_the_shipped_spaces_can_be_driven(costs: UnitCosts) -> None:
    assert costs.drive_voltage_v(127.0) < costs.driver_supply_v  # 64 domains, one port


def test_a_driver_is_wider_for_longer_tracks_and_three_times_as_wide_at_the_end(dense: UnitCosts) -> None:
    drivable = LENGTHS[dense.drive_voltage_v(LENGTHS) <= dense.driver_supply_v]

    areas = dense.switch_um2(drivable) / dense.switch_um2(8.0)

    assert np.all(np.diff(areas) >= 0)
    assert areas[0] == 1
    assert 2.5 < areas[-1] <= 3


def test_one_length_alone_costs_what_it_costs_among_many(costs: UnitCosts, dense: UnitCosts) -> None:
    for unit in (costs, dense):
        for index in (0, 50, 90, 200):
            length = float(LENGTHS[index])
            assert unit.track_shift_energy_pj(length) == unit.track_shift_energy_pj(LENGTHS)[index]
            assert unit.drive_voltage_v(length) == unit.drive_voltage_v(LENGTHS)[index]
            assert unit.switch_um2(length) == unit.switch_um2(LENGTHS)[index]


def test_published_tables_have_drivers_as_large_as_logic() -> None:
    costs = unit_costs(load_technology("rtsim-destiny-2017"))

    assert costs.driver is None
    np.testing.assert_allclose(costs.switch_um2(LENGTHS), 100 * 0.045**2)


def test_an_unwidened_driver_takes_its_simulated_control_and_a_wider_one_its_gates_on_top(costs: UnitCosts) -> None:
    driver = costs.driver
    assert driver is not None

    assert driver.energy_pj(0.1) == driver.drop_energy_pj + driver.control_energy_pj
    twice_v = driver.supply_v - driver.drop_v / 2
    wider = driver.drop_energy_pj / 2 + driver.control_energy_pj + driver.gate_energy_pj
    assert driver.energy_pj(twice_v) == pytest.approx(wider)


def test_without_a_figure_of_its_own_the_control_is_the_gates_of_the_usual_width() -> None:
    technology = load_technology("physics-45nm")
    figures = tuple(item for item in technology.figures if item.key != "shift.driver_control_energy_pj")

    driver = unit_costs(replace(technology, figures=figures)).driver

    assert driver is not None
    assert driver.control_energy_pj == driver.gate_energy_pj
