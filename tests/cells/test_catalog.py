"""The shipped figures: whole, of the declared netlists, and refused where a netlist beside them was edited."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from trackmac.cells.bench import Conditions, netlist
from trackmac.cells.catalog import (
    CATALOG_FILE,
    CellCatalog,
    CellRecord,
    largest_deviation_ratio,
    load_cells,
    stale_cells,
    stale_note,
)
from trackmac.cells.declared import DECLARED
from trackmac.cells.layout import area_um2
from trackmac.cells.library import CELLS, PERIPHERAL_CELLS
from trackmac.cells.write_catalog import catalog_text, write_catalog
from trackmac.errors import FileFormatError, InputError, UnknownNameError
from trackmac.files import parse_yaml
from trackmac.technology import load_technology

NO_CITATION = "of another cell"


def copied(folder: Path, *names: str) -> CellCatalog:
    """Write some of the shipped figures and their netlists into a folder."""
    shipped = load_cells()
    catalog = shipped.model_copy(update={"cells": {name: shipped.cells[name] for name in names}})
    write_catalog(catalog, Conditions(), folder)
    return catalog


def test_the_shipped_figures_are_of_the_declared_netlists() -> None:
    assert stale_cells() == ()
    assert set(load_cells().cells) == set(DECLARED)
    assert set(DECLARED) >= set(CELLS) | set(PERIPHERAL_CELLS)


@pytest.mark.parametrize("name", DECLARED)
def test_shipped_areas_and_counts_are_those_of_the_netlists(name: str) -> None:
    record = load_cells()[name]

    assert record.transistors == len(DECLARED[name].transistors)
    assert record.area_um2 == pytest.approx(area_um2(DECLARED[name].transistors, Conditions().cards), rel=1e-3)
    assert record.rows == len(DECLARED[name].rows)


def test_a_changed_netlist_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DECLARED, "and", DECLARED["or"])
    stale_cells.cache_clear()
    try:
        assert stale_cells() == ("and",)
    finally:
        stale_cells.cache_clear()


@pytest.fixture
def _changed_cell(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(DECLARED, "and", DECLARED["or"])
    stale_cells.cache_clear()
    yield
    stale_cells.cache_clear()


@pytest.mark.usefixtures("_changed_cell")
def test_a_changed_netlist_is_told_to_who_evaluates_with_the_shipped_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    physics = load_technology("physics-45nm")
    cited = tuple(replace(figure, source=NO_CITATION) for figure in physics.figures)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")

    note = stale_note(physics)

    assert note is not None
    assert note.startswith("The netlists of and have changed since they were characterised")
    assert "run trackmac characterize --out DIR" in note
    assert stale_note(replace(physics, figures=cited)) is None


@pytest.mark.usefixtures("_changed_cell")
def test_nothing_is_told_of_a_changed_netlist_where_it_could_not_be_characterised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)

    assert stale_note(load_technology("physics-45nm")) is None


def test_nothing_is_told_where_no_netlist_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")

    assert stale_note(load_technology("physics-45nm")) is None


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    catalog = copied(tmp_path, "and", "latch")

    assert load_cells(tmp_path) == load_cells(tmp_path / CATALOG_FILE) == catalog
    assert (tmp_path / "netlists" / "cells-45nm" / "and.cir").read_text() == netlist(DECLARED["and"], Conditions())
    assert parse_yaml(catalog_text(catalog), CellCatalog, where="text") == catalog


def test_a_netlist_edited_by_hand_is_refused(tmp_path: Path) -> None:
    copied(tmp_path, "not")
    file = tmp_path / "netlists" / "cells-45nm" / "not.cir"
    file.write_text(file.read_text().replace("w=1.2e-07", "w=2.4e-07", 1))
    load_cells.cache_clear()

    with pytest.raises(
        FileFormatError, match=r"not\.cir: a netlist must be the one that the figures are from .* again"
    ):
        load_cells(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("delay_ps: ", "delay_ps: -", "greater than 0"),
        ("netlist_sha256: ", "netlist_sha256: x", "netlist_sha256"),
        ("corner: TT", "corner: XX", "corner"),
        ("corner: TT", "corner: TT\nmore: 1", "unknown key"),
    ],
)
def test_a_broken_catalog_is_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    copied(tmp_path, "not")
    file = tmp_path / CATALOG_FILE
    file.write_text(file.read_text().replace(old, new, 1))
    load_cells.cache_clear()

    with pytest.raises(FileFormatError, match=message):
        load_cells(tmp_path)


def test_an_unknown_cell_is_named_with_the_nearest_known() -> None:
    with pytest.raises(UnknownNameError, match="unknown cell 'latsch': did you mean 'latch'"):
        load_cells()["latsch"]


def test_nothing_is_written_into_the_package() -> None:
    import trackmac

    with pytest.raises(InputError, match="must not be written into the installed package"):
        write_catalog(load_cells(), Conditions(), Path(trackmac.__file__).parent / "cells" / "catalog")


@pytest.mark.parametrize("figure", ["delay_ps", "energy_fj", "leakage_nw", "area_um2", "drive_current_ua"])
def test_a_rerun_is_compared_in_every_figure(figure: str) -> None:
    shipped = load_cells()
    record = shipped["write_driver_stt"]
    changed = record.model_copy(update={figure: 1.2 * getattr(record, figure)})
    lost = record.model_copy(update={"drive_current_ua": None})

    def rerun(with_record: CellRecord) -> CellCatalog:
        return shipped.model_copy(update={"cells": {**shipped.cells, "write_driver_stt": with_record}})

    assert largest_deviation_ratio(shipped, shipped) == 0
    assert largest_deviation_ratio(rerun(changed), shipped) == pytest.approx(0.2)
    assert largest_deviation_ratio(rerun(lost), shipped) == math.inf
