import json
from pathlib import Path
from typing import Any

import pytest

from trackmac.errors import FileFormatError, InputError
from trackmac.exploration.spaces import NetworkSpace
from trackmac.exploration.store import (
    IdentityFile,
    StudyStore,
    TrialRecord,
    VerificationRecord,
    identity_of,
    load_trial_network,
    open_store,
)
from trackmac.exploration.study import StudyFile
from trackmac.exploration.trial import Trainer, TrialTask, cached_dataset, run_trial


@pytest.fixture
def identity(study: StudyFile) -> IdentityFile:
    return identity_of(study, study.technologies(), cached_dataset(study.dataset))


def record(trial: int) -> TrialRecord:
    return TrialRecord(trial=trial, parameters={"depth": 0}, network="c1", seed=3, accuracy=0.5)


@pytest.fixture
def folder(tmp_path: Path, identity: IdentityFile) -> Path:
    """A folder with one finished trial."""
    store = open_store(tmp_path / "out", identity, resume=False)
    store.add_trial(record(0))
    store.close()
    return store.folder


def test_what_is_stored_is_found_on_resume(folder: Path, identity: IdentityFile) -> None:
    verified = VerificationRecord(id="t000-h00001", images=4, mismatches=0, events_agree=True)
    store = open_store(folder, identity, resume=True)
    store.add_trial(record(1))
    store.add_verification(verified)
    store.close()

    again = open_store(folder, identity, resume=True)

    assert again.trials == {0: record(0), 1: record(1)}
    assert again.verified == {("t000-h00001", 4): verified}
    again.close()


def test_without_resume_an_earlier_study_is_set_aside(folder: Path, identity: IdentityFile) -> None:
    for _ in range(2):
        store = open_store(folder, identity, resume=False)
        assert store.trials == {}
        store.add_trial(record(7))
        store.close()

    asides = [folder.with_name(f"out~{number}") / "trials.jsonl" for number in (1, 2)]
    assert [json.loads(path.read_text(encoding="utf-8"))["trial"] for path in asides] == [0, 7]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 6}, "study.seed was 5 and is now 6"),
        ({"epochs": 3}, "study.epochs was null and is now 3"),
        ({"trials_per_batch": 4}, "study.trials_per_batch was 3 and is now 4"),
    ],
)
def test_results_of_another_study_are_not_gone_on_with(
    folder: Path, study: StudyFile, change: dict[str, Any], message: str
) -> None:
    other = study.changed(change)
    identity = identity_of(other, other.technologies(), cached_dataset(other.dataset))

    with pytest.raises(InputError, match=message) as caught:
        open_store(folder, identity, resume=True)

    assert "drop --resume or give another --out" in str(caught.value)


def test_another_version_another_device_and_other_data_are_other_studies(folder: Path, identity: IdentityFile) -> None:
    for change in (
        {"trackmac": "9.9"},
        {"technologies": identity.technologies | {"spimulator-2025": "0" * 64}},
        {"dataset": "0" * 64},
    ):
        with pytest.raises(InputError, match="its results are those of another study"):
            open_store(folder, identity.model_copy(update=change), resume=True)


def test_more_trials_and_another_budget_are_the_same_study(folder: Path, study: StudyFile) -> None:
    changes = {"trials": 9, "constraints": {"min_accuracy": 0.5}, "verify_images": 3, "front_resolution": 0.2}
    other = study.changed(changes)

    store = open_store(folder, identity_of(other, other.technologies(), cached_dataset("digits")), resume=True)

    assert store.trials.keys() == {0}
    store.close()


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path, identity: IdentityFile) -> None:
    (tmp_path / "thesis.tex").write_text("", encoding="utf-8")

    for resume in (True, False):
        with pytest.raises(InputError, match="the folder is not empty and holds no study; give another --out"):
            open_store(tmp_path, identity, resume=resume)
    with pytest.raises(InputError, match="results need a folder, but this is a file"):
        open_store(tmp_path / "thesis.tex", identity, resume=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.yaml", "thesis.tex"]


def test_a_study_killed_at_its_very_start_is_no_hindrance(folder: Path, identity: IdentityFile) -> None:
    (folder / "study.json").unlink()
    (folder / ".study.json.17").write_text("{", encoding="utf-8")

    with pytest.raises(InputError, match="the folder is not empty and holds no study"):
        open_store(folder, identity, resume=True)
    (folder / "trials.jsonl").write_text("", encoding="utf-8")
    store = open_store(folder, identity, resume=True)

    assert store.trials == {}
    store.close()


def test_a_folder_in_use_is_refused_and_not_set_aside(folder: Path, identity: IdentityFile) -> None:
    store = open_store(folder, identity, resume=True)

    for resume in (True, False):
        with pytest.raises(InputError, match="another explore is at work there"):
            open_store(folder, identity, resume=resume)

    assert folder.exists()
    store.close()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("study.json", "{}", "study.json: trackmac: required key is missing"),
        ("study.json", "[", "study.json: .*nvalid JSON"),
        ("trials.jsonl", '{"trial": -1}\n', "trials.jsonl: line 1: trial: input should be greater than or equal to 0"),
        ("trials.jsonl", "\x00\n", "trials.jsonl: line 1"),
        ("verified.jsonl", '{"id": 3}\n', "verified.jsonl: line 1: id: input should be a valid string"),
    ],
)
def test_a_file_that_was_tampered_with_is_refused(
    folder: Path, identity: IdentityFile, name: str, content: str, message: str
) -> None:
    (folder / name).write_text(content, encoding="utf-8")

    with pytest.raises(FileFormatError, match=message):
        open_store(folder, identity, resume=True)


def test_a_trial_network_is_loaded_by_folder_and_number(folder: Path, study: StudyFile, untrained: Trainer) -> None:
    space = NetworkSpace(file=study.network_space, input_shape=(1, 8, 8), classes=10)
    task = TrialTask(
        trial=0,
        parameters=space.numbered(9),
        architecture=space.architecture(space.numbered(9)),
        dataset="digits",
        seed=1,
        epochs=None,
        network_path=folder / "networks" / "trial-000.onnx",
        trainer=untrained,
    )
    run_trial(task)

    network = load_trial_network(f"{folder}:0")

    images = cached_dataset("digits").test_images[:5]
    expected = untrained(task.architecture, "digits", 1, None).network
    assert network.logits(images).tolist() == expected.logits(images).tolist()
    assert [path.name for path in (folder / "networks").iterdir()] == ["trial-000.onnx"]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("{folder}:1", "there is no finished trial 1; finished are 0 to 0"),
        ("{folder}:x", "a trial's network is named STUDY_DIR:TRIAL"),
        ("{folder}:-1", "a trial's network is named STUDY_DIR:TRIAL"),
        (":0", "a trial's network is named STUDY_DIR:TRIAL"),
        ("{folder}/nowhere:0", "holds no study; run trackmac explore"),
        ("{folder}:0", "no such file"),
    ],
)
def test_a_trial_that_is_not_there_is_told_in_one_line(folder: Path, reference: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        load_trial_network(reference.format(folder=folder))

    assert "\n" not in str(caught.value)


def test_a_store_of_another_process_can_be_read_while_it_is_written(folder: Path) -> None:
    store = StudyStore(folder)
    with (folder / "trials.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"trial": 1, "par')

    with pytest.raises(InputError, match="there is no finished trial 1"):
        load_trial_network(f"{folder}:1")

    assert (folder / "trials.jsonl").read_text(encoding="utf-8").endswith('"par')
    store.close()
