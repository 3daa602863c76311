"""What is kept between evaluations changes no number: of a point seen before, alone or among many."""

from dataclasses import replace

import numpy as np
import pytest

import trackmac as tm
from trackmac.arrays import grid_of
from trackmac.mapping import stages_of
from trackmac.models.grid_costs import grid_costs

EDGE = tm.load_hardware("edge")
TECHNOLOGIES = ("physics-45nm", "rtsim-destiny-2017", "spimulator-2025")


@pytest.mark.parametrize("technology", TECHNOLOGIES)
def test_a_second_evaluation_gives_what_the_first_one_gave_whatever_came_between(technology: str) -> None:
    network = tm.load_network("lenet5")

    first = tm.evaluate(network, EDGE, technology).to_dict()
    for name in TECHNOLOGIES:
        tm.evaluate(network, replace(EDGE, banks=24), name)

    assert tm.evaluate(network, EDGE, technology).to_dict() == first


def test_a_part_of_a_grid_costs_to_the_last_bit_what_it_costs_in_the_whole() -> None:
    stages = stages_of(tm.load_network("lenet5").shapes)
    points = [replace(EDGE, banks=count, tracks=tracks) for count in (1, 4, 16) for tracks in (20, 67, 131)]
    grid = grid_of(points, tm.load_technology("physics-45nm"))

    whole, part = grid_costs(stages, grid), grid_costs(stages, grid.part(slice(3, 7)))

    for name in ("energy_pj", "latency_ns", "area_um2", "leakage_nw"):
        assert np.array_equal(getattr(whole, name)[3:7], getattr(part, name))


def test_the_breakdown_of_every_layer_adds_up_to_the_totals() -> None:
    result = tm.evaluate("ds-cnn", replace(EDGE, banks=32))

    assert sum(layer.energy_pj for layer in result.layers) == pytest.approx(result.totals.energy_pj, rel=1e-12)
    assert sum(layer.latency_ns for layer in result.layers) == pytest.approx(result.totals.latency_ns, rel=1e-12)
    assert sum(layer.macs for layer in result.layers) == result.totals.macs
