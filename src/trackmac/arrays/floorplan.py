"""The floorplan of an accelerator: chip, bank and mat as rectangles of the areas that the model gives.

The model gives areas, and of the H-trees lengths. The shapes of blocks are a choice: an H-tree halves a rectangle
across its longer side, level by level, and between the halves lie the wires of that level with their fork.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trackmac.arrays.breakdown import by_part
from trackmac.arrays.chip import Chip
from trackmac.arrays.grid import HardwareGrid
from trackmac.arrays.interconnect import HTree
from trackmac.arrays.mat import access_tracks
from trackmac.arrays.tiling import is_wide, sliced, tiled
from trackmac.arrays.unit_design import UnitDesign
from trackmac.arrays.unit_drawing import unit_drawing
from trackmac.floorplans import Block, Floorplan, Level, Rectangle
from trackmac.units import FloatArray

DRAWN_LEVELS = 8  # of a tree: below, leaves are drawn together


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tree:
    """What is spread over an area: leaves, the wires of a node of each level, forks."""

    leaf: str
    wires: str
    forks: str
    leaf_um2: float
    wires_um2: tuple[float, ...]
    fork_um2: float

    def area_um2(self, leaves: int, level: int) -> float:
        """Return the area of a subtree; wires lead to all places of its last level, leaves there or not."""
        return leaves * self.leaf_um2 + self.all_wires_um2(level) + (leaves - 1) * self.fork_um2

    def all_wires_um2(self, level: int) -> float:
        """Return the area of all wires of a subtree."""
        return sum(area * (1 << below) for below, area in enumerate(self.wires_um2[level:]))


def floorplan(title: str, grid: HardwareGrid, built: Chip, design: UnitDesign) -> Floorplan:
    """Return the drawing of a `grid` of one point, built as `built`, its units as `design`."""
    side_um = math.sqrt(_only(built.area_um2))
    chip = _chip(grid, built, Rectangle(0.0, 0.0, side_um, side_um))
    bank = _bank(grid, built, _one_of(chip, "banks"))
    mat = _mat(grid, built, _one_of(bank, "mats"))
    return Floorplan(
        title=title,
        technology=grid.technology.name,
        levels=(chip, bank, mat),
        unit=unit_drawing(grid, built.unit, design),
        areas_um2={part: _only(area) for part, area in built.area_parts_um2.items()},
    )


def _chip(grid: HardwareGrid, built: Chip, outline: Rectangle) -> Level:
    """Return the chip: banks and their tree, below them controller and buffer."""
    areas, one = built.area_parts_um2, built.bank
    below = {part: _only(areas[part]) for part in ("controller", "buffer")}
    names, forks_um2 = ("banks", "h_tree", "h_tree_forks"), _only(areas["h_tree_forks"])
    tree = _tree(names, _only(one.area_um2), built.tree, forks_um2)
    banks = int(grid.banks[0])
    upper, lower = sliced(outline, [tree.area_um2(banks, 0), sum(below.values())], is_row=False)
    blocks = (*_spread(tree, upper, banks, 0), *_row(below, lower))
    return Level(name="chip", outline=outline, blocks=blocks)


def _bank(grid: HardwareGrid, built: Chip, outline: Rectangle) -> Level:
    """Return a bank: mats and their tree, below them the controller."""
    one = built.bank
    areas = by_part(one.areas_um2)
    names, forks_um2 = ("mats", "bank_h_trees", "bank_forks"), _only(areas["bank_forks"])
    tree = _tree(names, _only(one.mat.area_um2), one.tree, forks_um2)
    mats, below = int(grid.mats_per_bank[0]), {"bank_controllers": _only(areas["bank_controllers"])}
    upper, lower = sliced(outline, [tree.area_um2(mats, 0), sum(below.values())], is_row=False)
    return Level(name="bank", outline=outline, blocks=(*_spread(tree, upper, mats, 0), *_row(below, lower)))


def _mat(grid: HardwareGrid, built: Chip, outline: Rectangle) -> Level:
    """Return a mat: units in one part, what serves them in the other."""
    areas = {part: _only(area) for part, area in by_part(built.bank.mat.areas_um2).items()}
    units, units_um2 = int(grid.units_per_mat[0]), areas.pop("macro_units")
    array, side = sliced(outline, [units_um2, sum(areas.values())], is_row=is_wide(outline))
    levels = (units - 1).bit_length()
    tree = _Tree(
        leaf="macro_units", wires="", forks="", leaf_um2=units_um2 / units, wires_um2=(0.0,) * levels, fork_um2=0.0
    )
    accessed = int(access_tracks(grid)[0])
    counts = {"sense_amplifiers": accessed, "write_drivers": accessed, "column_switches": int(grid.tracks[0])}
    beside = (Block(part, rectangle, counts.get(part, 1)) for part, rectangle in tiled(areas, side).items())
    return Level(name="mat", outline=outline, blocks=(*_spread(tree, array, units, 0), *beside))


def _tree(names: tuple[str, str, str], leaf_um2: float, tree: HTree, forks_um2: float) -> _Tree:
    """Return what an H-tree spreads: a node of a level has two of its segments, and a fork where both lead on."""
    leaf, wires, forks = names
    leaves = int(tree.leaves[0])
    levels = (leaves - 1).bit_length()
    segments_um = np.asarray(tree.segments_um)[:levels, 0]
    return _Tree(
        leaf=leaf,
        wires=wires,
        forks=forks,
        leaf_um2=leaf_um2,
        wires_um2=tuple(2 * float(length) * tree.width_um for length in segments_um),
        fork_um2=forks_um2 / max(leaves - 1, 1),
    )


def _spread(tree: _Tree, outline: Rectangle, leaves: int, level: int) -> Iterator[Block]:
    """Yield the blocks of a subtree: half of its leaves on either side of its wires."""
    if level == len(tree.wires_um2):
        yield Block(tree.leaf, outline)
    elif level == DRAWN_LEVELS:
        yield from _together(tree, outline, leaves, level)
    else:
        halves = [half for half in (leaves - leaves // 2, leaves // 2) if half]
        fork_um2 = tree.fork_um2 * (len(halves) - 1)
        first, *second = [tree.area_um2(half, level + 1) for half in halves]
        is_row = is_wide(outline)
        cut = sliced(outline, [first, tree.wires_um2[level] + fork_um2, *second], is_row=is_row)
        channel = cut.pop(1)
        for half, rectangle in zip(halves, cut, strict=True):
            yield from _spread(tree, rectangle, half, level + 1)
        yield from _channel(tree, channel, tree.wires_um2[level] / 2, fork_um2, is_row=not is_row)


def _channel(tree: _Tree, outline: Rectangle, wires_um2: float, fork_um2: float, *, is_row: bool) -> Iterator[Block]:
    """Yield wires, fork and wires along a channel; nothing where it is empty."""
    parts = ((tree.wires, wires_um2), (tree.forks, fork_um2), (tree.wires, wires_um2))
    if wires_um2 + fork_um2 > 0:
        rectangles = sliced(outline, [area for _, area in parts], is_row=is_row)
        yield from (Block(part, box) for (part, area), box in zip(parts, rectangles, strict=True) if area > 0)


def _together(tree: _Tree, outline: Rectangle, leaves: int, level: int) -> Iterator[Block]:
    """Yield a subtree with too many leaves to draw: a block for all leaves, one for all wires, one for all forks."""
    counts = {tree.leaf: leaves, tree.wires: 1, tree.forks: leaves - 1}
    areas = {
        tree.leaf: leaves * tree.leaf_um2,
        tree.wires: tree.all_wires_um2(level),
        tree.forks: (leaves - 1) * tree.fork_um2,
    }
    yield from (Block(part, rectangle, counts[part]) for part, rectangle in tiled(areas, outline).items())


def _row(areas_um2: dict[str, float], outline: Rectangle) -> list[Block]:
    cut = sliced(outline, list(areas_um2.values()), is_row=True)
    return [Block(part, rectangle) for part, rectangle in zip(areas_um2, cut, strict=True)]


def _one_of(level: Level, part: str) -> Rectangle:
    """Return the outline of one of the parts of a level; where many are drawn together, a square in their corner."""
    block = next(block for block in level.blocks if block.part == part)
    if block.count == 1:
        return block.rectangle
    side_um = math.sqrt(block.rectangle.area_um2 / block.count)
    return Rectangle(block.rectangle.left_um, block.rectangle.top_um, side_um, side_um)


def _only(values: FloatArray) -> float:
    """Return the value of the one point."""
    return float(values[0])
