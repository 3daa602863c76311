"""The folder of a study: everything that was computed, on the disk as soon as it is known.

study.json        the study, and what its results depend on besides
networks/         trial-000.onnx, ...: every network that was trained
trials.jsonl      one line for each finished trial; its network is saved before
verified.jsonl    one line for each verified design
result.json, front.csv, front_exact.csv    the outcome
"""

import fcntl
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Annotated, Any

from pydantic import Field, ValidationError

from trackmac import __version__
from trackmac.errors import FileFormatError, InputError
from trackmac.exploration.json_lines import JsonLines, write_whole
from trackmac.exploration.study import StudyFile
from trackmac.files import FileModel, first_problem, read_text
from trackmac.networks import IntegerNetwork
from trackmac.technology import Technology
from trackmac.training.datasets import Dataset

STUDY, TRIALS, VERIFIED, NETWORKS = "study.json", "trials.jsonl", "verified.jsonl", "networks"

# what may change on --resume: how many trials there are and what is made of them
CHANGEABLE = {"summary", "constraints", "trials", "verify_images", "front_resolution"}

Count = Annotated[int, Field(ge=0)]


class TrialRecord(FileModel):
    """A finished trial."""

    trial: Count
    parameters: dict[str, Count]
    network: str
    seed: Count
    accuracy: Annotated[float, Field(ge=0, le=1)]


class VerificationRecord(FileModel):
    """A design that was run bit for bit on `images` images."""

    id: str
    images: Count
    mismatches: Count
    events_agree: bool


class IdentityFile(FileModel):
    """What the results in a folder depend on."""

    trackmac: str
    study: StudyFile
    technologies: dict[str, str]
    dataset: str


class StudyStore:
    """The open folder of one study; one process at a time has it."""

    def __init__(self, folder: Path) -> None:
        """Take hold of `folder`, which is there already.

        Raises:
            InputError: another process has it.
            FileFormatError: a stored record breaks a rule.
        """
        self.folder = folder
        self._trial_lines = JsonLines(folder / TRIALS, TrialRecord)
        self._verified_lines = JsonLines(folder / VERIFIED, VerificationRecord)
        self._lock = _locked(folder)
        try:
            self._trial_lines.cut_torn_line()
            self._verified_lines.cut_torn_line()
            self.trials = {record.trial: record for record in self._trial_lines.read()}
            self.verified = {(record.id, record.images): record for record in self._verified_lines.read()}
        except BaseException:
            self.close()
            raise

    def network_path(self, trial: int) -> Path:
        """Return where the network of a trial is."""
        return self.folder / NETWORKS / f"trial-{trial:03d}.onnx"

    def add_trial(self, record: TrialRecord) -> None:
        """Store a finished trial; its network must be saved."""
        self._trial_lines.append(record)
        self.trials[record.trial] = record

    def add_verification(self, record: VerificationRecord) -> None:
        """Store a verified design."""
        self._verified_lines.append(record)
        self.verified[record.id, record.images] = record

    def network(self, trial: int) -> IntegerNetwork:
        """Return the network of a finished trial.

        Raises:
            FileFormatError: its file is missing or not what it should be.
        """
        from trackmac.networks.onnx_io import load_onnx

        return load_onnx(self.network_path(trial))

    def close(self) -> None:
        """Let go of the folder."""
        self._lock.close()


def identity_of(study: StudyFile, technologies: Sequence[Technology], dataset: Dataset) -> IdentityFile:
    """Return what the results of `study` depend on."""
    return IdentityFile(
        trackmac=__version__,
        study=study,
        technologies={technology.name: technology.fingerprint() for technology in technologies},
        dataset=_dataset_fingerprint(dataset),
    )


def open_store(folder: Path, identity: IdentityFile, *, resume: bool) -> StudyStore:
    """Open the folder of a study, to go on with what is there (`resume`) or empty; nothing in it is ever lost.

    Without `resume` a folder of an earlier study is renamed to FOLDER~1, FOLDER~2, ...

    Raises:
        InputError: the folder is in use, holds another study's results (`resume`), or things that are no study's.
        FileFormatError: what it holds is not what was written.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: results need a folder, but this is a file; give another --out")
    if folder.is_dir() and not (folder / STUDY).is_file() and not _is_barely_begun(folder):
        raise InputError(f"{folder}: the folder is not empty and holds no study; give another --out")
    if (folder / STUDY).is_file():
        if resume:
            _refuse_another_study(folder, identity)
        else:
            _set_aside(folder)
    try:
        (folder / NETWORKS).mkdir(parents=True, exist_ok=True)
        store = StudyStore(folder)
        write_whole(folder / STUDY, identity.model_dump_json(indent=1) + "\n")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); give another --out") from None
    return store


def load_trial_network(reference: str) -> IntegerNetwork:
    """Return the network that `STUDY_DIR:TRIAL` names, such as results/digits:7.

    Raises:
        InputError: no such study folder, trial or file.
    """
    folder_text, _, number = reference.rpartition(":")
    folder = Path(folder_text)
    if not folder_text or not number.isascii() or not number.isdigit() or len(number) > 9:
        raise InputError(
            f"a trial's network is named STUDY_DIR:TRIAL, but this is {reference!r}; name results/digits:0"
        )
    if not (folder / STUDY).is_file():
        raise InputError(f"{folder}: holds no study; run trackmac explore --out {folder} or name another folder")
    trials = sorted(record.trial for record in JsonLines(folder / TRIALS, TrialRecord).read())
    if int(number) not in trials:
        known = f"{trials[0]} to {trials[-1]}" if trials else "none yet"
        raise InputError(f"{folder}: there is no finished trial {number}; finished are {known}")
    from trackmac.networks.onnx_io import load_onnx

    return load_onnx(folder / NETWORKS / f"trial-{int(number):03d}.onnx")


def _is_barely_begun(folder: Path) -> bool:
    """Return whether a folder holds at most what a study that was killed at its very start leaves behind."""
    names = {entry.name for entry in folder.iterdir() if not entry.name.startswith(f".{STUDY}.")}
    return names <= {NETWORKS, TRIALS} and not JsonLines(folder / TRIALS, TrialRecord).read()


def _locked(folder: Path) -> IO[bytes]:
    lock = (folder / TRIALS).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise InputError(f"{folder}: another explore is at work there; wait for it or give another --out") from None
    return lock


def _set_aside(folder: Path) -> None:
    _locked(folder).close()
    number = 1
    while (aside := folder.with_name(f"{folder.name}~{number}")).exists():
        number += 1
    folder.rename(aside)


def _refuse_another_study(folder: Path, identity: IdentityFile) -> None:
    path = folder / STUDY
    try:
        stored = IdentityFile.model_validate_json(read_text(path))
    except ValidationError as error:
        raise FileFormatError(f"{path}: {first_problem(error)}") from None
    now, before = (_flat(each.model_dump(mode="json")) for each in (identity, stored))
    for key in sorted(now.keys() | before.keys()):
        if now.get(key) != before.get(key):
            raise InputError(
                f"{folder}: its results are those of another study: {key} was {_short(before.get(key))} and is now "
                f"{_short(now.get(key))}; drop --resume or give another --out"
            )


def _flat(identity: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested data as dotted keys, without what may change."""
    flat: dict[str, Any] = {}
    for key, value in identity.items():
        if isinstance(value, dict) and not (prefix == "study." and key in CHANGEABLE):
            flat |= _flat(value, f"{prefix}{key}.")
        elif not (prefix == "study." and key in CHANGEABLE):
            flat[f"{prefix}{key}"] = value
    return flat


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _dataset_fingerprint(dataset: Dataset) -> str:
    digest = hashlib.sha256()
    for part in ("train", "validation", "test"):
        for what in ("images", "labels"):
            digest.update(getattr(dataset, f"{part}_{what}").tobytes())
    return digest.hexdigest()
