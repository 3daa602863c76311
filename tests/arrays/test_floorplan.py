"""The drawing of an accelerator has the areas of the model, block by block."""

from dataclasses import replace
from itertools import combinations

import pytest
from tests.arrays.test_tiling import is_within, overlap_um2

from trackmac.arrays import Chip, Hardware, UnitDesign, chip, grid_of, hardware_names, load_hardware
from trackmac.arrays.breakdown import by_part
from trackmac.arrays.floorplan import floorplan
from trackmac.arrays.grid import HardwareGrid
from trackmac.arrays.hardware import port_fields
from trackmac.arrays.ports import KNOWN_LAYOUTS
from trackmac.arrays.unit_drawing import SLACK
from trackmac.floorplans import Block, Floorplan, Rectangle
from trackmac.technology import load_technology

SHAPES = {"one of each": (1, 1, 1), "odd": (7, 5, 3), "powers of two": (16, 8, 4), "many": (300, 600, 257)}
Built = tuple[HardwareGrid, Chip, Floorplan]


def drawn(hardware: Hardware, design: UnitDesign) -> Built:
    """Return a hardware's grid, chip and drawing."""
    grid = grid_of([hardware], load_technology(hardware.technology))
    built = chip(grid, design)
    return grid, built, floorplan("test", grid, built, design)


def shaped(hardware: Hardware, name: str) -> Hardware:
    """Return the hardware with other numbers of units, mats and banks."""
    units, mats, banks = SHAPES[name]
    return replace(hardware, units_per_mat=units, mats_per_bank=mats, banks=banks)


def areas_um2(blocks: tuple[Block, ...]) -> dict[str, float]:
    """Return the area that the blocks of each part have together."""
    parts: dict[str, float] = {}
    for block in blocks:
        parts[block.part] = parts.get(block.part, 0.0) + block.rectangle.area_um2
    return parts


def assert_filled(outline: Rectangle, blocks: tuple[Block, ...]) -> None:
    """Blocks lie within the outline, none over another, and leave nothing of it."""
    rectangles = [block.rectangle for block in blocks]
    assert all(is_within(rectangle, outline) for rectangle in rectangles)
    worst = max((overlap_um2(one, other) for one, other in combinations(rectangles, 2)), default=0.0)
    assert worst < 1e-9 * outline.area_um2
    assert sum(rectangle.area_um2 for rectangle in rectangles) == pytest.approx(outline.area_um2)


@pytest.mark.parametrize("shape", ["one of each", "odd", "powers of two"])
def test_every_level_and_layer_is_filled(hardware: Hardware, computing: UnitDesign, shape: str) -> None:
    _, _, plan = drawn(shaped(hardware, shape), computing)

    for level in plan.levels:
        assert_filled(level.outline, level.blocks)
    assert_filled(plan.unit.outline, plan.unit.tracks)
    assert_filled(plan.unit.outline, plan.unit.cmos)


@pytest.mark.parametrize("shape", list(SHAPES))
def test_blocks_have_the_areas_of_the_breakdown(hardware: Hardware, computing: UnitDesign, shape: str) -> None:
    grid, built, plan = drawn(shaped(hardware, shape), computing)
    inside = {"chip": "banks", "bank": "mats", "mat": ""}
    copies = 1
    total: dict[str, float] = {}

    for level, count in zip(plan.levels, (1, int(grid.banks[0]), int(grid.mats_per_bank[0])), strict=True):
        copies *= count
        for part, area in areas_um2(level.blocks).items():
            total |= {} if part == inside[level.name] else {part: copies * area}

    expected = {part: float(area[0]) for part, area in built.area_parts_um2.items() if area[0] > 0}
    assert total == pytest.approx(expected)
    assert plan.levels[0].outline.area_um2 == pytest.approx(float(built.area_um2[0]))
    assert sum(plan.areas_um2.values()) == pytest.approx(float(built.area_um2[0]))


@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_level_shows_one_of_the_parts_of_the_level_above(
    hardware: Hardware, computing: UnitDesign, shape: str
) -> None:
    grid, built, plan = drawn(shaped(hardware, shape), computing)
    chip_level, bank_level, mat_level = plan.levels

    for level, above, count in (
        (bank_level, chip_level, grid.banks),
        (mat_level, bank_level, grid.mats_per_bank),
    ):
        blocks = [block for block in above.blocks if block.part == f"{level.name}s"]
        assert sum(block.count for block in blocks) == count[0]
        assert any(is_within(level.outline, block.rectangle) for block in blocks)
    assert sum(block.count for block in mat_level.blocks if block.part == "macro_units") == grid.units_per_mat[0]
    assert bank_level.outline.area_um2 == pytest.approx(float(built.bank.area_um2[0]))
    assert mat_level.outline.area_um2 == pytest.approx(float(built.bank.mat.area_um2[0]))
    mat_parts = {part: float(area[0]) for part, area in by_part(built.bank.mat.areas_um2).items() if area[0] > 0}
    assert areas_um2(mat_level.blocks) == pytest.approx(mat_parts)


def test_a_tree_forks_between_its_halves(hardware: Hardware, computing: UnitDesign) -> None:
    _, _, plan = drawn(shaped(hardware, "odd"), computing)

    forks = [block for block in plan.levels[1].blocks if block.part == "bank_forks"]

    assert len(forks) == 5 - 1
    assert len({round(block.rectangle.area_um2, 6) for block in forks}) == 1


def test_many_leaves_are_drawn_together(hardware: Hardware, computing: UnitDesign) -> None:
    _, _, plan = drawn(shaped(hardware, "many"), computing)

    assert all(len(level.blocks) <= 6 * 256 + 10 for level in plan.levels)
    assert max(block.count for block in plan.levels[1].blocks) == 3


@pytest.mark.parametrize("technology", ["physics-45nm", "rtsim-destiny-2017"])
@pytest.mark.parametrize("name", [*KNOWN_LAYOUTS, *hardware_names(), "long"])
def test_a_unit_has_the_tracks_ports_and_cmos_of_the_model(
    hardware: Hardware, computing: UnitDesign, name: str, technology: str
) -> None:
    if name in KNOWN_LAYOUTS:
        point = replace(hardware, **port_fields(KNOWN_LAYOUTS[name]))
    else:
        point = replace(hardware, domains=4096, ports=8) if name == "long" else load_hardware(name)
    grid, built, plan = drawn(replace(point, technology=technology), computing)
    unit, area = plan.unit, built.unit

    above, below = areas_um2(unit.tracks), areas_um2(unit.cmos)
    assert_filled(unit.outline, unit.tracks)
    assert_filled(unit.outline, unit.cmos)
    assert unit.outline.area_um2 == pytest.approx(float(area.footprint_um2[0]))
    slacks = above.pop(SLACK, 0.0), below.pop(SLACK, 0.0)
    assert sum(above.values()) == pytest.approx(float(area.tracks_um2[0]))
    assert sum(below.values()) == pytest.approx(float(area.cmos_um2[0]))
    assert below["ports"] == pytest.approx(float(area.ports_um2[0]))
    assert slacks[not unit.is_cmos_bound] == pytest.approx(float(area.slack_um2[0]))
    assert slacks[unit.is_cmos_bound] == pytest.approx(0.0, abs=1e-6)
    assert unit.spare_before + unit.spare_after == grid.overhead_domains[0]


@pytest.mark.parametrize("name", list(KNOWN_LAYOUTS))
def test_ports_stand_over_their_domains_and_take_their_room(
    hardware: Hardware, computing: UnitDesign, name: str
) -> None:
    layout = KNOWN_LAYOUTS[name]
    grid, built, plan = drawn(replace(hardware, **port_fields(layout)), computing)
    unit = plan.unit

    data = next(block.rectangle for block in unit.tracks if block.part == "data")
    assert [(port.position, port.kind) for port in unit.ports] == [(p.position, p.kind) for p in layout.ports]
    for port in unit.ports:
        assert port.left_um == pytest.approx(data.left_um + port.position * unit.domain_um)
        assert port.width_um == pytest.approx({"RW": 12, "W": 8, "R": 4}[port.kind] * unit.domain_um)
    # facts.md, section 2: these layouts were made so that no two ports want the same transistors
    ends = [port.left_um + port.width_um for port in unit.ports]
    assert all(end <= port.left_um + 1e-9 for end, port in zip(ends, unit.ports[1:], strict=False))
    of_weights_um2 = unit.weight_tracks * unit.pitch_um * sum(port.width_um for port in unit.ports)
    at_work = int(grid.tracks[0]) - unit.weight_tracks
    of_work_um2 = at_work * 12 * unit.domain_um * unit.pitch_um
    assert of_weights_um2 + of_work_um2 == pytest.approx(float(built.unit.ports_um2[0]))


def test_a_long_track_keeps_its_proportions(hardware: Hardware, computing: UnitDesign) -> None:
    _, built, plan = drawn(replace(hardware, domains=4096, ports=8), computing)

    assert plan.unit.outline.width_um == pytest.approx((4096 + 511) * 0.09)
    assert plan.unit.outline.height_um == pytest.approx(32 * 0.09)
    assert not built.unit.is_cmos_bound[0]


def test_spare_domains_lie_where_shifts_take_the_data(hardware: Hardware, computing: UnitDesign) -> None:
    """A port serves the domains from its own on, which come to it as the data move towards the track's beginning."""
    _, _, plan = drawn(replace(hardware, ports=2), computing)

    assert (plan.unit.spare_before, plan.unit.spare_after) == (31, 0)
