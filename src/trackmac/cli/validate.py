"""`trackmac validate`: published figures against ours."""

from typing import TYPE_CHECKING, Annotated

import typer

from trackmac.cli.options import Json, Quiet
from trackmac.cli.output import Output
from trackmac.errors import CheckFailedError

if TYPE_CHECKING:
    from trackmac.results import ValidationRow


def validate(
    *,
    technology: Annotated[
        list[str] | None,
        typer.Option(
            "--technology", metavar="TECH", help="A device table to compute ours with; else all shipped ones."
        ),
    ] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Compare published figures with ours; nothing is fitted.

    Ends with exit code 1 where ours is more than a factor of two away, or further than what explains it reaches.
    """
    from trackmac.cells.provenance import load_checked, stale_lines
    from trackmac.report.quantities import fraction
    from trackmac.report.tables import plain_table
    from trackmac.technology import technology_names
    from trackmac.validation import validate as compare

    output = Output(json, quiet)
    loaded = [load_checked(name) for name in technology or technology_names()]
    rows = [row for item in loaded for row in compare(item)]
    output.show(
        plain_table(
            None,
            ("quantity", "technology", "published", "ours", "error", "evidence"),
            [
                (
                    row.quantity,
                    row.technology,
                    _published(row),
                    f"{row.ours:.3g}",
                    fraction(row.relative_error) + (", outside it" if _is_range(row) and row.is_outside else ""),
                    row.evidence,
                )
                for row in rows
            ],
            text=2,
        )
    )
    output.show(
        "", *dict.fromkeys(f"{row.quantity}: {row.source}. {row.explanation}" for row in rows), *stale_lines(loaded)
    )
    output.write_json({"rows": [row.to_dict() for row in rows]})
    for row in rows:
        if row.is_missed:
            raise CheckFailedError(
                f"{row.quantity}: ours must be within a factor of {row.explains_up_to:g} of {row.published:.3g}, as "
                f"far as is explained, but it is {row.ours:.3g} with {row.technology}; correct the model or the claim"
            )


def _published(row: "ValidationRow") -> str:
    return f"{row.published_low:.3g} to {row.published:.3g}" if _is_range(row) else f"{row.published:.3g}"


def _is_range(row: "ValidationRow") -> bool:
    return row.published_low != row.published
