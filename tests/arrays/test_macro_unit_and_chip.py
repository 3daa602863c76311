"""Geometry and area: limit cases that have an obvious answer, and breakdowns that sum."""

from dataclasses import replace

import numpy as np
import pytest

from trackmac.arrays import DotProductWords, Hardware, HardwareGrid, Rescaling, UnitDesign, Workload, chip, grid_of
from trackmac.arrays.interconnect import path_length_um, total_length_um
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
    assert unit.ports_um2[0] == pytest.approx(32 * 2 * READ_WRITE_PORT_DOMAINS * pitch_um * domain_um)


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


def test_the_area_of_a_chip_by_hand() -> None:
    # 4 mats of 16 units; 32 tracks of 2 ports, 3 of them at work
    built, needs = chip(grid(), design()), design().resources

    transistor_um2 = 100 * 0.045**2
    domain_um2 = 0.090 * 0.090
    cell = needs.transistors + 2 * (32 - 3)
    unit_um2 = max(32 * (64 + 31) * domain_um2, 32 * 2 * 12 * domain_um2 + cell * transistor_um2)
    lines = 32 + 2 + 16  # 6 address bits
    assert {name: float(part[0]) for name, part in built.area_parts_um2.items()} == pytest.approx(
        {
            "macro_units": 64 * unit_um2,
            "decoders": 4 * lines * (2 * 6 + 4) * transistor_um2,
            "sequencers": 4 * 2000 * transistor_um2,
            "bus_interfaces": 4 * 64 * 20 * transistor_um2,
            "controller": 2 * 2000 * transistor_um2,
            "h_tree": built.area_parts_um2["h_tree"][0],
            "buffer": 2 * 8192 * TECHNOLOGY.value("buffer.area_um2"),
        }
    )
    mats_um2 = sum(
        built.area_parts_um2[part][0] for part in ("macro_units", "decoders", "sequencers", "bus_interfaces")
    )
    wires_um = 2 * np.sqrt(mats_um2) / 4 + 4 * np.sqrt(mats_um2) / 4
    assert built.area_parts_um2["h_tree"][0] == pytest.approx(wires_um * 64 * 4 * 0.045)


def test_the_leakage_of_a_chip_by_hand() -> None:
    built = chip(grid(), design())

    unit = design().resources.transistors + 2 * (32 - 3) + 2 * 32 * 2  # and two transistors a port
    assert built.leakage_parts_nw["macro_units"][0] == pytest.approx(64 * unit * 1.0)
    assert built.leakage_parts_nw["buffer"][0] == pytest.approx(2 * 8192 * 3.0)


def test_every_track_port_and_unit_has_a_line_of_the_decoder() -> None:
    larger_ones = (replace(HARDWARE, tracks=64), replace(HARDWARE, ports=4), replace(HARDWARE, units_per_mat=32))
    built = chip(grid(HARDWARE, *larger_ones), design())

    decoders = built.area_parts_um2["decoders"]
    assert all(larger > decoders[0] for larger in decoders[1:])


def test_the_largest_chip_that_a_file_may_describe_does_not_overflow() -> None:
    most = 1 << 20
    points = grid(
        replace(HARDWARE, units_per_mat=most, mats_per_bank=most),
        replace(HARDWARE, units_per_mat=most, mats_per_bank=most, banks=most),
    )

    built = chip(points, design())

    for parts in (built.area_parts_um2, built.leakage_parts_nw):
        assert parts["macro_units"][1] == pytest.approx(most * parts["macro_units"][0])


def test_parts_of_area_and_leakage_sum_to_the_chip() -> None:
    built = chip(grid(), design())

    assert built.area_um2[0] == pytest.approx(sum(part[0] for part in built.area_parts_um2.values()))
    assert built.leakage_nw[0] == pytest.approx(sum(part[0] for part in built.leakage_parts_nw.values()))
    assert all(part[0] >= 0 for part in built.area_parts_um2.values())


def test_doubling_the_mats_doubles_their_own_area_and_leakage() -> None:
    built = chip(grid(HARDWARE, replace(HARDWARE, mats_per_bank=8)), design())

    for name in ("macro_units", "decoders", "sequencers", "bus_interfaces"):
        assert built.area_parts_um2[name][1] == pytest.approx(2 * built.area_parts_um2[name][0])
        assert built.leakage_parts_nw[name][1] == pytest.approx(2 * built.leakage_parts_nw[name][0])
    for name in ("controller", "buffer"):
        assert built.area_parts_um2[name][1] == built.area_parts_um2[name][0]


def test_banks_and_mats_are_interchangeable() -> None:
    built = chip(grid(HARDWARE, replace(HARDWARE, mats_per_bank=1, banks=4)), design())

    assert built.area_um2[0] == pytest.approx(built.area_um2[1])


def test_the_bus_of_a_single_mat_is_the_way_within_it() -> None:
    built = chip(grid(replace(HARDWARE, mats_per_bank=1)), design())

    parts = built.area_parts_um2
    mat_um2 = sum(parts[name][0] for name in ("macro_units", "decoders", "sequencers", "bus_interfaces"))
    assert parts["h_tree"][0] == 0
    assert built.bus_length_mm[0] == pytest.approx(np.sqrt(mat_um2) / 2 * 1e-3)


def test_an_h_tree_of_one_leaf_has_no_length() -> None:
    one = np.array([1])

    assert path_length_um(np.array([100.0]), one)[0] == 0
    assert total_length_um(np.array([100.0]), one)[0] == 0


@pytest.mark.parametrize(
    ("leaves", "path", "total"), [(2, 2.5, 5.0), (4, 5.0, 15.0), (16, 7.5, 45.0)], ids=["2 leaves", "4", "16"]
)
def test_h_tree_lengths_are_those_drawn_by_hand(leaves: int, path: float, total: float) -> None:
    # a square of side 10: 2 leaves at +-2.5 of the middle; 4: again 2.5 up or down; 16: two levels of 1.25 more
    area, count = np.array([100.0]), np.array([leaves])

    assert path_length_um(area, count)[0] == pytest.approx(path)
    assert total_length_um(area, count)[0] == pytest.approx(total)


def test_weights_across_tracks_come_in_whole_groups() -> None:
    points = grid(replace(HARDWARE, layout=Layout.ACROSS, tracks=43))

    assert weight_groups(points, design(Layout.ACROSS), 4)[0] == (43 - 32) // 4
