import numpy as np
import pytest

from trackmac.cost import Event, Phase
from trackmac.technology.technology import load_technology
from trackmac.technology.unit_costs import UnitCosts, unit_costs


@pytest.fixture
def costs() -> UnitCosts:
    return unit_costs(load_technology("rtsim-destiny-2017"))


def test_the_flat_shift_energy_holds_for_the_stated_length(costs: UnitCosts) -> None:
    assert costs.track_shift_energy_pj(64) == pytest.approx(0.609375)


def test_shift_energy_and_voltage_grow_in_step_with_the_track(costs: UnitCosts) -> None:
    lengths = np.array([1, 64, 79, 128])

    np.testing.assert_allclose(costs.track_shift_energy_pj(lengths), lengths * 0.609375 / 64)
    np.testing.assert_allclose(costs.drive_voltage_v(lengths), lengths * costs.drive_voltage_v(1.0))


def test_a_track_of_64_domains_needs_about_two_volts(costs: UnitCosts) -> None:
    assert costs.drive_voltage_v(64) == pytest.approx(2.0, rel=0.01)


def test_a_track_is_drivable_up_to_the_supply_and_not_one_domain_more(costs: UnitCosts) -> None:
    assert costs.drive_voltage_v(96.0) <= costs.driver_supply_v < costs.drive_voltage_v(97.0)


def test_bus_energy_grows_in_step_with_the_length(costs: UnitCosts) -> None:
    np.testing.assert_allclose(costs.bus_energy_pj(np.array([0.0, 1.0, 2.5])), [0.0, 0.1, 0.25])


def test_a_lockstep_step_costs_no_energy_because_the_track_shifts_do(costs: UnitCosts) -> None:
    steps = costs.energy_pj(Event.SHIFT_STEPS, physical_domains=64, bus_length_mm=1)
    shifts = costs.energy_pj(Event.TRACK_SHIFTS, physical_domains=64, bus_length_mm=1)

    assert steps == 0
    assert shifts == costs.track_shift_energy_pj(64)


@pytest.mark.parametrize(
    ("event", "key"),
    [
        (Event.SENSES, "sense.energy_pj"),
        (Event.EVALUATIONS, "evaluation.energy_pj"),
        (Event.WRITES, "write.energy_pj"),
        (Event.TRANSVERSE_READS, "transverse_read.energy_pj"),
        (Event.TRANSVERSE_WRITES, "transverse_write.energy_pj"),
        (Event.LATCH_UPDATES, "latch.energy_pj"),
        (Event.BUS_BITS, "bus.energy_pj_per_mm"),
        (Event.BUFFER_BITS, "buffer.energy_pj"),
        (Event.SEQUENCER_STEPS, "sequencer.energy_pj"),
        (Event.CMOS_OPERATIONS, "cmos.operation_energy_pj"),
        (Event.DRAM_BITS, "dram.energy_pj"),
        (Event.WAKE_UPS, "wake_up.energy_pj"),
    ],
)
def test_each_event_costs_its_own_figure(event: Event, key: str) -> None:
    technology = load_technology("spimulator-2025")

    cost = unit_costs(technology).energy_pj(event, physical_domains=64, bus_length_mm=1.0)

    assert cost == technology.value(key)


@pytest.mark.parametrize(
    ("phase", "key"),
    [
        (Phase.SHIFT, "shift.latency_ns"),
        (Phase.SENSE, "sense.latency_ns"),
        (Phase.EVALUATE, "evaluation.latency_ns"),
        (Phase.WRITE, "write.latency_ns"),
        (Phase.TRANSVERSE_READ, "transverse_read.latency_ns"),
        (Phase.TRANSFER, "bus.cycle_ns"),
    ],
)
def test_each_phase_takes_its_own_figure(phase: Phase, key: str) -> None:
    technology = load_technology("spimulator-2025")

    assert unit_costs(technology).phase_ns(phase) == technology.value(key)
