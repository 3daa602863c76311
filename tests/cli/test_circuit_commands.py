import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackmac.circuits import FAMILIES

if TYPE_CHECKING:
    from tests.cli.conftest import Cli


def test_run_gives_the_keys_of_the_public_interface(cli: "Cli") -> None:
    outcome = cli("circuit", "run", "ripple_adder", "--a", "-3,5", "--b", "7,-8", "--json", "-")

    data = json.loads(outcome.out)
    assert outcome.code == 0
    assert {"circuit", "bits", "signed", "operands", "result", "events", "energy_pj", "latency_ns", "steps"} <= set(
        data
    )
    assert data["circuit"] == "ripple_adder"
    assert data["bits"] == 8
    assert data["signed"] is True
    assert data["operands"] == {"a": [-3, 5], "b": [7, -8]}
    assert data["result"] == [4, -3]
    assert data["energy_pj"] > 0
    assert data["area_um2"] > 0


@pytest.mark.parametrize("given", [("--a", "-3,5"), ("--a=-3,5",), ("--operand", "a=-3,5"), ("--a", " -3, +5")])
def test_negative_operands_are_taken_in_every_form(cli: "Cli", given: tuple[str, ...]) -> None:
    outcome = cli("circuit", "run", "ripple_subtractor", *given, "--b", "4,4", "--json", "-")

    assert json.loads(outcome.out)["result"] == [-7, 1]


def test_widths_may_differ(cli: "Cli") -> None:
    outcome = cli("circuit", "run", "shift_add_multiplier", "--a", "-8", "--b", "100", "--bits", "4,8", "--json", "-")

    data = json.loads(outcome.out)
    assert data["bits"] == [4, 8]
    assert data["result"] == [-800]


def test_unsigned_operands(cli: "Cli") -> None:
    outcome = cli("circuit", "run", "ripple_adder", "--a", "255", "--b", "255", "--unsigned", "--json", "-")

    data = json.loads(outcome.out)
    assert data["result"] == [510]
    assert data["signed"] is False


def test_any_operand_goes_by_name(cli: "Cli") -> None:
    outcome = cli("circuit", "run", "booth_radix4_mac", "--operand", "c=-1000", "--a", "12", "--b", "-3", "--json", "-")

    assert json.loads(outcome.out)["result"] == [-1036]


def test_events_and_energy_are_for_all_operands_and_latency_for_one(cli: "Cli") -> None:
    one, two = (
        json.loads(cli("circuit", "run", "ripple_adder", "--a", a, "--b", a, "--json", "-").out) for a in ("3", "3,4")
    )

    assert two["events"] == {name: 2 * count for name, count in one["events"].items()}
    assert two["energy_pj"] == pytest.approx(2 * one["energy_pj"])
    assert two["latency_ns"] == one["latency_ns"]


def test_another_layout_and_technology(cli: "Cli") -> None:
    arguments = ("circuit", "run", "relu", "--operand", "x=-5,5", "--json", "-")

    along = json.loads(cli(*arguments).out)
    across = json.loads(cli(*arguments, "--layout", "across", "--technology", "spimulator-2025").out)

    assert along["result"] == across["result"] == [0, 5]
    assert across["technology"] == "spimulator-2025"
    assert across["latency_ns"] != along["latency_ns"]


def test_run_prints_for_people(cli: "Cli") -> None:
    outcome = cli("circuit", "run", "ripple_adder", "--a", "1,2", "--b", "3,4")

    assert "ripple_adder(a = 1, b = 3) = 4" in outcome.out
    assert "signed, 8x8 bits, words along tracks" in outcome.out


def test_many_runs_are_abbreviated(cli: "Cli") -> None:
    many = ",".join(["1"] * 30)

    outcome = cli("circuit", "run", "ripple_adder", "--a", many, "--b", many)

    assert "... and 20 more" in outcome.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nope", "--a", "1"), "unknown circuit 'nope'"),
        (("ripple_ader", "--a", "1"), "did you mean 'ripple_adder'"),
        (("ripple_adder", "--a", "1", "--b", "1", "--bits", "1"), "within 2..16 bits, but it is 1;"),
        (("ripple_adder", "--a", "1", "--b", "1", "--bits", "17"), "within 2..16 bits, but it is 17;"),
        (("ripple_adder", "--a", "1", "--b", "1", "--bits", "4,4,4"), "takes 2 widths (a, b), but 3 are given"),
        (("ripple_adder", "--a", "1", "--b", "1", "--bits", "x"), "--bits must be integers"),
        (("ripple_adder", "--a", "128", "--b", "1"), "operand a must be within -128..127 (int8), but it is 128"),
        (("ripple_adder", "--a", "-1", "--b", "1", "--unsigned"), "within 0..255 (uint8), but it is -1"),
        (("ripple_adder", "--a", "1,2", "--b", "1"), "of equal number, but a has 2, b has 1"),
        (("ripple_adder", "--a", "1"), "needs operand b, which is missing"),
        (("ripple_adder", "--a", "1", "--b", "2", "--operand", "z=1"), "has operands a, b, not 'z'"),
        (("ripple_adder", "--a", "1", "--b", "2", "--operand", "a=1"), "operand a is given twice"),
        (("ripple_adder", "--operand", "5", "--b", "1"), "--operand must be NAME=INT[,INT...], but it is '5'"),
        (("ripple_adder", "--a", "1.5", "--b", "1"), "integers separated by commas, but one is '1.5'"),
        (("ripple_adder", "--a", "", "--b", "1"), "integers separated by commas, but one is ''"),
        (("ripple_adder", "--a", "1,,2", "--b", "1"), "integers separated by commas, but one is ''"),
        (("ripple_adder", "--a", "9" * 5000, "--b", "1"), "must fit 64 bits, but one has 5000 digits"),
        (("ripple_adder", "--a", str(1 << 63), "--b", "1"), "must fit 64 bits"),
        (("ripple_adder", "--a", "٣", "--b", "1"), "integers separated by commas"),  # an Arabic 3
        (("ripple_adder", "--a", "1", "--b", "1", "--layout", "across"), "has words along tracks, not 'across'"),
        (("ripple_adder", "--a", "1", "--b", "1", "--technology", "zinc"), "unknown technology 'zinc'"),
        (("requantize", "--operand", "x=1", "--bits", "8,9"), "must not widen"),
        (("ripple_adder", "--a", "1", "--b", "1", "--trd", "7"), "ripple_adder reads nothing transversely"),
        (("transverse_read_adder", "--a", "1", "--trd", "4"), "must be 3, 5 or 7 domains, but it is 4; choose one"),
        (("transverse_read_adder", "--a", "1", "--trd", "x"), "it must be an integer, but it is 'x'"),
        (("transverse_read_adder", "--a", "1", "--b", "2", "--trd", "5"), "needs operand c, which is missing"),
        (("transverse_read_adder", "--a", "1", "--bits", "4,4"), "takes 5 widths (a, b, c, d, e), but 2 are given"),
    ],
)
def test_wrong_operands_are_refused(cli: "Cli", arguments: tuple[str, ...], message: str) -> None:
    assert cli("circuit", "run", *arguments).refuses(message)


def test_list_has_every_circuit_in_every_layout(cli: "Cli") -> None:
    outcome = cli("circuit", "list", "--json", "-")

    items = json.loads(outcome.out)["items"]
    listed = {(item["name"], item["layout"]) for item in items}
    assert listed == {(name, str(layout)) for name, family in FAMILIES.items() for layout in family.layouts}
    assert all(item["steps"] > 0 and item["energy_pj"] > 0 and item["area_um2"] > 0 for item in items)


def test_list_takes_a_width_and_a_technology(cli: "Cli") -> None:
    narrow, wide = (
        json.loads(cli("circuit", "list", "--bits", bits, "--technology", "spimulator-2025", "--json", "-").out)
        for bits in ("4", "8")
    )

    assert all(few["steps"] <= many["steps"] for few, many in zip(narrow["items"], wide["items"], strict=True))
    assert narrow["technology"] == "spimulator-2025"


def test_list_takes_two_widths(cli: "Cli") -> None:
    items = json.loads(cli("circuit", "list", "--bits", "8,4", "--json", "-").out)["items"]

    bits = {item["name"]: item["bits"] for item in items}
    assert bits["shift_add_multiplier"] == [8, 4]
    assert bits["relu"] == [8]


def test_list_leaves_out_a_circuit_that_refuses_the_widths_and_says_so(cli: "Cli") -> None:
    text = cli("circuit", "list", "--bits", "4,8").out

    assert "left out: requantize must not widen, but it goes from 4 to 8 bits" in text
    assert "booth_radix4_multiplier" in text


def test_list_prints_a_table(cli: "Cli") -> None:
    outcome = cli("circuit", "list")

    assert outcome.out.splitlines()[1].split()[:3] == ["name", "kind", "layout"]
    assert all(name in outcome.out for name in FAMILIES)


def test_show_prints_operands_tracks_steps_and_parts(cli: "Cli") -> None:
    text = cli("circuit", "show", "ripple_adder", "--bits", "2").out

    assert "a: int2 on track a" in text
    assert "result sum: int3 on track sum" in text
    assert "    1  sense a; sense b" in text
    assert "sum, carry_out = " in text
    assert "sense amplifiers 2" in text


def test_show_abbreviates_a_long_program_unless_told(cli: "Cli") -> None:
    short = cli("circuit", "show", "shift_add_multiplier").out
    full = cli("circuit", "show", "shift_add_multiplier", "--all").out

    assert "more steps (--all shows them)" in short
    assert "more steps" not in full
    assert len(full.splitlines()) > 200 > len(short.splitlines())


def test_show_as_json_has_the_whole_program(cli: "Cli", tmp_path: Path) -> None:
    outcome = cli("circuit", "show", "relu", "--layout", "across", "--json", tmp_path / "relu.json")

    data = json.loads((tmp_path / "relu.json").read_text())
    assert outcome.code == 0
    assert len(data["program"]) == data["steps"] == 4
    assert data["resources"]["sense_amplifiers"] == 8
    assert data["operands"][0]["tracks"] == [f"x{i}" for i in range(8)]


def test_show_refuses_an_unknown_circuit(cli: "Cli") -> None:
    assert cli("circuit", "show", "nope").refuses("unknown circuit 'nope'")


@pytest.mark.parametrize("name", FAMILIES)
def test_every_circuit_can_be_shown(cli: "Cli", name: str) -> None:
    for layout in FAMILIES[name].layouts:
        assert cli("circuit", "show", name, "--layout", layout, "--all").code == 0


@pytest.mark.parametrize(("trd", "operands"), [(3, "ab"), (5, "abc"), (7, "abcde")])
def test_a_transverse_read_distance_decides_how_many_operands_there_are(cli: "Cli", trd: int, operands: str) -> None:
    given = [argument for name in operands for argument in ("--operand", f"{name}=-128,127")]

    outcome = cli("circuit", "run", "transverse_read_adder", *given, "--trd", trd, "--json", "-")

    assert json.loads(outcome.out)["result"] == [-128 * len(operands), 127 * len(operands)]


def test_show_says_where_the_ports_are_and_what_is_counted(cli: "Cli") -> None:
    shown = cli("circuit", "show", "transverse_read_adder", "--trd", "3", "--bits", "2")
    data = json.loads(cli("circuit", "show", "transverse_read_adder", "--trd", "3", "--json", "-").out)

    assert "count the ones of column0 from port 0 to port 1" in shown.out
    assert "to column0 at port 1" in shown.out
    assert "column0 3 (ports at 0, 2), column1" in shown.out
    assert "transverse sense amplifier 3 1" in shown.out
    assert data["trd"] == 3
    assert data["tracks"][0] == {"name": "column0", "domains": 3, "ports": [0, 2]}


def test_list_takes_a_transverse_read_distance_for_the_circuits_that_have_one(cli: "Cli") -> None:
    items = json.loads(cli("circuit", "list", "--trd", "5", "--json", "-").out)["items"]

    assert {item["trd"] for item in items} == {None, 5}
    assert cli("circuit", "list", "--trd", "6").refuses("must be 3, 5 or 7 domains, but it is 6")
