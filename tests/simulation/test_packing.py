"""Numbers to bit planes and back."""

import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.simulation import PackedWord, pack, unpack
from trackmac.simulation.packing import write_planes


@pytest.mark.parametrize("bits", [1, 2, 7, 8, 9, 16, 17, 31, 33, 62, 63])
@pytest.mark.parametrize("is_signed", [True, False])
def test_numbers_of_any_width_come_back(bits: int, is_signed: bool) -> None:
    number_format = NumberFormat(bits, is_signed)
    values = np.random.default_rng(bits).integers(number_format.minimum, number_format.maximum, 5000, endpoint=True)
    values[:2] = number_format.minimum, number_format.maximum

    word = pack(values, bits)

    assert word.planes.shape == (bits, 79)
    np.testing.assert_array_equal(unpack(word, is_signed=is_signed), values)


def test_lane_64_w_plus_l_is_bit_l_of_word_w() -> None:
    values = np.zeros(200, np.int64)
    values[64 * 2 + 5] = 0b10

    planes = pack(values, 3).planes

    assert planes.tolist() == [[0, 0, 0, 0], [0, 0, 1 << 5, 0], [0, 0, 0, 0]]


def test_lanes_beyond_the_last_are_not_unpacked() -> None:
    planes = np.full((2, 2), ~np.uint64(0))

    assert unpack(PackedWord(planes, 67), is_signed=False).tolist() == [3] * 67


@pytest.mark.parametrize("is_signed", [True, False])
@pytest.mark.parametrize("lane", [0, 63, 64, 2047, 2100])
def test_a_value_that_does_not_fit_is_noticed_wherever_it_is(is_signed: bool, lane: int) -> None:
    number_format = NumberFormat(9, is_signed)
    for wrong in (number_format.minimum - 1, number_format.maximum + 1, -(1 << 63), (1 << 63) - 1):
        values = np.full(2101, number_format.maximum)
        memory, offsets = np.zeros(9 * 33, np.uint64), np.arange(9) * 33

        assert write_planes(memory, offsets, values, number_format)
        values[lane] = wrong
        assert not write_planes(memory, offsets, values, number_format)
