import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackmac.arrays import hardware_names, hardware_text
from trackmac.circuits import FAMILIES
from trackmac.exploration.space_files import space_names, space_text
from trackmac.exploration.study import study_names, study_text
from trackmac.technology import record_names, record_text

if TYPE_CHECKING:
    from tests.cli.conftest import Cli


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("networks", "lenet5"),
        ("hardware", "embedded"),
        ("technologies", "physics-45nm"),
        ("technologies", "rtsim-destiny-2017"),
        ("datasets", "digits"),
        ("circuits", "shift_add_multiplier"),
    ],
)
def test_list_names_everything_of_a_kind(cli: "Cli", kind: str, name: str) -> None:
    printed = cli("list", kind)
    items = json.loads(cli("list", kind, "--json", "-").out)["items"]

    assert name in [item["name"] for item in items]
    assert all(item["summary"] for item in items)
    assert all(item["name"] in printed.out for item in items)


def test_list_hardware_shows_capacity_ports_and_banks(cli: "Cli") -> None:
    printed = cli("list", "hardware").out
    items = {item["name"]: item for item in json.loads(cli("list", "hardware", "--json", "-").out)["items"]}

    edge = items["edge"]
    assert (edge["capacity_bits"], edge["ports"], edge["banks"]) == (4 * 8 * 1024**2, "2RW+2R", 16)
    line = next(line for line in printed.splitlines() if line.startswith("edge"))
    assert line.split()[-4:] == ["2RW+2R", "16", "4.00", "MiB"]


def test_list_circuits_is_the_registry(cli: "Cli") -> None:
    items = json.loads(cli("list", "circuits", "--json", "-").out)["items"]

    assert [item["name"] for item in items] == sorted(FAMILIES)


def test_list_of_an_unknown_kind_is_refused(cli: "Cli") -> None:
    assert cli("list", "wishes").refuses("'wishes' is not one of 'networks', 'hardware'")
    assert cli("list").refuses("missing argument")


SHIPPED = (
    [("hardware", name, hardware_text(name)) for name in hardware_names()]
    + [("technology", name, record_text(name)) for name in record_names()]
    + [("study", name, study_text(name)) for name in study_names()]
    + [("space", name, space_text(name)) for name in space_names()]
)


@pytest.mark.parametrize(("kind", "name", "text"), SHIPPED, ids=lambda value: str(value)[:20].strip())
def test_show_prints_the_file_as_it_is(cli: "Cli", kind: str, name: str, text: str) -> None:
    outcome = cli("show", kind, name)

    assert outcome.out == text
    assert json.loads(cli("show", kind, name, "--json", "-").out) == {"kind": kind, "name": name, "text": text}


def test_what_show_prints_can_be_used(cli: "Cli", tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(cli("show", "hardware", "embedded").out)

    assert cli("evaluate", "lenet5", "--hardware", tmp_path / "mine.yaml").code == 0


@pytest.mark.parametrize("kind", ["hardware", "technology", "study", "space"])
def test_show_of_an_unknown_name_is_refused(cli: "Cli", kind: str) -> None:
    assert cli("show", kind, "nope").refuses("'nope'")


@pytest.mark.parametrize("kind", ["hardware", "technology", "study", "space"])
def test_schema_is_a_json_schema_that_allows_no_other_keys(cli: "Cli", kind: str, tmp_path: Path) -> None:
    outcome = cli("schema", kind, "--json", tmp_path / "schema.json")

    data = json.loads(outcome.out)
    assert data["type"] == "object"
    assert data["additionalProperties"] is False
    assert json.loads((tmp_path / "schema.json").read_text()) == data
    assert json.loads(cli("schema", kind, "--json", "-").out) == data


def test_later_kinds_are_not_there_yet(cli: "Cli") -> None:
    assert cli("schema", "faults").refuses("'faults' is not one of")
