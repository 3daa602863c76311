import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from trackmac.exploration.study import study_text
from trackmac.results import ExplorationResult

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

STUDY = """
name: smallest
dataset: digits
network_space: {depth: [1], channels: [4], kernel: [3], hidden: [0], weight_bits: [2, 3], activation_bits: [2]}
hardware_space:
  technologies: [spimulator-2025]
  circuits: [booth_radix4_mac]
  layouts: [along]
  domains: [64]
  ports: [2]
  tracks: [64]
  units_per_mat: [8]
  mats_per_bank: [4]
  banks: [1]
  buffer_kib: [2]
objectives: [accuracy, energy_pj]
constraints: {}
trials: 2
trials_per_batch: 1
seed: 0
epochs: 1
verify_images: 1
"""


@pytest.fixture
def explored(monkeypatch: pytest.MonkeyPatch, exploration_result: ExplorationResult) -> dict[str, Any]:
    """Put a made-up result in place of an exploration; returns what it was asked."""
    asked: dict[str, Any] = {"result": exploration_result}

    def explore(study: Any, *, out: Path, **options: Any) -> ExplorationResult:
        asked.update(options, study=study, out=out)
        out.mkdir(parents=True)
        result: ExplorationResult = asked["result"]
        return result

    monkeypatch.setattr("trackmac.exploration.explore.explore", explore)
    return asked


def test_json_has_the_keys_of_the_public_interface(cli: "Cli", explored: dict[str, Any], tmp_path: Path) -> None:
    outcome = cli("explore", "digits", "--out", tmp_path / "out", "--json", "-")

    data = json.loads(outcome.out)
    assert outcome.code == 0
    assert {"front", "knee", "best", "baselines", "trials_run", "trials_reused"} <= set(data)
    for design in data["front"]:
        assert {"id", "accuracy", "test_accuracy", "energy_pj", "latency_ns", "area_um2", "network"} <= set(design)
        assert {"hardware", "verified_images", "mismatches"} <= set(design)


def test_the_report_is_written_and_the_front_is_printed(
    cli: "Cli", explored: dict[str, Any], tmp_path: Path, exploration_result: ExplorationResult
) -> None:
    outcome = cli("explore", "digits", "--out", tmp_path / "out")

    assert (tmp_path / "out" / "report.html").is_file()
    assert (tmp_path / "out" / "front.png").is_file()
    assert all(design.id in outcome.out for design in exploration_result.front)
    assert f"knee: {exploration_result.knee.id}" in outcome.out
    assert "(budget: area ≤ 0.200 mm², accuracy ≥ 93.00 %)" in outcome.out
    assert "baseline magnetic_full_adder needs 2.50× the energy, 3.00× the time, 1.10× the area" in outcome.out
    assert f"report: {tmp_path / 'out' / 'report.html'}" in outcome.out


def test_options_reach_the_exploration(cli: "Cli", explored: dict[str, Any], tmp_path: Path) -> None:
    cli(
        "explore", "digits", "--out", tmp_path / "out", "--trials", "3", "--jobs", "2", "--seed", "9", "--resume",
        "--verify", "5", "--quiet",
    )  # fmt: skip

    names = ("trials", "jobs", "seed", "resume", "verify", "out")
    assert [explored[name] for name in names] == [3, 2, 9, True, 5, tmp_path / "out"]


def test_results_go_to_a_folder_of_the_studys_name(
    cli: "Cli", explored: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    cli("explore", "--quiet")

    assert explored["out"] == Path("results/digits")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mismatches": 2}, "t002-p74: every output must equal integer arithmetic, but 2 differ"),
        ({"events_agree": False}, "t002-p74: the events counted must be those predicted"),
    ],
)
def test_a_design_that_fails_its_check_is_exit_code_1(
    cli: "Cli", explored: dict[str, Any], tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    right: ExplorationResult = explored["result"]
    explored["result"] = replace(right, front=(*right.front[:2], replace(right.front[2], **change)))

    outcome = cli("explore", "digits", "--out", tmp_path / "out", "--quiet")

    assert outcome.code == 1
    assert message in outcome.err


def test_a_baseline_that_fails_its_check_is_exit_code_1(cli: "Cli", explored: dict[str, Any], tmp_path: Path) -> None:
    right: ExplorationResult = explored["result"]
    explored["result"] = replace(right, baselines=(replace(right.baselines[0], mismatches=1),))

    outcome = cli("explore", "digits", "--out", tmp_path / "out", "--quiet")

    assert outcome.code == 1
    assert "baseline magnetic_full_adder" in outcome.err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed: ", "sede: 1\nseed: ", "sede: unknown key"),
        ("seed: ", "seed: 1\nseed: ", "key 'seed' is given twice"),
        ("seed: ", "seed: !!int ", "tags are not allowed"),
        ("trials: ", "trials: -", "trials: input should be greater than or equal to 1"),
        ("dataset: digits", "dataset: /no/where/at-all", "/no/where/at-all"),
        ("dataset: digits", "dataset: digit", "did you mean 'digits'"),
    ],
)
def test_a_mistake_in_a_study_is_refused(cli: "Cli", tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(study_text("digits").replace(old, new, 1))

    assert cli("explore", path, "--out", tmp_path / "out").refuses(message)
    assert not (tmp_path / "out").exists()


def test_a_study_that_is_not_there_is_refused(cli: "Cli") -> None:
    assert cli("explore", "nofile.yaml").refuses("nofile.yaml: no such file")
    assert cli("explore", "digit").refuses("unknown study 'digit': did you mean 'digits'")
    assert cli("explore", "digits", "--json", "/nowhere/x").refuses("cannot be written")


@pytest.mark.slow
def test_a_small_study_goes_all_the_way_and_its_parts_can_be_used(cli: "Cli", tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(STUDY)
    out = tmp_path / "out"

    explored = cli("explore", tmp_path / "study.yaml", "--out", out, "--jobs", "1", "--json", "-")
    resumed = cli("explore", tmp_path / "study.yaml", "--out", out, "--jobs", "1", "--resume", "--json", "-")
    simulated = cli("simulate", f"{out}:1", "--hardware", "tiny", "--images", "1", "--json", "-")
    reported = cli("report", out)

    first, again = json.loads(explored.out), json.loads(resumed.out)
    assert explored.code == resumed.code == simulated.code == reported.code == 0
    assert (first["trials_run"], first["trials_reused"]) == (2, 0)
    assert (again["trials_run"], again["trials_reused"]) == (0, 2)
    assert first["front"] == again["front"]
    assert all(design["mismatches"] == 0 and design["verified_images"] == 1 for design in first["front"])
    assert json.loads(simulated.out)["mismatches"] == 0
