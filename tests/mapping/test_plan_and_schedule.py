"""The dataflow's plan: capacities, slices, copies, and the reasons why a network does not fit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackmac.arrays import Hardware, grid_of
from trackmac.bits import NumberFormat
from trackmac.circuits import Layout
from trackmac.errors import UnmappableError
from trackmac.mapping import DotProductPlan, DotProductSchedule, Schedule, Segment, plan, schedule, stages_of
from trackmac.mapping.stages import buffered_bits
from trackmac.mapping.weight_segments import weight_layout
from trackmac.networks.shapes import LayerShape
from trackmac.technology import load_technology

TECHNOLOGY = load_technology("rtsim-destiny-2017")
HARDWARE = Hardware(
    name="test",
    technology=TECHNOLOGY.name,
    domains=64,
    tracks=8,
    ports=2,
    circuit="shift_add_mac",
    layout=Layout.ALONG,
    units_per_mat=16,
    mats_per_bank=4,
    banks=1,
    buffer_kib=2,
)
A, B, C = NumberFormat(4, False), NumberFormat(4, True), NumberFormat(14, True)


def layer(kind: str, name: str, **changes: Any) -> LayerShape:
    shape = LayerShape(
        name=name,
        kind=kind,
        input_shape=(2, 4, 4),
        output_shape=(8, 4, 4),
        macs=8 * 16 * 18,
        dot_length=18,
        outputs=128,
        pixels=16,
        channels_out=8,
        parameters=8 * 18 + 8,
        input_format=A,
        weight_format=B,
        output_format=C,
        accumulator_format=C,
        shift=None,
        window=None,
    )
    return replace(shape, **changes)


CONV = layer("conv2d", "conv")
RELU = layer("relu", "relu", input_format=C)
REQUANTIZE = layer("requantize", "requantize", input_format=C, output_format=A, shift=6)
POOL = layer("max_pool2d", "pool", input_format=A, output_format=A, outputs=32, window=(2, 2))
LINEAR = layer(
    "linear", "linear", pixels=1, channels_out=10, outputs=10, dot_length=32, output_shape=(10,), input_shape=(32,)
)
NETWORK = (CONV, RELU, REQUANTIZE, POOL, LINEAR)


def mapped(shapes: Sequence[LayerShape] = NETWORK, **changes: Any) -> Schedule:
    return schedule(shapes, replace(HARDWARE, **changes), TECHNOLOGY)


def conv(planned: Schedule) -> DotProductSchedule:
    first = planned.stages[0]
    assert isinstance(first, DotProductSchedule)
    return first


def test_relu_and_requantisation_run_in_the_unit_of_their_dot_product() -> None:
    stages = stages_of(NETWORK)

    assert len(stages) == 3


@pytest.mark.parametrize(
    ("order", "stages"),
    [
        ((RELU, CONV), [["relu"], ["conv"]]),
        ((CONV, RELU, replace(RELU, name="again"), REQUANTIZE), [["conv", "relu", "again", "requantize"]]),
        ((CONV, REQUANTIZE, RELU), [["conv", "requantize"], ["relu"]]),
        ((CONV, POOL, RELU, REQUANTIZE), [["conv"], ["pool", "relu", "requantize"]]),
        ((CONV, layer("flatten", "flatten"), RELU), [["conv"], ["relu"]]),
    ],
)
def test_a_stage_ends_with_its_requantisation(order: tuple[LayerShape, ...], stages: list[list[str]]) -> None:
    found = stages_of(order)

    assert [[shape.name for shape in stage.layers] for stage in found] == stages


def test_a_layer_that_two_others_read_ends_its_stage() -> None:
    branch = layer("relu", "branch", input_format=C, inputs=("conv",))
    total = layer("add", "total", inputs=("branch", "conv"), input_format=C, accumulator_format=C)

    conv_stage, *others = stages_of((CONV, branch, total))

    assert [shape.name for shape in conv_stage.layers] == ["conv"]
    assert [[item.name for item in stage.inputs] for stage in others] == [["conv"], ["branch", "conv"]]


def test_the_buffer_keeps_what_is_read_later() -> None:
    other = layer("conv2d", "other", inputs=("conv",), input_format=C, input_shape=(8, 4, 4))
    total = layer("add", "total", inputs=("other", "conv"), input_format=C, accumulator_format=C)
    joined = layer("concat", "joined", inputs=("total", "input"), output_format=C)
    stages = stages_of((CONV, other, total, joined, replace(LINEAR, inputs=("joined",))))

    image, words = 2 * 4 * 4 * 4, 128 * 14
    assert buffered_bits(stages) == (
        image + words,
        image + 2 * words,
        image + 3 * words,
        image + words + 10 * 14,
    )


def test_the_buffer_keeps_the_maps_that_the_last_layer_names() -> None:
    other = layer("conv2d", "other", inputs=("conv",), input_format=C, input_shape=(8, 4, 4))
    third = layer("conv2d", "third", inputs=("other",), input_format=C, input_shape=(8, 4, 4))
    joined = layer("concat", "joined", inputs=("third", "conv"), output_format=C)
    unused, used = stages_of((CONV, other, third)), stages_of((CONV, other, third, joined))

    image, words = 2 * 4 * 4 * 4, 128 * 14
    assert buffered_bits(unused) == (image + words, 2 * words, 2 * words)
    assert buffered_bits(used) == (image + words, 2 * words, 3 * words)


def test_a_network_without_weights_is_refused() -> None:
    with pytest.raises(UnmappableError, match="needs a convolution or linear layer"):
        stages_of((POOL,))


def test_a_unit_holds_as_many_words_as_its_segments() -> None:
    # 8 tracks less 3 to work, 2 ports each, 32 // 4 = 8 words to a segment: 5 * 2 * 8 = 80 words, 18 of them a filter
    first = conv(mapped())

    assert (first.slices, first.words_per_slice, first.words_per_period) == (1, 18, 8)
    assert first.segments == (Segment(0, 0, 8), Segment(32, 32, 8))


def test_a_filter_longer_than_a_unit_is_cut_into_balanced_slices() -> None:
    # one weight track of 2 segments of 8 words: 18 products need 2 units of 9
    first = conv(mapped(tracks=4))

    assert (first.slices, first.words_per_slice, first.filters_per_unit) == (2, 9, 1)
    assert [list(first.slice_words(i)) for i in range(2)] == [list(range(9)), list(range(9, 18))]


def test_spare_units_take_copies_of_layers_with_many_pixels() -> None:
    # 8 + 10 units for one copy; 64 units: 16 pixels in copies of 4 pixels are 4 * 8 + 10 = 42, of 2 already 74
    first = conv(mapped())

    assert (first.units, first.replicas, first.waves) == (8, 4, 4)
    assert first.active_units == 32
    assert first.mats == 2


def test_a_small_chip_puts_several_filters_into_a_unit() -> None:
    # 10 segments a unit; a convolution's filter fills 3 of them, a linear one's 4: 3 + 5 units hold both layers
    first = conv(mapped(units_per_mat=2, mats_per_bank=4))

    assert (first.filters_per_unit, first.units, first.replicas, first.waves) == (3, 3, 1, 3 * 16)


def test_a_network_that_does_not_fit_has_the_whole_chip_for_one_layer_after_another() -> None:
    # 4 units: 8 filters of 18 words in 2 rounds of 4, one to a unit; 10 filters in rounds of 4, 4 and 2, as 3 to a unit
    planned = mapped(units_per_mat=4, mats_per_bank=1, tracks=6)
    first, last = (entry for entry in planned.stages if isinstance(entry, DotProductSchedule))

    assert (first.slices, first.filters_per_unit, first.units, first.rounds, first.waves) == (1, 2, 4, 2, 2 * 16)
    assert (last.slices, last.filters_per_unit, last.units, last.rounds) == (1, 3, 4, 3)
    assert [first.slot(turn) for turn in range(2)] == [0, 0]
    assert planned.weight_bits == 0


def test_a_layer_that_has_the_chip_to_itself_is_copied_into_the_units_that_are_left() -> None:
    # two large layers need 8 + 8 units; alone, 8 of 15 units leave none for a copy, 4 of 15 room for 3: 16 pixels in 6
    large = layer("conv2d", "large", dot_length=80)
    small = layer("conv2d", "small", dot_length=80, channels_out=4, outputs=64)
    planned = mapped((large, replace(large, name="again"), small), units_per_mat=15, mats_per_bank=1)
    found = [entry for entry in planned.stages if isinstance(entry, DotProductSchedule)]

    assert [(entry.units, entry.replicas, entry.rounds) for entry in found] == [(8, 1, 1), (8, 1, 1), (4, 3, 1)]
    assert [entry.waves for entry in found] == [16, 16, 6]


def test_weights_stay_as_long_as_they_fit() -> None:
    planned = plan(
        stages_of(NETWORK),
        grid_of([replace(HARDWARE, units_per_mat=n, mats_per_bank=1) for n in range(1, 9)], TECHNOLOGY),
    )

    np.testing.assert_array_equal(planned.is_resident, [n >= 8 for n in range(1, 9)])
    assert planned.is_feasible.all()


def test_a_filter_longer_than_the_chip_is_refused_with_both_numbers() -> None:
    with pytest.raises(UnmappableError, match="longest filter needs 4 macro units, but the chip has 1"):
        mapped(units_per_mat=1, mats_per_bank=1, tracks=4, domains=32)


def test_a_word_too_long_to_be_walked_on_a_work_track_is_refused() -> None:
    # 14 bits, and 13 spare domains; 20 + 4 is not enough, 24 + 3 is
    with pytest.raises(UnmappableError, match="takes 27 domains, its bits twice less one, but a track has 24"):
        mapped(domains=20, ports=4)

    assert mapped(domains=24, ports=6).stages


def test_a_weight_that_no_port_can_read_whole_is_refused() -> None:
    with pytest.raises(UnmappableError, match=r"a weight of 4 bits .* none reads more than 2 domains in a row"):
        mapped(ports=32)


def test_a_unit_without_a_weight_track_is_refused() -> None:
    with pytest.raises(UnmappableError, match="needs 4 tracks to work and to hold a weight, but has 3"):
        mapped(tracks=3)


def test_a_track_that_its_supply_cannot_drive_is_refused() -> None:
    with pytest.raises(UnmappableError, match=r"shifting a track needs .* V, but the shift driver's supply is 3 V"):
        mapped(domains=128, ports=1)


def test_a_layer_larger_than_the_buffer_is_refused() -> None:
    large = replace(CONV, input_shape=(64, 64, 64))

    with pytest.raises(UnmappableError, match=r"need a buffer of 129 KiB, but it has 2;"):
        mapped((large, *NETWORK[1:]))


@pytest.mark.parametrize(("inputs", "fits"), [(3905, True), (3906, False)])
def test_the_buffer_holds_a_layers_inputs_and_outputs_and_all_biases(inputs: int, fits: bool) -> None:
    # 2 KiB = 3905 inputs and 128 outputs of 4 bits, and 8 + 10 biases of 14 bits
    shapes = (replace(CONV, input_shape=(inputs, 1, 1)), *NETWORK[1:])

    planned = plan(stages_of(shapes), grid_of([HARDWARE], TECHNOLOGY))

    assert planned.is_feasible[0] == fits


def test_weights_written_once_are_counted_with_their_copies() -> None:
    planned = mapped()

    assert planned.weight_bits == 8 * 18 * 4 * 4 + 10 * 32 * 4


@st.composite
def single_layers(draw: st.DrawFn) -> tuple[Hardware, LayerShape]:
    """A chip and a convolution of any size."""
    hardware = replace(
        HARDWARE,
        tracks=draw(st.integers(4, 200)),
        ports=draw(st.sampled_from([1, 2, 4])),
        units_per_mat=draw(st.integers(1, 400)),
        mats_per_bank=1,
        layout=draw(st.sampled_from([Layout.ALONG, Layout.ACROSS])),
    )
    channels, pixels = draw(st.integers(1, 70)), draw(st.integers(1, 900))
    length = draw(st.integers(1, 900))
    shape = layer("conv2d", "conv", dot_length=length, channels_out=channels, pixels=pixels, outputs=channels * pixels)
    return hardware, shape


@given(single_layers())
def test_every_feasible_plan_fits_the_chip_and_computes_every_output_once(case: tuple[Hardware, LayerShape]) -> None:
    hardware, shape = case

    planned = plan(stages_of((shape,)), grid_of([hardware], TECHNOLOGY))

    item = planned.stages[0]
    assert isinstance(item, DotProductPlan)
    if not planned.is_feasible[0]:
        return
    assert item.active_units[0] <= hardware.units
    assert item.waves[0] * item.units[0] // item.slices[0] * item.replicas[0] >= shape.outputs
    assert (item.slices[0] - 1) * item.words_per_slice[0] < item.stage.dot_length
    assert item.stage.dot_length <= item.slices[0] * item.words_per_slice[0]
    weights = weight_layout(planned.grid, 4 if hardware.layout is Layout.ALONG else 1)
    held = 1 if item.rounds[0] else item.filters_per_unit[0]
    periods = np.ceil(item.words_per_slice[0] / weights.words_per_period[0]) * held
    tracks_of_a_group = 1 if hardware.layout is Layout.ALONG else 4
    assert periods <= (hardware.tracks - planned.design.work_tracks) // tracks_of_a_group * weights.periods[0]


def test_many_points_at_once_give_what_each_gives_alone() -> None:
    points = [replace(HARDWARE, tracks=tracks, units_per_mat=units) for tracks in (4, 8, 20) for units in (1, 8, 64)]

    together = plan(stages_of(NETWORK), grid_of(points, TECHNOLOGY))

    for index, point in enumerate(points):
        alone = plan(stages_of(NETWORK), grid_of([point], TECHNOLOGY))
        assert alone.is_feasible[0] == together.is_feasible[index]
        for one, many in zip(alone.stages, together.stages, strict=True):
            assert one.waves[0] == many.waves[index]
            assert one.active_units[0] == many.active_units[index]
