"""Areas in a table, by the part of the hardware and by the device figure that priced it: both sums are one total."""

from collections.abc import Mapping

from trackmac.units import FloatArray, added

Areas = Mapping[str, Mapping[str, FloatArray]]
"""areas[part][figure] has shape [points]."""


def by_part(areas: Areas) -> dict[str, FloatArray]:
    """Return the area of each part."""
    return {part: added(figures.values()) for part, figures in areas.items()}


def by_figure(areas: Areas) -> dict[str, FloatArray]:
    """Return the area that each device figure priced."""
    keys = dict.fromkeys(key for figures in areas.values() for key in figures)
    return {key: added(figures[key] for figures in areas.values() if key in figures) for key in keys}


def times(areas: Areas, count: FloatArray) -> dict[str, dict[str, FloatArray]]:
    """Return the areas of `count` copies."""
    return {part: {key: count * area for key, area in figures.items()} for part, figures in areas.items()}
