"""The bank behind RTSim's table: our figures, and that each explanation of a deviation is true."""

from dataclasses import replace

import pytest

from trackmac.arrays.bank import bank
from trackmac.arrays.mat import PLAIN_MEMORY
from trackmac.circuits import circuit, resources_of
from trackmac.technology import Technology, load_technology, unit_costs
from trackmac.technology.constants import physics_constants
from trackmac.technology.derived import DRIVER_NAMES, Device, device_figures
from trackmac.technology.schema import Figure
from trackmac.validation import CLAIMS, validate
from trackmac.validation.bank_claims import BANK_BITS, BANK_CLAIMS, rtsim_bank_grid

PHYSICS = load_technology("physics-45nm")
WRITE_DRIVER = Figure(value=1, low=1, high=1, evidence="assumed", source="of no account for a shift")


def ours(quantity: str, technology: Technology = PHYSICS) -> float:
    (found,) = [row.ours for row in validate(technology) if row.quantity.startswith(quantity)]
    return found


def test_the_bank_of_rtsim_has_64_kib_and_31_overhead_domains() -> None:
    grid = rtsim_bank_grid(PHYSICS)

    assert BANK_BITS == 64 * 8192
    assert int((grid.units * grid.tracks * grid.domains)[0]) == BANK_BITS
    assert grid.physical_domains[0] == 95


def test_banks_are_claimed_after_circuits() -> None:
    assert CLAIMS[-len(BANK_CLAIMS) :] == BANK_CLAIMS


def test_figures_of_the_bank_that_nothing_was_fitted_to() -> None:
    # pinned: a change of the model that moves them has to be told
    assert ours("64 KiB racetrack bank, read, ns") == pytest.approx(0.564, rel=0.01)
    assert ours("64 KiB racetrack bank, read, pJ") == pytest.approx(0.0757, rel=0.01)
    assert ours("64 KiB racetrack bank, write, ns") == pytest.approx(4.27, rel=0.01)
    assert ours("64 KiB racetrack bank, write, pJ") == pytest.approx(0.519, rel=0.01)
    assert ours("64 KiB racetrack bank, shift by one domain, ns") == pytest.approx(2.71, rel=0.01)
    assert ours("64 KiB racetrack bank, shift, pJ") == pytest.approx(0.658, rel=0.01)
    assert ours("area of an SRAM") == pytest.approx(16.0, rel=0.01)
    assert ours("area that computing adds") == pytest.approx(0.257, rel=0.01)


def test_tracks_take_four_square_features_a_domain_and_95_domains_for_64_bits() -> None:
    assert ours("area of the tracks") == pytest.approx(4 * 95 / 64)


def test_the_published_read_is_dearer_than_an_sram_s() -> None:
    sram_pj = 25.9 / 64

    assert 2.503 / sram_pj == pytest.approx(6.2, abs=0.1)


def test_at_the_density_of_single_layer_tracks_a_step_takes_what_is_published() -> None:
    known = device_figures(physics_constants(), dict.fromkeys(DRIVER_NAMES, WRITE_DRIVER))
    device = Device(**{name: figure.value for name, figure in known.items()} | {"current_density_a_per_cm2": 6.2e7})

    step_pj = device.shift_energy_pj * 95 / 64 + device.driver_drop_energy_pj + device.driver_gate_energy_pj

    assert step_pj == pytest.approx(0.65, abs=0.02)


def test_in_16_mats_the_bank_is_about_three_times_as_large() -> None:
    grid = rtsim_bank_grid(PHYSICS)
    one = bank(grid, PLAIN_MEMORY).area_um2[0]
    spread = replace(grid, units_per_mat=grid.units_per_mat // 16, mats_per_bank=grid.mats_per_bank * 16)

    assert bank(spread, PLAIN_MEMORY).area_um2[0] / one == pytest.approx(3.2, abs=0.1)


def test_most_of_an_adder_by_transverse_read_is_its_amplifier() -> None:
    adder = resources_of(circuit("transverse_read_adder", bits=8))
    areas = adder.area_parts_um2(PHYSICS)

    assert dict(adder.cells) == {"transverse_sense_amplifier_7": 1}
    assert areas["cell_area.transverse_sense_amplifier_7_um2"] > sum(areas.values()) / 2


def test_an_stt_ram_of_ours_takes_a_port_for_each_bit_by_hand() -> None:
    # 48 F^2 a bit; 1024 rows of 512 bits: 512 + 1 + 1024 lines with 11 address bits, 512 bit lines for 64 amplifiers
    technology = load_technology("rtsim-destiny-2017")
    bank_um2 = bank(rtsim_bank_grid(technology), PLAIN_MEMORY).area_um2[0]

    transistors = 1537 * (2 * 11 + 4) + 512 * 2 + 64 * (11 + 14) + 2000 + 64 * 20 + 2000
    stt_um2 = (BANK_BITS * 48 + transistors * 100) * 0.045**2

    assert ours("area of an STT-RAM", technology) == pytest.approx(stt_um2 / bank_um2)


@pytest.mark.parametrize(
    ("technology", "area"), [("physics-45nm", "13,055"), ("rtsim-destiny-2017", "8,833"), ("spimulator-2025", "8,833")]
)
def test_switches_as_wide_as_the_current_needs_make_a_bank_larger(technology: str, area: str) -> None:
    loaded = load_technology(technology)
    (found,) = [item for item in BANK_CLAIMS if item.quantity.startswith("area of an STT-RAM")]

    assert f"{bank(rtsim_bank_grid(loaded), PLAIN_MEMORY).area_um2[0]:,.0f}" == area
    assert area in found.explanation


def test_a_bank_is_smaller_than_an_sram_of_as_many_bits_in_every_technology() -> None:
    for name in ("physics-45nm", "rtsim-destiny-2017", "spimulator-2025"):
        assert ours("area of an SRAM", load_technology(name)) > 1


def test_the_shift_of_a_bank_is_that_of_its_tracks_and_little_more() -> None:
    step_pj = float(unit_costs(PHYSICS).track_shift_energy_pj(95.0))

    assert 1.0 < ours("64 KiB racetrack bank, shift, pJ") / step_pj < 1.1
