"""A racetrack chip in use: rates, batteries, lifetimes."""

import json
import math
from dataclasses import replace

import pytest

from trackmac.arrays import load_hardware
from trackmac.errors import InputError
from trackmac.models.evaluation import evaluate_network
from trackmac.models.surroundings import surroundings
from trackmac.networks.shapes import layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.results import AtRate, Evaluation
from trackmac.technology import Technology, load_technology

SHAPES = layer_shapes(ZOO["lenet5"].build())
PHYSICS = load_technology("physics-45nm")
EMBEDDED = load_hardware("embedded")


def evaluated(rate: float | None, technology: Technology = PHYSICS) -> Evaluation:
    return evaluate_network("lenet5", SHAPES, EMBEDDED, technology, rate)


def at(rate: float, technology: Technology = PHYSICS) -> AtRate:
    found = evaluated(rate, technology).at_rate
    assert found is not None
    return found


def with_figures(**values: float) -> Technology:
    keys = {key.replace("__", "."): value for key, value in values.items()}
    return replace(
        PHYSICS, figures=tuple(replace(item, value=keys.get(item.key, item.value)) for item in PHYSICS.figures)
    )


def test_lifetime_is_endurance_over_writes_a_second_and_falls_with_the_rate() -> None:
    writes = evaluated(None).totals.writes_per_mtj_per_inference

    one, ten = at(1), at(10)

    assert one.lifetime_years == pytest.approx(1e12 / writes / (3600 * 24 * 365.25))
    assert ten.lifetime_years == pytest.approx(one.lifetime_years / 10)  # type: ignore[operator]
    assert one.lifetime_low_years == pytest.approx(one.lifetime_years / 100)  # type: ignore[operator]
    assert one.lifetime_high_years == pytest.approx(one.lifetime_years * 1000)  # type: ignore[operator]


def test_a_battery_lasts_as_long_as_its_energy_at_the_mean_power() -> None:
    joules = 0.225 * 3600 * 3.0

    found = at(2)

    assert found.battery_days == pytest.approx(joules / (found.mean_power_nw * 1e-9) / 86400)
    assert found.energy_per_inference_pj == pytest.approx(found.mean_power_nw * 1e-9 / 2 / 1e-12)


def test_without_an_inference_the_chip_sleeps_and_nothing_wears() -> None:
    found, leakage_nw = at(0), evaluated(None).totals.leakage_nw

    assert found.mean_power_nw == pytest.approx(0.03 * leakage_nw + 500)
    assert found.lifetime_years is found.lifetime_low_years is found.energy_per_inference_pj is None
    assert found.duty_fraction == 0


def test_at_the_highest_rate_the_chip_stays_on_and_takes_what_an_image_takes() -> None:
    totals = evaluated(None).totals

    found = at(totals.images_per_second)

    assert found.standby == "stays on"
    assert found.duty_fraction == pytest.approx(1)
    assert found.energy_per_inference_pj == pytest.approx(totals.energy_pj)


def test_energy_per_inference_falls_towards_that_of_an_image_and_never_below_its_dynamic_part() -> None:
    totals = evaluated(None).totals

    energies = [at(rate).energy_per_inference_pj for rate in (0.001, 0.1, 10, totals.images_per_second)]

    assert energies == sorted(energies, reverse=True)  # type: ignore[type-var]
    assert energies[-1] > totals.dynamic_energy_pj  # type: ignore[operator]


def test_nothing_takes_power_that_has_no_leakage_and_nothing_always_on() -> None:
    free = with_figures(cmos__transistor_leakage_nw=0, wake_up__always_on_nw=0)

    asleep, awake = at(0, free), at(1, free)

    assert asleep.mean_power_nw == 0
    assert asleep.battery_days is None
    assert awake.mean_power_nw == pytest.approx(evaluated(None, free).totals.dynamic_energy_pj * 1e-3)
    assert awake.standby == "stays on"  # waking up costs something, waiting nothing


def test_a_cold_start_is_a_wake_up_and_the_biases_from_flash() -> None:
    totals = evaluated(None).totals

    bias_bits = sum(
        shape.channels_out * shape.accumulator_format.bits for shape in SHAPES if shape.accumulator_format is not None
    )
    assert totals.cold_start_ns == pytest.approx(10_000 + bias_bits * 6.25)
    leaked_pj = totals.leakage_nw * totals.cold_start_ns * 1e-6
    assert totals.cold_start_energy_pj == pytest.approx(1000 + bias_bits * 280 + leaked_pj)


@pytest.mark.parametrize(
    "rate", [math.nan, math.inf, -math.inf, -1, -1e-300, 1e-300, 5e-324, 9e-10, True, "1", 10**400, -(10**400)]
)
def test_what_is_no_rate_is_refused(rate: object) -> None:
    with pytest.raises(
        InputError, match="0 or a finite number of inferences a second from 1e-09 on, but it is"
    ) as raised:
        evaluated(rate)  # type: ignore[arg-type]

    assert "\n" not in str(raised.value)


def test_the_rarest_inference_is_standby_and_everything_stays_finite() -> None:
    result, idle = evaluated(1e-9), at(0)

    assert result.at_rate is not None
    assert result.at_rate.mean_power_nw == pytest.approx(idle.mean_power_nw)
    assert result.at_rate.energy_per_inference_pj == pytest.approx(idle.mean_power_nw * 1e-9 / 1e-9 / 1e-12)
    json.dumps(result.to_dict(), allow_nan=False)


def test_a_rate_beyond_the_interval_is_refused_with_the_figures() -> None:
    most = evaluated(None).totals.images_per_second

    with pytest.raises(InputError, match=f"embedded: an inference every .* ns makes at most {most:.6g} a second"):
        evaluated(most * 1.001)


def test_without_a_rate_nothing_is_said_of_one() -> None:
    result = evaluated(None)

    assert result.at_rate is None
    assert {baseline.mean_power_nw for baseline in result.baselines} == {None}


def test_a_baseline_that_is_too_slow_for_the_rate_has_no_mean_power(monkeypatch: pytest.MonkeyPatch) -> None:
    around = surroundings()
    slow = around.mac.cycle_ns.model_copy(update={"value": 1e5, "high": 1e5})
    changed = around.model_copy(update={"mac": around.mac.model_copy(update={"cycle_ns": slow})})
    monkeypatch.setattr("trackmac.models.baselines.surroundings", lambda: changed)

    too_fast, slow_enough = evaluated(10).baselines, evaluated(0.01).baselines

    assert {(item.mean_power_nw, item.battery_days, item.standby) for item in too_fast} == {(None, None, None)}
    assert all(item.mean_power_nw for item in slow_enough)


def test_ratios_are_the_baselines_over_the_chips() -> None:
    result = evaluated(1)

    for baseline in result.baselines:
        assert baseline.energy_ratio == pytest.approx(baseline.energy_pj / result.totals.energy_pj)
        assert baseline.latency_ratio == pytest.approx(baseline.latency_ns / result.totals.latency_ns)
        assert baseline.area_ratio == pytest.approx(baseline.area_um2 / result.totals.area_um2)
        assert baseline.mean_power_nw is not None
        assert baseline.battery_days is not None


@pytest.mark.parametrize(("name", "less_than"), [("physics-45nm", {"dram"}), ("rtsim-destiny-2017", set())])
def test_whether_the_chip_needs_less_than_sram_and_dram_depends_on_the_device(name: str, less_than: set[str]) -> None:
    result = evaluated(1, load_technology(name))

    assert result.at_rate is not None
    others = {each.name: each.mean_power_nw or math.inf for each in result.baselines}
    beaten = {memory for memory in ("sram", "dram") if result.at_rate.mean_power_nw < others[memory]}
    assert beaten == less_than
    assert others["racetrack_storage"] == min(others.values())
