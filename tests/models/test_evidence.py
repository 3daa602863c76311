"""Shares of a result by the evidence of the figures behind it."""

from dataclasses import replace

import pytest

from trackmac.arrays import load_hardware
from trackmac.cost import Event, Phase
from trackmac.models.evaluation import evaluate_network
from trackmac.models.evidence import FIGURE_OF_ENERGY, FIGURE_OF_LATENCY
from trackmac.models.grid_costs import DRAM_REFRESH
from trackmac.networks.shapes import layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.technology import Technology, load_technology, technology_names

SHAPES = layer_shapes(ZOO["lenet5"].build())
KINDS = ("measured", "simulated", "published", "assumed")


def evidence(technology: Technology) -> dict[str, dict[str, float]]:
    evaluation = evaluate_network("lenet5", SHAPES, load_hardware("embedded"), technology)
    return {key: dict(parts) for key, parts in evaluation.evidence.items()}


@pytest.mark.parametrize("name", technology_names())
def test_the_parts_sum_to_energy_latency_and_area(name: str) -> None:
    evaluation = evaluate_network("lenet5", SHAPES, load_hardware("embedded"), load_technology(name))

    assert set(evaluation.evidence) == {"energy_pj", "latency_ns", "area_um2"}
    for key, parts in evaluation.evidence.items():
        assert tuple(parts) == KINDS
        assert min(parts.values()) >= 0
        assert sum(parts.values()) == pytest.approx(getattr(evaluation.totals, key), rel=1e-12)


def test_what_is_measured_counts_as_measured_and_nothing_else_moves() -> None:
    technology = load_technology("rtsim-destiny-2017")
    figures = tuple(
        replace(figure, evidence="measured") if figure.key == "write.energy_pj" else figure
        for figure in technology.figures
    )
    measured = replace(technology, figures=figures)

    before, after = evidence(technology), evidence(measured)

    writes = evaluate_network("lenet5", SHAPES, load_hardware("embedded"), technology).breakdown["energy_pj"]["writes"]
    assert after["energy_pj"]["measured"] == pytest.approx(writes)
    assert after["energy_pj"]["published"] == pytest.approx(before["energy_pj"]["published"] - writes)
    assert after["latency_ns"] == before["latency_ns"]
    assert after["area_um2"] == before["area_um2"]


def test_the_area_of_the_buffer_is_simulated_by_cacti() -> None:
    evaluation = evaluate_network("lenet5", SHAPES, load_hardware("embedded"), load_technology("spimulator-2025"))

    assert evaluation.evidence["area_um2"]["simulated"] == pytest.approx(evaluation.breakdown["area_um2"]["buffer"])


def test_every_event_and_phase_that_costs_has_a_figure() -> None:
    assert set(FIGURE_OF_ENERGY) == {event.value for event in Event} - {Event.SHIFT_STEPS.value} | {DRAM_REFRESH}
    assert set(FIGURE_OF_LATENCY) == {phase.value for phase in Phase}
