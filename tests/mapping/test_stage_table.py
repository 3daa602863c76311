"""The stages of a network as arrays: what holds for one stage stands at its place."""

from dataclasses import replace

import numpy as np
import pytest
from tests.mapping.test_plan_and_schedule import CONV, HARDWARE, LINEAR, NETWORK, TECHNOLOGY

from trackmac.arrays import grid_of
from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Layout
from trackmac.mapping import plan, stage_table, stages_of
from trackmac.mapping.stages import buffered_bits, constant_bits

OF_SEVERAL_WIDTHS = tuple(
    replace(CONV, name=f"conv{bits}{copy}", weight_format=NumberFormat(bits, True)) for bits in (4, 2) for copy in "ab"
)


def test_the_same_stages_have_one_table() -> None:
    table = stage_table(stages_of(NETWORK))

    assert stage_table(stages_of(NETWORK)) is table
    assert stage_table(stages_of((CONV,))) is not table


def test_stages_that_differ_only_in_what_is_not_hashed_are_told_apart() -> None:
    other = replace(CONV, groups=2)

    assert hash(CONV) == hash(other)
    assert stages_of((CONV,)) != stages_of((other,))
    assert stage_table(stages_of((other,))).dots.groups.tolist() == [[2]]


def test_every_stage_stands_at_its_place_and_says_what_it_is() -> None:
    stages = stages_of(NETWORK)
    table = stage_table(stages)

    assert [(*table.dots.stages, *table.elements)[place] for place in table.places] == list(stages)
    assert table.dots.channels_out.tolist() == [[CONV.channels_out], [LINEAR.channels_out]]
    assert table.dots.weight_bits.tolist() == [[stage.weight_bits] for stage in table.dots.stages]
    assert table.buffer_bits == max(buffered_bits(stages)) + constant_bits(stages)


def test_a_plan_has_the_plan_of_each_stage_in_the_order_of_the_network() -> None:
    planned = plan(stages_of(NETWORK), grid_of([HARDWARE, replace(HARDWARE, tracks=20)], TECHNOLOGY))

    assert [mapped.stage for mapped in planned.stages] == list(planned.network.stages)
    for number, mapped in enumerate(planned.dot_products):
        np.testing.assert_array_equal(mapped.units, planned.dots.units[number])
        assert mapped.units.shape == (2,)


@pytest.mark.parametrize("layout", list(Layout))
def test_figures_of_each_stride_stand_at_the_stages_that_have_it(layout: Layout) -> None:
    dots = stage_table(stages_of(OF_SEVERAL_WIDTHS)).dots

    def twice(stride: int, stages: IntArray) -> tuple[IntArray, IntArray]:
        return np.full((len(stages), 1), stride), stages[:, np.newaxis]

    strides, numbers = dots.each_stride(layout, twice, (2, len(dots), 1))

    assert strides.ravel().tolist() == ([4, 4, 2, 2] if layout is Layout.ALONG else [1, 1, 1, 1])
    assert strides.tolist() == dots.strides(layout).tolist()
    assert (dots.tracks(layout) * dots.strides(layout)).ravel().tolist() == [4, 4, 2, 2]
    assert numbers.ravel().tolist() == [0, 1, 2, 3]
