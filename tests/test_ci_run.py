"""`.ci/run`: every cell is re-run in ngspice, or CI fails."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs, alone on the PATH: shells, stand-ins of make and python3, a failing apt-get, no ngspice."""
    for name in ("bash", "dirname", "sh"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    for name, script in {"make": "echo make $*", "python3": "exit 0", "apt-get": "exit 100"}.items():
        install(tmp_path, name, script)
    return tmp_path


def install(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!{shutil.which('sh')}\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def ci(machine: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(machine / "bash"), str(ROOT / ".ci" / "run")],
        env={**os.environ, "PATH": str(machine)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_without_ngspice_ci_fails_and_says_so(machine: Path) -> None:
    done = ci(machine)

    assert done.returncode != 0
    assert "make test" not in done.stdout
    assert "CI re-runs every cell in ngspice, but it is not installed" in done.stderr


def test_with_ngspice_every_cell_is_re_run_before_the_closing_test_command(machine: Path) -> None:
    install(machine, "ngspice", "exit 0")

    done = ci(machine)

    assert done.returncode == 0
    assert done.stdout.splitlines() == ["make check", "make test-cells", "make test"]


def test_the_target_for_cells_selects_the_test_of_every_cell() -> None:
    makefile = (ROOT / "Makefile").read_text()
    command = next(line for line in makefile.splitlines() if "every_cell" in line)

    assert "test-cells: $(INSTALLED)\n" + command in makefile
    assert "def test_every_cell_" in (ROOT / command.split()[3]).read_text()
