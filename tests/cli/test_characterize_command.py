import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from trackmac.cells.catalog import RERUN_TOLERANCE_RATIO, load_cells
from trackmac.cells.spice import ngspice_version

Cli = Callable[..., Any]
needs_ngspice = pytest.mark.skipif(
    shutil.which("ngspice") is None, reason="needs ngspice (Debian: apt install ngspice), which is not installed"
)


@pytest.fixture(autouse=True)
def _forget_the_version() -> Iterator[None]:
    ngspice_version.cache_clear()
    yield
    ngspice_version.cache_clear()


@needs_ngspice
def test_a_cell_s_figures_are_printed_with_what_they_hold_for(cli: Cli) -> None:
    done = cli("characterize", "and", "not")

    assert done.code == 0
    assert "TT, 25 C, 0.9 V" in done.out
    assert "2 of 2 cells have the shipped netlist" in done.out
    assert "NOT within" not in done.out
    assert "and " in done.out
    assert "all 4 right" in done.out


@needs_ngspice
def test_json_holds_the_figures_the_conditions_and_what_is_stale(cli: Cli) -> None:
    done = cli("characterize", "latch", "--json", "-")

    data = json.loads(done.out)
    assert [cell["name"] for cell in data["cells"]] == ["latch"]
    assert data["cells"][0].keys() >= {"delay_ps", "energy_fj", "leakage_nw", "area_um2", "netlist_sha256"}
    assert data["corner"] == "TT"
    assert data["stale"] == []
    assert data["ngspice_version"] == ngspice_version()


@needs_ngspice
def test_out_gets_the_catalog_the_netlists_and_the_waveforms(cli: Cli, tmp_path: Path) -> None:
    done = cli("characterize", "not", "--out", tmp_path / "cells", "--quiet")

    assert (done.code, done.out, done.err) == (0, "", "")
    assert load_cells(tmp_path / "cells").cells.keys() == {"not"}
    assert (tmp_path / "cells" / "netlists" / "not.cir").is_file()
    assert (tmp_path / "cells" / "waveforms-not.png").read_bytes().startswith(b"\x89PNG")


@needs_ngspice
@pytest.mark.slow
def test_monte_carlo_tells_how_often_varied_cells_misread(cli: Cli, tmp_path: Path) -> None:
    done = cli("characterize", "not", "--monte-carlo", "4", "--seed", "3", "--out", tmp_path, "--json", tmp_path / "r")

    results = json.loads((tmp_path / "r").read_text())["monte_carlo"]
    assert {result["distance"] for result in results} == {1, 3, 5, 7}
    assert all(0 <= result["error_low_fraction"] <= result["error_high_fraction"] <= 1 for result in results)
    assert "95 % interval" in done.out
    assert (tmp_path / "sense-margins.png").is_file()


@needs_ngspice
@pytest.mark.slow
def test_corners_make_the_shipped_technology_again(cli: Cli, tmp_path: Path) -> None:
    from trackmac.technology import load_technology

    assert cli("characterize", "--corners", "--out", tmp_path, "--quiet").code == 0

    ours, shipped = load_technology(str(tmp_path / "physics-45nm.yaml")), load_technology("physics-45nm")
    for key in ("sense.energy_pj", "evaluation.latency_ns", "transverse_read.energy_pj", "write.energy_pj"):
        assert ours.value(key) == pytest.approx(shipped.value(key), rel=RERUN_TOLERANCE_RATIO)


@needs_ngspice
def test_another_corner_has_figures_of_its_own_and_is_not_compared(cli: Cli) -> None:
    done = cli("characterize", "not", "--corner", "SS", "--temperature", "-40")

    assert "SS, -40 C" in done.out
    assert "have the shipped netlist" not in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("adn",), "unknown cell 'adn': did you mean 'and'"),
        (("and", "--corner", "TF"), "a corner is one of TT, FF, SS, but it is 'TF'"),
        (("and", "--temperature", "300"), "the cards hold from -40 to 125 C, but 300 C"),
        (("and", "--monte-carlo", "many"), "it must be an integer"),
        (("--corners",), "--corners makes a technology of all cells, typical at 25 C, and needs --out"),
        (("and", "--corners", "--out", "x"), "neither cells, --corner nor --temperature"),
        (("and", "--monte-carlo", "1"), "from 2 to 100000 samples are simulated, but 1"),
    ],
)
def test_wrong_input_is_one_line(cli: Cli, arguments: tuple[str, ...], message: str) -> None:
    assert cli("characterize", *arguments).refuses(message)


def test_an_out_within_the_package_is_refused(cli: Cli) -> None:
    import trackmac

    folder = Path(trackmac.__file__).parent / "cells"

    assert cli("characterize", "and", "--out", folder).refuses("must not be written into the installed package")


def test_ngspice_missing_is_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert cli("characterize", "and").refuses("needs ngspice, but it is not on the PATH")
