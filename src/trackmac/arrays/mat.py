"""The mat: macro units in a square, with the decoders, amplifiers and drivers that serve all of them.

A mat is a memory whether or not its units compute: words are written and read back over bit lines, one for each track
of a unit, through all units. What a unit computes with, it has in its own cell. So a computing cell of no circuits
leaves plain memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trackmac.arrays.breakdown import Areas, by_part
from trackmac.arrays.grid import HardwareGrid
from trackmac.arrays.interconnect import BUS_TRANSISTORS_PER_BIT
from trackmac.arrays.macro_unit import MacroUnitArea, macro_unit_area
from trackmac.arrays.unit_design import UnitDesign
from trackmac.bits import IntArray
from trackmac.circuits.resources import PER_TRANSISTOR, Resources
from trackmac.technology import UnitCosts, unit_costs
from trackmac.technology.shift_driver import BRIDGE_SWITCHES
from trackmac.units import FloatArray, added

DECODER_TRANSISTORS_PER_ADDRESS_BIT = 2
DECODER_DRIVER_TRANSISTORS = 4
COLUMN_SWITCH_TRANSISTORS = 2

PLAIN_MEMORY = UnitDesign(work_tracks=0, longest_word=1, resources=Resources())
"""The cell of no circuits: every track holds data."""


@dataclass(frozen=True, kw_only=True)
class Mat:
    """One mat of each point; arrays of shape [points]. `transistors` are those that leak, by part."""

    unit: MacroUnitArea
    areas_um2: Areas
    transistors: Mapping[str, IntArray]

    @cached_property
    def area_um2(self) -> FloatArray:
        """Units and everything beside them."""
        return added(by_part(self.areas_um2).values())

    @property
    def side_um(self) -> FloatArray:
        """A mat is a square."""
        return np.asarray(np.sqrt(self.area_um2))


def mat(grid: HardwareGrid, design: UnitDesign) -> Mat:
    """Return one mat of each point, its units built as `design`."""
    unit, costs = macro_unit_area(grid, design), unit_costs(grid.technology)
    logic, peripheral = _logic_transistors(grid), _peripheral_cells(grid)
    areas: dict[str, Mapping[str, FloatArray]] = {
        "macro_units": {key: grid.units_per_mat * area for key, area in unit.footprint_by_figure_um2.items()}
    }
    areas |= {name: {PER_TRANSISTOR: count * costs.transistor_um2} for name, count in logic.items()}
    areas |= {name: _cells_um2(grid, cell, count) for name, (cell, count) in peripheral.items()}
    transistors = {"macro_units": grid.units_per_mat * unit.transistors} | logic
    transistors |= {name: count * cell.transistors for name, (cell, count) in peripheral.items()}
    areas["shift_drivers"], transistors["shift_drivers"] = _shift_drivers(grid, costs)
    return Mat(unit=unit, areas_um2=areas, transistors=transistors)


def access_tracks(grid: HardwareGrid) -> IntArray:
    """Return the tracks of a unit that one access reads, writes or shifts: as many as the bus is wide, at most all."""
    return np.minimum(grid.tracks, int(grid.technology.value("bus.width_bits")))


def decoder_lines(grid: HardwareGrid) -> IntArray:
    """Return the lines that a mat's decoders choose from.

    A line for each track and for each port of a track runs through all units, which run in lockstep: the port where
    both meet opens, by its access transistors. A line for each unit says whom a word on the bus is for.
    """
    return np.asarray(grid.tracks + grid.ports + grid.units_per_mat)


def address_bits(grid: HardwareGrid) -> IntArray:
    """Return the bits that choose one of a mat's lines."""
    return np.ceil(np.log2(decoder_lines(grid))).astype(np.int64)


def _logic_transistors(grid: HardwareGrid) -> dict[str, IntArray]:
    """Return the transistors of the parts that are logic.

    Decoders: for each line an AND of the address bits and a driver. Column switches: two for each bit line, where bit
    lines share the amplifiers.
    """
    value, accessed = grid.technology.value, access_tracks(grid)
    per_line = DECODER_TRANSISTORS_PER_ADDRESS_BIT * address_bits(grid) + DECODER_DRIVER_TRANSISTORS
    return {
        "decoders": decoder_lines(grid) * per_line,
        "column_switches": np.where(grid.tracks > accessed, grid.tracks * COLUMN_SWITCH_TRANSISTORS, 0),
        "sequencers": np.full(len(grid), int(value("sequencer.transistors"))),
        "bus_interfaces": np.full(len(grid), int(value("bus.width_bits")) * BUS_TRANSISTORS_PER_BIT),
    }


def _peripheral_cells(grid: HardwareGrid) -> dict[str, tuple[Resources, IntArray]]:
    """Return the cells at the ends of the bit lines, and how many there are."""
    accessed = access_tracks(grid)
    return {
        "sense_amplifiers": (Resources(sense_amplifiers=1), accessed),
        "write_drivers": (Resources(write_drivers=1), accessed),
    }


def _cells_um2(grid: HardwareGrid, cell: Resources, count: IntArray) -> dict[str, FloatArray]:
    parts = cell.area_parts_um2(grid.technology)
    return {key: np.asarray(count * area) for key, area in parts.items()}


def _shift_drivers(grid: HardwareGrid, costs: UnitCosts) -> tuple[dict[str, FloatArray], IntArray]:
    """Return areas and transistors of what moves the tracks that are accessed: one control, a bridge for each track.

    The tracks of all units are joined to the bridges by their own switches, which are the units'. Where the technology
    has no driver of its own, the bridge is within the control's transistors.
    """
    control = Resources(shift_drivers=1)
    areas = _cells_um2(grid, control, np.ones(len(grid), dtype=np.int64))
    if costs.driver is None:
        return areas, np.full(len(grid), control.transistors)
    switches = access_tracks(grid) * BRIDGE_SWITCHES
    areas["shift.driver_width_um"] = switches * costs.switch_um2(grid.physical_domains.astype(np.float64))
    return areas, control.transistors + switches
