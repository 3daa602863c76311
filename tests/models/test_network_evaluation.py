"""The closed forms of a network: breakdowns sum, limits are obvious, one point equals many."""

import json
from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np
import pytest

from trackmac.arrays import Hardware, grid_of, load_hardware
from trackmac.circuits import Layout, circuit
from trackmac.cost import Event, Phase
from trackmac.errors import UnmappableError
from trackmac.mapping import stages_of
from trackmac.models.circuit_costs import circuit_cost
from trackmac.models.evaluation import evaluate_network, predicted_events
from trackmac.models.grid_costs import grid_costs
from trackmac.networks.shapes import layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.results import Evaluation
from trackmac.technology import load_technology, technology_names
from trackmac.technology.schema import UNREAD_KEYS

RTSIM, SPIMULATOR = load_technology("rtsim-destiny-2017"), load_technology("spimulator-2025")
SHAPES = layer_shapes(ZOO["lenet5"].build())
HARDWARE = Hardware(
    name="test",
    technology=RTSIM.name,
    domains=64,
    tracks=32,
    ports=2,
    circuit="shift_add_mac",
    layout=Layout.ALONG,
    units_per_mat=64,
    mats_per_bank=8,
    banks=1,
    buffer_kib=16,
)


@pytest.fixture(scope="module", params=[RTSIM, SPIMULATOR], ids=lambda technology: technology.name)
def evaluation(request: pytest.FixtureRequest) -> Evaluation:
    return evaluate_network("lenet5", SHAPES, HARDWARE, request.param)


def test_layers_and_breakdowns_sum_to_the_totals(evaluation: Evaluation) -> None:
    totals = evaluation.totals

    assert sum(layer.energy_pj for layer in evaluation.layers) == pytest.approx(totals.energy_pj, rel=1e-12)
    assert sum(layer.latency_ns for layer in evaluation.layers) == pytest.approx(totals.latency_ns, rel=1e-12)
    assert sum(layer.macs for layer in evaluation.layers) == totals.macs == 416_520
    for key in ("energy_pj", "latency_ns", "area_um2"):
        assert sum(evaluation.breakdown[key].values()) == pytest.approx(getattr(totals, key), rel=1e-12)
    leaked = evaluation.breakdown["energy_pj"]["leakage"]
    assert totals.energy_pj - totals.dynamic_energy_pj == pytest.approx(leaked, rel=1e-9)


@pytest.mark.parametrize("technology", technology_names())
@pytest.mark.parametrize("name", ["embedded", "edge"])
def test_breakdowns_sum_to_the_totals_to_the_last_bit(name: str, technology: str) -> None:
    result = evaluate_network("lenet5", SHAPES, load_hardware(name), load_technology(technology))

    assert set(result.breakdown) == {"energy_pj", "latency_ns", "area_um2", "leakage_nw"}
    for key, parts in result.breakdown.items():
        assert reduce(add, parts.values()) == getattr(result.totals, key)


def test_figures_of_merit_agree_with_energy_time_and_area(evaluation: Evaluation) -> None:
    totals = evaluation.totals

    joules, seconds, mm2 = totals.energy_pj * 1e-12, totals.latency_ns * 1e-9, totals.area_um2 * 1e-6
    assert totals.tops_per_watt == pytest.approx(2 * totals.macs / joules / 1e12)
    assert totals.tops_per_mm2 == pytest.approx(2 * totals.macs / seconds / 1e12 / mm2)
    assert totals.images_per_second == pytest.approx(1 / seconds)


def test_an_evaluation_is_plain_json(evaluation: Evaluation) -> None:
    text = json.dumps(evaluation.to_dict(), allow_nan=False)

    assert set(json.loads(text)) >= {
        "network",
        "hardware",
        "technology",
        "totals",
        "layers",
        "breakdown",
        "assumptions",
    }


def test_energy_is_counts_times_unit_costs_by_hand() -> None:
    priced = grid_costs(stages_of(SHAPES), grid_of([HARDWARE], RTSIM))
    totals = evaluate_network("lenet5", SHAPES, HARDWARE, RTSIM).totals

    events = predicted_events(SHAPES, HARDWARE, RTSIM, images=1)
    unit_costs_pj = {
        Event.SHIFT_STEPS: 0.0,
        Event.TRACK_SHIFTS: 0.0195e3 / 32 * (64 + 31) / 64,
        Event.SENSES: 0.080096e3 / 32,
        Event.WRITES: 0.108981e3 / 32,
        Event.EVALUATIONS: 0.004,
        Event.LATCH_UPDATES: 0.002,
        Event.BUS_BITS: 0.1 * priced.chip.bus_length_mm[0],
        Event.BUFFER_BITS: 10 / 64,
        Event.SEQUENCER_STEPS: 0.5,
    }
    assert set(events) == set(unit_costs_pj)
    dynamic_pj = sum(count * unit_costs_pj[event] for event, count in events.items())
    leaked_pj = totals.leakage_nw * 1e-9 * totals.latency_ns * 1e-9 / 1e-12
    assert totals.dynamic_energy_pj == pytest.approx(dynamic_pj, rel=1e-9)
    assert totals.energy_pj == pytest.approx(dynamic_pj + leaked_pj, rel=1e-9)


def test_time_is_steps_times_durations_by_hand() -> None:
    priced = grid_costs(stages_of(SHAPES), grid_of([HARDWARE], RTSIM))

    durations_ns = {
        Phase.SHIFT: 2.14192,
        Phase.SENSE: 1.61338,
        Phase.WRITE: 4.84522,
        Phase.EVALUATE: 0.05,
        Phase.TRANSFER: 1.66,
    }
    steps = [(phase, int(count[0])) for layer in priced.layers for phase, count in layer.counts.phases.items()]
    assert {phase for phase, _ in steps} == set(Phase) - {Phase.TRANSVERSE_READ, Phase.FETCH}
    assert priced.latency_ns[0] == pytest.approx(sum(count * durations_ns[phase] for phase, count in steps))


def outcome(key: str, factor: float) -> str:
    """Return the totals, and a day's use, with one figure changed, or why there are none."""
    figures = (
        replace(figure, value=figure.value * factor) if figure.key == key else figure for figure in RTSIM.figures
    )
    try:
        evaluated = evaluate_network("lenet5", SHAPES, HARDWARE, replace(RTSIM, figures=tuple(figures)), rate=1)
        return f"{evaluated.totals} {evaluated.at_rate}"
    except UnmappableError as error:
        return str(error)


WIRES = {  # which matter where they are slower than the bus
    "bus.resistance_ohm_per_um",
    "bus.capacitance_ff_per_um",
    "cmos.drive_resistance_ohm_um",
    "cmos.gate_capacitance_ff_per_um",
}


@pytest.mark.parametrize("key", [figure.key for figure in RTSIM.figures])
def test_a_result_depends_on_a_figure_exactly_if_that_is_said(key: str) -> None:
    outcomes = {outcome(key, factor) for factor in (0.5, 1, 1e6 if key in WIRES else 2)}

    assert (len(outcomes) == 1) == (key in UNREAD_KEYS)


def test_energy_per_mac_is_that_of_its_circuit_and_little_more() -> None:
    evaluated = evaluate_network("lenet5", SHAPES, HARDWARE, RTSIM)

    alone = circuit_cost(circuit("shift_add_mac", 8), RTSIM).energy_pj
    assert 1.0 < evaluated.totals.dynamic_energy_pj / evaluated.totals.macs / alone < 2.0


def test_events_grow_with_the_number_of_images() -> None:
    one, five = (predicted_events(SHAPES, HARDWARE, RTSIM, images=count) for count in (1, 5))

    assert five == {event: 5 * count for event, count in one.items()}


def test_more_units_never_slow_a_network_down() -> None:
    points = [replace(HARDWARE, mats_per_bank=mats) for mats in (8, 16, 32, 64, 128)]

    costs = grid_costs(stages_of(SHAPES), grid_of(points, RTSIM))

    assert costs.is_feasible.all()
    assert np.all(np.diff(costs.latency_ns) <= 0)
    assert np.all(np.diff(costs.area_um2) > 0)


def test_more_units_change_neither_macs_nor_writes() -> None:
    few, many = (predicted_events(SHAPES, replace(HARDWARE, mats_per_bank=mats), RTSIM, 1) for mats in (8, 64))

    assert few[Event.WRITES] == many[Event.WRITES]
    assert few[Event.SENSES] == many[Event.SENSES]


def test_words_across_tracks_are_faster_and_larger_and_hardly_shift() -> None:
    along = evaluate_network("lenet5", SHAPES, HARDWARE, RTSIM)
    across = evaluate_network("lenet5", SHAPES, replace(HARDWARE, layout=Layout.ACROSS, tracks=128), RTSIM)

    assert across.totals.latency_ns < along.totals.latency_ns / 5
    assert across.totals.area_um2 > along.totals.area_um2
    assert across.breakdown["energy_pj"]["track_shifts"] < along.breakdown["energy_pj"]["track_shifts"] / 5


def test_many_points_at_once_cost_what_each_costs_alone() -> None:
    points = [replace(HARDWARE, tracks=tracks, mats_per_bank=mats) for tracks in (16, 32) for mats in (8, 16)]

    together = grid_costs(stages_of(SHAPES), grid_of(points, SPIMULATOR))

    for index, point in enumerate(points):
        if not together.is_feasible[index]:
            with pytest.raises(UnmappableError):
                evaluate_network("lenet5", SHAPES, point, SPIMULATOR)
            continue
        alone = evaluate_network("lenet5", SHAPES, point, SPIMULATOR).totals
        assert alone.energy_pj == together.energy_pj[index]
        assert alone.latency_ns == together.latency_ns[index]
        assert alone.area_um2 == together.area_um2[index]


def test_hardware_that_cannot_hold_the_network_is_refused_by_name() -> None:
    with pytest.raises(UnmappableError, match=r"^test: the network's longest filter needs"):
        evaluate_network("lenet5", SHAPES, replace(HARDWARE, units_per_mat=1, mats_per_bank=1, tracks=4), RTSIM)


def test_latched_carries_save_senses_and_writes_against_magnetic_ones() -> None:
    latched, magnetic = (
        circuit_cost(circuit(name, 8), RTSIM) for name in ("latched_full_adder", "magnetic_full_adder")
    )

    assert latched.energy_pj < magnetic.energy_pj
    assert latched.latency_ns <= magnetic.latency_ns
