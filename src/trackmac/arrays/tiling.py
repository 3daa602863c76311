"""Rectangles of given areas side by side: none overlaps another, together they fill an outline."""

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

from trackmac.floorplans import Rectangle


def sliced(outline: Rectangle, areas_um2: Sequence[float], *, is_row: bool) -> list[Rectangle]:
    """Cut `outline` in proportion to `areas_um2`: a row from left to right, else a column from top to bottom."""
    total = sum(areas_um2)
    ends = [end / total for end in accumulate(areas_um2, initial=0.0)]
    left, top, width, height = outline.left_um, outline.top_um, outline.width_um, outline.height_um
    if is_row:
        return [Rectangle(left + a * width, top, (b - a) * width, height) for a, b in pairwise(ends)]
    return [Rectangle(left, top + a * height, width, (b - a) * height) for a, b in pairwise(ends)]


def is_wide(rectangle: Rectangle) -> bool:
    """Whether a cut across the width gives squarer parts than one across the height."""
    return rectangle.width_um >= rectangle.height_um


def tiled(areas_um2: Mapping[str, float], outline: Rectangle) -> dict[str, Rectangle]:
    """Fill `outline` with a rectangle for each area that is not 0, as square as a greedy choice makes them.

    Bruls, Huizing, van Wijk, "Squarified treemaps" (2000): the largest first, in rows along the shorter side; a row
    takes one more for as long as its worst proportion gets better by it.
    """
    left = sorted(((part, area) for part, area in areas_um2.items() if area > 0), key=lambda item: -item[1])
    placed: dict[str, Rectangle] = {}
    while left:
        areas = [area for _, area in left]
        count = _row_length(areas, outline)
        is_row = is_wide(outline)
        strip, outline = sliced(outline, [sum(areas[:count]), sum(areas[count:])], is_row=is_row)
        cut = sliced(strip, areas[:count], is_row=not is_row)
        placed |= {part: rectangle for (part, _), rectangle in zip(left[:count], cut, strict=True)}
        left = left[count:]
    return placed


def _row_length(areas_um2: Sequence[float], outline: Rectangle) -> int:
    """Return how many of the first areas go into one row."""
    scale = outline.area_um2 / sum(areas_um2)
    short_um = min(outline.width_um, outline.height_um)
    best, count = float("inf"), 0
    for number in range(1, len(areas_um2) + 1):
        row = [area * scale for area in areas_um2[:number]]
        depth_um = sum(row) / short_um
        worst = max(max(depth_um**2 / area, area / depth_um**2) for area in row)
        if worst > best:
            break
        best, count = worst, number
    return count
