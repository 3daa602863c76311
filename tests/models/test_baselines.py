"""Baselines: a CMOS array by hand, and what the memories must and must not differ in."""

import math
from dataclasses import replace

import numpy as np
import pytest

from trackmac.arrays import Hardware, grid_of, load_hardware
from trackmac.bits import NumberFormat
from trackmac.mapping import DotProductStage, ElementStage, Stage, stages_of
from trackmac.models.baselines import BaselineCosts, baselines
from trackmac.models.cmos_array import TILE, ArrayWork, array_work
from trackmac.models.evaluation import evaluate_network
from trackmac.models.grid_costs import grid_costs
from trackmac.models.surroundings import surroundings
from trackmac.networks.shapes import LayerShape, layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.technology import Technology, load_technology, technology_names, unit_costs

PHYSICS, AROUND = load_technology("physics-45nm"), surroundings()
SHAPES = layer_shapes(ZOO["lenet5"].build())
EMBEDDED = load_hardware("embedded")
EIGHT = NumberFormat(8, is_signed=True)


def by_name(hardware: Hardware = EMBEDDED, technology: Technology = PHYSICS) -> dict[str, BaselineCosts]:
    costs = grid_costs(stages_of(SHAPES), grid_of([hardware], technology))
    return {baseline.name: baseline for baseline in baselines(costs)}


def changed(**factors: float) -> Technology:
    keys = {key.replace("__", "."): factor for key, factor in factors.items()}
    figures = (replace(item, value=item.value * keys.get(item.key, 1)) for item in PHYSICS.figures)
    return replace(PHYSICS, figures=tuple(figures))


def linear(channels: int, length: int, pixels: int) -> DotProductStage:
    shape = LayerShape(
        name="x", kind="conv2d", input_shape=(1,), output_shape=(1,), macs=channels * length * pixels,
        dot_length=length, outputs=channels * pixels, pixels=pixels, channels_out=channels, parameters=0,
        input_format=EIGHT, weight_format=EIGHT, output_format=NumberFormat(20, is_signed=True),
        accumulator_format=NumberFormat(20, is_signed=True), shift=None, window=None,
    )  # fmt: skip
    return DotProductStage(dot=shape)


@pytest.mark.parametrize(("channels", "pixels"), [(1, 1), (8, 8), (9, 8), (20, 30)])
def test_the_arrays_cycles_and_traffic_are_those_of_its_loops(channels: int, pixels: int) -> None:
    length, cycles, weight_words, activation_words = 7, 0, 0, 0
    for first_pixel in range(0, pixels, TILE):
        for first_channel in range(0, channels, TILE):
            cycles += length
            weight_words += length * min(TILE, channels - first_channel)
            activation_words += length * min(TILE, pixels - first_pixel)
    bias_words = math.ceil(pixels / TILE) * channels

    work = array_work(linear(channels, length, pixels), PHYSICS, AROUND)

    assert work.cycles == cycles
    assert work.weight_bits == 8 * weight_words
    assert work.activation_bits == 8 * activation_words + 20 * bias_words + 20 * channels * pixels
    assert work.stored_bits == 8 * channels * length
    assert work.arithmetic_pj == pytest.approx(channels * pixels * length * (0.2 + 0.03 * 20 / 8))


def test_the_array_is_the_same_whatever_keeps_the_weights() -> None:
    found = by_name()

    assert set(found) == {"sram", "dram", "racetrack_storage"}
    lean = by_name(technology=changed(buffer__area_um2=1e-9))
    areas = [float(baseline.area_um2[0]) for baseline in lean.values()]
    assert areas[0] == pytest.approx(areas[1])
    assert areas[2] > areas[0]  # its tracks are on the chip


def test_dearer_dram_makes_only_the_dram_baseline_dearer() -> None:
    before, after = by_name(), by_name(technology=changed(dram__energy_pj=2))

    weights = sum(shape.parameters - shape.channels_out for shape in SHAPES if shape.kind in {"conv2d", "linear"})
    for name, baseline in after.items():
        grown = float(baseline.duty.energy_pj[0] - before[name].duty.energy_pj[0])
        expected = 8 * weights * PHYSICS.value("dram.energy_pj") if name == "dram" else 0
        assert grown == pytest.approx(expected, abs=1)


def test_volatile_weights_are_reloaded_at_a_cold_start_and_others_stay() -> None:
    found = by_name()

    stored = sum(shape.parameters - shape.channels_out for shape in SHAPES if shape.kind in {"conv2d", "linear"}) * 8
    flash_pj, flash_ns = stored * AROUND.flash.energy_pj.value, stored * AROUND.flash.bit_ns.value
    stays, lost = found["racetrack_storage"].duty.cold_start, found["sram"].duty.cold_start
    assert float(lost.wake_ns[0] - stays.wake_ns[0]) == pytest.approx(flash_ns)
    assert float(lost.wake_energy_pj[0] - stays.wake_energy_pj[0]) == pytest.approx(flash_pj, rel=0.1)  # and leakage
    assert found["dram"].duty.cold_start.wake_energy_pj[0] > lost.wake_energy_pj[0]


def test_sram_leaks_with_its_bits() -> None:
    before, after = by_name(), by_name(technology=changed(buffer__leaking_transistors=2))

    stored = sum(shape.parameters - shape.channels_out for shape in SHAPES if shape.kind in {"conv2d", "linear"}) * 8
    bits = stored + 16 * 8192
    assert float(after["sram"].leakage_nw[0] - before["sram"].leakage_nw[0]) == pytest.approx(
        bits * 3 * PHYSICS.value("cmos.transistor_leakage_nw")
    )


def test_every_baseline_names_its_assumptions() -> None:
    for baseline in by_name().values():
        assert any(line.startswith("mac.multiply_energy_pj = 0.2") for line in baseline.assumptions)
        assert any(line.startswith("flash.energy_pj") for line in baseline.assumptions)
        assert all(" in " in line and ": " in line for line in baseline.assumptions)


def by_hand(name: str) -> tuple[float, float]:
    """Return energy and latency of a baseline, leakage and wires aside, summed over its layers."""
    value = PHYSICS.value
    costs = grid_costs(stages_of(SHAPES), grid_of([EMBEDDED], PHYSICS))
    physical = int(costs.plan.grid.physical_domains[0])
    shift_pj = unit_costs(PHYSICS).track_shift_energy_pj(float(physical))
    energy, latency = 0.0, 0.0
    for stage in stages_of(SHAPES):
        work = array_work(stage, PHYSICS, AROUND)
        fetch_pj, fetch_ns = {
            "sram": (work.weight_bits * AROUND.sram.energy_pj.value, 0.0),
            "dram": (work.stored_bits * value("dram.energy_pj"), work.stored_bits * PHYSICS.value("dram.bit_ns")),
            "racetrack_storage": (
                work.stored_bits * (value("sense.energy_pj") + 2 * shift_pj),
                math.ceil(work.stored_bits / 64) * (value("sense.latency_ns") + 2 * value("shift.latency_ns")),
            ),
        }[name]
        staged = 0 if name == "sram" else work.stored_bits + work.weight_bits
        energy += fetch_pj + (staged + work.activation_bits) * value("buffer.energy_pj")
        energy += work.arithmetic_pj + work.cycles * value("sequencer.energy_pj")
        latency += max(work.cycles * AROUND.mac.cycle_ns.value, fetch_ns)
    return energy, latency


@pytest.mark.parametrize("name", ["sram", "dram", "racetrack_storage"])
def test_energy_and_latency_are_those_of_the_layers_by_hand(name: str) -> None:
    found = by_name()[name]
    energy, latency = by_hand(name)
    bits = sum(work.weight_bits + work.activation_bits for work in map(_work_of, stages_of(SHAPES)))

    wires = bits * PHYSICS.value("bus.energy_pj_per_mm") * math.sqrt(found.area_um2[0]) / 2 / 1000
    refresh_nw = PHYSICS.value("dram.refresh_nw") if name == "dram" else 0
    leaked = (found.leakage_nw[0] + refresh_nw) * found.duty.latency_ns[0] * 1e-6
    assert found.duty.latency_ns[0] == pytest.approx(latency)
    assert found.duty.energy_pj[0] == pytest.approx(energy + wires + leaked)


def _work_of(stage: Stage) -> ArrayWork:
    return array_work(stage, PHYSICS, AROUND)


def test_some_layers_wait_for_weights_and_others_compute() -> None:
    bit_ns, cycle_ns = PHYSICS.value("dram.bit_ns"), AROUND.mac.cycle_ns.value

    waits = {work.stored_bits * bit_ns > work.cycles * cycle_ns for work in map(_work_of, stages_of(SHAPES))}

    assert waits == {True, False}


def test_what_sleeps_keeps_or_loses_its_weights_at_a_price() -> None:
    value, fraction = PHYSICS.value, PHYSICS.value("wake_up.gated_leakage_fraction")
    found = by_name()
    sram, dram = found["sram"], found["dram"]
    stored_nw = (
        sum(_work_of(stage).stored_bits for stage in stages_of(SHAPES)) * 3 * value("cmos.transistor_leakage_nw")
    )

    _, keeps, reloads = (standby.power_nw[0] for standby in sram.duty.standbys)
    kept = AROUND.sram.retention_fraction.value * stored_nw
    assert keeps == pytest.approx((sram.leakage_nw[0] - stored_nw) * fraction + value("wake_up.always_on_nw") + kept)
    assert reloads == pytest.approx(sram.leakage_nw[0] * fraction + value("wake_up.always_on_nw"))
    on, keeps, reloads = (standby.power_nw[0] for standby in dram.duty.standbys)
    assert on == pytest.approx(dram.leakage_nw[0] + PHYSICS.value("dram.refresh_nw"))
    assert keeps - reloads == pytest.approx(PHYSICS.value("dram.refresh_nw"))


def test_pooling_reads_every_element_and_writes_every_maximum() -> None:
    (pool, _) = (stage for stage in stages_of(SHAPES) if isinstance(stage, ElementStage))

    work = array_work(pool, PHYSICS, AROUND)

    assert work.activation_bits == 8 * pool.head.outputs * (4 + 1)
    assert work.cycles == math.ceil(pool.head.outputs / TILE) * 4
    assert work.arithmetic_pj == pytest.approx(pool.head.outputs * 4 * 0.03)


def test_rescaling_takes_an_addition_for_each_result() -> None:
    stage = linear(4, 7, 5)
    shape = replace(stage.dot, name="scale", kind="requantize", shift=3, output_format=EIGHT)

    plain, scaled = (_work_of(item) for item in (stage, replace(stage, then=(shape,))))

    assert scaled.arithmetic_pj - plain.arithmetic_pj == pytest.approx(4 * 5 * 0.03 * 20 / 8)
    assert plain.activation_bits - scaled.activation_bits == 4 * 5 * (20 - 8)


def test_many_points_at_once_have_the_baselines_of_each_alone() -> None:
    points = [EMBEDDED, replace(EMBEDDED, domains=128, ports=4, buffer_kib=32)]
    together = baselines(grid_costs(stages_of(SHAPES), grid_of(points, PHYSICS)))

    for index, point in enumerate(points):
        for baseline in together:
            alone = by_name(point)[baseline.name]
            assert baseline.area_um2[index] == alone.area_um2[0]
            assert baseline.duty.energy_pj[index] == alone.duty.energy_pj[0]
            np.testing.assert_array_equal(baseline.duty.mean_power_nw(1)[index], alone.duty.mean_power_nw(1)[0])


@pytest.mark.parametrize("name", technology_names())
def test_sram_leaks_by_the_transistor_figure_of_its_own_technology(name: str) -> None:
    technology = load_technology(name)
    halved = replace(
        technology,
        figures=tuple(
            replace(figure, value=figure.value / 2) if figure.key == "cmos.transistor_leakage_nw" else figure
            for figure in technology.figures
        ),
    )

    full, half = (evaluate_network("lenet5", SHAPES, EMBEDDED, each) for each in (technology, halved))

    assert half.breakdown["leakage_nw"]["buffer"] == full.breakdown["leakage_nw"]["buffer"] / 2
    leaking = [{each.name: each.leakage_nw for each in found.baselines} for found in (full, half)]
    assert leaking[1]["sram"] == pytest.approx(leaking[0]["sram"] / 2)
