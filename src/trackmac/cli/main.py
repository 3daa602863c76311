"""`trackmac`: the commands put together, and how each of them ends."""

import sys
from collections.abc import Sequence
from typing import Annotated, cast

import typer

from trackmac.cli.characterize import characterize
from trackmac.cli.circuit import circuit_app
from trackmac.cli.evaluate import evaluate
from trackmac.cli.explore import explore
from trackmac.cli.list_names import list_names
from trackmac.cli.output import UntilClosed
from trackmac.cli.quantize import quantize
from trackmac.cli.report import report
from trackmac.cli.schema import schema
from trackmac.cli.show import show
from trackmac.cli.simulate import simulate
from trackmac.cli.trace import trace_app
from trackmac.cli.train import train
from trackmac.cli.validate import validate
from trackmac.errors import CheckFailedError, TrackmacError

DONE, CHECK_FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(name="trackmac", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command("explore", short_help="Explore networks and hardware, to a verified front.")(explore)
app.command("evaluate", short_help="Price a network on a hardware (closed forms).")(evaluate)
app.command("simulate", short_help="Run a network bit for bit on simulated tracks.")(simulate)
app.command("train", short_help="Train a quantised network.")(train)
app.command("quantize", short_help="Turn a float ONNX network into an integer one.")(quantize)
app.add_typer(circuit_app)
app.command("characterize", short_help="Simulate the computing cells in ngspice.")(characterize)
app.add_typer(trace_app)
app.command("validate", short_help="Compare published figures with ours.")(validate)
app.command("report", short_help="Make the report of an exploration again.")(report)
app.command("list", short_help="List what comes with trackmac.")(list_names)
app.command("show", short_help="Print a shipped YAML file, to be edited.")(show)
app.command("schema", short_help="Print the JSON Schema of a kind of file.")(schema)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from trackmac import __version__

        typer.echo(f"trackmac {__version__}")
        raise typer.Exit


@app.callback()
def _trackmac(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Which racetrack-memory hardware, running which CNN, gives the accuracy I need inside my budget?

    Start with `trackmac explore`, or `trackmac circuit list`.
    """


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.stdout = cast("typer.FileTextWrite", UntilClosed(sys.stdout))
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; return 0 done, 1 a check failed, 2 wrong input, 130 interrupted.

    What went wrong is one line on standard error.
    """
    command = typer.main.get_command(app)
    try:
        code = command.main(list(arguments) or ["--help"], prog_name="trackmac", standalone_mode=False)
    except (TrackmacError, typer.TyperException, OSError) as error:
        print(f"error: {_one_line(_problem(error))}", file=sys.stderr)
        return CHECK_FAILED if isinstance(error, CheckFailedError) else WRONG_INPUT
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:  # typer, too, turns Ctrl-C into this code
        print("interrupted", file=sys.stderr)
    return code if isinstance(code, int) else DONE


def _problem(error: Exception) -> str:
    if isinstance(error, TrackmacError):
        return str(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}; check the path, its permissions and the space left"
    return _usage_problem(error)


def _one_line(text: str) -> str:
    """Put text that may quote a hostile file on one line, without what would steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in " ".join(text.split()))


def _usage_problem(error: Exception) -> str:
    write = getattr(error, "format_message", error.__str__)
    message = str(write()).replace("Value error, ", "").rstrip(".")
    return f"{message[:1].lower()}{message[1:]}; see trackmac --help"
