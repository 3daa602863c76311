import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackmac.arrays import hardware_text

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

TOTALS = {
    "macs", "energy_pj", "latency_ns", "interval_ns", "area_um2", "leakage_nw", "tops_per_watt", "tops_per_mm2",
}  # fmt: skip


def test_json_has_the_keys_of_the_public_interface(cli: "Cli") -> None:
    outcome = cli("evaluate", "lenet5", "--json", "-")

    data = json.loads(outcome.out)
    assert outcome.code == 0
    assert {"network", "hardware", "technology", "totals", "layers", "breakdown", "assumptions"} <= set(data)
    assert set(data["totals"]) >= TOTALS
    assert data["totals"]["macs"] == 416_520
    assert data["hardware"] == "embedded"
    for layer in data["layers"]:
        assert {"name", "kind", "macs", "energy_pj", "latency_ns", "events"} <= set(layer)


def test_breakdowns_and_layers_sum_to_the_totals(cli: "Cli") -> None:
    data = json.loads(cli("evaluate", "lenet5", "--json", "-").out)

    for key in ("energy_pj", "latency_ns", "area_um2"):
        assert sum(data["breakdown"][key].values()) == pytest.approx(data["totals"][key])
    for key in ("energy_pj", "latency_ns", "macs"):
        assert sum(layer[key] for layer in data["layers"]) == pytest.approx(data["totals"][key])


def test_another_technology_changes_the_energy_and_is_named(cli: "Cli") -> None:
    own = json.loads(cli("evaluate", "lenet5", "--json", "-").out)
    other = json.loads(cli("evaluate", "lenet5", "--technology", "spimulator-2025", "--json", "-").out)

    assert (own["technology"], other["technology"]) == ("physics-45nm", "spimulator-2025")
    assert own["totals"]["energy_pj"] != other["totals"]["energy_pj"]
    assert own["totals"]["macs"] == other["totals"]["macs"]


def test_a_hardware_file_names_its_technology_from_its_own_folder(cli: "Cli", tmp_path: Path) -> None:
    from trackmac.technology import record_text

    (tmp_path / "device.yaml").write_text(
        record_text("spimulator-2025").replace("name: spimulator-2025", "name: my-device")
    )
    (tmp_path / "hw.yaml").write_text(hardware_text("embedded").replace("physics-45nm ", "device.yaml "))

    data = json.loads(cli("evaluate", "lenet5", "--hardware", tmp_path / "hw.yaml", "--json", "-").out)

    assert data["technology"] == "my-device"


def test_tables_are_printed(cli: "Cli") -> None:
    text = cli("evaluate", "lenet5").out

    assert "lenet5-untrained on embedded, physics-45nm" in text
    for word in ("conv1", "linear3", "energy without leakage", "track shifts", "macro units", "replicas", "assumed"):
        assert word in text


def test_quiet_prints_nothing(cli: "Cli", tmp_path: Path) -> None:
    outcome = cli("evaluate", "lenet5", "--quiet", "--json", tmp_path / "out.json")

    assert outcome.out == outcome.err == ""
    assert json.loads((tmp_path / "out.json").read_text())["totals"]["macs"] == 416_520


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nope",), "unknown network 'nope'"),
        (("nofile.onnx",), "nofile.onnx"),
        (("results/none:3",), "results/none: holds no study"),
        (("lenet5", "--hardware", "nope"), "unknown hardware 'nope'"),
        (("lenet5", "--hardware", "nofile.yaml"), "nofile.yaml: no such file"),
        (("lenet5", "--technology", "nope"), "unknown technology 'nope'"),
        (("lenet5", "--hardware", "tiny"), "tiny: "),
        (("lenet5", "--json", "/nowhere/out.json"), "/nowhere/out.json: cannot be written"),
        (("lenet5", "--json", "/"), "/: cannot be written (Is a directory)"),
    ],
)
def test_wrong_input_is_refused(cli: "Cli", arguments: tuple[str, ...], message: str) -> None:
    assert cli("evaluate", *arguments).refuses(message)


def test_a_mistake_in_a_hardware_file_is_one_line(cli: "Cli", tmp_path: Path) -> None:
    path = tmp_path / "hw.yaml"
    path.write_text(hardware_text("tiny").replace("banks: 1", "banks: -1"))

    assert cli("evaluate", "lenet5", "--hardware", path).refuses("banks: input should be greater than or equal to 1")


def test_json_is_not_begun_when_the_input_is_wrong(cli: "Cli", tmp_path: Path) -> None:
    cli("evaluate", "nope", "--json", tmp_path / "out.json")

    assert not (tmp_path / "out.json").exists()


def test_the_evidence_behind_energy_latency_and_area_sums_to_them(cli: "Cli") -> None:
    data = json.loads(cli("evaluate", "lenet5", "--json", "-").out)

    for key in ("energy_pj", "latency_ns", "area_um2"):
        assert sum(data["evidence"][key].values()) == pytest.approx(data["totals"][key])
    assert "The device figures behind it: energy: " in cli("evaluate", "lenet5").out
