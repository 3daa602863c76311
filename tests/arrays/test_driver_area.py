"""The area of a unit where the technology has a driver and cells of its own."""

from dataclasses import replace

import numpy as np
import pytest

from trackmac.arrays import Hardware, grid_of, load_hardware
from trackmac.arrays.macro_unit import cell_parts_um2, macro_unit_area
from trackmac.arrays.unit_design import UnitDesign
from trackmac.circuits import Resources, circuit, resources_of
from trackmac.errors import UnmappableError
from trackmac.mapping import stages_of
from trackmac.models.evaluation import evaluate_network
from trackmac.models.grid_costs import grid_costs
from trackmac.networks.shapes import layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.technology import Technology, load_technology, unit_costs

PHYSICS, RTSIM = load_technology("physics-45nm"), load_technology("rtsim-destiny-2017")
NEEDS = Resources(sense_amplifiers=2, shift_drivers=1, driven_tracks=3, connections=1, cells={"full_adder": 4})
SHAPES = layer_shapes(ZOO["lenet5"].build())


def dense(technology: Technology) -> Technology:
    """Return the technology at the density that is recalled for single-layer tracks."""
    figures = (
        replace(figure, value=6.2e7) if figure.key == "shift.current_density_a_per_cm2" else figure
        for figure in technology.figures
    )
    return replace(technology, figures=tuple(figures))


def test_cells_have_their_own_area_and_what_has_none_that_of_its_transistors() -> None:
    parts = NEEDS.area_parts_um2(PHYSICS)

    assert parts["cell_area.full_adder_um2"] == 4 * PHYSICS.value("cell_area.full_adder_um2")
    assert parts["cell_area.sense_amplifier_um2"] == 2 * PHYSICS.value("cell_area.sense_amplifier_um2")
    assert parts["cmos.transistor_area_f2"] == pytest.approx(2 * 100 * 0.045**2)  # what joins one more port


def test_in_a_published_table_every_transistor_is_as_large_as_logic() -> None:
    parts = cell_parts_um2(NEEDS, RTSIM, np.array([64.0]), np.array([10]))

    assert set(parts) == {"cmos.transistor_area_f2"}
    assert parts["cmos.transistor_area_f2"][0] == pytest.approx((NEEDS.transistors + 2 * 10) * 100 * 0.045**2)


def test_switches_carry_the_current_of_a_track_by_hand() -> None:
    parts = cell_parts_um2(NEEDS, PHYSICS, np.array([64.0]), np.array([10]))

    switch_um2 = PHYSICS.value("shift.driver_width_um") * PHYSICS.value("shift.driver_pitch_um")
    assert parts["shift.driver_width_um"][0] == pytest.approx((2 * 10 + 4 * 3) * switch_um2)


def test_longer_tracks_near_the_supply_need_larger_units() -> None:
    technology = dense(PHYSICS)
    points = [replace(load_hardware("tiny"), domains=64, ports=ports) for ports in (4, 2)]  # 79 and 95 domains
    design = UnitDesign(work_tracks=4, longest_word=16, resources=NEEDS)

    unit = macro_unit_area(grid_of(points, technology), design)

    switches = unit.cell_parts_um2["shift.driver_width_um"]
    assert switches[1] > switches[0]


def test_a_circuit_of_more_tracks_needs_more_switches() -> None:
    few, many = (resources_of(circuit("ripple_adder", bits=bits)).driven_tracks for bits in (8, (4, 8)))
    across = resources_of(circuit("accumulate", bits=8, layout="across")).driven_tracks

    assert (few, many, across) == (3, 3, 0)


def test_a_track_that_its_supply_cannot_drive_is_refused_and_left_out_of_the_grid() -> None:
    technology = dense(PHYSICS)
    shipped = load_hardware("embedded")
    shorter = replace(shipped, ports=4, circuit="shift_add_mac", domains=128, tracks=128)
    points: list[Hardware] = [replace(shorter, domains=64, ports=2), replace(shorter, domains=48, ports=2)]

    costs = grid_costs(stages_of(SHAPES), grid_of(points, technology))

    needed = unit_costs(technology).drive_voltage_v(np.array([95.0, 71.0]))
    assert needed[0] > technology.value("shift.driver_supply_v") > needed[1]
    assert not costs.is_feasible[0]
    with pytest.raises(
        UnmappableError, match=r"shifting a track needs 3\.1\d* V, but the shift driver's supply is 3 V"
    ):
        evaluate_network("lenet5", SHAPES, shipped, technology)


def test_a_point_alone_costs_what_it_costs_in_the_grid() -> None:
    points = [replace(load_hardware("embedded"), tracks=tracks, ports=ports) for tracks in (64, 96) for ports in (1, 2)]

    together = grid_costs(stages_of(SHAPES), grid_of(points, PHYSICS))

    assert together.is_feasible.any()
    for index, point in enumerate(points):
        if together.is_feasible[index]:
            alone = evaluate_network("lenet5", SHAPES, point, PHYSICS).totals
            assert (alone.energy_pj, alone.latency_ns, alone.area_um2) == (
                together.energy_pj[index],
                together.latency_ns[index],
                together.area_um2[index],
            )
