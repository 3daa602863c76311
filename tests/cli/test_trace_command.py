import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

BANK = ("--domains", 64, "--tracks", 32, "--ports", 2, "--port-access", "static", "--port-update", "lazy")


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "t.nvt"
    lines = [f"{400 * i} R {hex(64 * domain)} {'00' * 64} 0\n" for i, domain in enumerate((5, 40, 5))]
    path.write_text("NVMV0\n" + "".join(lines), encoding="ascii")
    return path


def test_the_result_has_the_keys_of_the_interface(cli: "Cli", trace: Path) -> None:
    outcome = cli("trace", "replay", trace, *BANK, "--json", "-")

    result = json.loads(outcome.out)
    assert outcome.code == 0
    assert {key: result[key] for key in ("requests", "shift_steps", "track_shifts", "min_displacement")} == {
        "requests": 3, "shift_steps": 11, "track_shifts": 352, "min_displacement": 0,
    }  # fmt: skip
    assert (result["max_displacement"], result["overhead_needed"]) == (8, 8)
    assert result["technology"] == "rtsim-destiny-2017"
    assert result["shift_energy_nj"] == pytest.approx(11 * 0.0195)  # RTSim's Esh, for a DBC of 32 tracks


def test_the_other_sizes_and_the_technology_can_be_chosen(cli: "Cli", trace: Path) -> None:
    sizes = ("--dbcs", 1, "--word-bytes", 128, "--technology", "spimulator-2025")

    result = json.loads(cli("trace", "replay", trace, *BANK, *sizes, "--json", "-").out)

    assert (result["dbcs"], result["word_bytes"], result["technology"]) == (1, 128, "spimulator-2025")
    assert result["shift_steps"] == 2 + 18 + 18  # domains 2, 20, 2


def test_people_read_counts_displacement_and_energy(cli: "Cli", trace: Path) -> None:
    text = cli("trace", "replay", trace, *BANK).out

    assert "11 shift steps, 352 track shifts" in text
    assert "displaced by +0 to +8 domains: 8 overhead domains needed" in text
    assert cli("trace", "replay", trace, *BANK, "--quiet").out == ""


def test_a_wrong_line_is_one_line_and_nothing_is_evaluated(cli: "Cli", trace: Path, tmp_path: Path) -> None:
    trace.write_text(trace.read_text(encoding="ascii") + "1200 R 0x40", encoding="ascii")

    outcome = cli("trace", "replay", trace, *BANK, "--json", tmp_path / "result.json")

    assert outcome.refuses("t.nvt: line 5: must have 5 fields")
    assert not (tmp_path / "result.json").exists()


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--ports", 3, "3 ports do not divide 64 domains; choose a divisor"),
        ("--ports", 0, "ports must be 1 to"),
        ("--domains", -64, "domains must be 1 to"),
        ("--tracks", "many", "it must be an integer, but it is 'many'"),
        ("--port-access", "nearest", "'nearest' is not one of 'static', 'dynamic'"),
        ("--port-update", "late", "'late' is not one of 'lazy', 'eager'"),
        ("--technology", "rtsim", "unknown technology 'rtsim'"),
    ],
)
def test_a_wrong_option_is_one_line(cli: "Cli", trace: Path, option: str, value: object, message: str) -> None:
    assert cli("trace", "replay", trace, *BANK, option, value).refuses(message)


def test_the_bank_must_be_given(cli: "Cli", trace: Path) -> None:
    assert cli("trace", "replay", trace).refuses("missing option '--domains'")
