"""Weights that are brought for every image: what it costs, where it shows, and that other networks do not pay."""

from dataclasses import replace

import numpy as np
import pytest

from trackmac.arrays import Hardware, grid_of, load_hardware
from trackmac.arrays.hardware import port_fields
from trackmac.arrays.ports import PortLayout, evenly_spaced, layout
from trackmac.cost import Event, Phase
from trackmac.mapping import stages_of
from trackmac.models.evaluation import evaluate_network
from trackmac.models.grid_costs import GridCosts, grid_costs
from trackmac.models.in_use import chip_duty
from trackmac.models.power_density import mean_power_density_w_per_cm2
from trackmac.models.wear import wear
from trackmac.models.weight_loads import weight_load
from trackmac.networks import layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.technology import load_technology
from trackmac.units import leakage_energy_pj

SHAPES = layer_shapes(ZOO["lenet5"].build())
PHYSICS = load_technology("physics-45nm")
LARGE = load_hardware("embedded")
SMALL = replace(LARGE, name="small", mats_per_bank=2, banks=1)
WEIGHT_BITS = 8 * 61_470


def costs_of(*points: Hardware) -> GridCosts:
    return grid_costs(stages_of(SHAPES), grid_of(points, PHYSICS))


def test_every_weight_is_paid_once_for_every_image() -> None:
    costs = costs_of(SMALL)

    bits = sum(int(reload.counts.events[Event.DRAM_BITS][0]) for reload in costs.reloads)
    assert bits == WEIGHT_BITS
    assert costs.energy_parts_pj["dram_bits"][0] == pytest.approx(bits * PHYSICS.value("dram.energy_pj"))
    assert costs.latency_parts_ns["fetch"][0] == pytest.approx(bits * PHYSICS.value("dram.bit_ns"))


def test_a_chip_that_keeps_its_weights_costs_to_the_last_bit_the_same_beside_one_that_does_not() -> None:
    alone, together = costs_of(LARGE), costs_of(LARGE, SMALL)

    assert not alone.reloads
    np.testing.assert_array_equal(together.plan.is_resident, [True, False])
    for name in ("energy_pj", "dynamic_energy_pj", "latency_ns", "area_um2", "leakage_nw"):
        assert getattr(alone, name)[0] == getattr(together, name)[0]
    assert wear(alone.plan).per_mtj[0] == wear(together.plan).per_mtj[0]
    assert chip_duty(alone).cold_start.wake_energy_pj[0] == chip_duty(together).cold_start.wake_energy_pj[0]


def test_the_reload_has_lines_of_its_own_and_everything_sums_to_the_totals() -> None:
    result = evaluate_network("lenet5", SHAPES, SMALL, PHYSICS, rate=1)

    lines = [layer for layer in result.layers if layer.kind == "reload"]
    assert [line.name for line in lines] == ["conv1", "conv2", "linear1", "linear2", "linear3"]
    assert sum(line.energy_pj for line in lines) == pytest.approx(result.totals.reload_energy_pj)
    assert sum(line.latency_ns for line in lines) == pytest.approx(result.totals.reload_latency_ns)
    assert sum(layer.energy_pj for layer in result.layers) == pytest.approx(result.totals.energy_pj)
    assert sum(layer.latency_ns for layer in result.layers) == pytest.approx(result.totals.latency_ns)
    for key in ("energy_pj", "latency_ns"):
        assert sum(result.breakdown[key].values()) == pytest.approx(getattr(result.totals, key))
        assert sum(result.evidence[key].values()) == pytest.approx(getattr(result.totals, key))
    assert result.totals.weight_write_energy_pj == 0
    assert sum(line.startswith("dram.") for line in result.assumptions) == 3
    assert any("do not fit the chip" in note for note in result.notes)


def test_weights_that_stay_are_not_paid_for_every_image() -> None:
    result = evaluate_network("lenet5", SHAPES, LARGE, PHYSICS)

    assert result.totals.reload_energy_pj == result.totals.reload_latency_ns == 0
    assert result.totals.weight_write_energy_pj > 0
    assert not any(layer.kind == "reload" or Event.DRAM_BITS in layer.events for layer in result.layers)
    assert not any(line.startswith("dram.") for line in result.assumptions)


def test_the_memory_beside_the_chip_is_refreshed_all_the_time_and_does_not_heat_the_chip() -> None:
    costs = costs_of(SMALL)

    refresh_nw = np.full(1, PHYSICS.value("dram.refresh_nw"))
    refresh_pj = leakage_energy_pj(refresh_nw, costs.latency_ns)
    assert costs.energy_parts_pj["dram_refresh"] == pytest.approx(refresh_pj)
    on, asleep, refilled = chip_duty(costs).standbys
    assert (asleep.name, refilled.name) == ("sleeps, DRAM refreshes itself", "sleeps, refills DRAM from flash")
    assert on.power_nw == pytest.approx(costs.leakage_nw + refresh_nw)
    assert asleep.power_nw - refilled.power_nw == pytest.approx(refresh_nw)
    assert refilled.wake_energy_pj > asleep.wake_energy_pj
    off_chip_pj = costs.energy_parts_pj["dram_bits"] + refresh_pj
    heat = (costs.energy_pj - off_chip_pj) / costs.energy_pj
    whole = costs.energy_pj[0] * 1e-12 / (costs.latency_ns[0] * 1e-9) / (costs.area_um2[0] * 1e-8)
    assert mean_power_density_w_per_cm2(costs) == pytest.approx(whole * heat)


def test_time_and_steps_of_a_reload_by_hand() -> None:
    # linear3: 10 filters of 84 words of 8 bits, one to a unit, in one copy and one round. Segments of 4 words, written
    # from the port above their first domain: 21 of them, 31 shifts out and 31 home, each way home one move
    costs = costs_of(SMALL)
    reload = costs.reloads[-1].counts

    bits = 84 * 8
    assert reload.phases[Phase.WRITE][0] == bits
    assert reload.phases[Phase.FETCH][0] == 10 * bits
    assert reload.phases[Phase.SHIFT][0] == 21 * 62
    assert reload.events[Event.TRACK_SHIFTS][0] == 10 * 21 * 62
    assert reload.events[Event.WRITES][0] == reload.events[Event.BUS_BITS][0] == 10 * bits
    assert reload.events[Event.SEQUENCER_STEPS][0] == (bits + 21 * 32) * 1  # 10 units are one mat of 16
    assert reload.phases[Phase.TRANSFER][0] == 84 * -(-10 * 8 // int(PHYSICS.value("bus.width_bits")))


@pytest.mark.parametrize(
    ("ports", "stride", "words", "way"),
    [
        (evenly_spaced(8, 2), 1, 4, (4, 4, 2)),  # across, in rows: domains 0 1, 4 5: on and back for each port
        (evenly_spaced(8, 2), 1, 5, (5, 6, 3)),  # 0 1 2, 4 5
        (evenly_spaced(8, 2), 2, 2, (4, 6, 4)),  # along: 0 1 2 3 and home: 3 moves of 1, one of 3
        (evenly_spaced(8, 2), 2, 3, (6, 8, 4)),  # the third word is at the second port
        (evenly_spaced(8, 2), 1, 16, (16, 24, 4)),  # two tracks, each port to its end and back
        (layout(8, W=(2,), R=(0,)), 2, 2, (5, 6, 4)),  # out by 2 to domain 0, then -1, 0, 1, and home
        (evenly_spaced(8, 1), 4, 0, (0, 0, 0)),
    ],
)
def test_the_way_past_the_writing_ports_by_hand(
    ports: PortLayout, stride: int, words: int, way: tuple[int, int, int]
) -> None:
    hardware = replace(LARGE, **port_fields(ports))

    found = weight_load(grid_of([hardware], PHYSICS), np.array([words]), stride)

    assert (found.moves[0], found.domains[0], found.port_writes[0]) == way
