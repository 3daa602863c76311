from pathlib import Path

import pytest

from trackmac.errors import FileFormatError, UnknownNameError
from trackmac.technology.catalog import record_text
from trackmac.technology.technology import load_technology

FIGURE = "{value: 2, low: 1, high: 3, evidence: measured, source: our own device}"
OWN_SHIFT = f"shift: {{energy_pj: {FIGURE}, latency_ns: {FIGURE}, stated_domains: {FIGURE}}}\n"
OWN = OWN_SHIFT + "".join(f"{part}: {{energy_pj: {FIGURE}, latency_ns: {FIGURE}}}\n" for part in ("sense", "write"))


def written(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_with_a_shipped_companion_takes_from_it_what_it_lacks(tmp_path: Path) -> None:
    path = written(tmp_path, f"name: mine\nsummary: ours\ncompanion: companion-45nm\n{OWN}")

    technology = load_technology(path)

    assert technology.figure("shift.energy_pj").record == "mine"
    assert technology.figure("bus.cycle_ns").record == "companion-45nm"
    assert technology.value("shift.energy_pj") == 2


def test_a_path_may_be_text(tmp_path: Path) -> None:
    path = written(tmp_path, f"name: mine\nsummary: ours\ncompanion: companion-45nm\n{OWN}")

    assert load_technology(str(path)) == load_technology(path)


def test_a_companion_may_lie_beside_the_file(tmp_path: Path) -> None:
    written(tmp_path, record_text("companion-45nm").replace("name: companion-45nm", "name: house"), "house.yaml")
    path = written(tmp_path, f"name: mine\nsummary: ours\ncompanion: house.yaml\n{OWN}")

    assert load_technology(path).figure("bus.cycle_ns").record == "house"


def test_an_own_figure_wins_over_the_companions(tmp_path: Path) -> None:
    path = written(
        tmp_path, f"name: mine\nsummary: ours\ncompanion: companion-45nm\n{OWN}latch: {{energy_pj: {FIGURE}}}\n"
    )

    assert load_technology(path).value("latch.energy_pj") == 2


def test_a_loaded_technology_is_returned_as_it_is() -> None:
    technology = load_technology("rtsim-destiny-2017")

    assert load_technology(technology) is technology


def test_a_figure_that_nobody_has_is_refused_by_its_key(tmp_path: Path) -> None:
    path = written(tmp_path, f"name: mine\nsummary: ours\ncompanion: companion-45nm\n{OWN_SHIFT}")

    with pytest.raises(FileFormatError) as caught:
        load_technology(path)

    assert str(caught.value) == (
        "mine: sense.energy_pj: required figure is missing, and its companion companion-45nm has it neither; "
        "add it to the file"
    )


def test_a_companion_alone_is_not_a_technology() -> None:
    with pytest.raises(FileFormatError, match=r"^companion-45nm: shift.energy_pj: required figure is missing, and it"):
        load_technology("companion-45nm")


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        load_technology("rtsim-destiny-2018")

    assert str(caught.value) == (
        "unknown technology 'rtsim-destiny-2018': did you mean 'rtsim-destiny-2017'? "
        "known are physics-45nm, rtsim-destiny-2017, spimulator-2025"
    )


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"none.yaml: no such file; give the path of an existing file$"):
        load_technology(str(tmp_path / "none.yaml"))


def test_an_unknown_companion_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "name: mine\nsummary: ours\ncompanion: companion-28nm\n")

    with pytest.raises(
        UnknownNameError, match=r"^unknown companion of mine 'companion-28nm': did you mean 'companion-45"
    ):
        load_technology(path)


def test_a_missing_companion_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "name: mine\nsummary: ours\ncompanion: house.yaml\n")

    with pytest.raises(FileFormatError, match=r"house.yaml: no such file"):
        load_technology(path)


def test_a_companion_with_a_companion_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "name: mine\nsummary: ours\ncompanion: spimulator-2025\n")

    with pytest.raises(
        FileFormatError, match=r"^mine: a companion must not need a companion itself, but spimulator-2025"
    ):
        load_technology(path)


def test_a_file_that_is_its_own_companion_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "name: mine\nsummary: ours\ncompanion: mine.yaml\n")

    with pytest.raises(FileFormatError, match="must not need a companion itself"):
        load_technology(path)


def test_tracks_that_overlap_are_refused(tmp_path: Path) -> None:
    wide = "{value: 100, low: 90, high: 110, evidence: measured, source: our own device}"
    path = written(
        tmp_path, f"name: mine\nsummary: ours\ncompanion: companion-45nm\n{OWN}geometry: {{track_width_nm: {wide}}}\n"
    )

    with pytest.raises(FileFormatError) as caught:
        load_technology(path)

    assert str(caught.value) == (
        "mine: geometry.track_width_nm must not exceed track_pitch_nm (90), but it is 100; tracks would overlap"
    )


def test_an_unknown_figure_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'shift\.energy_pj'"):
        load_technology("rtsim-destiny-2017").value("shift.energy")


def test_optional_figures_of_a_companion_are_not_borrowed() -> None:
    keys = {figure.key for figure in load_technology("rtsim-destiny-2017").figures}

    assert "bank_leakage_nw" in keys
    assert "clock_ns" not in keys


def test_equal_figures_have_equal_fingerprints_and_any_change_another(tmp_path: Path) -> None:
    text = f"name: mine\nsummary: ours\ncompanion: companion-45nm\n{OWN}"
    first = load_technology(written(tmp_path, text, "first.yaml"))
    same = load_technology(written(tmp_path, text.replace("value: 2,", "value: 2.0,"), "same.yaml"))
    other = load_technology(written(tmp_path, text.replace("value: 2,", "value: 2.0001,", 1), "other.yaml"))

    assert first.fingerprint() == same.fingerprint()
    assert first.fingerprint() != other.fingerprint()
    assert len(first.fingerprint()) == 64
