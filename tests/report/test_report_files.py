import json
from pathlib import Path
from typing import Any

import pytest

from trackmac.errors import FileFormatError
from trackmac.report.files import read_result, write_report_files
from trackmac.results import ExplorationResult


def test_a_result_is_read_back_as_it_was(exploration_result: ExplorationResult, tmp_path: Path) -> None:
    _store(exploration_result.to_dict(), tmp_path)

    again = read_result(tmp_path)

    assert again == exploration_result


def test_page_and_picture_are_written(exploration_result: ExplorationResult, tmp_path: Path) -> None:
    paths = write_report_files(exploration_result, tmp_path)

    assert [path.name for path in paths] == ["report.html", "front.png"]
    assert all(path.stat().st_size > 10_000 for path in paths)


def test_a_folder_without_a_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"result\.json: cannot be read \(No such file or directory\); give the"):
        read_result(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("seed", "many", "seed: input should be a valid integer"),
        ("front", None, "front: input should be a valid array"),
        ("study", 3, "study: input should be a valid string"),
    ],
)
def test_a_spoilt_result_is_refused(
    exploration_result: ExplorationResult, tmp_path: Path, key: str, value: object, message: str
) -> None:
    _store({**exploration_result.to_dict(), key: value}, tmp_path)

    with pytest.raises(FileFormatError) as refusal:
        read_result(tmp_path)

    assert message in str(refusal.value)


def test_a_result_without_designs_is_refused(exploration_result: ExplorationResult, tmp_path: Path) -> None:
    _store({**exploration_result.to_dict(), "front": []}, tmp_path)

    with pytest.raises(FileFormatError, match="front must have at least one design"):
        read_result(tmp_path)


def test_a_design_without_hardware_is_refused(exploration_result: ExplorationResult, tmp_path: Path) -> None:
    data = exploration_result.to_dict()
    data["front"][2]["hardware"] = {"technology": "spimulator-2025"}
    _store(data, tmp_path)

    with pytest.raises(FileFormatError, match="the hardware of t002-p74 is not whole"):
        read_result(tmp_path)


def test_a_best_design_without_hardware_is_refused(exploration_result: ExplorationResult, tmp_path: Path) -> None:
    data = exploration_result.to_dict()
    data["best"] = {**data["front"][0], "hardware": {}}
    _store(data, tmp_path)

    with pytest.raises(FileFormatError, match=r"the hardware of .* is not whole"):
        read_result(tmp_path)


def test_an_evaluation_without_a_breakdown_is_refused(exploration_result: ExplorationResult, tmp_path: Path) -> None:
    data = exploration_result.to_dict()
    del data["best_evaluation"]["breakdown"]["latency_ns"]
    _store(data, tmp_path)

    with pytest.raises(FileFormatError, match="breakdown lacks latency_ns"):
        read_result(tmp_path)


@pytest.mark.parametrize("number", ["-5", "NaN", "1e999", "1e308"])
def test_a_number_that_nothing_can_measure_is_refused(
    exploration_result: ExplorationResult, tmp_path: Path, number: str
) -> None:
    data = exploration_result.to_dict()
    data["front"][1]["energy_pj"] = "here"
    (tmp_path / "result.json").write_text(json.dumps(data).replace('"here"', number))

    with pytest.raises(FileFormatError, match=r"all numbers must be within 0\.\.1e\+30, but one is"):
        read_result(tmp_path)


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text("{")

    with pytest.raises(FileFormatError, match="invalid JSON"):
        read_result(tmp_path)


def _store(data: dict[str, Any], folder: Path) -> None:
    (folder / "result.json").write_text(json.dumps(data))


@pytest.mark.parametrize("part", ["unit", "levels"])
def test_a_floorplan_without_size_is_refused(exploration_result: ExplorationResult, tmp_path: Path, part: str) -> None:
    data = exploration_result.to_dict()
    drawn = data["best_floorplan"]["unit"] if part == "unit" else data["best_floorplan"]["levels"][0]
    drawn["outline"] = {"left_um": 0.0, "top_um": 0.0, "width_um": 0.0, "height_um": 0.0}
    (tmp_path / "result.json").write_text(json.dumps(data))

    with pytest.raises(FileFormatError, match="best_floorplan cannot be drawn"):
        read_result(tmp_path)


def test_a_floorplan_with_an_unknown_part_is_refused(exploration_result: ExplorationResult, tmp_path: Path) -> None:
    data = exploration_result.to_dict()
    data["best_floorplan"]["levels"][0]["blocks"][0]["part"] = "flux_capacitor"
    (tmp_path / "result.json").write_text(json.dumps(data))

    with pytest.raises(FileFormatError, match="best_floorplan cannot be drawn"):
        read_result(tmp_path)
