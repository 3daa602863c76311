"""The same cells at the corners of process and temperature: what their figures may become.

`trackmac characterize --corners --out DIR` writes a catalog for each corner; those of the shipped cells are shipped.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from trackmac.cells.bench import Conditions
from trackmac.cells.cards import Corner
from trackmac.cells.catalog import CellCatalog
from trackmac.cells.characterize import Progress, characterize
from trackmac.cells.write_catalog import catalog_text, refuse_package
from trackmac.errors import InputError
from trackmac.files import parse_yaml

CORNERS: tuple[tuple[Corner, int], ...] = (("FF", -40), ("FF", 125), ("SS", -40), ("SS", 125))
CORNER_FOLDER = "corners"
_FOLDER = files("trackmac.cells") / "catalog" / CORNER_FOLDER


def corner_file(corner: Corner, temperature_c: int) -> str:
    """Return the name of a corner's catalog, such as cells-45nm-ff-125c.yaml."""
    return f"cells-45nm-{corner.lower()}-{'m' if temperature_c < 0 else ''}{abs(temperature_c)}c.yaml"


def write_corners(folder: Path, progress: Progress = lambda label, done, total: None) -> tuple[CellCatalog, ...]:
    """Characterise all cells at every corner, write the catalogs into `folder`/corners, and return them.

    Raises:
        InputError: the folder is that of an installed trackmac, or cannot be written.
        SpiceError: ngspice is missing, too old, or did not finish.
        CheckFailedError: a cell does not work at a corner.
    """
    refuse_package(folder)
    catalogs = []
    for corner, celsius in CORNERS:
        at_corner = replace(Conditions(), corner=corner, temperature_c=celsius)
        catalogs.append(characterize((), at_corner, progress))
        file = folder / CORNER_FOLDER / corner_file(corner, celsius)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(catalog_text(catalogs[-1]), encoding="utf-8")
        except OSError as error:
            raise InputError(f"{file}: cannot be written ({error.strerror}); choose another folder") from None
    return tuple(catalogs)


@cache
def load_corners() -> tuple[CellCatalog, ...]:
    """Return the shipped catalogs of all corners."""
    names = [corner_file(corner, celsius) for corner, celsius in CORNERS]
    return tuple(parse_yaml((_FOLDER / name).read_text(encoding="utf-8"), CellCatalog, where=name) for name in names)


def spread(catalogs: Sequence[CellCatalog], cell: str, figure: str) -> tuple[float, float]:
    """Return the least and the greatest that a cell's figure is in `catalogs`."""
    values = [float(getattr(catalog[cell], figure)) for catalog in catalogs]
    return min(values), max(values)
