"""Banks and the accelerator: parts that sum, and what more mats and banks do."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trackmac.arrays import Chip, Hardware, UnitDesign, chip, grid_of
from trackmac.arrays.bank import bank
from trackmac.arrays.breakdown import by_part
from trackmac.arrays.mat import PLAIN_MEMORY, mat
from trackmac.technology import Technology, load_technology

MAT_PARTS = (
    "macro_units",
    "decoders",
    "column_switches",
    "sequencers",
    "bus_interfaces",
    "sense_amplifiers",
    "write_drivers",
    "shift_drivers",
)


@pytest.fixture
def built(hardware: Hardware, technology: Technology, computing: UnitDesign) -> Chip:
    return chip(grid_of([hardware], technology), computing)


def test_parts_of_area_and_leakage_sum_to_the_chip(built: Chip) -> None:
    assert built.area_um2[0] == pytest.approx(sum(part[0] for part in built.area_parts_um2.values()))
    assert built.area_um2[0] == pytest.approx(sum(part[0] for part in built.area_by_figure_um2.values()))
    assert built.leakage_nw[0] == pytest.approx(sum(part[0] for part in built.leakage_by_figure_nw.values()))
    assert all(part[0] >= 0 for part in (*built.area_parts_um2.values(), *built.leakage_parts_nw.values()))


def test_a_chip_is_its_banks_and_what_joins_them(
    hardware: Hardware, technology: Technology, computing: UnitDesign
) -> None:
    points = grid_of([replace(hardware, banks=3)], technology)
    built, one = chip(points, computing), bank(points, computing)

    parts = built.area_parts_um2
    joins_um2 = sum(parts[name][0] for name in ("h_tree", "h_tree_forks", "controller", "buffer"))
    assert built.area_um2[0] == pytest.approx(3 * one.area_um2[0] + joins_um2)
    assert built.leakage_parts_nw["bank_controllers"][0] == pytest.approx(3 * one.leakage_parts_nw["bank_controllers"])


def test_what_joins_mats_and_banks_by_hand(hardware: Hardware, computing: UnitDesign) -> None:
    points = grid_of([replace(hardware, banks=2)], load_technology("rtsim-destiny-2017"))
    built, one = chip(points, computing), mat(points, computing)

    transistor_um2, parts = 100 * 0.045**2, built.area_parts_um2
    bus_um = 64 * 4 * 0.045
    # 4 mats: 2 + 4 segments of side / 4; 2 banks: 2 segments
    mats_side_um = 1.5 * bus_um / 2 + np.sqrt((1.5 * bus_um / 2) ** 2 + 4 * one.area_um2[0])
    banks_side_um = 0.5 * bus_um / 2 + np.sqrt((0.5 * bus_um / 2) ** 2 + 2 * built.bank.area_um2[0])
    assert parts["bank_h_trees"][0] == pytest.approx(2 * 1.5 * mats_side_um * bus_um)
    assert parts["bank_forks"][0] == pytest.approx(2 * 3 * 64 * 20 * transistor_um2)
    assert parts["bank_controllers"][0] == pytest.approx(2 * 2000 * transistor_um2)
    assert parts["h_tree"][0] == pytest.approx(0.5 * banks_side_um * bus_um)
    assert parts["h_tree_forks"][0] == pytest.approx(64 * 20 * transistor_um2)
    assert parts["controller"][0] == pytest.approx(2 * 2000 * transistor_um2)
    assert parts["buffer"][0] == pytest.approx(2 * 8192 * 0.39864)


def test_leakage_is_that_of_all_transistors_and_of_the_buffer(
    hardware: Hardware, technology: Technology, computing: UnitDesign
) -> None:
    built = chip(grid_of([replace(hardware, banks=3)], technology), computing)

    transistors = {name: 3 * 4 * int(count[0]) for name, count in built.bank.mat.transistors.items()} | {
        "bank_forks": 3 * 3 * 64 * 20,
        "bank_controllers": 3 * 2000,
        "h_tree_forks": 2 * 64 * 20,
        "controller": 2 * 2000,
        "repeaters": 0,
    }
    each_nw = technology.value("cmos.transistor_leakage_nw")
    expected = {name: count * each_nw for name, count in transistors.items()}
    expected["buffer"] = 2 * 8192 * 3 * each_nw
    assert {name: float(part[0]) for name, part in built.leakage_parts_nw.items()} == pytest.approx(expected)


def test_doubling_the_mats_doubles_their_own_area_and_leakage(
    hardware: Hardware, technology: Technology, computing: UnitDesign
) -> None:
    built = chip(grid_of([hardware, replace(hardware, mats_per_bank=8)], technology), computing)

    for name in MAT_PARTS:
        assert built.area_parts_um2[name][1] == pytest.approx(2 * built.area_parts_um2[name][0])
        assert built.leakage_parts_nw[name][1] == pytest.approx(2 * built.leakage_parts_nw[name][0])
    for name in ("bank_controllers", "controller", "buffer"):
        assert built.area_parts_um2[name][1] == built.area_parts_um2[name][0]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    organisation=st.fixed_dictionaries(
        {
            "domains": st.sampled_from([32, 64, 128]),
            "tracks": st.integers(4, 200),
            "ports": st.sampled_from([1, 2, 4]),
            "units_per_mat": st.integers(1, 300),
            "banks": st.integers(1, 9),
        }
    )
)
def test_area_and_leakage_grow_with_the_number_of_mats_of_one_organisation(
    hardware: Hardware, computing: UnitDesign, organisation: dict[str, int]
) -> None:
    one = replace(hardware, name="drawn", **organisation)  # type: ignore[arg-type]
    points = grid_of([replace(one, mats_per_bank=mats) for mats in range(1, 40)], load_technology("physics-45nm"))

    for design in (computing, PLAIN_MEMORY):
        built = chip(points, design)
        assert np.all(np.diff(built.area_um2) > 0)
        assert np.all(np.diff(built.leakage_nw) > 0)


def test_without_computing_cells_all_but_the_units_is_the_same(
    hardware: Hardware, technology: Technology, computing: UnitDesign
) -> None:
    points = grid_of([hardware], technology)
    memory, accelerator = chip(points, PLAIN_MEMORY), chip(points, computing)

    # what lies between the mats follows their size
    same = set(memory.area_parts_um2) - {"macro_units", "bank_h_trees", "h_tree"}
    for name in same:
        assert memory.area_parts_um2[name][0] == accelerator.area_parts_um2[name][0]
    assert memory.leakage_nw[0] - memory.leakage_parts_nw["macro_units"][0] == pytest.approx(
        accelerator.leakage_nw[0] - accelerator.leakage_parts_nw["macro_units"][0]
    )


def test_the_bus_of_a_single_mat_is_the_way_within_it(
    hardware: Hardware, technology: Technology, computing: UnitDesign
) -> None:
    built = chip(grid_of([replace(hardware, mats_per_bank=1)], technology), computing)

    assert built.area_parts_um2["h_tree"][0] == built.area_parts_um2["bank_h_trees"][0] == 0
    assert built.bus_length_mm[0] == pytest.approx(built.bank.mat.side_um[0] / 2 * 1e-3)


def test_the_bus_goes_over_both_trees_into_a_mat(
    hardware: Hardware, technology: Technology, computing: UnitDesign
) -> None:
    built = chip(grid_of([replace(hardware, banks=2)], technology), computing)

    among_banks_um = built.area_parts_um2["h_tree"][0] / (64 * 4 * 0.045) / 2  # two segments, of which one is gone
    way_um = among_banks_um + built.bank.tree.path_um[0] + built.bank.mat.side_um[0] / 2
    assert built.bus_length_mm[0] == pytest.approx(way_um * 1e-3)
    assert built.bus.cycles[0] == 1


def test_repeaters_leak_where_the_wires_need_them(hardware: Hardware, technology: Technology) -> None:
    most = 1 << 20
    points = grid_of([replace(hardware, mats_per_bank=4), replace(hardware, mats_per_bank=most)], technology)

    built = chip(points, PLAIN_MEMORY)

    assert built.bus.has_repeaters.tolist() == [False, True]
    assert built.bus.cycles[1] > 1
    assert [leaked > 0 for leaked in built.leakage_parts_nw["repeaters"].tolist()] == [False, True]


def test_the_largest_chip_that_a_file_may_describe_does_not_overflow(
    hardware: Hardware, technology: Technology, computing: UnitDesign
) -> None:
    most = 1 << 20
    points = grid_of(
        [
            replace(hardware, units_per_mat=most, mats_per_bank=most),
            replace(hardware, units_per_mat=most, mats_per_bank=most, banks=most),
        ],
        technology,
    )

    built = chip(points, computing)

    for parts in (built.area_parts_um2, built.leakage_parts_nw):
        assert parts["macro_units"][1] == pytest.approx(most * parts["macro_units"][0])


def test_a_point_alone_is_priced_as_among_others(
    hardware: Hardware, technology: Technology, computing: UnitDesign
) -> None:
    points = [replace(hardware, mats_per_bank=mats, banks=banks) for mats in (1, 3, 16) for banks in (1, 2)]
    together = chip(grid_of(points, technology), computing)

    for index, point in enumerate(points):
        alone = chip(grid_of([point], technology), computing)
        assert by_part(alone.areas_um2)["h_tree"][0] == by_part(together.areas_um2)["h_tree"][index]
        assert alone.area_um2[0] == together.area_um2[index]
        assert alone.leakage_nw[0] == together.leakage_nw[index]
        assert alone.bus.delay_ns[0] == together.bus.delay_ns[index]
