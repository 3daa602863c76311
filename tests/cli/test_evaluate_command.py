import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from trackmac.arrays import hardware_text
from trackmac.report import quantities

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

    for key in ("energy_pj", "latency_ns", "area_um2", "leakage_nw"):
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
    for word in ("conv1", "linear3", "energy without leakage", "track shifts", "macro units", "assumed"):
        assert word in text
    assert "leakage by part" in text


def test_the_energy_delay_product_is_printed_and_that_of_the_json(cli: "Cli") -> None:
    totals = json.loads(cli("evaluate", "lenet5", "--json", "-").out)["totals"]

    (line,) = (line for line in cli("evaluate", "lenet5").out.splitlines() if line.startswith("energy-delay product"))
    product = totals["energy_delay_product_pj_ns"]
    assert product == totals["energy_pj"] * totals["latency_ns"]
    assert line.endswith(quantities.energy_delay(product))


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
        (("lenet5", "--rate", "nan"), "but it is nan"),
        (("lenet5", "--rate", "inf"), "but it is inf"),
        (("lenet5", "--rate", "-1"), "but it is -1;"),
        (("lenet5", "--rate", "1e-300"), "from 1e-09 on, but it is 1e-300; give one"),
        (("lenet5", "--rate", "often"), "it must be a number, but it is 'often'"),
        (("lenet5", "--rate", ""), "it must be a number, but it is ''"),
        (("lenet5", "--rate", "1e300"), "a second, but the rate is 1e+300; lower it"),
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


def test_a_technology_whose_low_exceeds_its_high_is_refused_in_one_line(cli: "Cli", tmp_path: Path) -> None:
    from trackmac.technology import record_text

    path = tmp_path / "device.yaml"
    path.write_text(record_text("physics-45nm").replace("low: 6200000.0", "low: 92000000.0", 1))

    assert cli("evaluate", "lenet5", "--technology", path).refuses(
        "low <= value <= high must hold, but low is 9.2e+07, value 2e+07 and high 6.2e+07"
    )


def test_a_rate_gives_power_battery_and_lifetime(cli: "Cli") -> None:
    data = json.loads(cli("evaluate", "lenet5", "--rate", "0.5", "--json", "-").out)

    at = data["at_rate"]
    assert set(at) == {
        "rate_per_second", "standby", "duty_fraction", "mean_power_nw", "energy_per_inference_pj", "battery_days",
        "lifetime_years", "lifetime_low_years", "lifetime_high_years",
    }  # fmt: skip
    assert at["rate_per_second"] == 0.5
    assert at["energy_per_inference_pj"] == pytest.approx(at["mean_power_nw"] * 1e3 / 0.5)
    assert at["lifetime_low_years"] < at["lifetime_years"] < at["lifetime_high_years"]


def test_no_rate_no_use(cli: "Cli") -> None:
    data = json.loads(cli("evaluate", "lenet5", "--json", "-").out)

    assert data["at_rate"] is None
    assert [baseline["mean_power_nw"] for baseline in data["baselines"]] == [None] * 3


def test_limits_and_baselines_stand_beside_the_totals(cli: "Cli") -> None:
    data = json.loads(cli("evaluate", "lenet5", "--rate", "1", "--json", "-").out)
    text = cli("evaluate", "lenet5", "--rate", "1").out

    totals = data["totals"]
    assert totals["peak_power_density_w_per_cm2"] > totals["power_density_w_per_cm2"] > 0
    assert totals["writes_per_mtj_per_inference"] > totals["writes_per_domain_per_inference"] > 0
    assert [baseline["name"] for baseline in data["baselines"]] == ["sram", "dram", "racetrack_storage"]
    assert all(baseline["assumptions"] for baseline in data["baselines"])
    for words in ("W/cm²", "at 1.00 inferences per second", "coin cell", "wears out", "racetrack storage", "battery"):
        assert words in text


def test_what_is_a_usual_power_density_stands_beside_the_mean_and_is_said_to_be_assumed(cli: "Cli") -> None:
    text = cli("evaluate", "lenet5").out

    mean, usual = (
        text.splitlines().index(line) for line in text.splitlines() if "W/cm²" in line and "peak" not in line
    )
    assert usual == mean + 1
    assert "about 1 W/cm2 (assumed: recalled, not read again)" in text
    assert "usual without a heat sink (assumed)" in text.splitlines()[usual]


def test_at_a_rate_of_nought_nothing_ever_wears_out(cli: "Cli") -> None:
    lines = cli("evaluate", "lenet5", "--rate", "0").out.splitlines()

    (wear,) = (line for line in lines if line.startswith("until the busiest MTJ wears out"))
    assert wear.split()[-1] == "never"


def test_a_floorplan_is_drawn_where_asked_for(cli: "Cli", tmp_path: Path) -> None:
    drawing = tmp_path / "chip.svg"

    outcome = cli("evaluate", "lenet5", "--svg", drawing)

    assert outcome.code == 0
    assert outcome.out.splitlines()[-1] == f"floorplan written to {drawing}"
    root = ElementTree.fromstring(drawing.read_text(encoding="utf-8"))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    area_um2 = json.loads(cli("evaluate", "lenet5", "--json", "-").out)["totals"]["area_um2"]
    assert f"All parts of the chip, {quantities.area(area_um2)}" in texts


def test_a_floorplan_that_cannot_be_written_is_refused_before_any_work(cli: "Cli", tmp_path: Path) -> None:
    outcome = cli("evaluate", "no-such-network", "--svg", tmp_path / "nowhere" / "chip.svg")

    assert outcome.refuses("chip.svg: cannot be written (No such file or directory)")


def test_the_schedule_is_shown_and_written_where_it_is_asked_for(cli: "Cli", tmp_path: Path) -> None:
    out = tmp_path / "result.json"

    outcome = cli("evaluate", "lenet5", "--schedule", "--json", str(out))

    assert "weights on a track" in outcome.out
    assert json.loads(out.read_text())["schedule"]["stages"][0]["name"] == "conv1"
    assert "weights on a track" not in cli("evaluate", "lenet5").out
