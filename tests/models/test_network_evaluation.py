"""The closed forms of a network: breakdowns sum, limits are obvious, one point equals many."""

import json
from dataclasses import replace

import numpy as np
import pytest

from trackmac.arrays import Hardware, grid_of
from trackmac.circuits import Layout, circuit
from trackmac.cost import Event
from trackmac.errors import UnmappableError
from trackmac.mapping import stages_of
from trackmac.models.circuit_costs import circuit_cost
from trackmac.models.evaluation import evaluate_network, predicted_events
from trackmac.models.grid_costs import grid_costs
from trackmac.networks.shapes import layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.results import Evaluation
from trackmac.technology import load_technology

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
    evaluated = evaluate_network("lenet5", SHAPES, HARDWARE, RTSIM)

    events = predicted_events(SHAPES, HARDWARE, RTSIM, images=1)
    assert evaluated.breakdown["energy_pj"]["writes"] == pytest.approx(
        events[Event.WRITES] * RTSIM.value("write.energy_pj")
    )
    per_shift = RTSIM.value("shift.energy_pj") * (64 + 31) / RTSIM.value("shift.stated_domains")
    assert evaluated.breakdown["energy_pj"]["track_shifts"] == pytest.approx(events[Event.TRACK_SHIFTS] * per_shift)


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
        assert alone.energy_pj == pytest.approx(together.energy_pj[index], rel=1e-12)
        assert alone.latency_ns == pytest.approx(together.latency_ns[index], rel=1e-12)
        assert alone.area_um2 == pytest.approx(together.area_um2[index], rel=1e-12)


def test_hardware_that_cannot_hold_the_network_is_refused_by_name() -> None:
    with pytest.raises(UnmappableError, match=r"^test: the network's weights need"):
        evaluate_network("lenet5", SHAPES, replace(HARDWARE, mats_per_bank=1, tracks=4), RTSIM)


def test_latched_carries_save_senses_and_writes_against_magnetic_ones() -> None:
    latched, magnetic = (
        circuit_cost(circuit(name, 8), RTSIM) for name in ("latched_full_adder", "magnetic_full_adder")
    )

    assert latched.energy_pj < magnetic.energy_pj
    assert latched.latency_ns <= magnetic.latency_ns
