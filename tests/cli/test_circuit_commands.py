import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

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


def test_run_says_what_the_sequencer_takes(cli: "Cli") -> None:
    arguments = ("circuit", "run", "csd_multiplier", "--a", "3,5", "--b", "7,-2")

    shown, data = cli(*arguments).out, json.loads(cli(*arguments, "--json", "-").out)

    assert data["sequencer_energy_pj"] == pytest.approx(0.5 * data["events"]["sequencer_steps"])
    assert 0 < data["sequencer_energy_pj"] < data["energy_pj"]
    assert data["sequencer_area_um2"] == pytest.approx(2000 * 100 * 0.045**2)
    assert f"sequencer: {data['sequencer_energy_pj']:.1f} pJ of the energy; its area, 405 µm², is shared by" in shown


def test_list_and_show_say_what_the_sequencer_takes(cli: "Cli") -> None:
    note = (
        "energy includes a sequencer for each unit: 500 fJ of it a step; its area, 405 µm², is shared by a mat's units"
    )
    listed = json.loads(cli("circuit", "list", "--json", "-").out)
    shown = json.loads(cli("circuit", "show", "relu", "--json", "-").out)

    (row,) = [item for item in listed["items"] if (item["name"], item["layout"]) == ("relu", "along")]
    for data in (row, shown):
        assert data["sequencer_energy_pj"] == pytest.approx(0.5 * data["steps"])
        assert data["sequencer_area_um2"] == pytest.approx(405)
    assert note in cli("circuit", "list").out
    assert any(text.startswith(note) for text in listed["notes"])
    assert "sequencer: 17.5 pJ of the energy; its area, 405 µm²" in cli("circuit", "show", "relu").out


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


def test_each_run_may_have_its_own_known_operand(cli: "Cli") -> None:
    arguments = ("circuit", "run", "csd_multiplier", "--a", "3,5", "--b", "7,-2")

    shown, data = cli(*arguments), json.loads(cli(*arguments, "--json", "-").out)

    assert "csd_multiplier(a = 5, b = -2) = -10" in shown.out
    assert "under one sequencer the slowest decides for all" in shown.out
    assert data["result"] == [21, -10]
    assert data["operands"] == {"a": [3, 5], "b": [7, -2]}
    assert "sequencer of its own" not in cli("circuit", "run", "relu", "--operand", "x=1").out


@pytest.mark.parametrize("layout", ["along", "across"])
def test_dot_products_with_known_operands_go_by_name(cli: "Cli", layout: str) -> None:
    given = [f"--operand={word}{k}=-128,{k}" for word in "ab" for k in range(4)]
    unsigned = [f"--operand={word}{k}={k},65535" for word in "ab" for k in range(4)]

    signed = cli("circuit", "run", "csd_dot_product", *given, "--layout", layout, "--json", "-")
    wide = ("--bits", "16", "--unsigned", "--operand", "c=9,0", "--layout", layout, "--json", "-")
    assert json.loads(signed.out)["result"] == [4 << 14, 0 + 1 + 4 + 9]
    assert json.loads(cli("circuit", "run", "csd_dot_product", *unsigned, *wide).out)["result"] == [23, 4 * 65535**2]


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
        (("csd_multiplier", "--a", "1", "--b", "128"), "operand b must be within -128..127 (int8), but it is 128"),
        (("ripple_adder", "--a", "-+1", "--b", "1"), "integers separated by commas, but one is '-+1'"),
        (("ripple_adder", "--a", "1", "--a", "3", "--b", "1"), "operand a is given twice"),
        (("ripple_adder", "--a", "1", "--b", "1", "--operand", "circuit=3"), "operands a, b, not 'circuit'"),
        (("ripple_adder", "--a", "1", "--b", "1", "--operand", "technology=3"), "operands a, b, not 'technology'"),
        (("csd_multiplier", "--a", "3"), "csd_multiplier needs operand b, which is missing"),
        (("csd_dot_product", "--operand", "a0=3"), "csd_dot_product needs operand b0, which is missing"),
        (("csd_multiplier", "--b", "1"), "csd_multiplier needs operand a, which is missing"),
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


def test_list_says_which_of_several_widths_are_not_taken(cli: "Cli") -> None:
    outcome = cli("circuit", "list", "--bits", "8,6,7")

    assert "--bits 8,6,7: circuits of 1 width take 8; of 2 widths take 8,6; of 5 widths take 8 for all" in outcome.out
    assert "circuits of" not in cli("circuit", "list", "--bits", "8").out


def test_list_compares_interval_and_energy_delay_product(cli: "Cli") -> None:
    items = json.loads(cli("circuit", "list", "--json", "-").out)["items"]

    for item in items:
        assert 0 < item["interval_ns"] <= item["latency_ns"] * (1 + 1e-12)
        assert item["energy_delay_product_pj_ns"] == pytest.approx(item["energy_pj"] * item["latency_ns"])
    adder = next(item for item in items if item["name"] == "latched_full_adder")
    assert (adder["track_shifts"], adder["writes"]) == (44, 9)


@pytest.mark.parametrize(("column", "key"), [("energy", "energy_pj"), ("EDP", "energy_delay_product_pj_ns")])
def test_list_is_sorted_by_a_column(cli: "Cli", column: str, key: str) -> None:
    plain, in_order = (
        [item[key] for item in json.loads(cli("circuit", "list", *arguments, "--json", "-").out)["items"]]
        for arguments in ((), ("--sort", column))
    )

    assert in_order == sorted(plain) != plain


def test_list_refuses_to_sort_by_what_is_no_column(cli: "Cli") -> None:
    assert cli("circuit", "list", "--sort", "enrgy").refuses("unknown column 'enrgy': did you mean 'energy'?")


def test_list_leaves_out_a_circuit_that_refuses_the_widths_and_says_so(cli: "Cli") -> None:
    text = cli("circuit", "list", "--bits", "4,8").out

    assert "left out: requantize must not widen, but it goes from 4 to 8 bits" in text
    assert "booth_radix4_multiplier" in text


def test_list_prints_a_table(cli: "Cli") -> None:
    outcome = cli("circuit", "list")

    assert outcome.out.splitlines()[1].split() == (
        ["name", "kind", "layout", "bits", "steps", "latency", "interval", "energy", "area", "EDP", "shifts", "writes"]
    )
    assert all(name in outcome.out for name in FAMILIES)
    assert all(line == line.rstrip() for line in outcome.out.splitlines())


def test_list_shows_the_width_of_the_result(cli: "Cli") -> None:
    texts = {bits: cli("circuit", "list", "--bits", bits).out.splitlines() for bits in ("16,8", "16,16")}
    items = json.loads(cli("circuit", "list", "--bits", "16,8,4", "--json", "-").out)["items"]

    for bits, shown in (("16,8", "16>8"), ("16,16", "16>16")):
        row = next(line for line in texts[bits] if line.startswith("requantize"))
        assert row.split()[3] == shown
    widths = {item["name"]: (item["bits"], item["result_bits"]) for item in items}
    assert widths["requantize"] == ([16], 8)
    assert widths["fixed_point_requantize"] == ([16, 8], 4)


def test_list_says_which_values_are_built_in(cli: "Cli") -> None:
    note = "csd_multiplier b = 43; csd_mac b = 43; csd_dot_product b0..b3 = 43 (others: circuit show NAME --operand"
    items = json.loads(cli("circuit", "list", "--unsigned", "--json", "-").out)["items"]

    assert f"built in, as what takes most time and energy: {note}" in cli("circuit", "list").out
    assert {item["name"]: item["known"] for item in items if item["known"]} == {
        "csd_multiplier": {"b": 171},
        "csd_mac": {"b": 171},
        "csd_dot_product": dict.fromkeys(("b0", "b1", "b2", "b3"), 171),
    }


def test_show_prints_operands_tracks_steps_and_parts(cli: "Cli") -> None:
    text = cli("circuit", "show", "ripple_adder", "--bits", "2").out

    assert "a: int2 on track a, domains 0 to 1" in text
    assert "result sum: int3 on track sum, domains 0 to 2" in text
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
    assert data["requirements"]["tracks"][0]["ports"][0]["kind"] == "RW"
    assert data["requirements"]["result"]["where"] == "across tracks"
    assert data["diagram"].startswith("tracks before the first step:")
    assert data["interval_ns"] > 0
    assert data["energy_delay_product_pj_ns"] == pytest.approx(data["energy_pj"] * data["latency_ns"])
    assert data["resources"]["sense_amplifiers"] == 8
    assert data["operands"][0]["tracks"] == [f"x{i}" for i in range(8)]


def test_show_says_what_a_circuit_needs_and_draws_it(cli: "Cli") -> None:
    text = cli("circuit", "show", "shift_add_mac", "--bits", "4,8").out

    assert "track product: 12 domains + 11 spare; port RW; displaced 0..11 from domain 0" in text
    assert "before the first step: a, b, c on the tracks" in text
    assert "at once: 3 shifting tracks, 3 senses, 2 cells evaluating, 1 write, 1 latch" in text
    assert "full_adder(p|sum_so_far, partial|addend" in text
    assert "┌×6" in text
    assert "energy-delay product" in text


def test_show_writes_operations_that_count_up_as_one(cli: "Cli") -> None:
    text = cli("circuit", "show", "parallel_adder").out

    assert "    1  sense a0..a7 as a.0..a.7; sense b0..b7 as b.0..b.7" in text
    assert "sum.8, carry_out.8 = full_adder(a.7, b.7," in text


def test_show_says_that_a_weight_is_built_in(cli: "Cli") -> None:
    assert "b: int4 built into the program as" in cli("circuit", "show", "csd_multiplier", "--bits", "4").out


def test_show_takes_another_weight(cli: "Cli") -> None:
    shown = cli("circuit", "show", "csd_multiplier", "--operand", "b=-7")
    less, most = (
        json.loads(cli("circuit", "show", "csd_dot_product", *given, "--json", "-").out)
        for given in (("--operand", "b1=0", "--operand", "b3=-8"), ())
    )

    assert "b: int8 built into the program as -7" in shown.out
    assert [word["known"] for word in less["operands"]] == [None] * 4 + [43, 0, 43, -8, None]
    assert less["energy_pj"] < most["energy_pj"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("csd_multiplier", "--operand", "b=7,8"), "operand b must be one integer here, but 2 are given; keep one"),
        (("csd_multiplier", "--operand", "a=7"), "csd_multiplier has b built in, not 'a'"),
        (("csd_multiplier", "--operand", "b=128"), "operand b must be an integer within -128..127 (int8)"),
        (("relu", "--operand", "x=7"), "relu has no operand that is built into its program"),
    ],
)
def test_show_refuses_values_that_cannot_be_built_in(cli: "Cli", arguments: tuple[str, ...], message: str) -> None:
    assert cli("circuit", "show", *arguments).refuses(message)


def test_show_writes_the_figure(cli: "Cli", tmp_path: Path) -> None:
    outcome = cli("circuit", "show", "relu", "--bits", "4", "--svg", tmp_path / "relu.svg")

    assert outcome.code == 0
    assert f"diagram written to {tmp_path / 'relu.svg'}" in outcome.out
    assert ElementTree.parse(tmp_path / "relu.svg").getroot().tag.endswith("svg")


def test_show_refuses_a_figure_that_cannot_be_written(cli: "Cli", tmp_path: Path) -> None:
    assert cli("circuit", "show", "relu", "--svg", tmp_path / "no" / "relu.svg").refuses("cannot be written")
    assert cli("circuit", "show", "nope", "--svg", tmp_path / "nope.svg").refuses("unknown circuit 'nope'")
    assert not (tmp_path / "nope.svg").exists()


def test_show_refuses_an_unknown_circuit(cli: "Cli") -> None:
    assert cli("circuit", "show", "nope").refuses("unknown circuit 'nope'")


@pytest.mark.parametrize("name", FAMILIES)
def test_every_circuit_can_be_shown_110_characters_wide(cli: "Cli", name: str) -> None:
    for layout in FAMILIES[name].layouts:
        outcome = cli("circuit", "show", name, "--layout", layout, "--all")

        assert outcome.code == 0
        assert max(map(len, outcome.out.splitlines())) <= 110


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
    assert "tracks column0..column2: 3 domains + 0 spare; ports R at 0, RW at 2; never moves" in shown.out
    assert "transverse sense amplifier 3 1" in shown.out
    assert data["trd"] == 3
    assert data["tracks"][0] == {"name": "column0", "domains": 3, "ports": [0, 2]}


def test_list_takes_a_transverse_read_distance_for_the_circuits_that_have_one(cli: "Cli") -> None:
    items = json.loads(cli("circuit", "list", "--trd", "5", "--json", "-").out)["items"]

    assert {item["trd"] for item in items} == {None, 5}
    assert cli("circuit", "list", "--trd", "6").refuses("must be 3, 5 or 7 domains, but it is 6")
