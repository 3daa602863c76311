"""The same cells where transistors, junctions or settling are at the ends of their ranges: what figures may become.

`trackmac characterize --corners --out DIR` writes a catalog for each end; those of the shipped cells are shipped. All
cells are simulated at the corners of process and temperature, those that meet a junction at the ends of its RA, TMR and
diameter, transverse reads with the least settling and with a long one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from trackmac.cells.bench import Conditions
from trackmac.cells.cards import Corner
from trackmac.cells.catalog import CellCatalog
from trackmac.cells.characterize import Progress, characterize_cells
from trackmac.cells.declared import DECLARED
from trackmac.cells.mtj import PORT_FIGURES
from trackmac.cells.netlist import Cell
from trackmac.cells.sense_netlists import SENSE_AMPLIFIER, SETTLING_RATIO, TRANSVERSE_SENSE_AMPLIFIERS
from trackmac.cells.write_catalog import catalog_text, refuse_package
from trackmac.errors import InputError
from trackmac.files import parse_yaml

CORNERS: tuple[tuple[Corner, int], ...] = (("FF", -40), ("FF", 125), ("SS", -40), ("SS", 125))
SETTLING_RATIOS = (1.0, 3.0)
CORNER_FOLDER = "corners"
_FOLDER = files("trackmac.cells") / "catalog" / CORNER_FOLDER


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Cells and the conditions that are at the ends of their ranges."""

    cells: tuple[Cell, ...]
    conditions: Conditions


def ends() -> Mapping[str, End]:
    """Return every end by the name of its catalog's file."""
    return _corner_ends() | _junction_ends() | _settling_ends()


def _corner_ends() -> dict[str, End]:
    return {
        f"cells-45nm-{corner.lower()}-{'m' if celsius < 0 else ''}{abs(celsius)}c.yaml": End(
            cells=tuple(DECLARED.values()), conditions=Conditions(corner=corner, temperature_c=celsius)
        )
        for corner, celsius in CORNERS
    }


def _junction_ends() -> dict[str, End]:
    """Return the least and the most resistive junction, each with the least and the most TMR."""
    ra, tmr, diameter = (PORT_FIGURES[name] for name in ("ra_ohm_um2", "tmr_fraction", "diameter_nm"))
    base = Conditions()
    found = {}
    for name, ohm_um2, nm in (("low", ra.low, diameter.high), ("high", ra.high, diameter.low)):
        for fraction in (tmr.low, tmr.high):
            port = replace(base.port, ra_ohm_um2=ohm_um2, tmr_fraction=fraction, diameter_nm=nm)
            domain = replace(base.domain, ra_ohm_um2=ohm_um2, tmr_fraction=fraction)
            found[f"cells-45nm-{name}-ra-tmr{100 * fraction:.0f}.yaml"] = End(
                cells=(SENSE_AMPLIFIER, DECLARED["write_driver_stt"], *TRANSVERSE_SENSE_AMPLIFIERS),
                conditions=replace(base, port=port, domain=domain),
            )
    return found


def _settling_ends() -> dict[str, End]:
    return {
        f"cells-45nm-settling{ratio:g}.yaml": End(
            cells=tuple(
                replace(cell, settling_ps=ratio / SETTLING_RATIO * cell.settling_ps)
                for cell in TRANSVERSE_SENSE_AMPLIFIERS
            ),
            conditions=Conditions(),
        )
        for ratio in SETTLING_RATIOS
    }


def write_corners(folder: Path, progress: Progress = lambda label, done, total: None) -> tuple[CellCatalog, ...]:
    """Characterise the cells of every end, write the catalogs into `folder`/corners, and return them.

    Raises:
        InputError: the folder is that of an installed trackmac, or cannot be written.
        SpiceError: ngspice is missing, too old, or did not finish.
        CheckFailedError: a cell does not work at an end.
    """
    refuse_package(folder)
    catalogs = []
    for name, end in ends().items():
        catalogs.append(characterize_cells(end.cells, end.conditions, progress))
        file = folder / CORNER_FOLDER / name
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(catalog_text(catalogs[-1]), encoding="utf-8")
        except OSError as error:
            raise InputError(f"{file}: cannot be written ({error.strerror}); choose another folder") from None
    return tuple(catalogs)


@cache
def load_corners() -> tuple[CellCatalog, ...]:
    """Return the shipped catalogs of all ends."""
    return tuple(parse_yaml((_FOLDER / name).read_text(encoding="utf-8"), CellCatalog, where=name) for name in ends())


def spread(catalogs: Sequence[CellCatalog], cell: str, figure: str) -> tuple[float, float]:
    """Return the least and the greatest that a cell's figure is in those of `catalogs` that have the cell."""
    values = [float(getattr(catalog[cell], figure)) for catalog in catalogs if cell in catalog.cells]
    return min(values), max(values)
