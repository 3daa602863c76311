"""Macro units: limit cases that have an obvious answer."""

from dataclasses import replace

import numpy as np
import pytest

from trackmac.arrays import DotProductWords, Hardware, HardwareGrid, Rescaling, UnitDesign, Workload, grid_of
from trackmac.arrays.macro_unit import READ_WRITE_PORT_DOMAINS, macro_unit_area, weight_groups
from trackmac.arrays.unit_design import unit_design
from trackmac.bits import NumberFormat
from trackmac.circuits import Layout
from trackmac.technology import load_technology

TECHNOLOGY = load_technology("rtsim-destiny-2017")
WORDS = DotProductWords(a=NumberFormat(4, False), b=NumberFormat(4, True), c=NumberFormat(14, True))
WORKLOAD = Workload(
    dot_products=(WORDS,),
    rectified=(WORDS.c,),
    rescalings=(Rescaling(c=WORDS.c, shift=6, output=WORDS.a),),
    pooled=(WORDS.a,),
)
HARDWARE = Hardware(
    name="test",
    technology=TECHNOLOGY.name,
    domains=64,
    tracks=32,
    ports=2,
    circuit="shift_add_mac",
    layout=Layout.ALONG,
    units_per_mat=16,
    mats_per_bank=4,
    banks=1,
    buffer_kib=2,
)


def grid(*points: Hardware) -> HardwareGrid:
    return grid_of(points or [HARDWARE], TECHNOLOGY)


def design(layout: Layout = Layout.ALONG, circuit: str = "shift_add_mac") -> UnitDesign:
    return unit_design(circuit, layout, WORKLOAD)


@pytest.mark.parametrize(
    ("domains", "ports", "overhead"), [(32, 8, 3), (64, 4, 15), (64, 8, 7), (64, 16, 3), (64, 32, 1)]
)
def test_overhead_domains_are_the_published_ones(domains: int, ports: int, overhead: int) -> None:
    # facts.md section 2, worked overheads (derived from the RTL of risc-v-lim-architecture)
    points = grid(replace(HARDWARE, domains=domains, ports=ports))

    assert points.overhead_domains[0] == overhead
    assert points.physical_domains[0] == domains + overhead


def test_the_larger_of_tracks_and_cmos_is_the_footprint() -> None:
    points = grid(replace(HARDWARE, tracks=4), replace(HARDWARE, tracks=512, ports=1))

    unit = macro_unit_area(points, design())

    np.testing.assert_array_equal(unit.footprint_um2, np.maximum(unit.tracks_um2, unit.cmos_um2))
    assert unit.is_cmos_bound.tolist() == [True, False]


def test_tracks_take_pitch_times_physical_length() -> None:
    unit = macro_unit_area(grid(), design())

    pitch_um = TECHNOLOGY.value("geometry.track_pitch_nm") * 1e-3
    domain_um = TECHNOLOGY.value("geometry.domain_length_nm") * 1e-3
    assert unit.tracks_um2[0] == pytest.approx(32 * (64 + 31) * pitch_um * domain_um)
    ports = 29 * 2 + 3  # a track at work has one
    assert unit.ports_um2[0] == pytest.approx(ports * READ_WRITE_PORT_DOMAINS * pitch_um * domain_um)


def test_more_tracks_over_the_same_cell_make_a_bit_smaller() -> None:
    tracks = [8, 16, 32, 64, 128, 256]
    points = grid(*(replace(HARDWARE, tracks=count) for count in tracks))

    unit = macro_unit_area(points, design())

    per_bit = unit.footprint_um2 / (points.tracks * points.domains)
    assert np.all(np.diff(per_bit) <= 1e-12)


def test_a_cell_for_words_across_tracks_is_larger_than_one_for_words_along() -> None:
    across, along = design(Layout.ACROSS), design(Layout.ALONG)

    assert across.resources.transistors > 2 * along.resources.transistors
    assert across.work_tracks == 4 + 2 * 14
    assert along.work_tracks == 3


def test_a_magnetic_mac_needs_one_more_track_and_no_carry_latch() -> None:
    magnetic, latched = design(circuit="magnetic_mac"), design()

    assert magnetic.work_tracks == latched.work_tracks + 1


def test_words_across_tracks_share_one_driver_for_the_weights_that_shift() -> None:
    assert design(Layout.ACROSS).resources.shift_drivers == 1


def test_weights_across_tracks_come_in_whole_groups() -> None:
    points = grid(replace(HARDWARE, layout=Layout.ACROSS, tracks=43))

    assert weight_groups(points, design(Layout.ACROSS), 4)[0] == (43 - 32) // 4
