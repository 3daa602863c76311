"""Tables for the terminal."""

from collections.abc import Sequence

from rich.table import Table

from trackmac.report import quantities
from trackmac.report.designs import hardware_label, roles, technologies, technology_of
from trackmac.results import Design, ExplorationResult

MAX_ROWS = 25
NUMBERS = ("accuracy", "test", "energy", "latency", "area", "images", "mismatches")
COLUMNS = ("", "id", *NUMBERS, "network", "hardware")


def plain_table(title: str | None, columns: Sequence[str], rows: Sequence[Sequence[str]], text: int = 1) -> Table:
    """Return a table whose first `text` columns are text and the others numbers; names are never read as markup."""
    from rich.text import Text

    table = Table(
        title=title, box=None, header_style="bold", title_justify="default", title_style="bold", pad_edge=False,
        show_header=any(columns),
    )  # fmt: skip
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index < text else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def front_tables(result: ExplorationResult) -> list[Table]:
    """Return the front, a table for each device record; at most `MAX_ROWS` designs in all, knee and best among them."""
    names = technologies(result)
    tables = [_front_table(name, result, MAX_ROWS // len(names)) for name in names]
    hidden = len(result.front) - sum(table.row_count for table in tables)
    if hidden:
        tables[-1].caption = f"and {hidden} more between them: all {len(result.front)} are in front.csv"
        tables[-1].caption_justify = "left"
    return tables


def _front_table(technology: str, result: ExplorationResult, most: int) -> Table:
    designs = [design for design in result.front if technology_of(design) == technology]
    rows = [_row(design, result) for design in _shown(designs, result, most)]
    table = plain_table(f"priced with {technology}", COLUMNS, rows, text=2)
    for column in table.columns[-2:]:
        column.justify = "left"
    return table


def _shown(designs: Sequence[Design], result: ExplorationResult, most: int) -> list[Design]:
    """Return the marked designs and, where not all fit, evenly spaced ones of the others, in the front's order."""
    marked = [design for design in designs if roles(design, result)]
    others = [design for design in designs if not roles(design, result)]
    room = min(most - len(marked), len(others))
    kept = {design.id for design in marked} | {others[index * len(others) // room].id for index in range(room)}
    return [design for design in designs if design.id in kept]


def _row(design: Design, result: ExplorationResult) -> tuple[str, ...]:
    return (
        " ".join(roles(design, result)),
        design.id,
        quantities.fraction(design.accuracy),
        quantities.fraction(design.test_accuracy),
        quantities.energy(design.energy_pj),
        quantities.duration(design.latency_ns),
        quantities.area(design.area_um2),
        quantities.count(design.verified_images),
        quantities.count(design.mismatches) + (", events disagree" if design.events_agree is False else ""),
        design.network,
        hardware_label(design.hardware),
    )
