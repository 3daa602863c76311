"""A transfer over wires that are slower than the bus takes more of its cycles."""

from dataclasses import replace

import pytest

from trackmac.arrays import grid_of, load_hardware
from trackmac.cost import Phase
from trackmac.mapping import stages_of
from trackmac.models.grid_costs import GridCosts, grid_costs
from trackmac.networks import layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.technology import Technology, load_technology

TECHNOLOGY = load_technology("physics-45nm")


def with_resistance(factor: float) -> Technology:
    """Return the technology with bus wires of so many times the resistance."""
    figures = [
        replace(one, value=one.value * factor) if one.key == "bus.resistance_ohm_per_um" else one
        for one in TECHNOLOGY.figures
    ]
    return replace(TECHNOLOGY, figures=tuple(figures))


def costs(technology: Technology) -> GridCosts:
    shapes = layer_shapes(ZOO["lenet5"].build())
    return grid_costs(stages_of(shapes), grid_of([load_hardware("embedded")], technology))


def test_wires_as_they_are_take_one_cycle() -> None:
    priced = costs(TECHNOLOGY)

    layer = priced.layers[0]
    transfers = layer.counts.phases[Phase.TRANSFER][0]
    assert priced.chip.bus.cycles[0] == 1
    assert layer.latency_parts_ns["transfer"][0] == pytest.approx(transfers * TECHNOLOGY.value("bus.cycle_ns"))


def test_slow_wires_lengthen_transfers_and_nothing_else() -> None:
    usual, slow = costs(TECHNOLOGY), costs(with_resistance(1e5))

    cycles = slow.chip.bus.cycles[0]
    assert cycles > 1
    for before, after in zip(usual.layers, slow.layers, strict=True):
        for phase, time_ns in before.latency_parts_ns.items():
            factor = cycles if phase == "transfer" else 1
            assert after.latency_parts_ns[phase][0] == pytest.approx(factor * time_ns[0])
