import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

BANK = ("--domains", 64, "--tracks", 32, "--ports", 2, "--port-access", "static", "--port-update", "lazy")


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "t.nvt"
    lines = [f"{400 * i} R {hex(64 * domain)} {'00' * 64} 0\n" for i, domain in enumerate((5, 40, 5))]
    path.write_text("NVMV0\n" + "".join(lines), encoding="ascii")
    return path


def test_the_result_has_the_keys_of_the_interface(cli: "Cli", trace: Path) -> None:
    outcome = cli("trace", "replay", trace, *BANK, "--json", "-")

    result = json.loads(outcome.out)
    assert outcome.code == 0
    assert {key: result[key] for key in ("requests", "shift_steps", "track_shifts", "min_displacement")} == {
        "requests": 3, "shift_steps": 11, "track_shifts": 352, "min_displacement": 0,
    }  # fmt: skip
    assert (result["max_displacement"], result["overhead_needed"]) == (8, 8)
    assert result["technology"] == "rtsim-destiny-2017"
    assert result["shift_energy_nj"] == pytest.approx(11 * 0.0195)  # RTSim's Esh, for a DBC of 32 tracks


def test_the_other_sizes_and_the_technology_can_be_chosen(cli: "Cli", trace: Path) -> None:
    sizes = ("--dbcs", 1, "--word-bytes", 128, "--technology", "spimulator-2025")

    result = json.loads(cli("trace", "replay", trace, *BANK, *sizes, "--json", "-").out)

    assert (result["dbcs"], result["word_bytes"], result["technology"]) == (1, 128, "spimulator-2025")
    assert result["shift_steps"] == 2 + 18 + 18  # domains 2, 20, 2


def test_people_read_counts_displacement_and_energy(cli: "Cli", trace: Path) -> None:
    text = cli("trace", "replay", trace, *BANK).out

    assert "11 shift steps, 352 track shifts" in text
    assert "displaced by +0 to +8 domains: 8 overhead domains needed" in text
    assert cli("trace", "replay", trace, *BANK, "--quiet").out == ""


def test_a_wrong_line_is_one_line_and_nothing_is_evaluated(cli: "Cli", trace: Path, tmp_path: Path) -> None:
    trace.write_text(trace.read_text(encoding="ascii") + "1200 R 0x40", encoding="ascii")

    outcome = cli("trace", "replay", trace, *BANK, "--json", tmp_path / "result.json")

    assert outcome.refuses("t.nvt: line 5: must have 5 fields")
    assert not (tmp_path / "result.json").exists()


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--ports", 3, "3 ports do not divide 64 domains; choose a divisor"),
        ("--ports", 0, "ports must be 1 to"),
        ("--domains", -64, "domains must be 1 to"),
        ("--dbcs", 16777217, "dbcs must be 1 to 16777216"),
        ("--tracks", "many", "it must be an integer, but it is 'many'"),
        ("--port-access", "nearest", "'nearest' is not one of 'static', 'dynamic'"),
        ("--port-update", "late", "'late' is not one of 'lazy', 'eager'"),
        ("--technology", "rtsim", "unknown technology 'rtsim'"),
    ],
)
def test_a_wrong_option_is_one_line(cli: "Cli", trace: Path, option: str, value: object, message: str) -> None:
    assert cli("trace", "replay", trace, *BANK, option, value).refuses(message)


def test_the_bank_must_be_given(cli: "Cli", trace: Path) -> None:
    assert cli("trace", "replay", trace).refuses("missing option '--domains'")


def replayed(cli: "Cli", command: str) -> dict[str, int]:
    """Run the command that an export printed, and return its result."""
    outcome = cli(*command.split()[1:], "--json", "-")
    result: dict[str, int] = json.loads(outcome.out)
    return result


@pytest.mark.parametrize("name", ["t.nvt", "t.nvt.gz"])
def test_an_exported_trace_replays_to_the_schedules_own_count(cli: "Cli", tmp_path: Path, name: str) -> None:
    result = json.loads(
        cli(
            "trace",
            "export",
            "lenet5",
            "--layer",
            "linear3",
            "--layer",
            "linear2",
            "--out",
            tmp_path / name,
            "--json",
            "-",
        ).out
    )

    found = replayed(cli, result["replay_command"])

    assert [layer["name"] for layer in result["layers"]] == ["linear2", "linear3"]
    assert found["requests"] == result["accesses"] == 8 * (120 * 84 + 84 * 10)  # every bit of every weight, once
    assert found["shift_steps"] == result["shift_steps"] == 117_180 + 9_610
    assert found["track_shifts"] == result["track_shifts"]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_with_the_homeward_and_the_compute_shifts_it_is_all_that_evaluate_counts(cli: "Cli", tmp_path: Path) -> None:
    result = json.loads(
        cli("trace", "export", "lenet5", "--out", tmp_path / "t.nvt.gz", "--pixels", 1, "--json", "-").out
    )
    whole = json.loads(cli("evaluate", "lenet5", "--json", "-").out)
    every = {layer["name"]: layer["events"].get("track_shifts", 0) for layer in whole["layers"]}

    for layer in result["layers"]:
        own = layer["track_shifts"] + layer["homeward_track_shifts"] + layer["compute_track_shifts"]
        stage = sum(
            shifts for name, shifts in every.items() if name == layer["name"] or name.startswith(f"{layer['name']}_re")
        )
        pixels = {"conv1": 784, "conv2": 100}.get(layer["name"], 1)
        assert own * pixels == stage
    assert result["other_track_shifts"] == 0  # pooling has no pixels to choose from


@pytest.fixture
def keeping_outputs(cli: "Cli", tmp_path: Path) -> Path:
    """A hardware file whose units keep their outputs, weights being sent from tracks of the chip."""
    path = tmp_path / "keeping.yaml"
    text = cli("show", "hardware", "embedded").out
    path.write_text(text.replace("dataflow: weight-stationary", "dataflow: output-stationary"), encoding="utf-8")
    return path


def test_weights_that_come_from_outside_are_one_line_and_no_file(
    cli: "Cli", tmp_path: Path, keeping_outputs: Path
) -> None:
    text = keeping_outputs.read_text(encoding="utf-8")
    keeping_outputs.write_text(text.replace("mats_per_bank: 16", "mats_per_bank: 1"), encoding="utf-8")

    outcome = cli("trace", "export", "lenet5", "--hardware", keeping_outputs, "--out", tmp_path / "t.nvt")

    assert outcome.refuses("embedded: a trace has the weights that are read from tracks, but they do not fit the chip")
    assert not (tmp_path / "t.nvt").exists()


@pytest.mark.parametrize("chosen", [(), ("--pixels", 80, "--layer", "conv1", "--layer", "linear3")])
def test_weights_that_are_sent_replay_to_the_count_of_evaluate(
    cli: "Cli", tmp_path: Path, keeping_outputs: Path, chosen: tuple[object, ...]
) -> None:
    on = ("--hardware", keeping_outputs, "--json", "-")
    result = json.loads(cli("trace", "export", "lenet5", "--out", tmp_path / "t.nvt", *chosen, *on).out)
    whole = json.loads(cli("evaluate", "lenet5", "--schedule", *on).out)

    found = replayed(cli, result["replay_command"])

    assert (found["requests"], found["shift_steps"]) == (result["accesses"], result["shift_steps"])
    sent = {line["name"]: line["events"]["track_shifts"] for line in whole["layers"] if line["kind"] == "broadcast"}
    sent["conv1"] = sent["conv1"] * (2 if chosen else 10) // 10  # 784 pixels in 10 turns of 79
    for layer in result["layers"]:
        assert layer["track_shifts"] + layer["homeward_track_shifts"] == sent[layer["name"]]
    if not chosen:
        steps = {stage["name"]: stage["operand_shift_steps"] for stage in whole["schedule"]["stages"]}
        assert {layer["name"]: layer["shift_steps"] for layer in result["layers"]} == {
            name: count for name, count in steps.items() if count
        }
        own = ("track_shifts", "homeward_track_shifts", "compute_track_shifts")
        assert sum(result[key] for key in own) == sum(
            layer["events"].get("track_shifts", 0) for layer in whole["layers"]
        )


def test_people_read_the_replay_command_and_what_computing_shifts(cli: "Cli", tmp_path: Path) -> None:
    path = tmp_path / "t.nvt.gz"

    text = cli("trace", "export", "lenet5", "--pixels", 2, "--out", path).out

    assert f"trackmac trace replay {path} --domains 64 --tracks 1 --ports 2 --port-access static" in text
    assert "bring weights home" in text
    assert "move operands at work" in text
    assert cli("trace", "export", "lenet5", "--pixels", 2, "--out", path, "--quiet").out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lenet5", "--layer", "conv9"), "unknown layer with weights 'conv9': did you mean 'conv2'?"),
        (("lenet5", "--layer", "conv1_pool"), "unknown layer with weights 'conv1_pool'"),
        (("lenet5", "--pixels", 0), "at least one pixel of each layer, but pixels is 0"),
        (("lenet5", "--hardware", "tiny"), "tiny: "),
        (("resnet8", "--hardware", "edge"), "may have at most 100,000,000 accesses, but this one would have"),
    ],
)
def test_what_cannot_be_exported_is_one_line_and_no_file(
    cli: "Cli", tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    outcome = cli("trace", "export", *arguments, "--out", tmp_path / "t.nvt")

    assert outcome.refuses(message)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_refused_before_any_work(cli: "Cli", tmp_path: Path) -> None:
    assert cli("trace", "export", "lenet5", "--out", tmp_path / "no" / "t.nvt").refuses("cannot be written")
