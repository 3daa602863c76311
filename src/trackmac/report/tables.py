"""Tables for the terminal."""

from collections.abc import Sequence

from rich.table import Table

from trackmac.report import quantities
from trackmac.report.designs import hardware_label, roles, technology_of
from trackmac.results import Design, ExplorationResult

MAX_ROWS = 25
NUMBERS = ("accuracy", "test", "energy", "latency", "area", "images", "mismatches")
COLUMNS = ("", "id", *NUMBERS, "network", "hardware", "technology")


def plain_table(title: str | None, columns: Sequence[str], rows: Sequence[Sequence[str]], text: int = 1) -> Table:
    """Return a table whose first `text` columns are text and the others numbers; names are never read as markup."""
    from rich.text import Text

    table = Table(
        title=title, box=None, header_style="bold", title_justify="left", title_style="bold", pad_edge=False,
        show_header=any(columns),
    )  # fmt: skip
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index < text else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def front_table(result: ExplorationResult) -> Table:
    """Return the front as a table of at most `MAX_ROWS` designs, knee and best always among them."""
    shown = _shown(result)
    table = plain_table(None, COLUMNS, [_row(design, result) for design in shown], text=2)
    for column in table.columns[-3:]:
        column.justify = "left"
    hidden = len(result.front) - len(shown)
    if hidden:
        table.caption = f"and {hidden} more between them: all {len(result.front)} are in front.csv"
        table.caption_justify = "left"
    return table


def _shown(result: ExplorationResult) -> list[Design]:
    """Return the marked designs and, where not all fit, evenly spaced ones of the others, in the front's order."""
    marked = [design for design in result.front if roles(design, result)]
    others = [design for design in result.front if not roles(design, result)]
    room = min(MAX_ROWS - len(marked), len(others))
    kept = {design.id for design in marked} | {others[index * len(others) // room].id for index in range(room)}
    return [design for design in result.front if design.id in kept]


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
        technology_of(design),
    )
