"""Rectangles that fill an outline: areas as asked for, none over another."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackmac.arrays.tiling import sliced, tiled
from trackmac.floorplans import Rectangle

OUTLINE = Rectangle(3.0, 5.0, 8.0, 2.0)


def overlap_um2(one: Rectangle, other: Rectangle) -> float:
    """Return the area that two rectangles share."""
    width_um = min(one.left_um + one.width_um, other.left_um + other.width_um) - max(one.left_um, other.left_um)
    height_um = min(one.top_um + one.height_um, other.top_um + other.height_um) - max(one.top_um, other.top_um)
    return max(width_um, 0.0) * max(height_um, 0.0)


def is_within(inner: Rectangle, outer: Rectangle) -> bool:
    """Whether a rectangle sticks out nowhere, but for rounding."""
    slip_um = 1e-9 * (outer.width_um + outer.height_um)
    return (
        inner.left_um >= outer.left_um - slip_um
        and inner.top_um >= outer.top_um - slip_um
        and inner.left_um + inner.width_um <= outer.left_um + outer.width_um + slip_um
        and inner.top_um + inner.height_um <= outer.top_um + outer.height_um + slip_um
    )


def test_slices_share_an_outline_in_proportion() -> None:
    row, column = sliced(OUTLINE, [1.0, 3.0], is_row=True), sliced(OUTLINE, [1.0, 3.0], is_row=False)

    assert row == [Rectangle(3.0, 5.0, 2.0, 2.0), Rectangle(5.0, 5.0, 6.0, 2.0)]
    assert column == [Rectangle(3.0, 5.0, 8.0, 0.5), Rectangle(3.0, 5.5, 8.0, 1.5)]


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=12))
def test_tiles_have_their_areas_fill_the_outline_and_do_not_overlap(areas: list[float]) -> None:
    whole = sum(areas)
    placed = tiled({str(number): area for number, area in enumerate(areas)}, OUTLINE)

    assert len(placed) == len(areas)
    for number, area in enumerate(areas):
        assert placed[str(number)].area_um2 == pytest.approx(area / whole * OUTLINE.area_um2, rel=1e-6)
    assert all(is_within(rectangle, OUTLINE) for rectangle in placed.values())
    assert all(overlap_um2(one, other) < 1e-9 for one, other in combinations(placed.values(), 2))


def test_what_has_no_area_has_no_tile() -> None:
    assert tiled({"all": 2.0, "nothing": 0.0}, OUTLINE) == {"all": OUTLINE}


def test_equal_areas_become_squares_where_they_can() -> None:
    placed = tiled(dict.fromkeys("abcdefgh", 1.0), Rectangle(0.0, 0.0, 4.0, 2.0))

    assert {(rectangle.width_um, rectangle.height_um) for rectangle in placed.values()} == {(1.0, 1.0)}
