"""Mats, banks and the whole chip: area and leakage, each with parts that sum to it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays.grid import HardwareGrid
from trackmac.arrays.interconnect import path_length_um, total_length_um
from trackmac.arrays.macro_unit import MacroUnitArea, macro_unit_area
from trackmac.arrays.unit_design import UnitDesign
from trackmac.circuits.resources import PER_TRANSISTOR
from trackmac.units import FloatArray, added, nm_to_um, square_features_to_um2, um_to_mm

WIRE_PITCH_FEATURES = 4
DECODER_TRANSISTORS_PER_ADDRESS_BIT = 2
DECODER_DRIVER_TRANSISTORS = 4
BUS_INTERFACE_TRANSISTORS_PER_BIT = 20
CONTROLLER_SEQUENCERS = 2
BITS_PER_KIB = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """Area, leakage and bus length of each hardware point; arrays of shape [points].

    `area_parts_um2` and `leakage_parts_nw` sum to the chip's area and leakage; so do the same by the device figure that
    each was computed from.
    """

    unit: MacroUnitArea
    area_parts_um2: Mapping[str, FloatArray]
    leakage_parts_nw: Mapping[str, FloatArray]
    bus_length_mm: FloatArray
    area_by_figure_um2: Mapping[str, FloatArray]
    leakage_by_figure_nw: Mapping[str, FloatArray]

    @property
    def area_um2(self) -> FloatArray:
        """The whole chip."""
        return added(self.area_parts_um2.values())

    @property
    def leakage_nw(self) -> FloatArray:
        """The whole chip, powered."""
        return added(self.leakage_parts_nw.values())


def chip(grid: HardwareGrid, design: UnitDesign) -> Chip:
    """Return area, leakage and bus length of each point, its units built as `design`.

    A mat has its units, a decoder, a sequencer and a bus interface; mats are joined by an H-tree whose wires run
    beside them; the controller and the buffer serve the chip. A bus bit goes from the tree's root to its mat, and on
    average half a mat's side further: the mean way (not diagonal) from a square's middle to a point in it.
    """
    unit = macro_unit_area(grid, design)
    value = grid.technology.value
    per_transistor_um2 = square_features_to_um2(value("cmos.transistor_area_f2"), value("geometry.feature_nm"))
    units, mats = grid.units.astype(np.float64), grid.mats_per_bank * grid.banks  # units x transistors pass int64
    transistors = {
        "decoders": mats * _decoder_transistors(grid),
        "sequencers": mats * value("sequencer.transistors"),
        "bus_interfaces": mats * value("bus.width_bits") * BUS_INTERFACE_TRANSISTORS_PER_BIT,
        "controller": np.full(len(grid), CONTROLLER_SEQUENCERS * value("sequencer.transistors")),
    }
    buffer_bits = grid.buffer_kib * BITS_PER_KIB
    areas: dict[str, FloatArray] = {"macro_units": units * unit.footprint_um2}
    areas |= {name: count * per_transistor_um2 for name, count in transistors.items()}
    mats_um2 = added(areas[name] for name in ("macro_units", "decoders", "sequencers", "bus_interfaces"))
    wire_um = WIRE_PITCH_FEATURES * nm_to_um(value("geometry.feature_nm")) * value("bus.width_bits")
    areas["h_tree"] = total_length_um(mats_um2, mats) * wire_um
    areas["buffer"] = buffer_bits * value("buffer.area_um2")
    per_transistor_nw = value("cmos.transistor_leakage_nw")
    leakage: dict[str, FloatArray] = {"macro_units": units * unit.transistors * per_transistor_nw}
    leakage |= {name: count * per_transistor_nw for name, count in transistors.items()}
    leakage["buffer"] = buffer_bits * value("buffer.leakage_nw")
    return Chip(
        unit=unit,
        area_parts_um2=areas,
        leakage_parts_nw=leakage,
        area_by_figure_um2=_area_by_figure(units, unit, areas),
        leakage_by_figure_nw={
            "cmos.transistor_leakage_nw": added(part for name, part in leakage.items() if name != "buffer"),
            "buffer.leakage_nw": leakage["buffer"],
        },
        bus_length_mm=um_to_mm(path_length_um(mats_um2 + areas["h_tree"], mats) + np.sqrt(mats_um2 / mats) / 2),
    )


def _area_by_figure(units: FloatArray, unit: MacroUnitArea, areas: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return the chip's area by the device figure that it was computed from."""
    parts = {key: units * area for key, area in unit.footprint_by_figure_um2.items()}
    logic = added(areas[name] for name in ("decoders", "sequencers", "bus_interfaces", "controller"))
    return parts | {
        PER_TRANSISTOR: parts.get(PER_TRANSISTOR, 0) + logic,
        "geometry.feature_nm": areas["h_tree"],
        "buffer.area_um2": areas["buffer"],
    }


def _decoder_transistors(grid: HardwareGrid) -> NDArray[np.float64]:
    """Return the transistors of a mat's decoder: for each line an AND of the address bits and a driver.

    A line for each track and for each port of a track runs through all units, which run in lockstep: the port where
    both meet opens, by its two access transistors. A line for each unit says whom a word on the bus is for.
    """
    lines = grid.tracks + grid.ports + grid.units_per_mat
    address_bits = np.ceil(np.log2(lines))
    return np.asarray(lines * (DECODER_TRANSISTORS_PER_ADDRESS_BIT * address_bits + DECODER_DRIVER_TRANSISTORS))
