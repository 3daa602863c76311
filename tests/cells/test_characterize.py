"""What ngspice says of the cards and the cells; asked anew, not read from the shipped figures."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from trackmac.cells.bench import Conditions
from trackmac.cells.cards import CORNERS, TEMPERATURES_C, Corner, shipped_cards
from trackmac.cells.catalog import RERUN_TOLERANCE_RATIO, largest_deviation_ratio, load_cells
from trackmac.cells.characterize import behaviour_of, characterize, drive_currents_ua, leakage_nw
from trackmac.cells.declared import DECLARED
from trackmac.cells.driver_netlists import LATCH, WRITE_DRIVER_STT
from trackmac.cells.netlist import Transistor, transistor_line
from trackmac.cells.sense_netlists import SENSE_AMPLIFIER, TRANSVERSE_SENSE_AMPLIFIERS
from trackmac.cells.spice import run_deck
from trackmac.errors import CheckFailedError, UnknownNameError

pytestmark = pytest.mark.skipif(
    shutil.which("ngspice") is None, reason="needs ngspice (Debian: apt install ngspice), which is not installed"
)

THRESHOLD_CURRENT_UA_PER_UM = {"n": 10.0, "p": 4.0}


def currents(kind: str, corner: Corner = "TT", temperature_c: int = 25) -> tuple[np.ndarray, np.ndarray]:
    """Return gate voltages from 0 to the supply and the drain current in uA of a transistor of 1 um."""
    cards = shipped_cards()
    supply = cards.io_supply_v if kind.endswith("_io") else cards.supply_v
    sign = 1 if cards.transistors[kind].channel == "n" else -1
    deck = [
        "* a transistor", f".options temp={temperature_c}", cards.text(corner),
        "Vbody vdd 0 0", "Vbody_io vddio 0 0", transistor_line("1", Transistor(kind, "d", "g", "0", 1000.0), cards),
        f"Vd d 0 {sign * supply}", "Vg g 0 0", ".control", "set filetype=binary", "set num_threads=1",
        f"dc Vg 0 {sign * supply} {sign * supply / 300}", "write out.raw", "quit", ".endc", ".end",
    ]  # fmt: skip
    waves = run_deck("\n".join(deck) + "\n", kind)
    return np.abs(waves.scale), 1e6 * np.abs(waves.signals["i(vd)"])


@pytest.mark.parametrize("kind", shipped_cards().transistors)
def test_a_transistor_s_currents_and_threshold_are_within_the_stated_windows(kind: str) -> None:
    target = shipped_cards().targets[kind]
    gate_v, current_ua = currents(kind)
    threshold_v = np.interp(THRESHOLD_CURRENT_UA_PER_UM[shipped_cards().transistors[kind].channel], current_ua, gate_v)

    assert target.on_current_ua_per_um[0] <= current_ua[-1] <= target.on_current_ua_per_um[1]
    assert target.off_current_na_per_um[0] <= 1e3 * current_ua[0] <= target.off_current_na_per_um[1]
    assert target.threshold_v[0] <= threshold_v <= target.threshold_v[1]


@pytest.mark.parametrize("kind", ["nmos", "pmos"])
def test_the_fast_corner_conducts_and_leaks_more_than_the_typical_and_the_slow_one(kind: str) -> None:
    on, off = zip(
        *((current[-1], current[0]) for _, current in (currents(kind, corner) for corner in CORNERS)), strict=True
    )
    typical, fast, slow = range(3)

    assert on[fast] > on[typical] > on[slow]
    assert off[fast] > off[typical] > off[slow]


def test_leakage_grows_with_temperature() -> None:
    leakages = [currents("nmos", temperature_c=temperature)[1][0] for temperature in TEMPERATURES_C]

    assert leakages[2] > 10 * leakages[1] > 100 * leakages[0]


@pytest.mark.parametrize("name", ["not", "and", "half_adder", "sense_amplifier", "latch", "write_driver_stt"])
def test_a_quick_cell_is_right_and_like_the_shipped_figures(name: str) -> None:
    catalog = characterize([name])

    assert largest_deviation_ratio(catalog, load_cells()) <= RERUN_TOLERANCE_RATIO
    assert catalog.cells[name].netlist_sha256 == load_cells()[name].netlist_sha256


@pytest.mark.slow
def test_every_cell_is_right_and_like_the_shipped_figures() -> None:
    catalog = characterize()

    assert set(catalog.cells) == set(load_cells().cells)
    assert largest_deviation_ratio(catalog, load_cells()) <= RERUN_TOLERANCE_RATIO


def test_a_sense_amplifier_takes_tens_to_hundreds_of_ps_and_femtojoules() -> None:
    did = behaviour_of(SENSE_AMPLIFIER, Conditions())

    assert did.wrong_rows == ()
    assert 10 < did.delay_ps < 500
    assert 0.5 < did.energy_fj < 50


def test_without_tmr_a_bit_cannot_be_sensed() -> None:
    conditions = Conditions()

    assert behaviour_of(
        SENSE_AMPLIFIER, replace(conditions, port=replace(conditions.port, tmr_fraction=0.0))
    ).wrong_rows


def test_without_tmr_ones_cannot_be_counted() -> None:
    conditions = Conditions()
    cell = TRANSVERSE_SENSE_AMPLIFIERS[0]

    assert behaviour_of(cell, replace(conditions, domain=replace(conditions.domain, tmr_fraction=0.0))).wrong_rows


@pytest.mark.parametrize("name", ["inverted_and", "half_adder", "sense_amplifier"])
def test_energy_grows_about_with_the_square_of_the_supply(name: str) -> None:
    low, high = (behaviour_of(DECLARED[name], Conditions(supply_v=supply)).energy_fj for supply in (0.8, 1.0))

    assert high / low == pytest.approx((1.0 / 0.8) ** 2, rel=0.15)


def test_a_slow_cold_cell_is_later_than_a_fast_one() -> None:
    slow, typical, fast = (
        behaviour_of(DECLARED["and"], Conditions(corner=corner)).delay_ps for corner in ("SS", "TT", "FF")
    )

    assert slow > typical > fast


@pytest.mark.slow
@pytest.mark.parametrize("temperature", TEMPERATURES_C)
@pytest.mark.parametrize("corner", CORNERS)
def test_logic_and_sensing_are_right_in_every_corner(corner: Corner, temperature: int) -> None:
    conditions = Conditions(corner=corner, temperature_c=temperature)

    for name in ("sense_amplifier", "magnetic_sum", "magnetic_carry", "full_adder", "latch", "booth_encoder"):
        assert behaviour_of(DECLARED[name], conditions).wrong_rows == (), name


def test_a_latch_without_its_loop_is_caught() -> None:
    cut = replace(
        LATCH, transistors=tuple(part for part in LATCH.transistors if (part.drain, part.source) != ("out", "kept"))
    )
    shorted = replace(cut, transistors=(*cut.transistors, Transistor("nmos", "kept", "vdd", "0", 90.0)))

    assert len(cut.transistors) == len(LATCH.transistors) - 2
    assert behaviour_of(shorted, Conditions()).wrong_rows


def test_a_swapped_row_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    cell = DECLARED["and"]
    monkeypatch.setitem(DECLARED, "and", replace(cell, rows=(*cell.rows[:3], (cell.rows[3][0], (0,)))))

    with pytest.raises(CheckFailedError, match=r"and: every row must give its outputs, but 1 of 4 do not, the first"):
        characterize(["and"])


def test_leakage_is_no_more_than_all_transistors_off_currents() -> None:
    _, current_ua = currents("nmos")
    most_nw = 1e3 * current_ua[0] * 0.9 * sum(part.width_nm for part in DECLARED["full_adder"].transistors) / 1000

    assert 0 < leakage_nw(DECLARED["full_adder"], Conditions()) < most_nw


def test_a_write_driver_drives_the_current_that_ohm_s_law_allows() -> None:
    conditions = Conditions()
    antiparallel, parallel = drive_currents_ua(WRITE_DRIVER_STT, conditions)[::2]

    assert 50 < antiparallel < parallel < 1e6 * conditions.supply_v / conditions.port.parallel_ohm
    assert drive_currents_ua(LATCH, conditions) == ()


def test_an_unknown_cell_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown cell 'adn': did you mean 'and'"):
        characterize(["adn"])
