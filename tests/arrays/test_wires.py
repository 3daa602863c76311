"""Elmore delays against ladders by hand, and repeaters that stand where they should."""

import math
from dataclasses import replace

import numpy as np
import pytest

from trackmac.arrays.wires import Driver, Repeaters, Wire, array_line, bus_wire, logic_driver
from trackmac.technology import Technology

WIRE = Wire(resistance_ohm_per_um=2.0, capacitance_ff_per_um=0.2)
DRIVER = Driver(resistance_ohm_um=1500.0, gate_ff_per_um=1.0)


def length(*um: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(um)


def test_the_delay_is_that_of_a_ladder_of_three_rungs_by_hand() -> None:
    # 300 um in three rungs of 200 ohm and 20 fF, half of it at each end; a driver of 100 ohm, a load of 5 fF:
    # 100 x 65 + 200 x (55 + 35 + 15) = 27,500 ohm fF
    delay_ns = WIRE.delay_ns(length(300.0), driver_ohm=100.0, load_ff=5.0)

    assert delay_ns[0] == pytest.approx(math.log(2) * 27_500e-6)


def test_the_delay_is_that_of_a_ladder_of_any_rungs() -> None:
    rungs = 50
    rung_ohm, rung_ff = 2.0 * 300 / rungs, 0.2 * 300 / rungs
    nodes_ff = np.array([rung_ff / 2] + [rung_ff] * (rungs - 1) + [rung_ff / 2 + 5.0])
    resistances_ohm = np.array([100.0] + [rung_ohm] * rungs)

    ladder = sum(resistances_ohm[number] * nodes_ff[number:].sum() for number in range(rungs + 1))

    assert WIRE.delay_ns(length(300.0), driver_ohm=100.0, load_ff=5.0)[0] == pytest.approx(math.log(2) * ladder * 1e-6)


def test_taps_along_a_wire_delay_as_its_own_capacitance_does() -> None:
    tapped = WIRE.delay_ns(length(100.0), driver_ohm=50.0, taps_ff=20.0)
    thicker = replace(WIRE, capacitance_ff_per_um=0.4).delay_ns(length(100.0), driver_ohm=50.0)

    assert tapped[0] == pytest.approx(thicker[0])


def test_without_a_wire_there_is_no_delay() -> None:
    assert WIRE.delay_ns(length(0.0), driver_ohm=100.0, load_ff=5.0)[0] == 0
    assert DRIVER.delay_ns(WIRE, length(0.0), width_um=1.0)[0] == 0
    assert Repeaters(wire=WIRE, driver=DRIVER).delay_ns(length(0.0))[0] == 0


def test_a_bare_wire_slows_with_the_square_of_its_length_and_a_repeated_one_with_its_length() -> None:
    repeaters = Repeaters(wire=WIRE, driver=DRIVER)
    pieces = repeaters.spacing_um * length(10.0, 20.0)

    repeated, bare = repeaters.delay_ns(pieces), WIRE.delay_ns(pieces)

    assert repeated[1] == pytest.approx(2 * repeated[0])
    assert bare[1] == pytest.approx(4 * bare[0])


@pytest.mark.parametrize("factor", [0.7, 1.4])
def test_other_repeaters_are_slower(factor: float) -> None:
    best = Repeaters(wire=WIRE, driver=DRIVER)
    piece_um = length(best.spacing_um)

    best_ns = DRIVER.delay_ns(WIRE, piece_um, width_um=best.width_um) / piece_um
    other_piece_ns = DRIVER.delay_ns(WIRE, piece_um * factor, width_um=best.width_um) / (piece_um * factor)
    other_width_ns = DRIVER.delay_ns(WIRE, piece_um, width_um=best.width_um * factor) / piece_um

    assert min(other_piece_ns[0], other_width_ns[0]) > best_ns[0]


def test_an_inverter_that_drives_four_takes_what_is_usual_at_45_nm(technology: Technology) -> None:
    assert 0.010 < logic_driver(technology).stage_ns < 0.025


def test_a_repeated_wire_is_about_as_fast_as_recalled(technology: Technology) -> None:
    repeaters = Repeaters(wire=bus_wire(technology), driver=logic_driver(technology))

    mm_ns = repeaters.delay_ns(length(10_000.0))[0] / 10

    assert 0.5 < mm_ns / technology.value("bus.latency_ns_per_mm") < 2


def test_the_energy_of_the_bus_is_that_of_charging_its_wires(technology: Technology) -> None:
    # half the bits flip; what is beyond the wire's own is the drivers'
    value = technology.value
    mm_pj = value("bus.capacitance_ff_per_um") * 1e3 * value("cmos.supply_v") ** 2 / 2 * 1e-3

    assert 1 <= value("bus.energy_pj_per_mm") / mm_pj < 2


def test_lines_of_the_array_are_thinner_than_wires_of_the_bus(technology: Technology) -> None:
    assert array_line(technology).resistance_ohm_per_um > bus_wire(technology).resistance_ohm_per_um
