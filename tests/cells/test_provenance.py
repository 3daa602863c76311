"""A technology file and what `trackmac characterize` wrote beside it: refused in one line where one was edited."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import trackmac as tm
from trackmac.cells.bench import Conditions
from trackmac.cells.catalog import CATALOG_FILE, load_cells
from trackmac.cells.corners import load_corners
from trackmac.cells.provenance import load_checked, stale_lines
from trackmac.cells.technology_file import write_technology
from trackmac.cells.write_catalog import write_catalog
from trackmac.errors import FileFormatError
from trackmac.technology import load_technology


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A technology file with its catalog and netlists, as `characterize --out` writes them."""
    write_catalog(load_cells(), Conditions(), tmp_path)
    return write_technology(load_cells(), load_corners(), tmp_path)


def edited(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    file.write_text(changed)


def figure_edited(file: Path, cell: str, figure: str) -> None:
    """Double a figure of a catalog."""
    value = getattr(load_cells()[cell], figure)
    edited(file, rf"(?s)(  {cell}:\n.*?{figure}: ){re.escape(f'{value}')}", rf"\g<1>{2 * value}")


def test_what_characterize_wrote_is_taken(file: Path) -> None:
    assert load_checked(file).figures == load_technology(file).figures
    assert tm.load_technology(file) == load_checked(str(file))


def test_a_technology_without_its_catalog_is_taken(file: Path) -> None:
    (file.parent / CATALOG_FILE).unlink()

    assert load_checked(file).name == file.stem


@pytest.mark.parametrize("use", ["evaluate", "run", "load_technology"])
def test_a_netlist_edited_by_hand_is_refused_by_whoever_prices_with_it(file: Path, use: str) -> None:
    edited(file.parent / "netlists" / "cells-45nm" / "not.cir", "w=1.2e-07", "w=2.4e-07")

    uses: dict[str, Callable[[], object]] = {
        "evaluate": lambda: tm.evaluate("lenet5", "embedded", file),
        "run": lambda: tm.run(tm.circuit("ripple_adder"), 1, 2, technology=file),
        "load_technology": lambda: tm.load_technology(str(file)),
    }

    with pytest.raises(FileFormatError, match=r"not\.cir: a netlist must be the one that the figures are from"):
        uses[use]()


@pytest.mark.parametrize(
    ("cell", "figure", "key"),
    [
        ("sense_amplifier", "energy_fj", "sense.energy_pj"),
        ("full_adder", "delay_ps", "evaluation.latency_ns"),
        ("booth_encoder", "leakage_nw", "cmos.transistor_leakage_nw"),
        ("write_driver_stt", "energy_fj", "write.energy_pj"),
    ],
)
def test_a_number_edited_in_the_catalog_is_refused(file: Path, cell: str, figure: str, key: str) -> None:
    figure_edited(file.parent / CATALOG_FILE, cell, figure)

    with pytest.raises(FileFormatError, match=rf"{key} must be .*, as the catalog gives it, but the technology file"):
        load_checked(file)


def test_a_simulated_figure_edited_in_the_technology_is_refused(file: Path) -> None:
    edited(file, r"(?s)(sense:\n  energy_pj:\n    value: )[0-9.e-]+", r"\g<1>0.006")

    with pytest.raises(FileFormatError, match=r"sense\.energy_pj must be .* but the technology file has 0\.006"):
        load_checked(file)


def test_a_figure_with_a_source_of_its_own_is_the_user_s(file: Path) -> None:
    edited(file, r"energy_fj of cell sense_amplifier, netlist \w+;", "Measured by the user;")
    edited(file, r"(?s)(sense:\n  energy_pj:\n    value: )[0-9.e-]+", r"\g<1>0.006")

    assert load_checked(file).value("sense.energy_pj") == 0.006


def test_a_netlist_and_its_hash_edited_together_are_refused_by_what_the_technology_cites(file: Path) -> None:
    from trackmac.cells.catalog import text_sha256

    deck = file.parent / "netlists" / "cells-45nm" / "latch.cir"
    edited(deck, r"\* trackmac", "* edited")
    edited(file.parent / CATALOG_FILE, load_cells()["latch"].netlist_sha256, text_sha256(deck.read_text()))

    with pytest.raises(
        FileFormatError, match=r"latch\.energy_pj must be of the netlist \w+ of cell latch that it cite"
    ):
        load_checked(file)


def test_what_is_stale_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    physics, other = load_technology("physics-45nm"), load_technology("spimulator-2025")
    monkeypatch.setattr("trackmac.cells.catalog.stale_cells", lambda: ("or",))
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")

    (line,) = stale_lines([physics, other, physics])

    assert line.startswith("The netlists of or have changed")
    assert stale_lines([other]) == ()
