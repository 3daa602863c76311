"""Hardware files: the shipped ones, and what a user may get wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from trackmac.arrays import Dataflow, Hardware, HardwareFile, hardware_names, hardware_text, load_hardware
from trackmac.arrays.hardware import from_file
from trackmac.arrays.ports import KNOWN_LAYOUTS, PortKind, PortLayout
from trackmac.errors import FileFormatError, IllegalHardwareError, InputError, UnknownNameError
from trackmac.mapping import schedule
from trackmac.networks.load import load_network
from trackmac.networks.shapes import layer_shapes
from trackmac.technology import load_technology, technology_names

GOOD = hardware_text("tiny")


@pytest.mark.parametrize("name", hardware_names())
def test_a_shipped_file_describes_what_can_be_built(name: str) -> None:
    hardware = load_hardware(name)

    assert hardware.name == name
    assert hardware.technology in technology_names()


@pytest.mark.parametrize("name", hardware_names())
def test_a_shipped_file_survives_a_round_trip(name: str) -> None:
    hardware = load_hardware(name)

    again = from_file(HardwareFile.model_validate_json(_as_json(hardware)))

    assert again == hardware


@pytest.mark.parametrize("dataflow", list(Dataflow))
def test_a_file_says_what_stays_in_a_unit(dataflow: Dataflow) -> None:
    hardware = replace(load_hardware("tiny"), dataflow=dataflow)

    again = from_file(HardwareFile.model_validate_json(_as_json(hardware)))

    assert again == hardware
    assert again.dataflow is dataflow
    assert ("output-stationary" in hardware.label) == (dataflow is Dataflow.OUTPUT_STATIONARY)


@pytest.mark.parametrize("name", hardware_names())
def test_a_shipped_file_explains_itself(name: str) -> None:
    text = hardware_text(name)

    assert "summary:" in text
    assert text.count("#") >= 5


@pytest.mark.parametrize("technology", technology_names())
def test_the_default_hardware_runs_lenet5_in_every_technology(technology: str) -> None:
    shapes = layer_shapes(load_network("lenet5"))

    planned = schedule(shapes, load_hardware("embedded"), load_technology(technology))

    assert planned.weight_bits >= 8 * 61_470


def test_a_hardware_is_returned_as_it_is() -> None:
    hardware = load_hardware("tiny")

    assert load_hardware(hardware) is hardware


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown hardware 'tinny': did you mean 'tiny'"):
        load_hardware("tinny")


def test_the_label_has_domains_ports_of_a_weight_track_tracks_and_units() -> None:
    assert load_hardware("tiny").label == "MU-64-2RW-67 booth_radix4_mac along 1x8x8"


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("banks: 1", "banks: 1\nbank: 1", FileFormatError, "bank: unknown key"),
        ("banks: 1", "banks: 1\nbanks: 1", FileFormatError, "key 'banks' is given twice"),
        ("banks: 1", "banks: !!python/object:os.system 1", FileFormatError, "tags are not allowed"),
        ("banks: 1", "banks: -1", FileFormatError, "greater than or equal to 1, but it is -1"),
        ("banks: 1", "banks: 0", FileFormatError, "greater than or equal to 1, but it is 0"),
        ("banks: 1", "banks: many", FileFormatError, "valid integer, but it is 'many'"),
        ("banks: 1", "banks: '1'", FileFormatError, "valid integer, but it is '1'"),
        ("banks: 1", "banks: 1.5", FileFormatError, "integer, but it is 1.5"),
        ("banks: 1\n", "", FileFormatError, "banks: required key is missing"),
        ("layout: along ", "layout: sideways ", FileFormatError, "'along' or 'across', but it is 'sideways'"),
        ("RW: 2", "RW: 3", IllegalHardwareError, "3 ports do not divide 64 domains"),
        ("RW: 2", "RW: 128", IllegalHardwareError, "at most one port for each domain, but 128 ports"),
        ("RW: 2", "RW: 0", IllegalHardwareError, "tiny: every domain needs a port that can read it"),
        ("RW: 2, W: 0", "RW: 0, W: 2", IllegalHardwareError, "read it, but 2W has none; give at least one RW or R"),
        ("RW: 2, W: 0, R: 0", "R: 2", IllegalHardwareError, "write it, but 2R has none; give at least one RW or W"),
        ("R: 0}", "R: 3}", IllegalHardwareError, "5 ports do not divide 64 domains; choose a divisor, or say where"),
        ("R: 0}", "R: -1}", FileFormatError, "ports_per_track.R: input should be greater than or equal to 0"),
        ("R: 0}", "R: 0}\n  port_positions: {RW: [0, 0]}", IllegalHardwareError, "at one position, but two are at 0"),
        ("R: 0}", "R: 0}\n  port_positions: {RW: [0, 64]}", IllegalHardwareError, "domains 0 to 63, but one is at 64"),
        ("R: 0}", "R: 0}\n  port_positions: {RW: [0]}", IllegalHardwareError, "of 2 RW ports 1 have one"),
        ("R: 0}", "R: 0}\n  port_positions: {RW: [0, -1]}", FileFormatError, "equal to 0, but it is -1"),
        ("R: 0}", "R: 0}\n  port_positions: {RW: [0, a]}", FileFormatError, "valid integer, but it is 'a'"),
        ("R: 0}", "R: 0}\n  port_positions: {X: [0]}", FileFormatError, "port_positions.X: unknown key"),
        ("circuit: booth_radix4_mac", "circuit: abacus", UnknownNameError, "unknown MAC circuit 'abacus'"),
        ("layout: along ", "layout: across ", None, ""),
    ],
)
def test_a_mistake_in_a_file_is_named(
    tmp_path: Path, old: str, new: str, error: type[InputError] | None, message: str
) -> None:
    assert old in GOOD
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.replace(old, new))

    if error is None:
        assert load_hardware(path).layout == "across"
        return
    with pytest.raises(error) as refusal:
        load_hardware(path)

    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_circuit_is_refused_in_a_layout_that_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.replace("booth_radix4_mac", "magnetic_mac").replace("layout: along", "layout: across"))

    with pytest.raises(IllegalHardwareError, match="magnetic_mac has words along tracks, not across"):
        load_hardware(path)


def described(ports: PortLayout) -> str:
    """Return the text of a file whose weight tracks have these ports, each at its place."""
    counts = ", ".join(f"{kind}: {ports.count(kind)}" for kind in PortKind)
    places = ", ".join(f"{kind}: {ports.of_kind(kind)}" for kind in PortKind)
    text = GOOD.replace("ports_per_track: {RW: 2, W: 0, R: 0}", f"ports_per_track: {{{counts}}}")
    return text.replace("\ncircuit:", f"\n  port_positions: {{{places}}}\n\ncircuit:")


@pytest.mark.parametrize("label", KNOWN_LAYOUTS)
def test_a_file_can_say_where_every_port_stands(tmp_path: Path, label: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(described(KNOWN_LAYOUTS[label]))

    hardware = load_hardware(path)

    assert hardware.port_layout == KNOWN_LAYOUTS[label]
    assert from_file(HardwareFile.model_validate_json(_as_json(hardware))) == hardware


def test_ports_of_several_kinds_take_turns_where_no_positions_are_given(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.replace("W: 0, R: 0}", "W: 2, R: 4}"))

    ports = load_hardware(path).port_layout

    assert [(port.position, str(port.kind)) for port in ports.ports] == [
        (0, "RW"), (8, "W"), (16, "R"), (24, "R"), (32, "RW"), (40, "W"), (48, "R"), (56, "R"),
    ]  # fmt: skip


def test_the_label_names_the_kinds_of_ports_where_there_are_several() -> None:
    mixed = replace(load_hardware("tiny"), ports=2, read_ports=2, tracks=8)

    assert mixed.label == "MU-64-2RW+2R-8 booth_radix4_mac along 1x8x8"


def _as_json(hardware: Hardware) -> str:
    import json

    return json.dumps(hardware.to_dict())
