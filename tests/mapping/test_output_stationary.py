"""The output-stationary plan: which outputs are computed at once, and where the weights lie."""

from dataclasses import replace
from typing import Any

import numpy as np
from tests.mapping.test_plan_and_schedule import HARDWARE, LINEAR, NETWORK, TECHNOLOGY, layer

from trackmac.arrays import Dataflow, grid_of
from trackmac.circuits import Layout
from trackmac.mapping import OutputStationaryPlan, OutputStationarySchedule, plan, schedule, stages_of

KEEPING = replace(HARDWARE, dataflow=Dataflow.OUTPUT_STATIONARY)


def entries(*shapes: Any, **changes: Any) -> list[OutputStationarySchedule]:
    mapped = schedule(shapes or NETWORK, replace(KEEPING, **changes), TECHNOLOGY)
    return [entry for entry in mapped.stages if isinstance(entry, OutputStationarySchedule)]


def test_every_layer_has_the_whole_chip_for_its_outputs() -> None:
    # 64 units: 8 channels at 8 pixels at once, 16 pixels in 2 turns; 10 outputs of the linear layer
    first, last = entries()

    assert (first.units, first.replicas, first.active_units, first.waves, first.mats) == (8, 8, 64, 2, 4)
    assert (last.units, last.replicas, last.active_units, last.waves, last.mats) == (10, 1, 10, 1, 1)
    assert (first.slices, first.words_per_slice, first.rounds) == (1, 18, 0)


def test_a_chip_of_fewer_units_than_channels_takes_them_in_turns() -> None:
    # 10 channels in 3 turns of 4, 4 and 2
    (only,) = entries(LINEAR, units_per_mat=4, mats_per_bank=1, tracks=20)

    assert (only.units, only.filters_per_unit, only.replicas, only.waves) == (4, 3, 1, 3)


def test_weights_lie_once_on_the_tracks_that_are_not_at_work() -> None:
    # 4 tracks of 16 words: a filter of 18 words in whole segments takes 3 of 8, one of 32 words 4; one to a unit
    mapped = schedule(NETWORK, KEEPING, TECHNOLOGY)
    first, last = entries()

    assert mapped.weight_bits == 8 * 18 * 4 + 10 * 32 * 4
    assert (first.is_stored, first.stored_slices, first.stored_words, first.stored_units) == (True, 1, 18, 8)
    assert (last.is_stored, last.stored_slices, last.stored_words, last.stored_units) == (True, 1, 32, 10)
    assert (first.times_brought, first.sends, first.bringing_mats) == (2, 1, 1)


def test_filters_that_share_a_unit_are_sent_one_after_another() -> None:
    # 8 units hold 8 + 10 filters, 4 to a unit: 2 + 3 units; all 8 channels of the first layer are needed at once
    first, last = entries(units_per_mat=8, mats_per_bank=1, tracks=24)

    assert (first.is_stored, first.units, first.stored_units, first.sends) == (True, 8, 2, 4)
    assert (last.units, last.stored_units, last.sends) == (5, 3, 2)


def test_a_unit_needs_no_more_tracks_than_those_at_work_and_weights_then_come_from_outside() -> None:
    mapped = schedule(NETWORK, replace(KEEPING, tracks=4), TECHNOLOGY)
    staying = replace(HARDWARE, tracks=4)

    assert not any(entry.is_stored for entry in entries(tracks=4))
    assert mapped.weight_bits == 0
    designs = [plan(stages_of(NETWORK), grid_of([point], TECHNOLOGY)).design for point in (KEEPING, staying)]
    assert [design.work_tracks for design in designs] == [4, 3]


def test_a_weight_across_tracks_is_at_work_on_as_many_tracks_as_it_has_bits() -> None:
    points = [replace(point, layout=Layout.ACROSS, tracks=60) for point in (KEEPING, HARDWARE)]
    keeping, staying = (plan(stages_of(NETWORK), grid_of([point], TECHNOLOGY)).design for point in points)

    assert keeping.work_tracks == staying.work_tracks + 4


def test_weights_longer_than_any_port_reads_are_fetched() -> None:
    assert not any(entry.is_stored for entry in entries(ports=32, tracks=40))


def test_many_points_at_once_give_what_each_gives_alone() -> None:
    points = [replace(KEEPING, tracks=tracks, units_per_mat=units) for tracks in (4, 8, 20) for units in (1, 8, 64)]

    together = plan(stages_of(NETWORK), grid_of(points, TECHNOLOGY))

    assert set(together.is_resident.tolist()) == {True, False}
    for index, point in enumerate(points):
        alone = plan(stages_of(NETWORK), grid_of([point], TECHNOLOGY))
        for one, many in zip(alone.dot_products, together.dot_products, strict=True):
            assert isinstance(one, OutputStationaryPlan)
            assert isinstance(many, OutputStationaryPlan)
            for name in ("waves", "active_units", "is_stored", "sends", "senders", "pixel_turns", "kept_copies"):
                assert getattr(one, name)[0] == getattr(many, name)[index]


def test_every_plan_fits_the_chip_and_computes_every_output_once() -> None:
    for channels, pixels, units in np.random.default_rng(0).integers(1, 300, (200, 3)).tolist():
        shape = layer("conv2d", "conv", channels_out=channels, pixels=pixels, outputs=channels * pixels)
        hardware = replace(KEEPING, units_per_mat=units, mats_per_bank=1, tracks=200)

        (item,) = plan(stages_of((shape,)), grid_of([hardware], TECHNOLOGY)).dot_products

        assert item.active_units[0] <= units
        turns = item.filters_per_unit[0] * -(-pixels // item.replicas[0])
        assert item.waves[0] == turns
        assert item.filters_per_unit[0] * item.units[0] >= channels
        assert item.filters_per_unit[0] == -(-channels // units)
