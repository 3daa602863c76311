import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trackmac.errors import InputError, UnmappableError
from trackmac.exploration import network_search, verification
from trackmac.exploration.explore import explore
from trackmac.exploration.study import StudyFile
from trackmac.exploration.trial import Trainer, TrialOutcome, TrialTask, run_trial
from trackmac.report.files import write_report_files
from trackmac.results import ExplorationResult, SimulationResult


def without_counts(result: ExplorationResult) -> dict[str, Any]:
    return {key: value for key, value in result.to_dict().items() if key not in {"trials_run", "trials_reused"}}


def result_in(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return {key: value for key, value in data.items() if key not in {"trials_run", "trials_reused"}}


def trials_in(folder: Path) -> list[int]:
    path = folder / "trials.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line)["trial"] for line in lines]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def whole(study: StudyFile, untrained: Trainer, tmp_path: Path) -> ExplorationResult:
    return explore(study, out=tmp_path / "whole", jobs=1, trainer=untrained)


def test_every_design_of_the_front_is_verified_and_tested(whole: ExplorationResult, tmp_path: Path) -> None:
    assert whole.trials_run == 7
    assert whole.trials_reused == 0
    assert len(whole.front) > 2
    for design in whole.front:
        assert (design.verified_images, design.mismatches, design.events_agree) == (1, 0, True)
        assert design.test_accuracy is not None
    assert whole.knee in whole.front
    assert whole.best in whole.front
    assert {design.hardware["technology"] for design in whole.front} == {"rtsim-destiny-2017", "spimulator-2025"}
    assert trials_in(tmp_path / "whole") == list(range(7))


def test_stale_cells_are_told_in_the_result_and_its_report(
    study: StudyFile, untrained: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "trackmac.cells.provenance.stale_note", lambda technology: f"Cells of {technology.name} are stale."
    )

    result = explore(study, out=tmp_path / "out", jobs=1, trainer=untrained)
    page, _ = write_report_files(result, tmp_path / "out")

    for name in ("rtsim-destiny-2017", "spimulator-2025"):
        assert result.notes.count(f"Cells of {name} are stale.") == 1
        assert f"Cells of {name} are stale." in page.read_text(encoding="utf-8")


def test_the_outcome_is_written_as_json_and_csv(whole: ExplorationResult, tmp_path: Path) -> None:
    folder = tmp_path / "whole"

    assert result_in(folder) == json.loads(json.dumps(without_counts(whole)))
    assert [row["id"] for row in rows(folder / "front.csv")] == [design.id for design in whole.front]
    exact = {row["id"]: row for row in rows(folder / "front_exact.csv")}
    assert len(exact) == whole.exact_front_designs
    assert {design.id for design in whole.front} <= exact.keys()
    for design in whole.front:
        assert float(exact[design.id]["energy_pj"]) == design.energy_pj


def test_the_baseline_is_the_same_network_on_magnetic_adders(whole: ExplorationResult) -> None:
    (baseline,) = whole.baselines

    assert whole.best is not None
    assert baseline.hardware["circuit"] == "magnetic_mac"
    assert baseline.hardware["technology"] == whole.best.hardware["technology"]
    assert (baseline.mismatches, baseline.events_agree, baseline.verified_images) == (0, True, 1)
    assert baseline.energy_ratio == baseline.energy_pj / whole.best.energy_pj
    assert baseline.area_ratio == baseline.area_um2 / whole.best.area_um2


def test_the_evaluation_of_the_best_design_is_its_own(whole: ExplorationResult) -> None:
    assert whole.best is not None
    assert whole.best_evaluation is not None
    totals = whole.best_evaluation.totals
    assert totals.energy_pj == pytest.approx(whole.best.energy_pj, rel=1e-12)
    assert totals.area_um2 == pytest.approx(whole.best.area_um2, rel=1e-12)


def test_a_budget_out_of_reach_has_no_best_design_and_says_how_far_it_is(
    study: StudyFile, untrained: Trainer, tmp_path: Path
) -> None:
    wish = study.changed({"constraints": {"max_area_um2": 1.0}, "trials": 2})

    result = explore(wish, out=tmp_path / "out", jobs=1, trainer=untrained)

    assert result.best is None
    assert result.knee in result.front
    assert result.baselines
    smallest = min(float(row["area_um2"]) for row in rows(tmp_path / "out" / "front_exact.csv"))
    assert f"max_area_um2 is 1, the front reaches {smallest:g}" in result.notes[0]


def test_two_jobs_give_what_one_job_gives(whole: ExplorationResult, study_path: Path, script: Path) -> None:
    out = study_path.parent / "two"

    run_script(script, study_path, out, jobs=2)

    assert result_in(out) == json.loads(json.dumps(without_counts(whole)))


def test_more_trials_later_are_the_trials_of_a_longer_study(
    whole: ExplorationResult, study: StudyFile, untrained: Trainer, tmp_path: Path
) -> None:
    explore(study, out=tmp_path / "out", trials=4, jobs=1, trainer=untrained)
    told: list[tuple[str, int, int]] = []

    longer = explore(
        study, out=tmp_path / "out", jobs=1, resume=True, trainer=untrained, progress=lambda *step: told.append(step)
    )

    assert (longer.trials_run, longer.trials_reused) == (3, 4)
    assert without_counts(longer) == without_counts(whole)
    training = [step for step in told if step[0] == "training"]
    assert training == [("training", done, 7) for done in range(4, 8)]
    verifying = [step for step in told if step[0] == "verifying"]
    assert verifying[-1][1] == verifying[-1][2] == len(longer.front) + 1


def test_an_interrupted_run_resumes_to_the_same_front_and_repeats_nothing(
    whole: ExplorationResult,
    study: StudyFile,
    untrained: Trainer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(task: TrialTask) -> TrialOutcome:
        if task.trial == 5:
            raise KeyboardInterrupt
        return run_trial(task)

    with monkeypatch.context() as patch:
        patch.setattr(network_search, "run_trial", interrupted)
        with pytest.raises(KeyboardInterrupt):
            explore(study, out=tmp_path / "out", jobs=1, trainer=untrained)
    resumed = explore(study, out=tmp_path / "out", jobs=1, resume=True, trainer=untrained)

    assert (resumed.trials_run, resumed.trials_reused) == (2, 5)
    assert trials_in(tmp_path / "out") == list(range(7))
    assert without_counts(resumed) == without_counts(whole)


def test_an_interrupted_verification_is_not_begun_anew(
    study: StudyFile, untrained: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    verify = verification.verify

    def watched(task: verification.VerificationTask) -> Any:
        if len(verified) == 3:
            verified.append("interrupted")
            raise KeyboardInterrupt
        verified.append(task.id)
        return verify(task)

    monkeypatch.setattr(verification, "verify", watched)

    with pytest.raises(KeyboardInterrupt):
        explore(study, out=tmp_path / "out", jobs=1, trainer=untrained)
    result = explore(study, out=tmp_path / "out", jobs=1, resume=True, trainer=untrained)

    verified.remove("interrupted")
    assert len(verified) == len(set(verified)) == len(result.front) + len(result.baselines)
    assert result.trials_reused == 7


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_run_resumes_to_the_same_front_and_repeats_no_finished_trial(
    whole: ExplorationResult, study_path: Path, script: Path, stop: signal.Signals
) -> None:
    out = study_path.parent / "stopped"
    with started_script(script, study_path, out, jobs=2, seconds=1.5) as process:
        deadline = time.monotonic() + 60
        while len(trials_in(out)) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(stop)
        _, errors = process.communicate(timeout=30)
    stored = trials_in(out)

    counts = run_script(script, study_path, out, jobs=2, resume=True)

    assert 4 <= len(stored) < 7, errors
    assert process.returncode == -stop if stop == signal.SIGKILL else process.returncode != 0
    assert errors.count("Traceback") <= 1, "workers do not hear Ctrl-C"
    assert counts == {"trials_run": 7 - len(stored), "trials_reused": len(stored)}
    assert sorted(trials_in(out)) == list(range(7))
    assert result_in(out) == json.loads(json.dumps(without_counts(whole)))


def test_a_mismatch_is_reported_in_the_result(
    study: StudyFile, untrained: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate = verification.simulate

    def disturbed(*args: Any, **kwargs: Any) -> SimulationResult:
        return replace(simulate(*args, **kwargs), mismatches=2, predicted_events={})

    monkeypatch.setattr(verification, "simulate", disturbed)

    result = explore(study, out=tmp_path / "out", trials=2, jobs=1, trainer=untrained)

    assert {(design.mismatches, design.events_agree) for design in result.front} == {(2, False)}
    assert result_in(tmp_path / "out")["front"][0]["mismatches"] == 2


def test_a_stored_trial_that_was_edited_is_refused(study: StudyFile, untrained: Trainer, tmp_path: Path) -> None:
    explore(study, out=tmp_path / "out", trials=2, jobs=1, trainer=untrained)
    path = tmp_path / "out" / "trials.jsonl"
    first, second = path.read_text(encoding="utf-8").splitlines()
    record = json.loads(first)
    record["parameters"]["kernel"] = 1 - record["parameters"]["kernel"]
    path.write_text(f"{json.dumps(record)}\n{second}\n", encoding="utf-8")

    with pytest.raises(InputError, match="trial 0 is not the one that this study proposes"):
        explore(study, out=tmp_path / "out", trials=2, jobs=1, resume=True, trainer=untrained)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset": "nowhere.npz"}, "no such file"),
        ({"dataset": "digit"}, "unknown data set 'digit': did you mean 'digits'"),
    ],
)
def test_data_that_are_not_there_are_refused_before_anything_is_written(
    study: StudyFile, untrained: Trainer, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        explore(study.changed(changes), out=tmp_path / "out", jobs=1, trainer=untrained)

    assert not (tmp_path / "out").exists()


def test_hardware_too_small_for_any_network_is_refused_before_anything_is_written(
    study: StudyFile, untrained: Trainer, tmp_path: Path
) -> None:
    space = study.space.model_dump() | {"tracks": (1,)}

    with pytest.raises(UnmappableError, match="no point of hardware_space can run a network of network_space"):
        explore(study.changed({"hardware_space": space}), out=tmp_path / "out", jobs=1, trainer=untrained)

    assert not (tmp_path / "out").exists()


def test_training_without_torch_says_how_to_install_it(
    study: StudyFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(InputError, match=r"training needs torch, .*not installed; pip install 'trackmac\[train\]'"):
        explore(study, out=tmp_path / "out", jobs=1)


@pytest.mark.slow
def test_real_training_gives_the_same_front_twice(study: StudyFile, tmp_path: Path) -> None:
    short = study.changed({"trials": 2, "epochs": 2})

    first, second = (explore(short, out=tmp_path / name, jobs=jobs) for name, jobs in (("a", 1), ("b", 2)))

    assert without_counts(first) == without_counts(second)
    assert all(design.mismatches == 0 and design.events_agree for design in first.front)


def started_script(
    script: Path, study: Path, out: Path, *, jobs: int, seconds: float = 0.0, resume: bool = False
) -> "subprocess.Popen[str]":
    arguments = [str(study), str(out), str(jobs), "resume" if resume else "anew", str(seconds)]
    return subprocess.Popen(
        [sys.executable, str(script), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
    )


def run_script(script: Path, study: Path, out: Path, *, jobs: int, resume: bool = False) -> dict[str, int]:
    with started_script(script, study, out, jobs=jobs, resume=resume) as process:
        output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    counts: dict[str, int] = json.loads(output)
    return counts
