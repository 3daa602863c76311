"""The device records that trackmac ships: `catalog/NAME.yaml`, found by themselves."""

from functools import cache
from importlib.resources import files
from typing import Any

from trackmac.errors import unknown_name
from trackmac.files import parse_yaml
from trackmac.technology.schema import TechnologyRecord

_FOLDER = files("trackmac.technology") / "catalog"
_SUFFIX = ".yaml"


@cache
def record_names() -> tuple[str, ...]:
    """Return the names of all shipped records, companions included, in order."""
    names = (file.name for file in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def technology_names() -> tuple[str, ...]:
    """Return the names of the shipped records that are a whole technology: all but the companions of others."""
    companions = {shipped_record(name).companion for name in record_names()}
    return tuple(name for name in record_names() if name not in companions)


def technology_summaries() -> dict[str, str]:
    """Return one line about each shipped technology, by its name."""
    return {name: shipped_record(name).summary for name in technology_names()}


def record_text(name: str) -> str:
    """Return the text of the shipped YAML file `name`, ready to be edited.

    Raises:
        UnknownNameError: no record of that name is shipped.
    """
    if name not in record_names():
        raise unknown_name("technology", name, record_names())
    return (_FOLDER / f"{name}{_SUFFIX}").read_text(encoding="utf-8")


@cache
def shipped_record(name: str) -> TechnologyRecord:
    """Return the shipped record `name`.

    Raises:
        UnknownNameError: no record of that name is shipped.
    """
    return parse_yaml(record_text(name), TechnologyRecord, where=name)


def technology_schema() -> dict[str, Any]:
    """Return the JSON Schema of a technology file."""
    return TechnologyRecord.model_json_schema()
