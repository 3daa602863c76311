import numpy as np
import pytest

from trackmac.inference.lanes import LaneGroups, column_planes
from trackmac.simulation import unpack


@pytest.mark.parametrize("columns", [1, 63, 64, 65, 200])
def test_every_unit_takes_the_columns_words(columns: int) -> None:
    codes = np.random.default_rng(0).integers(-32, 32, (4, columns))
    groups = LaneGroups(units=3, columns=columns)

    words = groups.spread(column_planes(codes, 6)[:, :, np.newaxis], np.zeros(3, dtype=np.int64))

    for number, values in enumerate(codes):
        lanes = unpack(words[number].packed(), is_signed=True)
        assert lanes.size == groups.lanes
        np.testing.assert_array_equal(groups.by_unit(lanes), np.tile(values, (3, 1)))


def test_units_of_several_kinds_take_words_of_their_own() -> None:
    codes = np.random.default_rng(0).integers(-32, 32, (2, 70))
    groups = LaneGroups(units=3, columns=70)
    planes = column_planes(codes, 6).transpose(1, 0, 2)

    lanes = unpack(groups.spread(planes[np.newaxis], np.array([1, 0, 1]))[0].packed(), is_signed=True)

    np.testing.assert_array_equal(groups.by_unit(lanes), codes[[1, 0, 1]])


def test_bytes_and_wide_integers_have_the_same_planes() -> None:
    codes = np.random.default_rng(0).integers(-128, 128, (3, 70))

    np.testing.assert_array_equal(column_planes(codes.astype(np.uint8), 8), column_planes(codes, 8))


def test_wide_codes_keep_their_top_bits() -> None:
    codes = np.array([[-(1 << 40), (1 << 40) + 5]])
    groups = LaneGroups(units=1, columns=2)

    planes = column_planes(codes, 42)[:, :, np.newaxis]
    lanes = unpack(groups.spread(planes, np.zeros(1, dtype=np.int64))[0].packed(), is_signed=True)

    np.testing.assert_array_equal(groups.by_unit(lanes), codes)


def test_a_constant_is_the_same_in_all_lanes_of_a_unit() -> None:
    groups = LaneGroups(units=3, columns=70)
    values = np.array([[-3, 0, 3], [1, -1, 2]])

    packed = groups.constant(values, 3).packed()

    planes = packed.planes.reshape(2, 3, -1)
    for word, expected in zip(planes, values, strict=True):
        lanes = unpack(type(packed)(word, packed.lanes), is_signed=True)
        np.testing.assert_array_equal(groups.by_unit(lanes), np.repeat(expected[:, np.newaxis], 70, axis=1))
