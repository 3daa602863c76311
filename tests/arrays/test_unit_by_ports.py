"""Macro units with ports of every kind: footprint, overhead, what binds, and what more tracks or ports do."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackmac.arrays import Hardware, HardwareGrid, UnitDesign, grid_of
from trackmac.arrays.hardware import port_fields
from trackmac.arrays.macro_unit import macro_unit_area, weight_tracks
from trackmac.arrays.ports import KNOWN_LAYOUTS, Operation, PortLayout, evenly_spaced
from trackmac.arrays.reach import static_overhead
from trackmac.bits import NumberFormat
from trackmac.circuits import MACS, Layout, Resources, family
from trackmac.technology import load_technology

TECHNOLOGY = load_technology("physics-45nm")
STRIP_UM2 = TECHNOLOGY.value("geometry.track_pitch_nm") * TECHNOLOGY.value("geometry.domain_length_nm") * 1e-6
PLAIN = UnitDesign(work_tracks=0, longest_word=1, resources=Resources())
COMPUTING = UnitDesign(
    work_tracks=3, longest_word=16, resources=Resources(sense_amplifiers=4, write_drivers=2, cells={"full_adder": 8})
)
HARDWARE = Hardware(
    name="test", technology=TECHNOLOGY.name, domains=64, tracks=16, ports=2, circuit="shift_add_mac",
    layout=Layout.ALONG, units_per_mat=16, mats_per_bank=4, banks=1, buffer_kib=2,
)  # fmt: skip


def grid(ports: PortLayout, *tracks: int) -> HardwareGrid:
    return grid_of([replace(HARDWARE, tracks=count, **port_fields(ports)) for count in tracks or (16,)], TECHNOLOGY)


@pytest.mark.parametrize(
    ("label", "overhead", "footprint", "transistors"),
    [
        ("4RW", 15, 48, 8),
        ("5RW", 12, 60, 10),
        ("2RW+10R", 31, 64, 14),
        ("2W+12R", 39, 64, 14),
        ("2RW+2W+6R", 19, 64, 12),
        ("4W+8R", 23, 64, 12),
    ],
)
def test_the_known_layouts_have_their_overhead_and_footprint(
    label: str, overhead: int, footprint: int, transistors: int
) -> None:
    points = grid(KNOWN_LAYOUTS[label])

    unit = macro_unit_area(points, PLAIN)

    assert points.physical_domains[0] == 64 + overhead
    assert unit.tracks_um2[0] == pytest.approx(16 * (64 + overhead) * STRIP_UM2)
    assert unit.ports_um2[0] == pytest.approx(16 * footprint * STRIP_UM2)
    switches = 16 * 2  # join each track to the driver
    assert unit.transistors[0] == 16 * transistors + switches


def test_eight_ports_on_64_domains_are_bound_by_what_lies_below() -> None:
    unit = macro_unit_area(grid(evenly_spaced(64, 8), 4), PLAIN)  # MU-64-32-4

    assert unit.ports_um2[0] == pytest.approx(4 * 8 * 12 * STRIP_UM2)
    assert unit.tracks_um2[0] == pytest.approx(4 * (64 + 7) * STRIP_UM2)
    assert unit.is_cmos_bound[0]
    assert unit.slack_um2[0] == unit.cmos_um2[0] - unit.tracks_um2[0] > 0


def test_each_track_at_work_has_one_port_of_its_own_whatever_the_others_have() -> None:
    read_only, all_at_work = KNOWN_LAYOUTS["4W+8R"], 3

    unit = macro_unit_area(grid(read_only, 16, all_at_work), COMPUTING)

    assert unit.ports_um2[0] == pytest.approx((13 * 64 + 3 * 12) * STRIP_UM2)
    assert unit.ports_um2[1] == pytest.approx(3 * 12 * STRIP_UM2)
    assert unit.transistors[0] - unit.transistors[1] == 13 * (12 + 2)  # access, and the switches to the driver
    assert unit.transistors[1] == COMPUTING.resources.transistors + 3 * 2


@pytest.mark.parametrize("name", MACS)
def test_a_mac_uses_one_port_of_each_of_its_tracks(name: str) -> None:
    for words in family(name).layouts:
        circuit = MACS[name](NumberFormat(8, False), NumberFormat(8, True), NumberFormat(24, True), words)

        assert all(track.ports == (0,) for track in circuit.tracks)


@given(
    label=st.sampled_from(list(KNOWN_LAYOUTS)),
    design=st.sampled_from([PLAIN, COMPUTING]),
    tracks=st.lists(st.integers(4, 4096), min_size=2, max_size=2).map(sorted),
)
@settings(deadline=None)
def test_more_tracks_over_the_same_cell_never_make_a_bit_of_storage_larger(
    label: str, design: UnitDesign, tracks: list[int]
) -> None:
    points = grid(KNOWN_LAYOUTS[label], *tracks)

    few, many = macro_unit_area(points, design).footprint_um2 / (weight_tracks(points, design) * points.domains)

    assert many <= few * (1 + 1e-12)


def test_a_bit_counted_on_work_tracks_too_can_become_larger_with_more_tracks() -> None:
    """Why the rule above counts bits of storage: dense ports cost more than what a work track has instead."""
    no_cell = UnitDesign(work_tracks=3, longest_word=16, resources=Resources())
    points = grid(evenly_spaced(64, 16), 4, 64)

    few, many = macro_unit_area(points, no_cell).footprint_um2 / (points.tracks * points.domains)

    assert many > few


@pytest.mark.parametrize("is_nearest", [False, True])
@pytest.mark.parametrize("domains", [24, 60, 64, 96])
def test_from_rest_more_evenly_spaced_ports_lengthen_neither_mean_nor_largest_distance(
    domains: int, is_nearest: bool
) -> None:
    counts = [count for count in range(1, domains + 1) if domains % count == 0]

    found = [_distances(evenly_spaced(domains, count), is_nearest=is_nearest) for count in counts]

    assert found[0][1] > found[-1][1] == 0
    assert all(np.all(np.diff(distances) <= 0) for distances in zip(*found, strict=True))


def _distances(ports: PortLayout, *, is_nearest: bool) -> tuple[float, int]:
    """Return mean and largest distance of all domains from the port that serves them, the track being at rest."""
    ends = np.arange(ports.domains)[:, np.newaxis] - ports.positions(Operation.READ)
    chosen = np.abs(ends).min(axis=1) if is_nearest else np.where(ends < 0, ports.domains, ends).min(axis=1)
    return float(chosen.mean()), int(chosen.max())


def test_ports_that_only_write_can_lengthen_a_track() -> None:
    """The overhead follows the sparser of readers and writers, so kinds do not add up."""
    assert static_overhead(evenly_spaced(64, 4)).domains == 15
    assert static_overhead(evenly_spaced(64, 2, read_ports=2)).domains == 31
    assert static_overhead(evenly_spaced(64, 0, write_ports=2, read_ports=2)).domains == 31 + 16
