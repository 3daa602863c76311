"""Which word of a sum is loaded first, and how often each other one joins it."""

import pytest

from trackmac.arrays import Start
from trackmac.bits import NumberFormat
from trackmac.mapping import ElementStage
from trackmac.mapping.stage import Join
from trackmac.networks import Add, MaxPool2d
from trackmac.networks.layers import INPUT
from trackmac.networks.shapes import FeatureMap, shape_of

X, Y = NumberFormat(4, True), NumberFormat(6, False)


def sum_of(multipliers: tuple[int, int]) -> ElementStage:
    layer = Add(name="sum", inputs=("x", "y"), multipliers=multipliers)
    shape = shape_of(layer, ("x", "y"), {"x": FeatureMap((2, 3, 3), X), "y": FeatureMap((2, 3, 3), Y)})
    return ElementStage(head=shape, operands=(X, Y))


@pytest.mark.parametrize(
    ("multipliers", "first", "others"),
    [
        ((1, 1), (0, 0), [(1, 1)]),
        ((1, 8), (0, 0), [(1, 8)]),
        ((8, 1), (1, 0), [(0, 8)]),  # the lower word is loaded, the walk for the higher one is shorter
        ((8, 2), (1, 1), [(0, 8)]),
        ((7, 4), (1, 2), [(0, 7)]),  # 7 = 8 - 1 would be loaded twice
        ((5, 7), (0, 0), [(0, 4), (1, 7)]),
        ((7, 11), (0, 3), [(0, -1), (1, 11)]),  # 11 = 16 - 4 - 1: of the positive digits, the lowest
        ((0, 6), (1, 3), [(1, -2)]),
        ((4, 0), (0, 2), []),
    ],
)
def test_the_digit_that_spares_most_is_loaded(
    multipliers: tuple[int, int], first: tuple[int, int], others: list[tuple[int, int]]
) -> None:
    stage = sum_of(multipliers)

    assert stage.first == first
    assert stage.start == Start(c=stage.c, zeros_below=first[1])
    assert stage.joins == tuple(Join(operand, (X, Y)[operand], times) for operand, times in others)


def test_a_word_that_is_loaded_twice_is_read_twice_and_one_that_counts_nothing_never() -> None:
    assert [sum_of(pair).read_bits for pair in ((1, 1), (5, 7), (4, 0))] == [4 + 6, 4 + 4 + 6, 4]


def test_a_window_is_loaded_word_by_word() -> None:
    layer = MaxPool2d(name="pool", kernel=(2, 2), stride=(2, 2))
    shape = shape_of(layer, (INPUT,), {INPUT: FeatureMap((1, 4, 4), X)})

    stage = ElementStage(head=shape, operands=(X,) * 4)

    assert (stage.first, stage.joins) == ((0, 0), tuple(Join(operand, X) for operand in (1, 2, 3)))
