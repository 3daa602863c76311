"""`trackmac report`: make the report of an exploration again."""

from pathlib import Path
from typing import Annotated

import typer

from trackmac.cli.options import Json, Quiet
from trackmac.cli.output import Output


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that an exploration wrote.")],
    *,
    open_it: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Make report.html and front.png again from result.json."""
    from trackmac.report.files import read_result, write_report_files

    output = Output(json, quiet)
    written = write_report_files(read_result(folder), folder)
    output.show(*(str(path) for path in written))
    output.write_json({"written": [str(path) for path in written]})
    if open_it:
        typer.launch(str(written[0]))
