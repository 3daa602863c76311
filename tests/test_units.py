import re

import numpy as np
import pytest
from pydantic import BaseModel

from trackmac import units
from trackmac.technology.schema import TechnologyRecord


def test_one_milliwatt_for_one_second_is_one_millijoule() -> None:
    energy_pj = units.leakage_energy_pj(leakage_nw=1e6, time_ns=1e9)

    assert energy_pj == pytest.approx(1e-3 / 1e-12)


def test_four_square_features_at_45_nm_are_a_square_of_90_nm() -> None:
    assert units.square_features_to_um2(4, 45) == pytest.approx(0.090 * 0.090)
    assert units.square_nm_to_um2(90 * 90) == pytest.approx(0.090 * 0.090)


def test_a_hundred_micrometres_of_one_micro_ohm_metre_at_one_mega_ampere_per_cm2() -> None:
    # 1e6 A/cm2 = 1e10 A/m2; x 1e-6 ohm m = 1e4 V/m; x 1e-4 m = 1 V
    assert units.ohmic_voltage_v(1e6, 1e-6, 100_000) == pytest.approx(1.0)


def test_a_kiloohm_charges_a_picofarad_in_a_nanosecond() -> None:
    assert units.ohm_ff_to_ns(1e3 * 1e3) == pytest.approx(1.0)


def test_a_picofarad_charged_to_one_volt_takes_a_picojoule() -> None:
    assert units.charge_energy_pj(1e3, 1.0) == pytest.approx(1.0)
    assert units.charge_energy_pj(1e3, 2.0) == pytest.approx(4.0)


def test_one_operation_per_picojoule_is_one_tops_per_watt() -> None:
    assert units.tera_operations_per_watt(1000, 1000) == 1.0


def test_a_thousand_operations_per_ns_on_a_square_millimetre_are_one_tops_per_mm2() -> None:
    assert units.tera_operations_per_mm2(1000, interval_ns=1, area_um2=1e6) == pytest.approx(1.0)


def test_one_microsecond_fits_a_million_times_into_a_second() -> None:
    assert units.per_second(1000) == 1e6


def test_a_million_nanometres_are_a_millimetre() -> None:
    assert units.um_to_mm(units.nm_to_um(1e6)) == pytest.approx(1.0)


def test_a_point_alone_sums_to_the_last_bit_as_among_many() -> None:
    parts = np.random.default_rng(0).uniform(0, 1e6, (20, 50))

    together = units.added(parts)

    np.testing.assert_allclose(together, parts.sum(axis=0), rtol=1e-12)
    alone = [units.added(parts[:, [index]])[0] for index in range(50)]
    np.testing.assert_array_equal(alone, together)


def test_every_figure_of_a_technology_names_its_unit_or_is_a_count() -> None:
    counts = {"stated_domains", "transistors", "leaking_transistors", "endurance_writes"}
    sections = [field.default for field in TechnologyRecord.model_fields.values()]
    keys = {key for section in sections if isinstance(section, BaseModel) for key in type(section).model_fields}
    assert "energy_pj" in keys  # the sections were found

    unnamed = {key for key in keys - counts if not re.search("|".join(f"{end}$" for end in units.UNIT_SUFFIXES), key)}

    assert not unnamed


def test_power_is_energy_over_time_however_often() -> None:
    assert units.power_nw(3.0, 2.0) == pytest.approx(3e-12 / 2e-9 / 1e-9)
    assert units.mean_power_nw(3.0, 50.0) == pytest.approx(3e-12 * 50 / 1e-9)


def test_power_density_is_watts_over_square_centimetres() -> None:
    assert units.power_density_w_per_cm2(7.0, 2.0) == pytest.approx(7e-9 / (2 * 1e-4**2))


def test_a_battery_of_a_watt_hour_lasts_an_hour_at_a_watt() -> None:
    assert units.battery_days(500.0, 2.0, 1e9) == pytest.approx(1 / 24)


def test_a_second_a_write_makes_a_year_of_31_557_600() -> None:
    assert units.years(31_557_600.0, 1.0) == 1
    assert units.years(31_557_600.0, 2.0) == 0.5
