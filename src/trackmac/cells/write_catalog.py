"""Writes a catalog of cells and the netlists that it is from into a folder."""

from pathlib import Path
from tempfile import TemporaryFile

from trackmac.cells.bench import Conditions, netlist
from trackmac.cells.catalog import NETLIST_FOLDER, RERUN_TOLERANCE_RATIO, CellCatalog, read_cells
from trackmac.cells.declared import cells_for
from trackmac.errors import InputError

HEADER = f"""\
# Computing cells, characterised by ngspice; made by `trackmac characterize --out DIR`, not to be edited by hand.
# Delay is the longest over the bench's walk, energy its mean per evaluation, leakage the mean over rows at rest.
# A rerun of the same netlist gives the same within {RERUN_TOLERANCE_RATIO:.0%}.
"""


def write_catalog(catalog: CellCatalog, conditions: Conditions, folder: Path) -> Path:
    """Write the catalog and its netlists; return the catalog's path.

    Raises:
        InputError: the folder is that of an installed trackmac, or cannot be written.
    """
    refuse_package(folder)
    file = folder / f"{catalog.name}.yaml"
    netlists = folder / NETLIST_FOLDER / catalog.name
    try:
        netlists.mkdir(parents=True, exist_ok=True)
        file.write_text(catalog_text(catalog), encoding="utf-8")
        cells = cells_for(conditions.cards)
        for name in catalog.cells:
            text = netlist(cells[name], conditions)
            (netlists / f"{name}.cir").write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); choose another folder") from None
    return file


def catalog_text(catalog: CellCatalog) -> str:
    """Return a catalog as YAML."""
    from io import StringIO

    from ruamel.yaml import YAML

    stream = StringIO()
    writer = YAML()
    writer.width = 118
    writer.dump(catalog.model_dump(exclude_none=True), stream)
    return HEADER + stream.getvalue()


def refuse_folder(folder: Path, catalog_name: str) -> None:
    """Refuse a folder that results cannot or must not be written into, before any work is done for it.

    Raises:
        InputError: the folder is within trackmac's own, or cannot be written.
        FileFormatError: it holds a catalog whose netlists were edited by hand, which would be lost.
    """
    refuse_package(folder)
    new = [part for part in (folder, *folder.parents) if not part.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
        for part in new:
            part.rmdir()
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); choose another folder") from None
    if (file := folder / f"{catalog_name}.yaml").is_file():
        read_cells(file)


def refuse_package(folder: Path) -> None:
    """Refuse to write into an installed package.

    Raises:
        InputError: the folder is within trackmac's own.
    """
    package = Path(__file__).resolve().parents[1]
    if folder.resolve().is_relative_to(package):
        raise InputError(
            f"{folder}: figures must not be written into the installed package {package}; choose another folder"
        )
