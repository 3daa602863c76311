"""ngspice's ways to fail are one line each; its result is read as it is."""

import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from trackmac.cells.spice import SpiceError, ngspice_version, parse_raw, run_deck

RAW = b"Title: t\nNo. Variables: 2\nNo. Points: 3 \nVariables:\n\t0\ttime\ttime\n\t1\tv(out)\tvoltage\nBinary:\n"


@pytest.fixture(autouse=True)
def _forget_the_version() -> Iterator[None]:
    ngspice_version.cache_clear()
    yield
    ngspice_version.cache_clear()


def stand_in(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a shell script of the name ngspice alone on the PATH."""
    file = folder / "ngspice"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))


def test_a_binary_raw_file_is_read_by_columns() -> None:
    waves = parse_raw(RAW + np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 5.0]]).tobytes(), "and")

    assert waves.scale.tolist() == [0.0, 1.0, 2.0]
    assert waves.at("v(out)", 0.5) == 2.0


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (RAW + b"\0" * 40, "and: ngspice's result must have 3 points, but it is cut off"),
        (b"", "and: ngspice's result must be a binary raw file"),
        (RAW.replace(b"Binary", b"Values"), "and: ngspice's result must be a binary raw file"),
    ],
)
def test_a_broken_raw_file_is_one_line(data: bytes, message: str) -> None:
    with pytest.raises(SpiceError, match=message):
        parse_raw(data, "and")


def test_ngspice_missing_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SpiceError, match="needs ngspice, but it is not on the PATH; install it"):
        run_deck("", "and")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("echo '** ngspice-26 : x'", "ngspice 34 or later is needed, but .* is 26"),
        ("echo hello", "version must be known"),
    ],
)
def test_an_ngspice_of_no_use_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, message: str
) -> None:
    stand_in(tmp_path, answer, monkeypatch)

    with pytest.raises(SpiceError, match=message):
        ngspice_version()


@pytest.mark.parametrize(
    "script",
    ["echo ngspice-39; echo 'doAnalyses: TRAN:  Timestep too small; time = 1e-10' >&2", "echo ngspice-39; exit 1"],
)
def test_an_analysis_that_does_not_finish_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    stand_in(tmp_path, script, monkeypatch)

    with pytest.raises(SpiceError, match=r"latch: ngspice must finish the analysis, but it says .*; check the netlist"):
        run_deck("* nothing", "latch")
