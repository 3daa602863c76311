import json
from pathlib import Path
from typing import Any

import pytest

from trackmac.errors import FileFormatError, InputError, UnknownNameError
from trackmac.exploration.space_files import MAX_POINTS, load_space, space_names, space_schema, space_text
from trackmac.exploration.study import StudyFile, load_study, study_names, study_schema, study_text


def write(path: Path, data: dict[str, Any]) -> Path:
    path.write_text(json.dumps(data), encoding="utf-8")  # JSON is YAML
    return path


def edited(study: dict[str, Any], key: str, value: object) -> dict[str, Any]:
    """Set a dotted key; None removes it."""
    *path, last = key.split(".")
    place = study
    for part in path:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return study


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("trials", None, "trials: required key is missing; add it"),
        ("trials", 0, "trials: input should be greater than or equal to 1, but it is 0"),
        ("trials", "24", "trials: input should be a valid integer, but it is '24'"),
        ("trials", True, "trials: input should be a valid integer"),
        ("budget", 3, "budget: unknown key"),
        ("name", "../elsewhere", "name: string should match pattern"),
        ("sampler", "random", "sampler: input should be 'tpe' or 'nsga2', but it is 'random'"),
        ("front_resolution", 1.5, "front_resolution: input should be less than or equal to 1"),
        ("network_space.depth", [], "network_space.depth: tuple should have at least 1 item"),
        ("network_space.kernel", [2], "a kernel must be odd, so that padding keeps the map's size, but it is 2"),
        ("network_space.weight_bits", [1], "network_space.weight_bits.0: input should be greater than or equal to 2"),
        ("network_space.weight_bits", [17], "network_space.weight_bits.0: input should be less than or equal to 8"),
        ("network_space.channels", [4, 4], "choices must differ, and 4 is given twice"),
        ("hardware_space.domains", [-64], "domains.0: input should be greater than or equal to 1, but it is -64"),
        ("hardware_space.tracks", ["64"], "tracks.0: input should be a valid integer, but it is '64'"),
        ("hardware_space.layouts", ["diagonal"], "layouts.0: input should be 'along' or 'across'"),
        (
            "hardware_space.circuits",
            ["shift_ad_mac"],
            "unknown MAC circuit 'shift_ad_mac': did you mean 'shift_add_mac'?",
        ),
        ("hardware_space.circuits", ["max_pool"], "unknown MAC circuit 'max_pool'"),
        ("hardware_space.ports", [5], "ports must divide domains, but none of [5] divides any of [32, 64]"),
        ("hardware_space.technologies", ["rtsim"], "unknown technology 'rtsim'"),
        ("hardware_space", "nowhere", "unknown hardware space 'nowhere'"),
        ("hardware_space", "nowhere.yaml", "nowhere.yaml: no such file"),
        ("hardware_space", 7, "hardware_space"),
        ("objectives", ["accuracy"], "objectives must be accuracy and at least one of"),
        ("objectives", ["energy_pj", "area_um2"], "objectives must be accuracy and at least one of"),
        ("constraints.max_energy_pj", -1.0, "constraints.max_energy_pj: input should be greater than 0"),
        ("constraints.min_accuracy", 97.0, "constraints.min_accuracy: input should be less than or equal to 1"),
        ("trials", 97, "97 trials are asked of a network_space of 96"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    tmp_path: Path, small_study: dict[str, Any], key: str, value: object, message: str
) -> None:
    path = write(tmp_path / "study.yaml", edited(small_study, key, value))

    with pytest.raises(InputError) as caught:
        load_study(path)

    assert message in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_all_architectures_may_be_asked_for(tmp_path: Path, small_study: dict[str, Any]) -> None:
    study = load_study(write(tmp_path / "study.yaml", edited(small_study, "trials", 96)))

    assert study.network_space.architectures() == 96


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nname: b\n", "key 'name' is given twice"),
        ("name: !!python/object/apply:os.system [ls]\n", "tags are not allowed"),
        ("name: &a x\nsummary: *a\n", "anchors and aliases are not allowed"),
        ("{", "not YAML"),
    ],
)
def test_yaml_that_is_not_plain_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(FileFormatError, match=message):
        load_study(path)


def test_a_constraint_on_what_is_no_objective_is_refused(tmp_path: Path, small_study: dict[str, Any]) -> None:
    small_study |= {"objectives": ["accuracy", "energy_pj"], "constraints": {"max_area_um2": 9.0}}

    with pytest.raises(FileFormatError, match=r"constraints.max_area_um2 limits what is no objective; add area_um2"):
        load_study(write(tmp_path / "study.yaml", small_study))


def test_a_circuit_without_any_of_the_layouts_is_refused(tmp_path: Path, small_study: dict[str, Any]) -> None:
    small_study["hardware_space"] |= {"circuits": ["magnetic_mac"], "layouts": ["across"]}

    with pytest.raises(FileFormatError, match="no circuit of magnetic_mac has words across tracks; add a layout"):
        load_study(write(tmp_path / "study.yaml", small_study))


def test_a_grid_beyond_the_limit_is_refused(tmp_path: Path, small_study: dict[str, Any]) -> None:
    many = list(range(1, 65))
    small_study["hardware_space"] |= {"tracks": many, "units_per_mat": many, "mats_per_bank": many}

    with pytest.raises(FileFormatError, match=f"at most {MAX_POINTS} hardware points are searched"):
        load_study(write(tmp_path / "study.yaml", small_study))


def test_a_study_that_is_not_there_is_told_apart_from_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no such file"):
        load_study(tmp_path / "study.yaml")
    with pytest.raises(UnknownNameError, match="unknown study 'digit': did you mean 'digits'"):
        load_study("digit")


def test_files_are_looked_for_beside_the_file_that_names_them(tmp_path: Path, small_study: dict[str, Any]) -> None:
    space = small_study["hardware_space"] | {"name": "mine", "technologies": ["device.yaml", "spimulator-2025"]}
    (tmp_path / "spaces").mkdir()
    write(tmp_path / "spaces" / "mine.yaml", space)
    (tmp_path / "spaces" / "device.yaml").write_text(technology_text(), encoding="utf-8")
    small_study |= {"hardware_space": "spaces/mine.yaml", "dataset": "data/letters.npz"}

    study = load_study(write(tmp_path / "study.yaml", small_study))

    assert study.dataset == str(tmp_path / "data/letters.npz")
    assert study.space.name == "mine"
    assert study.space.technologies == (str(tmp_path / "spaces/device.yaml"), "spimulator-2025")
    assert [technology.name for technology in study.technologies()] == ["device", "spimulator-2025"]


def test_technologies_of_one_name_are_refused(tmp_path: Path, small_study: dict[str, Any]) -> None:
    text = technology_text().replace("name: device", "name: spimulator-2025")
    (tmp_path / "device.yaml").write_text(text, encoding="utf-8")
    small_study["hardware_space"]["technologies"] = ["./device.yaml", "spimulator-2025"]

    with pytest.raises(FileFormatError, match="technologies need names of their own"):
        load_study(write(tmp_path / "study.yaml", small_study))


def technology_text() -> str:
    from trackmac.technology import record_text

    return record_text("spimulator-2025").replace("name: spimulator-2025", "name: device")


def test_a_changed_study_is_checked_anew(study: StudyFile) -> None:
    assert study.changed({"trials": 3, "seed": None}).trials == 3
    with pytest.raises(InputError, match="small: trials: input should be greater than or equal to 1, but it is -1"):
        study.changed({"trials": -1})


def test_shipped_studies_and_spaces_load_by_name() -> None:
    assert "digits" in study_names()
    for name in study_names():
        assert load_study(name).name == name
    for name in space_names():
        assert load_space(name).name == name


def test_a_space_says_how_many_points_it_has() -> None:
    space = load_space("embedded")

    assert f"{space.points_at_most():,} accelerators" in space.summary


def test_the_example_is_the_shipped_study() -> None:
    example = Path(__file__).parents[2] / "examples" / "digits.yaml"

    assert example.read_text(encoding="utf-8") == study_text("digits")


def test_an_unknown_shipped_name_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown hardware space 'x'"):
        space_text("x")


def test_schemas_name_every_key() -> None:
    assert set(study_schema()["properties"]) == set(StudyFile.model_fields)
    assert "technologies" in space_schema()["required"]
