"""ngspice's ways to fail are one line each; its result is read as it is."""

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from trackmac.cells.characterize import characterize
from trackmac.cells.measure import Behaviour
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
        (RAW.replace(b"3 ", b"0 "), "and: ngspice's result must be numbers, but it has none"),
        (RAW + np.full(6, np.nan).tobytes(), "and: ngspice's result must be numbers, but it has something else"),
        (RAW + np.array([0, 0, 1, np.inf, 2, 0.0]).tobytes(), "and: ngspice's result must be numbers"),
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


def answering(folder: Path, raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an ngspice on the PATH that gives this raw file, whatever it is asked."""
    (folder / "given.raw").write_bytes(raw)
    cat = f"{shutil.which('cat')} {folder / 'given.raw'} > out.raw"
    stand_in(folder, f'if [ "$1" = --version ]; then echo ngspice-39; else {cat}; fi', monkeypatch)


@pytest.mark.parametrize(
    ("deck", "message"),
    [
        ("save v(out) i(vvdd)\n", r"and: ngspice's result must have i\(vvdd\), but it has time, v\(out\)"),
        (
            "save v(out)\ndc vrow 0 3 1\n",
            "and: ngspice's result must reach the analysis's end, but it has 3 points up to 2",
        ),
        ("save v(out)\ntran 5p 9e12p 0 5p\n", "and: ngspice's result must reach the analysis's end"),
    ],
)
def test_a_result_that_is_not_the_analysis_s_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deck: str, message: str
) -> None:
    answering(tmp_path, RAW + np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 5.0]]).tobytes(), monkeypatch)

    with pytest.raises(SpiceError, match=message):
        run_deck(deck, "and")


def test_a_whole_result_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(tmp_path, RAW + np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 5.0]]).tobytes(), monkeypatch)

    for analysis in ("dc vrow 0 2 1", "tran 5p 2e12p 0 5p"):
        assert run_deck(f"save v(out)\n{analysis}\n", "and").signals["v(out)"].tolist() == [1.0, 3.0, 5.0]


@pytest.mark.parametrize("hanging", ["--version", "-b"])
def test_an_ngspice_that_hangs_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hanging: str) -> None:
    sleep = shutil.which("sleep")
    stand_in(tmp_path, f'if [ "$1" = {hanging} ]; then exec {sleep} 60; fi; echo ngspice-39', monkeypatch)
    monkeypatch.setattr("trackmac.cells.spice.VERSION_LIMIT_SECONDS", 0.2)
    monkeypatch.setattr("trackmac.cells.spice.TIME_LIMIT_SECONDS", 0.2)

    with pytest.raises(SpiceError, match=r"ngspice must finish in 0\.2 s, but it does not"):
        run_deck("", "and")


def test_an_ngspice_that_is_no_program_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, "", monkeypatch)
    (tmp_path / "ngspice").write_bytes(b"\0\0")

    with pytest.raises(SpiceError, match="ngspice cannot be run"):
        ngspice_version()


def test_figures_that_no_cell_can_have_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trackmac.cells.characterize.ngspice_version", lambda: "39")
    monkeypatch.setattr(
        "trackmac.cells.characterize.behaviour_of",
        lambda cell, conditions: Behaviour(delay_ps=0.0, energy_fj=1.0, wrong_rows=()),
    )
    monkeypatch.setattr("trackmac.cells.characterize.leakage_nw", lambda cell, conditions: 1.0)

    with pytest.raises(SpiceError, match=r"and: delay_ps: input should be greater than 0, but it is 0\.0"):
        characterize(["and"])
