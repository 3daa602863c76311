from collections.abc import Mapping

import numpy as np
import pytest

from trackmac.technology.constants import physics_constants
from trackmac.technology.derived import DRIVER_NAMES, KEYS, Device, derived_figures, device_figures
from trackmac.technology.ranges import propagated
from trackmac.technology.schema import Figure


def figure(low: float, value: float, high: float) -> Figure:
    return Figure(value=value, low=low, high=high, evidence="assumed", source="us")


DRIVER = dict(
    zip(
        DRIVER_NAMES,
        (
            figure(100, 110, 120),
            figure(0.9, 0.9, 0.9),
            figure(1e-3, 2e-3, 3e-3),
            figure(0.3, 0.4, 0.5),
            figure(0.5, 0.6, 0.7),
        ),
        strict=True,
    )
)


def ratio(values: Mapping[str, float]) -> float:
    return values["a"] / values["b"]


def test_a_quotient_is_least_where_the_divisor_is_greatest() -> None:
    found = propagated(ratio, {"a": figure(1, 2, 4), "b": figure(1, 2, 8), "c": figure(0, 1, 2)})

    assert (found.value, found.low, found.high) == (1, 1 / 8, 4)
    assert found.inputs == ("a", "b")  # c makes no difference


def test_a_figure_without_a_range_gives_none() -> None:
    found = propagated(ratio, {"a": figure(2, 2, 2), "b": figure(4, 4, 4)})

    assert found.low == found.value == found.high == 0.5


@pytest.mark.parametrize("name", KEYS.values())
def test_no_device_within_the_ranges_is_outside_a_derived_range(name: str) -> None:
    known = device_figures(physics_constants(), DRIVER)
    found = propagated(lambda values: float(getattr(Device(**values), name)), known)
    rng = np.random.default_rng(0)

    for _ in range(500):
        device = Device(**{key: float(rng.uniform(item.low, item.high)) for key, item in known.items()})

        assert found.low <= getattr(device, name) <= found.high


def test_every_derived_figure_says_its_formula_and_its_constants() -> None:
    for key, item in derived_figures(physics_constants(), DRIVER).items():
        assert item.evidence == "assumed"
        assert item.low < item.value < item.high
        assert "(" in item.source, key
    latency = derived_figures(physics_constants(), DRIVER)["shift.latency_ns"]
    assert "l / (u J)" in latency.source
    assert "domain_length_nm 90" in latency.source
    assert "resistivity" not in latency.source


def test_a_device_of_the_constants_by_hand() -> None:
    device = Device(**{name: item.value for name, item in device_figures(physics_constants(), DRIVER).items()})

    current_a = 2e7 * 1e4 * 45e-9 * 6e-9
    time_s = 90e-9 / (2.5e-6 * 2e7)
    track_ohm = 5.6e-7 * 64 * 90e-9 / (45e-9 * 6e-9)
    assert device.shift_current_ua == pytest.approx(current_a * 1e6)
    assert device.shift_latency_ns == pytest.approx(time_s * 1e9 + 0.6)
    assert device.shift_energy_pj == pytest.approx(current_a**2 * track_ohm * time_s / 0.85 * 1e12)
    assert device.driver_drop_energy_pj == pytest.approx(current_a * 0.6 * time_s / 0.85 * 1e12)
    assert device.write_energy_pj == pytest.approx((110e-6 * 0.9 * 4e-9 + 2e-15) * 1e12)
    assert device.write_current_ua == pytest.approx(1.5 * 4e6 * np.pi * (45e-7) ** 2 / 4 * 1e6)
    track_pj = device.shift_energy_pj * 7 / 64 + device.driver_drop_energy_pj
    assert device.transverse_write_energy_pj == pytest.approx(device.write_energy_pj + track_pj + 0.4)
    assert device.driver_gate_energy_pj == pytest.approx(4 * 2e-15 * device.driver_width_um * 9 * 1e12)


def test_a_figure_is_as_sure_as_the_least_sure_constant_behind_it() -> None:
    constants = physics_constants()
    simulated = {name: item.model_copy(update={"evidence": "simulated"}) for name, item in DRIVER.items()}
    pulse = constants.write.pulse_ns.model_copy(update={"evidence": "measured"})
    known_pulse = constants.model_copy(update={"write": constants.write.model_copy(update={"pulse_ns": pulse})})

    assert derived_figures(constants, simulated)["write.energy_pj"].evidence == "assumed"
    assert derived_figures(known_pulse, simulated)["write.energy_pj"].evidence == "simulated"


def test_every_density_in_range_moves_walls_so_that_the_threshold_is_no_input_of_the_pulse() -> None:
    shift = physics_constants().shift

    assert shift.threshold_a_per_cm2.high < shift.current_density_a_per_cm2.low
    assert "threshold" not in derived_figures(physics_constants(), DRIVER)["shift.latency_ns"].source
