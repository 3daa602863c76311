"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer


def whole_number(text: str | int) -> int:
    """Read an integer option; the refusal names the value, which typer's own does not."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"it must be an integer, but it is {str(text)[:40]!r}; give a number") from None


def folder_path(text: str | Path) -> Path:
    """Read a folder option; an empty text, such as of a shell's unset variable, is not the folder one is in."""
    if not str(text).strip():
        raise typer.BadParameter("it must be a folder, but it is empty; give one, . for this one")
    return Path(text)


DEFAULT_HARDWARE = "embedded"

Json = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON; - is standard output.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only; no tables, no progress.")]
Network = Annotated[
    str, typer.Argument(metavar="NETWORK", help="A name (trackmac list networks), an .onnx file, or STUDY_DIR:TRIAL.")
]
Hardware = Annotated[
    str, typer.Option("--hardware", metavar="HW", help="A name (trackmac list hardware) or a YAML file.")
]
Technology = Annotated[
    str | None,
    typer.Option(
        "--technology",
        metavar="TECH",
        help="A name (trackmac list technologies) or a YAML file; else the hardware's own.",
    ),
]
PricedWith = Annotated[
    str | None, typer.Option("--technology", metavar="TECH", help="A name (trackmac list technologies) or a YAML file.")
]
Bits = Annotated[
    str | None, typer.Option("--bits", metavar="N|N,M", help="Operand width, 2 to 16: one for all or one for each.")
]
Unsigned = Annotated[bool, typer.Option("--unsigned", help="Operands are unsigned, not two's complement.")]
Trd = Annotated[
    int | None,
    typer.Option(
        "--trd",
        metavar="3|5|7",
        parser=whole_number,
        help="Transverse-read distance of a circuit that reads transversely; else 7.",
    ),
]
LayoutName = Annotated[
    str | None,
    typer.Option("--layout", metavar="along|across", help="How a word lies on its tracks; along where it can."),
]
