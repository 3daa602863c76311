"""The schedule as people and scripts read it, and what it says of moves against the closed forms' events."""

import json

import pytest

import trackmac as tm
from trackmac.arrays import Dataflow, Hardware, grid_of
from trackmac.arrays.hardware import port_fields
from trackmac.arrays.ports import KNOWN_LAYOUTS
from trackmac.circuits import Layout
from trackmac.cost import Event
from trackmac.errors import InputError
from trackmac.mapping import DotProductSchedule, plan, stages_of
from trackmac.mapping.operand_accesses import operand_accesses
from trackmac.mapping.schedule_table import rows_of, shift_steps_of, stage_row
from trackmac.mapping.traffic import traffic
from trackmac.models.network_counts import layer_counts
from trackmac.models.reload_counts import reload_counts
from trackmac.technology import load_technology

TECHNOLOGY = load_technology("physics-45nm")


def unit_chip(**changes: object) -> Hardware:
    """A chip whose units slice filters, or share them."""
    sizes = {"units_per_mat": 16, "mats_per_bank": 16, "banks": 16, "tracks": 67, **changes}
    return Hardware(
        name="chip", technology=TECHNOLOGY.name, circuit="booth_radix4_mac", buffer_kib=256,
        **{"layout": Layout.ALONG, **port_fields(KNOWN_LAYOUTS["4RW"]), **sizes},
    )  # fmt: skip


CHIPS = {
    "slices": unit_chip(tracks=12),
    "reloads": unit_chip(tracks=40, mats_per_bank=1, banks=1),
    "shared units": unit_chip(tracks=260, mats_per_bank=2, banks=2),
    "outputs stay": unit_chip(dataflow=Dataflow.OUTPUT_STATIONARY, mats_per_bank=4),
    "outputs stay, weights from outside": unit_chip(dataflow=Dataflow.OUTPUT_STATIONARY, tracks=4, banks=1),
    "across": unit_chip(tracks=200, layout=Layout.ACROSS, **port_fields(KNOWN_LAYOUTS["2RW+10R"])),
}


@pytest.mark.parametrize("network", ["lenet5", "resnet8", "ds-cnn"])
@pytest.mark.parametrize("chip", CHIPS.values(), ids=CHIPS)
def test_the_bits_that_move_are_those_of_the_closed_forms(network: str, chip: Hardware) -> None:
    loaded = tm.load_network(network)
    planned = tm.schedule(loaded, chip)
    mapped = plan(stages_of(loaded.shapes), grid_of([chip], TECHNOLOGY))
    counts = {item.name: item.events for item in layer_counts(mapped)}
    reloads = {item.name: int(item.events.get(Event.BUS_BITS, [0])[0]) for item in reload_counts(mapped)}

    for entry in planned.stages:
        moved = traffic(entry)
        events = [counts[layer.name] for layer in entry.stage.layers]
        on_bus, in_buffer = (
            sum(int(found[event][0]) for found in events if event in found)
            for event in (Event.BUS_BITS, Event.BUFFER_BITS)
        )
        slices = entry.slices if isinstance(entry, DotProductSchedule) else 1
        assert moved.bus_bits == on_bus + reloads.get(entry.stage.name, 0)
        assert moved.read_bits + moved.start_bits // slices + moved.multiplier_bits + moved.result_bits == in_buffer


def test_the_table_has_a_line_for_each_stage_twice_and_prints() -> None:
    planned = tm.schedule("lenet5", "embedded")
    runs, moves = str(planned).split("\n\n")

    assert planned.table() == str(planned)
    for lines in (runs.splitlines(), moves.splitlines()):
        assert [line.split()[0] for line in lines[-len(planned.stages) :]] == [row.name for row in rows_of(planned)]
    assert (
        "conv2       conv2d           1    150        1     16         4       0     25     4      19  4 at port 0, 4"
        in runs
    )
    assert (
        "conv2       120,000         16  1,920,000  35,200             0            0   12,800        0    3,681,728"
        in moves
    )


def test_the_table_names_a_few_places_of_weights_and_how_many_more() -> None:
    table = tm.schedule("lenet5", CHIPS["across"]).table()

    assert "12 at port 0, 4 at port 12, 4 at port 16, 4 at port 20 and 8 more" in table


def test_weights_below_their_port_are_told_from_those_at_it() -> None:
    chip = unit_chip(tracks=99, **port_fields(KNOWN_LAYOUTS["2W+12R"]))
    row = rows_of(tm.schedule("lenet5", chip))[0]

    assert (row.places[0].first_domain, row.places[0].port) == (0, 8)
    assert f"{row.places[0].words} from 0 at 8, " in tm.schedule("lenet5", chip).table()


def test_as_plain_data_it_has_what_the_table_has() -> None:
    planned = tm.schedule("lenet5", "embedded")

    data = json.loads(json.dumps(planned.to_dict()))

    first = data["stages"][0]
    assert data["hardware"]["name"] == "embedded"
    assert first["layers"] == ["conv1", "conv1_relu", "conv1_requantize"]
    assert (first["slices"], first["units"], first["replicas"], first["weight_tracks"]) == (1, 6, 25, 4)
    assert first["places"] == [
        {"port": 0, "first_domain": 0, "words": 4},
        {"port": 32, "first_domain": 32, "words": 4},
    ]
    assert first["operand_shift_steps"] == 1_800_744
    assert data["stages"][1]["places"] == []


def test_weight_tracks_are_no_more_than_a_unit_has() -> None:
    for chip in CHIPS.values():
        for row in rows_of(tm.schedule("resnet8", chip)):
            assert (row.weight_tracks or 0) < chip.tracks


def test_what_is_no_stage_has_no_row() -> None:
    with pytest.raises(NotImplementedError, match="str has no row"):
        stage_row("conv", CHIPS["slices"])


def test_weights_that_are_sent_lie_where_those_that_stay_in_their_units_do() -> None:
    planned = tm.schedule("lenet5", CHIPS["outputs stay"])
    first, *_ = rows_of(planned)

    assert (first.weight_tracks, [(place.words, place.port) for place in first.places]) == (
        4, [(2, 0), (2, 16), (2, 32), (2, 48)],
    )  # fmt: skip
    assert planned.to_dict()["stages"][0]["operand_shift_steps"] == shift_steps_of(planned)["conv1"] > 0


def test_weights_that_come_from_outside_have_no_places_and_no_trace() -> None:
    planned = tm.schedule("lenet5", CHIPS["outputs stay, weights from outside"])

    first = rows_of(planned)[0]

    assert (first.places, first.weight_tracks) == ((), None)
    assert "conv2" in planned.table()
    assert shift_steps_of(planned) == {}
    with pytest.raises(InputError, match="they do not fit the chip and all come over wires"):
        operand_accesses(planned)
