"""Append-only files of records, one JSON line each, that survive a kill at any moment."""

import os
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from trackmac.errors import FileFormatError
from trackmac.files import first_problem

MAX_BYTES = 1 << 28

Record = TypeVar("Record", bound=BaseModel)


class JsonLines(Generic[Record]):
    """A file of records of one pydantic model.

    A record is on the disk when `append` returns. A kill in the middle of a write leaves a torn last line, without its
    line break: it is not read, and `cut_torn_line` removes it before the next one is written.
    """

    def __init__(self, path: Path, model: type[Record]) -> None:
        self._path = path
        self._model = model

    def read(self) -> list[Record]:
        """Return all whole records.

        Raises:
            FileFormatError: a line is not such a record.
        """
        if not self._path.exists():
            return []
        if self._path.stat().st_size > MAX_BYTES:
            raise FileFormatError(f"{self._path}: at most {MAX_BYTES} bytes are read; is it the right file?")
        lines = self._path.read_bytes().split(b"\n")[:-1]
        return [self._parsed(line, number) for number, line in enumerate(lines, start=1)]

    def cut_torn_line(self) -> None:
        """Remove a last line without its line break; nobody else may be writing."""
        if self._path.exists():
            content = self._path.read_bytes()
            os.truncate(self._path, content.rfind(b"\n") + 1)

    def append(self, record: Record) -> None:
        """Write one record and wait until it is on the disk."""
        with self._path.open("ab") as file:
            file.write(record.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _parsed(self, line: bytes, number: int) -> Record:
        try:
            return self._model.model_validate_json(line)
        except ValidationError as error:
            raise FileFormatError(f"{self._path}: line {number}: {first_problem(error)}") from None


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that it appears whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
