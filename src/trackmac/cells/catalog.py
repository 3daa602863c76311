"""The characterised cells: the form of their file, the shipped ones, and whether they are still those of the netlists.

A folder written by `trackmac characterize --out` holds `cells-45nm.yaml` and, in `netlists/cells-45nm/`, the decks that
the figures are from; a deck that was edited no longer has the hash in the file, and the folder is refused.
"""

import math
import re
import shutil
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from trackmac.cells.bench import Conditions, netlist
from trackmac.cells.cards import Corner
from trackmac.cells.declared import DECLARED
from trackmac.cells.spice import EXECUTABLE
from trackmac.errors import FileFormatError, unknown_name
from trackmac.files import FileModel, parse_yaml, read_yaml
from trackmac.technology import Technology
from trackmac.technology.schema import Name, Text

CATALOG_FILE = "cells-45nm.yaml"
NETLIST_FOLDER = "netlists"
CITED_DIGITS = 12
CITATION = re.compile(rf"cell (\w+), netlist ([0-9a-f]{{{CITED_DIGITS}}})")
"""How a figure of a technology says which netlist it is from (`technology_file.py`)."""

RERUN_TOLERANCE_RATIO = 0.05
"""By how much figures of the same netlist may differ between machines and versions of ngspice."""

COMPARED = ("delay_ps", "energy_fj", "leakage_nw", "area_um2", "drive_current_ua", "mean_drive_current_ua")

Positive = Annotated[float, Field(gt=0)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class CellRecord(FileModel):
    """The figures of one cell.

    Attributes:
        delay_ps: longest time from an input's or the clock's edge to the last output's, half swing to half swing.
        energy_fj: mean per evaluation over the bench's walk through the rows, precharge included, a driver's path not.
        leakage_nw: mean over the rows at rest.
        drive_current_ua: least current through a driver's path, over both directions and a junction's states.
        mean_drive_current_ua: their mean.
    """

    summary: Text
    delay_ps: Positive
    energy_fj: Positive
    leakage_nw: Positive
    area_um2: Positive
    area_f2: Positive
    transistors: Annotated[int, Field(gt=0)]
    rows: Annotated[int, Field(gt=0)]
    drive_current_ua: Positive | None = None
    mean_drive_current_ua: Positive | None = None
    netlist_sha256: Sha256


class CellCatalog(FileModel):
    """Cells characterised under one set of conditions."""

    name: Name
    summary: Text
    ngspice_version: Text
    corner: Corner
    temperature_c: int
    supply_v: Positive
    io_supply_v: Positive
    load_ff: int
    ra_ohm_um2: Positive
    tmr_fraction: Annotated[float, Field(ge=0)]
    diameter_nm: Positive
    cells: dict[Name, CellRecord]

    def __getitem__(self, name: str) -> CellRecord:
        """Return a cell's figures.

        Raises:
            UnknownNameError: the catalog has no such cell.
        """
        if name not in self.cells:
            raise unknown_name("cell", name, self.cells)
        return self.cells[name]

    def conditions(self) -> str:
        """Return in words what the figures hold for."""
        return (
            f"{self.corner}, {self.temperature_c} C, {self.supply_v:g} V, {self.load_ff} fF on each output, "
            f"RA {self.ra_ohm_um2:g} ohm um2, TMR {self.tmr_fraction:.0%}, diameter {self.diameter_nm:g} nm, "
            f"ngspice {self.ngspice_version}"
        )


@cache
def load_cells(path: Path | None = None) -> CellCatalog:
    """Return the shipped catalog, or that of a file or folder written by `trackmac characterize`.

    Raises:
        FileFormatError: the file is not a catalog, or a netlist beside it is not the one that it was made from.
    """
    if path is None:
        shipped = files("trackmac.cells") / "catalog" / CATALOG_FILE
        return parse_yaml(shipped.read_text(encoding="utf-8"), CellCatalog, where=CATALOG_FILE)
    return read_cells(path / CATALOG_FILE if path.is_dir() else path)


def read_cells(file: Path) -> CellCatalog:
    """Read a catalog as it is now, and check the netlists beside it.

    Raises:
        FileFormatError: the file is not a catalog, or a netlist beside it is not the one that it was made from.
    """
    catalog = read_yaml(file, CellCatalog)
    for name, record in catalog.cells.items():
        _refuse_edited(file.parent / NETLIST_FOLDER / catalog.name / f"{name}.cir", record)
    return catalog


def netlist_sha256(name: str, conditions: Conditions | None = None) -> str:
    """Return the hash of the decks that a declared cell's figures come from."""
    return text_sha256(netlist(DECLARED[name], conditions or Conditions()))


def text_sha256(text: str) -> str:
    """Return the hash of a netlist's text."""
    return sha256(text.encode("utf-8")).hexdigest()


@cache
def stale_cells() -> tuple[str, ...]:
    """Return the names of the cells whose shipped figures are of another netlist than the declared one, or missing."""
    cells = load_cells().cells
    return tuple(name for name in DECLARED if name not in cells or cells[name].netlist_sha256 != netlist_sha256(name))


def stale_note(technology: Technology) -> str | None:
    """Say in one line which shipped cells' netlists have changed, where `technology` is made of those cells.

    Nothing is said where there is no ngspice, which a new characterisation would need.
    """
    cited = _cited(technology)
    if not cited or shutil.which(EXECUTABLE) is None:
        return None
    shipped = {(name, record.netlist_sha256[:CITED_DIGITS]) for name, record in load_cells().cells.items()}
    if not cited & shipped or not stale_cells():
        return None
    return (
        f"The netlists of {', '.join(stale_cells())} have changed since they were characterised, so their figures here "
        "are stale; run trackmac characterize --out DIR and use its technology."
    )


@lru_cache(maxsize=256)
def _cited(technology: Technology) -> frozenset[tuple[str, str]]:
    """Return the cells, and the first digits of their netlists' hashes, that a technology's figures cite."""
    return frozenset(found for figure in technology.figures for found in CITATION.findall(figure.source))


def largest_deviation_ratio(ours: CellCatalog, other: CellCatalog) -> float:
    """Return by how much figures of the same netlists differ at most, relative to `other`; 0 where none is the same."""
    return max(
        (
            _deviation_ratio(getattr(record, key), getattr(other.cells[name], key))
            for name, record in ours.cells.items()
            if name in other.cells and record.netlist_sha256 == other.cells[name].netlist_sha256
            for key in COMPARED
        ),
        default=0.0,
    )


def _deviation_ratio(ours: float | None, other: float | None) -> float:
    """Return how far two figures are apart, relative to the second; a figure that only one has is not the other's."""
    if ours is None or other is None:
        return 0.0 if ours is other else math.inf
    return abs(ours / other - 1)


def _refuse_edited(file: Path, record: CellRecord) -> None:
    if not file.exists():
        return
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    if text_sha256(text) != record.netlist_sha256:
        raise FileFormatError(
            f"{file}: a netlist must be the one that the figures are from (SHA-256 {record.netlist_sha256[:12]}...), "
            f"but it is {text_sha256(text)[:12]}...; run trackmac characterize again, into a new folder"
        )
