"""`trackmac show`: a shipped YAML file, ready to be edited."""

from enum import StrEnum
from typing import Annotated

import typer

from trackmac.cli.options import Json, Quiet
from trackmac.cli.output import Output


class FileKind(StrEnum):
    """The kinds of file that trackmac reads."""

    HARDWARE = "hardware"
    TECHNOLOGY = "technology"
    STUDY = "study"
    SPACE = "space"


def show(
    kind: Annotated[FileKind, typer.Argument(help="The kind of file.", show_default=False)],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of a shipped one.")],
    *,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Print a shipped YAML file as it is: a start for your own."""
    output = Output(json, quiet)
    text = shipped_text(kind, name)
    if output.is_shown:
        typer.echo(text, nl=False)
    output.write_json({"kind": kind.value, "name": name, "text": text})


def shipped_text(kind: FileKind, name: str) -> str:
    """Return the text of a shipped file.

    Raises:
        UnknownNameError: no such file is shipped.
    """
    match kind:
        case FileKind.HARDWARE:
            from trackmac.arrays import hardware_text

            return hardware_text(name)
        case FileKind.TECHNOLOGY:
            from trackmac.technology import record_text

            return record_text(name)
        case FileKind.STUDY:
            from trackmac.exploration.study import study_text

            return study_text(name)
        case FileKind.SPACE:
            from trackmac.exploration.space_files import space_text

            return space_text(name)
