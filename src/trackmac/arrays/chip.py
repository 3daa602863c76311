"""The accelerator: banks joined by an H-tree to the input/output buffer, and a controller. Parts sum to the whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trackmac.arrays.bank import Bank, bank, bus_width_um, fork_transistors, tree_areas_um2
from trackmac.arrays.breakdown import Areas, by_figure, by_part, times
from trackmac.arrays.grid import HardwareGrid
from trackmac.arrays.interconnect import BusWay, HTree, bus_way, h_tree
from trackmac.arrays.macro_unit import MacroUnitArea
from trackmac.arrays.unit_design import UnitDesign
from trackmac.arrays.wires import GATE_WIDTHS, LOGIC_WIDTH_UM, Repeaters, bus_wire, logic_driver
from trackmac.circuits.resources import PER_TRANSISTOR
from trackmac.technology import unit_costs
from trackmac.units import FloatArray, added

CONTROLLER_SEQUENCERS = 2
BITS_PER_KIB = 8192


@dataclass(frozen=True, kw_only=True)
class Chip:
    """Each hardware point's accelerator; arrays of shape [points].

    `areas_um2` has the area by part and by the device figure that it was computed from. A part without transistors
    has no leakage.
    """

    bank: Bank
    tree: HTree
    bus: BusWay
    areas_um2: Areas
    leakage_parts_nw: Mapping[str, FloatArray]

    @property
    def unit(self) -> MacroUnitArea:
        """One macro unit."""
        return self.bank.mat.unit

    @cached_property
    def area_parts_um2(self) -> dict[str, FloatArray]:
        """Area by part."""
        return by_part(self.areas_um2)

    @cached_property
    def area_by_figure_um2(self) -> dict[str, FloatArray]:
        """Area by the device figure that it was computed from."""
        return by_figure(self.areas_um2)

    @cached_property
    def leakage_by_figure_nw(self) -> dict[str, FloatArray]:
        """Leakage by the device figure that it was computed from, of two of them the less sure one."""
        logic = added(part for name, part in self.leakage_parts_nw.items() if name != "buffer")
        return {"cmos.transistor_leakage_nw": logic, "buffer.leaking_transistors": self.leakage_parts_nw["buffer"]}

    @cached_property
    def area_um2(self) -> FloatArray:
        """The whole chip."""
        return added(self.area_parts_um2.values())

    @cached_property
    def leakage_nw(self) -> FloatArray:
        """The whole chip, powered."""
        return added(self.leakage_parts_nw.values())

    @property
    def bus_length_mm(self) -> FloatArray:
        """The way of a word between the buffer and the middle of a mat."""
        return self.bus.length_mm


def chip(grid: HardwareGrid, design: UnitDesign) -> Chip:
    """Return the accelerator of each point, its units built as `design`. Its controller is as large as two sequencers.

    A bus bit goes from the root of the tree of banks to that of a bank's mats, on to a mat, and on average half a mat's
    side further: the mean way (not diagonal) from a square's middle to a point in it.
    """
    one, technology = bank(grid, design), grid.technology
    banks = grid.banks.astype(np.float64)
    tree = h_tree(one.area_um2, grid.banks, bus_width_um(technology))
    way = _way(grid, one, tree)
    controller = np.full(len(grid), CONTROLLER_SEQUENCERS * technology.value("sequencer.transistors"))
    buffer_bits = grid.buffer_kib * BITS_PER_KIB
    areas = times(one.areas_um2, banks) | tree_areas_um2(tree, technology, wires="h_tree", forks="h_tree_forks")
    areas["controller"] = {PER_TRANSISTOR: controller * unit_costs(technology).transistor_um2}
    areas["buffer"] = {"buffer.area_um2": buffer_bits * technology.value("buffer.area_um2")}
    per_transistor_nw = technology.value("cmos.transistor_leakage_nw")
    leakage: dict[str, FloatArray] = {part: banks * leaked for part, leaked in one.leakage_parts_nw.items()}
    leakage["h_tree_forks"] = fork_transistors(tree, technology) * per_transistor_nw
    leakage["repeaters"] = _repeater_transistors(grid, one, tree, way) * per_transistor_nw
    leakage["controller"] = controller * per_transistor_nw
    leakage["buffer"] = buffer_bits * unit_costs(technology).buffer_leakage_nw
    return Chip(bank=one, tree=tree, bus=way, areas_um2=areas, leakage_parts_nw=leakage)


def _way(grid: HardwareGrid, one: Bank, tree: HTree) -> BusWay:
    technology = grid.technology
    segments = [*tree.segments_um, *one.tree.segments_um, one.mat.side_um / 2]
    return bus_way(segments, bus_wire(technology), logic_driver(technology), technology.value("bus.cycle_ns"))


def _repeater_transistors(grid: HardwareGrid, one: Bank, tree: HTree, way: BusWay) -> FloatArray:
    """Return the repeaters of all trees' wires, in transistors as wide as those that leakage is given for.

    They take no area: they lie under the wires that they repeat.
    """
    repeaters = Repeaters(wire=bus_wire(grid.technology), driver=logic_driver(grid.technology))
    wires_um = (tree.total_um + grid.banks * one.tree.total_um) * grid.technology.value("bus.width_bits")
    each = GATE_WIDTHS * repeaters.width_um / LOGIC_WIDTH_UM
    return np.where(way.has_repeaters, wires_um / repeaters.spacing_um * each, 0.0)
