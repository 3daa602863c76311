"""What a drawing of an accelerator shows, as plain data: rectangles in um, made by the arrays, drawn by the report."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle; left to right and top to bottom from the drawing's corner."""

    left_um: float
    top_um: float
    width_um: float
    height_um: float

    @property
    def area_um2(self) -> float:
        """Width times height."""
        return self.width_um * self.height_um


@dataclass(frozen=True, slots=True)
class Block:
    """What `count` parts of one kind take together."""

    part: str
    rectangle: Rectangle
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One of the levels chip, bank, mat: `blocks` fill `outline`, which lies within that of the level above."""

    name: str
    outline: Rectangle
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class PortFootprint:
    """A port of a track that holds weights, over data domain `position`: its transistors go on from there."""

    position: int
    kind: str
    left_um: float
    width_um: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDrawing:
    """A macro unit: the blocks of `tracks` lie over those of `cmos`; either fill `outline`, one of them with slack.

    Of its tracks `weight_tracks` hold weights. A track holds `spare_before`, then `domains`, then `spare_after`
    domains of `domain_um`; tracks lie `pitch_um` apart. `ports` are those of one track that holds weights.
    """

    outline: Rectangle
    tracks: tuple[Block, ...]
    cmos: tuple[Block, ...]
    ports: tuple[PortFootprint, ...]
    weight_tracks: int
    domains: int
    spare_before: int
    spare_after: int
    domain_um: float
    pitch_um: float
    is_cmos_bound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Floorplan:
    """An accelerator, to scale: its levels, the largest first, one macro unit, and the area of each part of the chip.

    Each level shows one of the parts that the level above has many of.
    """

    title: str
    technology: str
    levels: tuple[Level, ...]
    unit: UnitDrawing
    areas_um2: Mapping[str, float]
