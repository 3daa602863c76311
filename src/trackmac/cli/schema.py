"""`trackmac schema`: the JSON Schema of a kind of file."""

import json as json_module
from typing import Annotated, Any

import typer

from trackmac.cli.options import Json, Quiet
from trackmac.cli.output import Output
from trackmac.cli.show import FileKind


def schema(
    kind: Annotated[FileKind, typer.Argument(help="The kind of file.", show_default=False)],
    *,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Print the JSON Schema of a kind of file, for editors and checkers."""
    output = Output(json, quiet)
    data = schema_of(kind)
    if output.is_shown:
        typer.echo(json_module.dumps(data, indent=2))
    output.write_json(data)


def schema_of(kind: FileKind) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file."""
    match kind:
        case FileKind.HARDWARE:
            from trackmac.arrays import HardwareFile

            return HardwareFile.model_json_schema()
        case FileKind.TECHNOLOGY:
            from trackmac.technology.catalog import technology_schema

            return technology_schema()
        case FileKind.STUDY:
            from trackmac.exploration.study import study_schema

            return study_schema()
        case FileKind.SPACE:
            from trackmac.exploration.space_files import space_schema

            return space_schema()
