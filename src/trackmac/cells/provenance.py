"""Whether a technology file that `trackmac characterize` wrote is still that of the catalog and netlists beside it.

Everyone who prices with a technology named by a user loads it here: a netlist, a catalog or a simulated figure that was
edited by hand is one line, not a result.
"""

from collections.abc import Sequence
from pathlib import Path

from trackmac.cells.catalog import CATALOG_FILE, CITATION, CITED_DIGITS, CellCatalog, read_cells, stale_note
from trackmac.errors import FileFormatError, UnknownNameError
from trackmac.files import parse_yaml
from trackmac.technology import Technology, load_technology, record_names
from trackmac.technology.schema import TechnologyRecord

AGREEING_RATIO = 1e-6
"""By how much a figure may differ from what the catalog gives: the file's own rounding."""


def load_checked(source: str | Path | Technology) -> Technology:
    """Load a technology as `load_technology` does, and refuse one that is not of the cells beside its file.

    Raises:
        UnknownNameError: neither a shipped name nor a path.
        FileFormatError: the file breaks a rule, or it, the catalog or a netlist beside it was edited.
    """
    technology = load_technology(source)
    if not isinstance(source, Technology) and source not in record_names():
        file = Path(source).parent / CATALOG_FILE
        if file.is_file() and any(CITATION.search(figure.source) for figure in technology.figures):
            _refuse_another(technology, read_cells(file), file)
    return technology


def stale_lines(technologies: Sequence[Technology]) -> tuple[str, ...]:
    """Return what is to be told of technologies whose cells have changed since they were characterised, each once."""
    return tuple(dict.fromkeys(note for note in map(stale_note, technologies) if note is not None))


def _refuse_another(technology: Technology, catalog: CellCatalog, file: Path) -> None:
    """Refuse figures that cite another netlist than the catalog's, or are not the catalog's numbers."""
    made = _made_of(catalog)
    for figure in technology.figures:
        for name, cited in CITATION.findall(figure.source):
            if name in catalog.cells and (found := catalog[name].netlist_sha256[:CITED_DIGITS]) != cited:
                raise FileFormatError(
                    f"{file}: {figure.key} must be of the netlist {cited} of cell {name} that it cites, but the "
                    f"catalog's is {found}; run trackmac characterize --out into a new folder"
                )
        claimed, value = made.get(figure.key, ("", 0.0))
        if _claim(figure.source) == claimed and abs(figure.value - value) > AGREEING_RATIO * abs(value):
            raise FileFormatError(
                f"{file}: {figure.key} must be {value:g}, as the catalog gives it, but the technology file has "
                f"{figure.value:g}; one of them was edited, or is another trackmac's; run trackmac characterize --out "
                "into a new folder"
            )


def _claim(source: str) -> str:
    """Return what a source says that its figure is from: the netlists that it cites, or where it cites none, itself."""
    return " ".join(found[0] for found in CITATION.finditer(source)) or source


def _made_of(catalog: CellCatalog) -> dict[str, tuple[str, float]]:
    """Return claim and value of each figure that a catalog of all cells gives, by its key."""
    from trackmac.cells.corners import load_corners
    from trackmac.cells.technology_file import TECHNOLOGY_FILE, technology_text

    try:
        text = technology_text(catalog, load_corners())
    except UnknownNameError:
        return {}  # a part of the cells makes no technology
    figures = parse_yaml(text, TechnologyRecord, where=TECHNOLOGY_FILE).figures()
    return {
        key: (_claim(figure.source), figure.value)
        for key, figure in figures.items()
        if figure is not None and (figure.evidence == "simulated" or CITATION.search(figure.source))
    }
