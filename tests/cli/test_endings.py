"""How `trackmac` starts and ends, as a process of its own."""

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from trackmac import __version__
from trackmac.cli import list_names
from trackmac.errors import CheckFailedError

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

TRACKMAC = [sys.executable, "-c", "from trackmac.cli.main import main; main()"]


def test_help_names_every_command_of_this_version(cli: "Cli") -> None:
    outcome = cli("--help")

    assert outcome.code == 0
    for command in ("explore", "evaluate", "simulate", "train", "circuit", "trace", "report", "list", "show", "schema"):
        assert f"\n  {command} " in outcome.out


def test_without_arguments_the_help_is_printed(cli: "Cli") -> None:
    assert cli().out == cli("--help").out


@pytest.mark.parametrize("command", ["explore", "evaluate", "simulate", "train", "report", "list", "show", "schema"])
def test_every_command_takes_json_and_quiet(cli: "Cli", command: str) -> None:
    text = cli(command, "--help").out

    assert "--json FILE" in text
    assert "--quiet" in text


def test_the_version_is_printed(cli: "Cli") -> None:
    assert cli("--version").out == f"trackmac {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fly",), "no such command 'fly'"),
        (("--fly",), "no such option: --fly"),
        (("evaluate", "lenet5", "--fly"), "no such option: --fly"),
        (("evaluate",), "missing argument 'NETWORK'"),
        (("evaluate", "lenet5", "--json"), "option '--json' requires an argument"),
        (("evaluate", "lenet5", "more"), "unexpected extra argument"),
        (("circuit",), "missing command"),
        (("explore", "--trials", "many"), "it must be an integer, but it is 'many'"),
    ],
)
def test_a_usage_error_is_one_line(cli: "Cli", arguments: tuple[str, ...], message: str) -> None:
    assert cli(*arguments).refuses(message)


def test_an_error_cannot_steer_the_terminal(cli: "Cli") -> None:
    assert cli("evaluate", "a\x1b[31m\u202eb.onnx").refuses("a?[31m?b.onnx: no such file")


def test_a_failed_check_is_exit_code_1(cli: "Cli", monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(kind: object) -> None:
        raise CheckFailedError("two and two must be four, but are five")

    monkeypatch.setattr(list_names, "items_of", fail)

    outcome = cli("list", "circuits")

    assert outcome.code == 1
    assert outcome.err == "error: two and two must be four, but are five\n"


def test_ctrl_c_is_exit_code_130_and_one_line(cli: "Cli", monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(kind: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(list_names, "items_of", interrupt)

    outcome = cli("list", "circuits")

    assert outcome.code == 130
    assert outcome.err == "interrupted\n"


def test_a_full_disk_is_one_line(cli: "Cli") -> None:
    assert cli("list", "circuits", "--quiet", "--json", "/dev/full").refuses(
        "/dev/full: cannot be written (No space left"
    )


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [*TRACKMAC, "circuit", "show", "shift_add_multiplier", "--bits", "16", "--all"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()

    assert process.stderr is not None
    problems = process.stderr.read()
    process.stderr.close()

    assert process.wait() == 0
    assert problems == b""


def test_json_on_standard_output_is_alone_there() -> None:
    finished = subprocess.run([*TRACKMAC, "list", "circuits", "--json", "-"], capture_output=True, check=True)

    assert finished.stdout.startswith(b"{")
    assert finished.stdout.endswith(b"}\n")
    assert finished.stderr == b""


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys; from trackmac.cli.main import run; run(['--help']); "
        "heavy = {'numpy', 'torch', 'rich', 'plotly', 'pydantic'} & set(sys.modules); print(heavy, file=sys.stderr)"
    )

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert finished.stderr == b"set()\n"
