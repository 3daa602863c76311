"""The macro unit: tracks above, CMOS below; the larger of the two is its footprint."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays.grid import HardwareGrid
from trackmac.arrays.ports import PortKind
from trackmac.arrays.unit_design import UnitDesign
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.circuits.resources import PER_TRANSISTOR, SELECT_TRANSISTORS, Resources
from trackmac.technology import Technology, unit_costs
from trackmac.technology.shift_driver import BRIDGE_SWITCHES
from trackmac.units import FloatArray, added, square_nm_to_um2

READ_WRITE_PORT_DOMAINS = PortKind.RW.footprint_domains
TRACK_LENGTH = "geometry.domain_length_nm"


@dataclass(frozen=True, kw_only=True)
class MacroUnitArea:
    """Areas of one macro unit; arrays of shape [points]. `footprint_um2` is the larger of tracks and CMOS.

    `cell_parts_um2` gives the cell's area by the device figure that its parts were priced with.
    """

    tracks_um2: FloatArray
    ports_um2: FloatArray
    cell_parts_um2: Mapping[str, FloatArray]
    transistors: IntArray

    @cached_property
    def cell_um2(self) -> FloatArray:
        """The computing cell and the drivers."""
        return added(self.cell_parts_um2.values())

    @cached_property
    def cmos_um2(self) -> FloatArray:
        """Ports, drivers and computing cell, side by side under the tracks."""
        return self.ports_um2 + self.cell_um2

    @cached_property
    def footprint_um2(self) -> FloatArray:
        """Tracks lie above transistors: the larger of the two decides."""
        return np.maximum(self.tracks_um2, self.cmos_um2)

    @property
    def slack_um2(self) -> FloatArray:
        """What the smaller of the two leaves unused of the footprint."""
        return np.abs(self.tracks_um2 - self.cmos_um2)

    @property
    def footprint_by_figure_um2(self) -> dict[str, FloatArray]:
        """The footprint by the device figure that it was computed from: the tracks', or those of the CMOS parts."""
        is_cmos_bound = self.is_cmos_bound
        parts = {key: np.where(is_cmos_bound, area, 0.0) for key, area in self.cell_parts_um2.items()}
        return parts | {TRACK_LENGTH: np.where(is_cmos_bound, self.ports_um2, self.tracks_um2)}

    @cached_property
    def is_cmos_bound(self) -> NDArray[np.bool_]:
        """Whether the CMOS below outgrows the tracks above."""
        return self.cmos_um2 > self.tracks_um2


def weight_tracks(grid: HardwareGrid, design: UnitDesign) -> IntArray:
    """Return how many tracks of a unit hold weights: all that are not at work."""
    return np.maximum(grid.tracks - design.work_tracks, 0)


def weight_groups(grid: HardwareGrid, design: UnitDesign, word_bits: IntArray | int) -> IntArray:
    """Return how many groups of tracks hold weights of `word_bits`: single tracks along, `word_bits` tracks across."""
    free = weight_tracks(grid, design)
    return free if grid.layout is Layout.ALONG else free // word_bits


def cell_parts_um2(
    resources: Resources, technology: Technology, physical_domains: FloatArray, joined_tracks: IntArray | int
) -> dict[str, FloatArray]:
    """Return the area of a unit's cell and drivers, by the device figure that each part was priced with.

    `joined_tracks` share a driver, each joined to it by two switches. Where the technology has a driver of its own,
    these carry a track's current, and so does the bridge of each track that moves at once.
    """
    costs = unit_costs(technology)
    switch_um2 = costs.switch_um2(physical_domains)
    parts = {key: np.full(physical_domains.shape, area) for key, area in resources.area_parts_um2(technology).items()}
    bridges = 0 if costs.driver is None else resources.driven_tracks * BRIDGE_SWITCHES
    switches_um2 = (joined_tracks * SELECT_TRANSISTORS + bridges) * switch_um2
    key = PER_TRANSISTOR if costs.driver is None else "shift.driver_width_um"
    return parts | {key: parts.get(key, 0.0) + switches_um2}


def macro_unit_area(grid: HardwareGrid, design: UnitDesign) -> MacroUnitArea:
    """Return the areas of each point's macro unit.

    Tracks: number x pitch x physical length. Ports: a pitch times 12, 8 or 4 domain lengths for each RW, W or R port,
    access transistors included; a work track has one RW port. Cell: the cells of `design`, and the switches that carry
    the tracks' currents.
    """
    value = grid.technology.value
    pitch_nm, domain_nm = value("geometry.track_pitch_nm"), value("geometry.domain_length_nm")
    strip_um2 = square_nm_to_um2(pitch_nm * domain_nm)
    free = weight_tracks(grid, design)
    at_work = grid.tracks - free
    ports_domains = free * grid.weight_ports.each(lambda ports: ports.footprint_domains)
    access = free * grid.weight_ports.each(lambda ports: ports.transistors) + at_work * PortKind.RW.transistors
    physical = grid.physical_domains.astype(np.float64)
    return MacroUnitArea(
        tracks_um2=grid.tracks * grid.physical_domains * strip_um2,
        ports_um2=(ports_domains + at_work * READ_WRITE_PORT_DOMAINS) * strip_um2,
        cell_parts_um2=cell_parts_um2(design.resources, grid.technology, physical, free),
        transistors=design.resources.transistors + free * SELECT_TRANSISTORS + access,
    )
