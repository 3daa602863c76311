"""Reads YAML from outside: hostile until checked, one line for each kind of mistake.

Refused: unknown and duplicate keys, keys that are not text, tags, anchors, aliases and merge keys, more than
`MAX_BYTES`, anything that the pydantic model of the file does not accept. A model sees the file as JSON data, so a
YAML list may become a tuple and a text an enum member, but never a text a number.
"""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from trackmac.errors import FileFormatError

MAX_BYTES = 200_000  # seconds of parsing; the largest shipped file has a tenth of it
MAX_DEPTH = 20


class FileModel(BaseModel):
    """Base of every record that is read from a file: strict, frozen, unknown keys and NaN refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path, model: type[Model]) -> Model:
    """Read the YAML file `path` as a `model`.

    Raises:
        FileFormatError: the file is missing, too large, not YAML, or breaks a rule of `model`.
    """
    return parse_yaml(read_text(path), model, where=str(path))


def read_text(path: Path) -> str:
    """Read a text file of at most `MAX_BYTES` as UTF-8.

    Raises:
        FileFormatError: the file is missing, a folder, unreadable, too large, or not UTF-8.
    """
    try:
        if not path.is_file():
            raise FileFormatError(f"{path}: no such file; give the path of an existing file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FileFormatError(
                f"{path}: at most {MAX_BYTES} bytes are read, but it has {size}; is it the right file?"
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FileFormatError(
            f"{path}: must be UTF-8 text, but byte {error.start} is not; is it the right file?"
        ) from None
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({error.strerror}); check its path and permissions") from None


def parse_yaml(text: str, model: type[Model], *, where: str) -> Model:
    """Parse YAML `text` as a `model`; `where` names it in errors.

    Raises:
        FileFormatError: the text is not plain YAML or breaks a rule of `model`.
    """
    data = _plain_data(text, where)
    try:
        return model.model_validate_json(json.dumps(data, default=str))  # default: YAML dates, which are text here
    except ValidationError as error:
        raise FileFormatError(f"{where}: {first_problem(error)}") from None


def first_problem(error: ValidationError) -> str:
    """Say the first problem of a pydantic `error` in one line: path, rule, value, and how many more there are."""
    problems = error.errors()
    first = problems[0]
    path = _shorten(".".join(str(part) for part in first["loc"])) or "the file"
    rule = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        line = f"{path}: unknown key; remove it or correct its spelling"
    elif first["type"] == "missing":
        line = f"{path}: required key is missing; add it"
    elif first["type"] == "value_error" and isinstance(first["input"], dict):
        line = f"{path}: {rule}"  # a rule between several keys names their values itself
    else:
        line = f"{path}: {rule[0].lower()}{rule[1:]}, but it is {_shorten(repr(first['input']))}; correct the value"
    more = len(problems) - 1
    return line + (f" (and {more} more problem{'s' if more > 1 else ''})" if more else "")


def _shorten(text: str) -> str:
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= 60 else line[:57] + "..."


def _plain_data(text: str, where: str) -> object:
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        _refuse_tags_and_aliases(text, where)
        loader = YAML(typ="safe", pure=True)
        loader.allow_duplicate_keys = False
        data = loader.load(text)
        _refuse_keys_that_are_not_text(data, where)
        return data
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        key = str(error.problem).split('"')[1] if '"' in str(error.problem) else "?"
        raise FileFormatError(
            f"{where}: line {line}: key {_shorten(repr(key))} is given twice; keep one of them"
        ) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise FileFormatError(f"{where}: line {line}: not YAML ({error.problem}); correct the syntax") from None
    except (YAMLError, ValueError) as error:
        reason = _shorten(" ".join(str(error).split()))
        raise FileFormatError(f"{where}: not YAML ({reason}); correct the syntax") from None


def _refuse_keys_that_are_not_text(data: object, where: str) -> None:
    if isinstance(data, dict):
        for key, value in data.items():
            if not isinstance(key, str):
                raise FileFormatError(f"{where}: keys must be text, but one is {_shorten(repr(key))}; put it in quotes")
            _refuse_keys_that_are_not_text(value, where)
    elif isinstance(data, list):
        for value in data:
            _refuse_keys_that_are_not_text(value, where)


def _refuse_tags_and_aliases(text: str, where: str) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.events import AliasEvent, CollectionStartEvent, NodeEvent, ScalarEvent

    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise FileFormatError(f"{where}: line {line}: anchors and aliases are not allowed; write the value out")
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag:
            raise FileFormatError(
                f"{where}: line {line}: tags are not allowed, but {_shorten(event.tag)} is given; remove it"
            )
        if isinstance(event, ScalarEvent) and event.value == "<<" and not event.style:
            raise FileFormatError(f"{where}: line {line}: merge keys (<<) are not allowed; write the keys out")
        depth += isinstance(event, CollectionStartEvent)
        depth -= type(event).__name__ in {"MappingEndEvent", "SequenceEndEvent"}
        if depth > MAX_DEPTH:
            raise FileFormatError(f"{where}: line {line}: nested deeper than {MAX_DEPTH} levels; flatten the file")
