"""The macro unit: tracks above, CMOS below; the larger of the two is its footprint."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays.grid import HardwareGrid
from trackmac.arrays.unit_design import UnitDesign
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.circuits.resources import SELECT_TRANSISTORS
from trackmac.units import FloatArray, square_features_to_um2, square_nm_to_um2

# Footprint of a read-write port along its track, in domain lengths (facts.md section 2, RacetrackEmulator; V).
READ_WRITE_PORT_DOMAINS = 12
PORT_TRANSISTORS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroUnitArea:
    """Areas of one macro unit; arrays of shape [points]. `footprint_um2` is the larger of tracks and CMOS."""

    tracks_um2: FloatArray
    ports_um2: FloatArray
    cell_um2: FloatArray
    transistors: IntArray

    @property
    def cmos_um2(self) -> FloatArray:
        """Ports, drivers and computing cell, side by side under the tracks."""
        return self.ports_um2 + self.cell_um2

    @property
    def footprint_um2(self) -> FloatArray:
        """Tracks lie above transistors: the larger of the two decides."""
        return np.maximum(self.tracks_um2, self.cmos_um2)

    @property
    def is_cmos_bound(self) -> NDArray[np.bool_]:
        """Whether the CMOS below outgrows the tracks above."""
        return self.cmos_um2 > self.tracks_um2


def weight_groups(grid: HardwareGrid, design: UnitDesign, word_bits: int) -> IntArray:
    """Return how many groups of tracks hold weights of `word_bits`: single tracks along, `word_bits` tracks across."""
    free = np.maximum(grid.tracks - design.work_tracks, 0)
    return free if grid.layout is Layout.ALONG else free // word_bits


def macro_unit_area(grid: HardwareGrid, design: UnitDesign) -> MacroUnitArea:
    """Return the areas of each point's macro unit.

    Tracks: number x pitch x physical length. Ports: 12 domain lengths of a track's pitch each, access transistors
    included. Cell: the transistors of `design` and those that join one weight track at a time to the shift driver, at
    the node's area for a transistor with its wiring.
    """
    value = grid.technology.value
    pitch_nm, domain_nm = value("geometry.track_pitch_nm"), value("geometry.domain_length_nm")
    strip_um2 = square_nm_to_um2(pitch_nm * domain_nm)
    free = np.maximum(grid.tracks - design.work_tracks, 0)
    cell = design.resources.transistors + free * SELECT_TRANSISTORS
    per_transistor_um2 = square_features_to_um2(value("cmos.transistor_area_f2"), value("geometry.feature_nm"))
    ports = grid.tracks * grid.ports
    return MacroUnitArea(
        tracks_um2=grid.tracks * grid.physical_domains * strip_um2,
        ports_um2=ports * READ_WRITE_PORT_DOMAINS * strip_um2,
        cell_um2=cell * per_transistor_um2,
        transistors=cell + ports * PORT_TRANSISTORS,
    )
