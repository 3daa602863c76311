"""The drawing of a macro unit: tracks with their domains and ports above, the areas of the CMOS below."""

import math
from collections.abc import Sequence

from trackmac.arrays.grid import HardwareGrid
from trackmac.arrays.macro_unit import MacroUnitArea, cell_parts_um2, weight_tracks
from trackmac.arrays.ports import Port
from trackmac.arrays.reach import static_overhead
from trackmac.arrays.tiling import is_wide, sliced, tiled
from trackmac.arrays.unit_design import UnitDesign
from trackmac.circuits.resources import Resources
from trackmac.floorplans import Block, PortFootprint, Rectangle, UnitDrawing
from trackmac.units import nm_to_um

SLACK = "slack"
PERIPHERY = ("sense_amplifiers", "write_drivers", "shift_drivers", "latches", "connections", "input_gates")


def unit_drawing(grid: HardwareGrid, unit: MacroUnitArea, design: UnitDesign) -> UnitDrawing:
    """Return the drawing of the units of a `grid` of one point.

    A port over data domain p, the track at rest, takes the room from there on; spare domains before the data are for
    shifts that bring later domains to a port, those behind it for earlier ones.
    """
    ports = grid.weight_ports.layouts[int(grid.weight_ports.index[0])]
    domain_um = nm_to_um(grid.technology.value("geometry.domain_length_nm"))
    pitch_um = nm_to_um(grid.technology.value("geometry.track_pitch_nm"))
    spare = static_overhead(ports)
    lengths_um = [count * domain_um for count in (spare.ahead, ports.domains, spare.behind)]
    outline = _outline(float(unit.footprint_um2[0]), sum(lengths_um), int(grid.tracks[0]) * pitch_um)
    return UnitDrawing(
        outline=outline,
        tracks=_tracks(grid, design, outline, lengths_um, pitch_um),
        cmos=_cmos(grid, unit, design, outline),
        ports=tuple(_footprint(port, lengths_um[0], domain_um) for port in ports.ports),
        weight_tracks=int(weight_tracks(grid, design)[0]),
        domains=ports.domains,
        spare_before=spare.ahead,
        spare_after=spare.behind,
        domain_um=domain_um,
        pitch_um=pitch_um,
        is_cmos_bound=bool(unit.is_cmos_bound[0]),
    )


def cmos_parts_um2(grid: HardwareGrid, unit: MacroUnitArea, design: UnitDesign) -> dict[str, tuple[int, float]]:
    """Return how many there are of each part of a unit's CMOS, and what they take together."""
    needs, technology = design.resources, grid.technology
    physical, joined = grid.physical_domains.astype(float), weight_tracks(grid, design)
    switches_um2 = cell_parts_um2(Resources(driven_tracks=needs.driven_tracks), technology, physical, joined)
    single = {name: Resources(**{name: getattr(needs, name)}) for name in PERIPHERY}
    single |= {name: Resources(cells={name: count}) for name, count in needs.cells.items()}
    counts = {name: int(getattr(needs, name)) for name in PERIPHERY} | dict(needs.cells)
    parts = {name: (counts[name], sum(one.area_parts_um2(technology).values())) for name, one in single.items()}
    ports = grid.weight_ports.layouts[int(grid.weight_ports.index[0])].ports
    at_work = int(grid.tracks[0] - joined[0])
    parts["ports"] = (int(joined[0]) * len(ports) + at_work, float(unit.ports_um2[0]))
    parts["track_switches"] = (int(joined[0]), sum(float(area[0]) for area in switches_um2.values()))
    return parts


def _outline(footprint_um2: float, length_um: float, height_um: float) -> Rectangle:
    """Return the squarest rectangle of that area which the tracks fit in."""
    side_um = math.sqrt(footprint_um2)
    if length_um > side_um:
        return Rectangle(0.0, 0.0, length_um, footprint_um2 / length_um)
    deep_um = max(side_um, height_um)
    return Rectangle(0.0, 0.0, footprint_um2 / deep_um, deep_um)


def _footprint(port: Port, start_um: float, domain_um: float) -> PortFootprint:
    left_um = start_um + port.position * domain_um
    return PortFootprint(port.position, str(port.kind), left_um, port.kind.footprint_domains * domain_um)


def _tracks(
    grid: HardwareGrid, design: UnitDesign, outline: Rectangle, lengths_um: Sequence[float], pitch_um: float
) -> tuple[Block, ...]:
    """Return the tracks that hold weights, spare domains apart, below them those at work, and what they leave free."""
    free, every = int(weight_tracks(grid, design)[0]), int(grid.tracks[0])
    before_um, data_um, after_um = lengths_um
    length_um, deep_um, all_um = sum(lengths_um), free * pitch_um, every * pitch_um
    blocks = (
        Block("overhead", Rectangle(0.0, 0.0, before_um, deep_um)),
        Block("data", Rectangle(before_um, 0.0, data_um, deep_um)),
        Block("overhead", Rectangle(before_um + data_um, 0.0, after_um, deep_um)),
        Block("work_tracks", Rectangle(0.0, deep_um, length_um, all_um - deep_um), every - free),
        Block(SLACK, Rectangle(length_um, 0.0, _rest(outline.width_um, length_um), all_um)),
        Block(SLACK, Rectangle(0.0, all_um, outline.width_um, _rest(outline.height_um, all_um))),
    )
    return tuple(block for block in blocks if block.rectangle.area_um2 > 0)


def _rest(whole_um: float, part_um: float) -> float:
    """Return what is left, nothing where no more than rounding is."""
    return 0.0 if math.isclose(whole_um, part_um, rel_tol=1e-9) else whole_um - part_um


def _cmos(grid: HardwareGrid, unit: MacroUnitArea, design: UnitDesign, outline: Rectangle) -> tuple[Block, ...]:
    parts = cmos_parts_um2(grid, unit, design)
    areas = {name: area for name, (_, area) in parts.items()}
    slack_um2 = 0.0 if unit.is_cmos_bound[0] else float(unit.slack_um2[0])
    used, slack = sliced(outline, [sum(areas.values()), slack_um2], is_row=is_wide(outline))
    blocks = [Block(part, rectangle, parts[part][0]) for part, rectangle in tiled(areas, used).items()]
    return (*blocks, *(Block(SLACK, slack) for _ in range(slack_um2 > 0)))
