"""Checkpoints: all that a training needs to go on as if it had never stopped. Nothing in them is unpickled."""

import hashlib
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from trackmac.errors import FileFormatError, InputError
from trackmac.training.datasets import Dataset

MAX_CHECKPOINT_BYTES = 4_000_000_000
FORMAT = "trackmac-checkpoint-1"


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """Where a training's state is kept; `identity` says which training it is, word for word."""

    path: Path
    identity: Mapping[str, str]

    def save(self, state: Mapping[str, Any]) -> None:
        """Write the state; the file appears whole or not at all.

        Raises:
            InputError: it cannot be written.
        """
        unfinished = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            with unfinished.open("wb") as file:
                torch.save({"format": FORMAT, "identity": dict(self.identity), "state": dict(state)}, file)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.path)
        except OSError as error:
            raise InputError(f"{self.path}: cannot be written ({error.strerror}); choose another folder") from None

    def load(self) -> dict[str, Any]:
        """Read a state that `save` wrote for the same training.

        Raises:
            FileFormatError: missing, too large, or no checkpoint.
            InputError: the checkpoint of another training.
        """
        found = self._read()
        if (
            not isinstance(found, dict)
            or found.get("format") != FORMAT
            or set(found) != {"format", "identity", "state"}
        ):
            raise FileFormatError(f"{self.path}: must be a checkpoint of trackmac train, but is not; drop --resume")
        for key, value in self.identity.items():
            other = found["identity"].get(key) if isinstance(found["identity"], dict) else None
            if other != value:
                raise InputError(
                    f"{self.path}: is of another training: its {key} is {str(other)[:60]!r}, not {value!r}; "
                    "repeat its options, or drop --resume to start anew"
                )
        state: dict[str, Any] = found["state"]
        return state

    def _read(self) -> Any:
        try:
            with zipfile.ZipFile(self.path) as archive:
                size = sum(entry.file_size for entry in archive.infolist())
            if size > MAX_CHECKPOINT_BYTES:
                raise FileFormatError(f"{self.path}: at most {MAX_CHECKPOINT_BYTES} bytes are read, but it has {size}")
            return torch.load(self.path, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            raise FileFormatError(f"{self.path}: no such checkpoint; drop --resume to start anew") from None
        except FileFormatError:
            raise
        except Exception as error:  # what PyTorch raises on hostile files is no short list
            reason = " ".join(str(error).split())[:100]
            raise FileFormatError(
                f"{self.path}: cannot be read as a checkpoint ({reason}); drop --resume to start anew"
            ) from None


def digest(dataset: Dataset) -> str:
    """Return what tells a data set from others: a hash of all it trains and validates with."""
    hashed = hashlib.sha256()
    for array in (dataset.train_images, dataset.train_labels, dataset.validation_images, dataset.validation_labels):
        hashed.update(str(array.shape).encode())
        hashed.update(array.tobytes())
    return hashed.hexdigest()
