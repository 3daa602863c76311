"""Power density: the mean by hand, the peak against every phase by hand, and what must bound what."""

from dataclasses import replace

import numpy as np
import pytest

from trackmac.arrays import Hardware, grid_of
from trackmac.circuits import Layout
from trackmac.cost import Event, Phase
from trackmac.mapping import DotProductPlan, ElementPlan, stages_of
from trackmac.models.grid_costs import GridCosts, LayerCosts, grid_costs
from trackmac.models.power_density import (
    PHASE_OF_EVENT,
    layer_peaks_w_per_cm2,
    mean_power_density_w_per_cm2,
    peak_power_density_w_per_cm2,
)
from trackmac.networks.shapes import layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.technology import Technology, load_technology

SHAPES = layer_shapes(ZOO["lenet5"].build())
PHYSICS = load_technology("physics-45nm")
POINTS = [
    Hardware(
        name="test", technology="physics-45nm", domains=64, tracks=tracks, ports=2, circuit="booth_radix4_mac",
        layout=layout, units_per_mat=16, mats_per_bank=mats, banks=1, buffer_kib=16,
    )
    for layout, tracks in ((Layout.ALONG, 32), (Layout.ALONG, 64), (Layout.ACROSS, 128))
    for mats in (40, 64)
]  # fmt: skip


def costs_of(point: Hardware, technology: Technology = PHYSICS) -> GridCosts:
    return grid_costs(stages_of(SHAPES), grid_of([point], technology))


def scaled(key: str, factor: float) -> Technology:
    figures = (replace(item, value=item.value * factor) if item.key == key else item for item in PHYSICS.figures)
    return replace(PHYSICS, figures=tuple(figures))


def test_the_mean_is_energy_over_time_and_area() -> None:
    costs = costs_of(POINTS[0])

    watts = costs.energy_pj[0] * 1e-12 / (costs.latency_ns[0] * 1e-9)
    assert mean_power_density_w_per_cm2(costs)[0] == pytest.approx(watts / (costs.area_um2[0] * 1e-8))


def working_units(costs: GridCosts) -> dict[str, int]:
    """Return the units that work at once in each layer; after a dot product only those of the first slices do."""
    units: dict[str, int] = {}
    for mapped in costs.plan.stages:
        if isinstance(mapped, ElementPlan):
            units[mapped.stage.head.name] = int(mapped.active_units[0])
            continue
        units[mapped.stage.dot.name] = int(mapped.active_units[0])
        for follower in mapped.stage.then:
            units[follower.name] = int(mapped.active_units[0]) // int(mapped.slices[0])
    return units


def densest_by_hand(costs: GridCosts, layer: LayerCosts) -> float:
    chip_cm2, unit_cm2 = costs.area_um2[0] * 1e-8, costs.chip.unit.footprint_um2[0] * 1e-8
    joules = {name: part[0] * 1e-12 for name, part in layer.energy_parts_pj.items()}
    seconds = {name: part[0] * 1e-9 for name, part in layer.latency_parts_ns.items()}
    steady = (joules["sequencer_steps"] + joules.get("latch_updates", 0)) / sum(seconds.values())
    shares = {
        "shift": ["track_shifts"], "sense": ["senses"], "evaluate": ["evaluations"], "write": ["writes"],
        "transfer": ["bus_bits", "buffer_bits"],
    }  # fmt: skip
    units_cm2 = working_units(costs)[layer.counts.name] * unit_cm2
    return float(
        max(
            (sum(joules.get(event, 0) for event in shares[phase]) / time + steady)
            / (chip_cm2 if phase == "transfer" else units_cm2)
            for phase, time in seconds.items()
        )
    )


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.label)
def test_the_peak_of_each_layer_is_that_of_its_densest_phase_by_hand(point: Hardware) -> None:
    costs = costs_of(point)
    leaking = costs.leakage_nw[0] * 1e-9 / (costs.area_um2[0] * 1e-8)

    for layer, alone in zip(costs.layers, layer_peaks_w_per_cm2(costs)[:, 0], strict=True):
        assert alone == pytest.approx(densest_by_hand(costs, layer) + leaking)


def test_the_peak_is_that_of_the_densest_layer() -> None:
    costs = costs_of(POINTS[0])

    assert peak_power_density_w_per_cm2(costs)[0] == max(layer_peaks_w_per_cm2(costs)[:, 0])


def test_some_design_has_slices() -> None:
    plans = [mapped for point in POINTS for mapped in costs_of(point).plan.stages if isinstance(mapped, DotProductPlan)]

    assert any(mapped.slices[0] > 1 for mapped in plans)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.label)
@pytest.mark.parametrize(
    "key", ["write.energy_pj", "sequencer.energy_pj", "bus.energy_pj_per_mm", "cmos.transistor_leakage_nw"]
)
def test_the_peak_is_never_below_the_mean_whatever_dominates(point: Hardware, key: str) -> None:
    costs = costs_of(point, scaled(key, 1e4))

    assert peak_power_density_w_per_cm2(costs)[0] >= mean_power_density_w_per_cm2(costs)[0]


def test_many_points_at_once_are_as_dense_as_each_alone() -> None:
    points = POINTS[:2]
    together = grid_costs(stages_of(SHAPES), grid_of(points, PHYSICS))

    for density in (mean_power_density_w_per_cm2, peak_power_density_w_per_cm2):
        np.testing.assert_array_equal(density(together), [density(costs_of(point))[0] for point in points])


def test_every_event_of_a_phase_has_a_phase_and_the_rest_is_steady() -> None:
    assert set(PHASE_OF_EVENT.values()) == set(Phase) - {Phase.FETCH}  # which happens off the chip
    assert set(Event) - set(PHASE_OF_EVENT) == {
        Event.SHIFT_STEPS, Event.LATCH_UPDATES, Event.SEQUENCER_STEPS, Event.CMOS_OPERATIONS, Event.DRAM_BITS,
        Event.WAKE_UPS,
    }  # fmt: skip
