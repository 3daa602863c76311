"""Access to plain memory: parts that sum, limits that are known, and lines by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from trackmac.arrays import Hardware, UnitDesign, grid_of
from trackmac.arrays.access import Access, BankAccess, bank_access
from trackmac.arrays.bank import bank
from trackmac.arrays.mat import PLAIN_MEMORY
from trackmac.technology import Technology, unit_costs


def accesses(technology: Technology, *points: Hardware, design: UnitDesign = PLAIN_MEMORY) -> BankAccess:
    grid = grid_of(points, technology)
    return bank_access(grid, bank(grid, design))


def with_values(technology: Technology, **values: float) -> Technology:
    """Return the technology with other values: `cmos__supply_v` is the figure cmos.supply_v."""
    by_key = {key.replace("__", "."): value for key, value in values.items()}
    return replace(
        technology,
        figures=tuple(replace(one, value=by_key.get(one.key, one.value)) for one in technology.figures),
    )


@pytest.fixture
def of_bank(hardware: Hardware, technology: Technology) -> BankAccess:
    return accesses(technology, hardware)


@pytest.mark.parametrize("kind", ["read", "write", "shift"])
def test_parts_of_an_access_are_positive_and_sum(of_bank: BankAccess, kind: str) -> None:
    access: Access = getattr(of_bank, kind)

    assert access.latency_ns[0] == pytest.approx(sum(part[0] for part in access.latency_parts_ns.values()))
    assert access.energy_pj[0] == pytest.approx(sum(part[0] for part in access.energy_parts_pj.values()))
    assert access.bit_energy_pj[0] == pytest.approx(access.energy_pj[0] / 32)
    assert all(part[0] > 0 for part in (*access.latency_parts_ns.values(), *access.energy_parts_pj.values()))


def test_what_happens_at_the_ports_is_the_technology_s(of_bank: BankAccess, technology: Technology) -> None:
    value = technology.value

    assert of_bank.read.energy_parts_pj["sense"][0] == pytest.approx(32 * value("sense.energy_pj"))
    assert of_bank.write.energy_parts_pj["write"][0] == pytest.approx(32 * value("write.energy_pj"))
    assert of_bank.write.latency_parts_ns["write"][0] == value("write.latency_ns")
    step_pj = unit_costs(technology).track_shift_energy_pj(95.0)
    assert of_bank.shift.energy_parts_pj["shift"][0] == pytest.approx(32 * step_pj)


def test_without_wires_and_gates_only_the_port_and_the_decoder_are_left(
    hardware: Hardware, technology: Technology
) -> None:
    bare = with_values(
        technology,
        array_line__resistance_ohm_per_um=1e-12,
        array_line__capacitance_ff_per_um=1e-12,
        bus__energy_pj_per_mm=1e-12,
        bus__resistance_ohm_per_um=1e-12,
        bus__capacitance_ff_per_um=1e-12,
        cmos__gate_capacitance_ff_per_um=1e-12,
        cmos__drive_resistance_ohm_um=1e-6,
    )

    access = accesses(bare, hardware)

    assert access.read.latency_ns[0] == pytest.approx(bare.value("sense.latency_ns"), rel=1e-6)
    assert access.read.energy_pj[0] == pytest.approx(32 * bare.value("sense.energy_pj"), rel=1e-6)
    assert access.write.latency_ns[0] == pytest.approx(bare.value("write.latency_ns"), rel=1e-6)
    assert access.shift.latency_ns[0] == pytest.approx(bare.value("shift.latency_ns"), rel=1e-6)


def test_the_bit_line_of_a_read_by_hand(hardware: Hardware, technology: Technology) -> None:
    # 16 units in a square: a line passes 4 of them, 2 ports each; gates and drains of 12 x 90 x 90 nm / 2 / 180 nm
    grid = grid_of([hardware], technology)
    built = bank(grid, PLAIN_MEMORY)
    side_um, width_um = built.mat.side_um[0], 12 * 0.09 * 0.09 / 2 / 0.18
    line_ff, drains_ff = 0.2 * side_um, 4 * 2 * width_um * 1.0
    cell_ohm = 7.5 / (math.pi * 0.0225**2) + 1500 / width_um

    access = bank_access(grid, built)

    product = cell_ohm * (line_ff + drains_ff) + 10.0 * side_um * (line_ff + drains_ff) / 2
    assert access.read.latency_parts_ns["bit_line"][0] == pytest.approx(math.log(2) * product * 1e-6)
    assert access.read.energy_parts_pj["bit_line"][0] == pytest.approx(2 * 32 * (line_ff + drains_ff) * 0.81e-3)
    assert access.write.energy_parts_pj["bit_line"][0] == pytest.approx(32 * (line_ff + drains_ff) * 0.81e-3)


def test_address_and_data_share_the_way(of_bank: BankAccess) -> None:
    # 50 lines in 4 mats: 6 + 2 address bits; words of 32
    parts = of_bank.read.energy_parts_pj

    assert parts["address"][0] / parts["data"][0] == pytest.approx((6 + 2) / 32)


def test_the_decoder_is_a_chain_of_gates_that_drive_four_by_hand(hardware: Hardware, technology: Technology) -> None:
    grid = grid_of([hardware], technology)
    built = bank(grid, PLAIN_MEMORY)
    word_line_ff = 0.2 * built.mat.side_um[0] + 4 * 32 * 0.27 * 1.0

    stages = math.ceil(math.log(50 / 2 * word_line_ff / 0.3, 4))

    stage_ns = math.log(2) * 1500 * 15 * 1e-6
    assert bank_access(grid, built).read.latency_parts_ns["decoder"][0] == pytest.approx(stages * stage_ns)


def test_more_units_on_the_same_lines_make_an_access_slower_and_dearer(
    hardware: Hardware, technology: Technology
) -> None:
    points = [replace(hardware, units_per_mat=4**power) for power in range(7)]
    access = accesses(technology, *points)

    for kind in (access.read, access.write, access.shift):
        assert np.all(np.diff(kind.latency_ns) > 0)
        assert np.all(np.diff(kind.energy_pj) > 0)


def test_more_mats_lengthen_only_the_way_to_them(hardware: Hardware, technology: Technology) -> None:
    access = accesses(technology, hardware, replace(hardware, mats_per_bank=64))

    for kind in (access.read, access.write, access.shift):
        longer = {name for name, part in kind.latency_parts_ns.items() if part[1] > part[0]}
        dearer = {name for name, part in kind.energy_parts_pj.items() if part[1] > part[0]}
        assert longer == {"h_tree", "h_tree_back"} & set(kind.latency_parts_ns)
        assert dearer == {"address", "data"} & set(kind.energy_parts_pj)


def test_a_word_is_as_wide_as_the_bus_at_most(hardware: Hardware, technology: Technology) -> None:
    access = accesses(technology, hardware, replace(hardware, tracks=512))

    assert access.read.word_bits.tolist() == [32, 64]


def test_computing_cells_spread_the_lines_but_leave_the_ports_alone(
    hardware: Hardware, technology: Technology, computing: UnitDesign
) -> None:
    plain, with_cells = accesses(technology, hardware), accesses(technology, hardware, design=computing)

    assert with_cells.read.latency_ns[0] > plain.read.latency_ns[0]
    assert with_cells.read.energy_parts_pj["sense"][0] == plain.read.energy_parts_pj["sense"][0]
