"""Mats by hand, and plain memory as the mat whose computing cell has no circuits."""

from dataclasses import replace

import numpy as np
import pytest

from trackmac.arrays import Hardware, UnitDesign, grid_of
from trackmac.arrays.breakdown import by_figure, by_part
from trackmac.arrays.mat import PLAIN_MEMORY, access_tracks, mat
from trackmac.technology import Technology, load_technology, unit_costs

DOMAIN_UM2, TRANSISTOR_UM2 = 0.090 * 0.090, 100 * 0.045**2


def test_a_mat_by_hand_in_a_technology_without_cells_of_their_own(hardware: Hardware) -> None:
    # 16 units of 32 tracks with 2 ports; 32 + 2 + 16 lines, 6 address bits; a bus of 64 bits serves all 32 tracks
    built = mat(grid_of([hardware], load_technology("rtsim-destiny-2017")), PLAIN_MEMORY)

    unit_um2 = max(32 * (64 + 31) * DOMAIN_UM2, 32 * 2 * 12 * DOMAIN_UM2 + 32 * 2 * TRANSISTOR_UM2)
    transistors = {
        "decoders": 50 * (2 * 6 + 4),
        "column_switches": 0,
        "sequencers": 2000,
        "bus_interfaces": 64 * 20,
        "sense_amplifiers": 32 * 11,
        "write_drivers": 32 * 14,
        "shift_drivers": 30,
    }
    expected = {"macro_units": 16 * unit_um2} | {name: n * TRANSISTOR_UM2 for name, n in transistors.items()}
    assert {name: float(area[0]) for name, area in by_part(built.areas_um2).items()} == pytest.approx(expected)
    assert {name: int(count[0]) for name, count in built.transistors.items()} == transistors | {
        "macro_units": 16 * 32 * (2 + 2 * 2)
    }


def test_where_the_technology_has_a_driver_its_bridges_are_as_wide_as_the_current_needs(
    hardware: Hardware, technology: Technology
) -> None:
    built = mat(grid_of([hardware], technology), PLAIN_MEMORY)

    switch_um2 = float(unit_costs(technology).switch_um2(np.array([95.0]))[0])
    control_um2 = technology.value("cell_area.shift_driver_um2")
    assert by_part(built.areas_um2)["shift_drivers"][0] == pytest.approx(control_um2 + 32 * 4 * switch_um2)


def test_a_computing_cell_changes_the_units_and_nothing_else(
    hardware: Hardware, technology: Technology, computing: UnitDesign
) -> None:
    points = grid_of([hardware], technology)
    memory, accelerator = mat(points, PLAIN_MEMORY), mat(points, computing)

    plain, with_cells = by_part(memory.areas_um2), by_part(accelerator.areas_um2)
    assert {name for name in plain if plain[name][0] != with_cells[name][0]} == {"macro_units"}
    assert with_cells["macro_units"][0] > plain["macro_units"][0]
    assert {name for name in plain if memory.transistors[name][0] != accelerator.transistors[name][0]} == {
        "macro_units"
    }


def test_plain_memory_is_tracks_over_ports_and_the_gates_that_choose_a_track(
    hardware: Hardware, technology: Technology
) -> None:
    unit = mat(grid_of([hardware], technology), PLAIN_MEMORY).unit

    switch_um2 = float(unit_costs(technology).switch_um2(np.array([95.0]))[0])
    assert unit.tracks_um2[0] == pytest.approx(32 * 95 * DOMAIN_UM2)
    assert unit.cmos_um2[0] == pytest.approx(32 * 2 * 12 * DOMAIN_UM2 + 32 * 2 * switch_um2)


def test_bit_lines_beyond_the_width_of_the_bus_share_amplifiers(hardware: Hardware, technology: Technology) -> None:
    points = grid_of([replace(hardware, tracks=count) for count in (32, 64, 128)], technology)
    parts = by_part(mat(points, PLAIN_MEMORY).areas_um2)

    assert access_tracks(points).tolist() == [32, 64, 64]
    assert parts["sense_amplifiers"][1] == parts["sense_amplifiers"][2] == 2 * parts["sense_amplifiers"][0]
    assert parts["column_switches"].tolist() == pytest.approx([0, 0, 128 * 2 * TRANSISTOR_UM2])


def test_every_track_port_and_unit_has_a_line_of_the_decoder(hardware: Hardware, technology: Technology) -> None:
    larger = [replace(hardware, tracks=64), replace(hardware, ports=4), replace(hardware, units_per_mat=32)]

    decoders = by_part(mat(grid_of([hardware, *larger], technology), PLAIN_MEMORY).areas_um2)["decoders"]

    assert np.all(decoders[1:] > decoders[0])


def test_parts_and_figures_sum_to_the_mat(hardware: Hardware, technology: Technology, computing: UnitDesign) -> None:
    built = mat(grid_of([hardware], technology), computing)

    assert built.area_um2[0] == pytest.approx(sum(area[0] for area in by_figure(built.areas_um2).values()))
    assert built.side_um[0] == pytest.approx(np.sqrt(sum(area[0] for area in by_part(built.areas_um2).values())))
    assert set(built.areas_um2) == set(built.transistors)
