"""The bank: mats joined by an H-tree, and a controller."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trackmac.arrays.breakdown import Areas, by_part, times
from trackmac.arrays.grid import HardwareGrid
from trackmac.arrays.interconnect import BUS_TRANSISTORS_PER_BIT, HTree, h_tree
from trackmac.arrays.mat import Mat, mat
from trackmac.arrays.unit_design import UnitDesign
from trackmac.circuits.resources import PER_TRANSISTOR
from trackmac.technology import Technology, unit_costs
from trackmac.units import FloatArray, added, nm_to_um

WIRE_PITCH_FEATURES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """One bank of each point; arrays of shape [points]. `leakage_parts_nw` has the parts that `areas_um2` has."""

    mat: Mat
    tree: HTree
    areas_um2: Areas
    leakage_parts_nw: Mapping[str, FloatArray]

    @property
    def area_um2(self) -> FloatArray:
        """Mats, wires between them and controller."""
        return added(by_part(self.areas_um2).values())

    @property
    def leakage_nw(self) -> FloatArray:
        """The bank, powered."""
        return added(self.leakage_parts_nw.values())


def bank(grid: HardwareGrid, design: UnitDesign) -> Bank:
    """Return one bank of each point. Its controller is as large as a sequencer."""
    one, technology = mat(grid, design), grid.technology
    mats = grid.mats_per_bank.astype(np.float64)
    tree = h_tree(one.area_um2, grid.mats_per_bank, bus_width_um(technology))
    controller = np.full(len(grid), technology.value("sequencer.transistors"))
    per_transistor_nw = technology.value("cmos.transistor_leakage_nw")
    areas = times(one.areas_um2, mats) | tree_areas_um2(tree, technology, wires="bank_h_trees", forks="bank_forks")
    areas["bank_controllers"] = {PER_TRANSISTOR: controller * unit_costs(technology).transistor_um2}
    leakage: dict[str, FloatArray] = {part: mats * count * per_transistor_nw for part, count in one.transistors.items()}
    leakage["bank_forks"] = fork_transistors(tree, technology) * per_transistor_nw
    leakage["bank_controllers"] = controller * per_transistor_nw
    return Bank(mat=one, tree=tree, areas_um2=areas, leakage_parts_nw=leakage)


def tree_areas_um2(tree: HTree, technology: Technology, *, wires: str, forks: str) -> dict[str, dict[str, FloatArray]]:
    """Return the areas of a tree's wires and of its forks."""
    return {
        wires: {"geometry.feature_nm": tree.area_um2},
        forks: {PER_TRANSISTOR: fork_transistors(tree, technology) * unit_costs(technology).transistor_um2},
    }


def bus_width_um(technology: Technology) -> float:
    """Return how wide the wires of a bus are side by side, `bus.width_bits` at a pitch of 4 F."""
    pitch_um = WIRE_PITCH_FEATURES * nm_to_um(technology.value("geometry.feature_nm"))
    return technology.value("bus.width_bits") * pitch_um


def fork_transistors(tree: HTree, technology: Technology) -> FloatArray:
    """Return the transistors of a tree's forks: a fork passes every bit on by gates like those of a bus interface."""
    return tree.forks * (technology.value("bus.width_bits") * BUS_TRANSISTORS_PER_BIT)
