"""The technology file that joins characterised cells with the physics of shift and write."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from trackmac.cells.bench import netlist, walk_of
from trackmac.cells.catalog import CellCatalog, load_cells, stale_cells, text_sha256
from trackmac.cells.corners import ends, load_corners, spread
from trackmac.cells.driver_netlists import IO_LARGE_NM, SHIFT_DRIVER
from trackmac.cells.library import CELLS, PERIPHERAL_CELLS
from trackmac.cells.technology_file import TECHNOLOGY_FILE, technology_text, write_technology
from trackmac.errors import InputError, UnknownNameError
from trackmac.files import parse_yaml
from trackmac.technology import load_technology, record_text
from trackmac.technology.constants import PhysicsConstants, physics_constants
from trackmac.technology.derived import Device
from trackmac.technology.schema import CellAreas, Figure, TechnologyRecord
from trackmac.technology.technology import Technology


@cache
def made(constants: PhysicsConstants | None = None) -> TechnologyRecord:
    text = technology_text(load_cells(), load_corners(), constants)
    return parse_yaml(text, TechnologyRecord, where="made")


@pytest.fixture
def technology() -> Technology:
    return load_technology("physics-45nm")


def test_the_shipped_file_is_what_its_cells_and_constants_give() -> None:
    assert record_text("physics-45nm") == technology_text(load_cells(), load_corners())


def test_no_cell_behind_it_is_stale_and_the_corners_are_of_the_same_cells() -> None:
    assert stale_cells() == ()
    for catalog, end in zip(load_corners(), ends().values(), strict=True):
        assert (catalog.corner, catalog.temperature_c) == (end.conditions.corner, end.conditions.temperature_c)
        assert (catalog.ra_ohm_um2, catalog.tmr_fraction, catalog.diameter_nm) == (
            end.conditions.port.ra_ohm_um2, end.conditions.port.tmr_fraction, end.conditions.port.diameter_nm
        )  # fmt: skip
        assert {name: record.netlist_sha256 for name, record in catalog.cells.items()} == {
            cell.name: text_sha256(netlist(cell, end.conditions)) for cell in end.cells
        }


def test_every_cell_of_the_library_has_its_own_area() -> None:
    assert {name.removesuffix("_um2") for name in CellAreas.model_fields} == set(CELLS) | set(PERIPHERAL_CELLS)
    areas = made().figures()

    for name in CellAreas.model_fields:
        figure = areas[f"cell_area.{name}"]
        assert figure is not None
        assert figure.low < figure.value < figure.high
    for name, record in load_cells().cells.items():
        figure = areas.get(f"cell_area.{name}_um2")
        if figure is not None and name != "shift_driver":
            assert figure.value == pytest.approx(record.area_um2, rel=1e-3)


def test_the_control_of_a_shift_driver_is_counted_without_its_switches() -> None:
    control = made().cell_area.shift_driver_um2

    assert control is not None
    assert 0.2 < control.value / load_cells()["shift_driver"].area_um2 < 0.8


@pytest.mark.parametrize(
    ("place", "cell"),
    [
        ("sense", "sense_amplifier"),
        ("evaluation", "full_adder"),
        ("latch", "latch"),
        ("transverse_read", "transverse_sense_amplifier_7"),
    ],
)
def test_what_a_cell_gives_is_simulated_and_names_its_netlist(place: str, cell: str) -> None:
    record, figures = load_cells()[cell], made().figures()

    energy = figures[f"{place}.energy_pj"]
    assert energy is not None
    assert energy.value == pytest.approx(record.energy_fj / 1e3)
    assert energy.evidence == "simulated"
    assert record.netlist_sha256[:12] in energy.source
    assert "ngspice" in energy.source
    assert energy.low <= energy.value <= energy.high
    if place != "latch":
        latency = figures[f"{place}.latency_ns"]
        assert latency is not None
        assert latency.value == pytest.approx(record.delay_ps / 1e3)


def test_the_range_of_an_evaluation_holds_every_logic_cell_at_every_corner() -> None:
    energy, latency = made().evaluation.energy_pj, made().evaluation.latency_ns
    assert energy is not None
    assert latency is not None

    for catalog in (load_cells(), *load_corners()):
        for name in CELLS.keys() & catalog.cells.keys():
            assert energy.low <= catalog[name].energy_fj / 1e3 * 1.0001
            assert catalog[name].energy_fj / 1e3 <= energy.high * 1.0001
            assert catalog[name].delay_ps / 1e3 <= latency.high * 1.0001


def test_leakage_grows_by_orders_of_magnitude_with_temperature() -> None:
    leakage = made().cmos.transistor_leakage_nw

    assert leakage is not None
    assert leakage.evidence == "simulated"
    assert leakage.high > 10 * leakage.value > 100 * leakage.low


def test_a_write_takes_0_05_to_1_pj_and_its_driver_gives_the_current_that_switches(technology: Technology) -> None:
    assert 0.05 < technology.value("write.energy_pj") < 1
    constants = physics_constants()
    known = {field.name: 1.0 for field in fields(Device)} | {
        "switching_density_a_per_cm2": constants.write.switching_density_a_per_cm2.value,
        "overdrive_ratio": constants.write.overdrive_ratio.value,
        "diameter_nm": load_cells().diameter_nm,
    }
    at_corners = [catalog for catalog in load_corners() if "latch" in catalog.cells]
    assert len(at_corners) == 4
    for catalog in (load_cells(), *at_corners):
        current_ua = catalog["write_driver_stt"].drive_current_ua
        assert current_ua is not None
        assert current_ua > Device(**known).write_current_ua


def test_a_sense_takes_femtojoules_and_tens_to_hundreds_of_picoseconds(technology: Technology) -> None:
    assert 1e-4 < technology.value("sense.energy_pj") < 0.05
    assert 0.01 < technology.value("sense.latency_ns") < 0.5


def test_what_follows_from_an_assumption_is_assumed(technology: Technology) -> None:
    for key in ("shift.energy_pj", "shift.latency_ns", "shift.driver_width_um", "write.energy_pj"):
        assert technology.figure(key).evidence == "assumed"


def changed(name: str, value: float) -> PhysicsConstants:
    constants = physics_constants()
    figure: Figure = getattr(constants.shift, name).model_copy(update={"value": value})
    return constants.model_copy(update={"shift": constants.shift.model_copy(update={name: figure})})


def test_a_constant_that_changes_changes_what_follows_from_it_and_nothing_else() -> None:
    before, after = made().figures(), made(changed("current_density_a_per_cm2", 4e7)).figures()

    assert {key for key, figure in before.items() if figure != after[key]} == {
        "shift.energy_pj", "shift.latency_ns", "shift.driver_gate_energy_pj", "shift.driver_drop_energy_pj",
        "shift.driver_width_um", "shift.current_density_a_per_cm2", "transverse_write.energy_pj",
        "transverse_write.latency_ns",
    }  # fmt: skip


def test_twice_the_current_for_half_the_time_drops_the_same_energy() -> None:
    drops = [record.shift.driver_drop_energy_pj for record in (made(), made(changed("current_density_a_per_cm2", 4e7)))]

    assert drops[0] is not None
    assert drops[1] is not None
    assert drops[0].value == drops[1].value


def test_the_note_names_the_longest_track_that_can_be_driven_and_at_which_density() -> None:
    notes = " ".join(made().notes)
    shift = physics_constants().shift
    found = re.search(
        r"at a density of ([\de.]+) A/cm2, as here, (\d+) physical domains can be driven, at the ([\de.]+) A/cm2 "
        r"recalled for single-layer tracks (\d+)",
        notes,
    )
    assert found is not None

    assert float(found[1]) == shift.current_density_a_per_cm2.value
    assert float(found[3]) == shift.current_density_a_per_cm2.high
    left_v = shift.driver_supply_v.value - shift.driver_least_drop_v.value
    for density, domains in ((found[1], found[2]), (found[3], found[4])):
        domain_v = float(density) * 1e4 * shift.resistivity_ohm_m.value * 90e-9
        assert int(domains) == int(left_v / domain_v)


def test_the_simulated_bridge_is_as_wide_as_the_current_of_a_track_needs() -> None:
    width = made().shift.driver_width_um

    assert width is not None
    assert pytest.approx(1e3 * width.value, rel=1e-3) == IO_LARGE_NM


def test_a_step_takes_the_control_energy_of_the_simulated_driver_and_waits_for_its_delay() -> None:
    record, shift = load_cells()["shift_driver"], made().shift
    walk = [SHIFT_DRIVER.rows[row][0][0] for row in walk_of(SHIFT_DRIVER)]
    ons, turns = walk_changes(walk, 0, 1), walk_changes(walk, 1, 1)

    assert shift.driver_control_energy_pj is not None
    assert shift.latency_ns is not None
    of_the_walk_pj = 1e-3 * record.energy_fj * (len(walk) - 1)
    assert shift.driver_control_energy_pj.value == pytest.approx(of_the_walk_pj / (ons + turns), rel=1e-3)
    assert shift.latency_ns.value == pytest.approx(90 / 50 + 1e-3 * record.delay_ps, rel=1e-3)


def walk_changes(enables: Sequence[int], before: int, after: int) -> int:
    return list(itertools.pairwise(enables)).count((before, after))


def test_what_a_junction_does_is_priced_over_the_range_of_junctions() -> None:
    at_corners = [load_cells(), *(catalog for catalog in load_corners() if "latch" in catalog.cells)]
    sense, given = made().sense.latency_ns, made().write.given_current_ua
    assert sense is not None
    assert given is not None

    assert sense.low < 1e-3 * spread(at_corners, "sense_amplifier", "delay_ps")[0]
    least_ua, most_ua = spread(at_corners, "write_driver_stt", "drive_current_ua")
    assert given.low < least_ua
    assert most_ua < given.high


def test_energy_of_a_write_is_of_the_mean_current_and_enough_is_given() -> None:
    write, cell = made().write, load_cells()["write_driver_stt"]
    assert write.energy_pj is not None
    assert write.needed_current_ua is not None
    assert write.given_current_ua is not None
    assert cell.mean_drive_current_ua is not None

    assert write.energy_pj.value == pytest.approx(
        cell.mean_drive_current_ua * 0.9 * 4e-3 + cell.energy_fj / 1e3, rel=1e-3
    )
    assert write.given_current_ua.value == cell.drive_current_ua
    assert write.needed_current_ua.value < write.given_current_ua.value < cell.mean_drive_current_ua


def test_a_driver_that_gives_less_than_a_write_needs_is_refused() -> None:
    constants = physics_constants()
    harder = constants.write.switching_density_a_per_cm2.model_copy(update={"value": 8e6})
    write = constants.write.model_copy(update={"switching_density_a_per_cm2": harder})

    with pytest.raises(InputError, match=r"a write driver must give at least the 190\.\d+ uA"):
        technology_text(load_cells(), load_corners(), constants.model_copy(update={"write": write}))


def test_the_settling_of_a_transverse_read_is_said_to_be_chosen() -> None:
    latency = made().transverse_read.latency_ns

    assert latency is not None
    assert "3000 ps of settling are chosen, 2 times the least" in latency.source
    assert latency.low < latency.value - 1
    assert latency.high > latency.value + 1


def test_it_is_written_beside_the_cells(tmp_path: Path) -> None:
    path = write_technology(load_cells(), load_corners(), tmp_path / "new")

    assert path == tmp_path / "new" / TECHNOLOGY_FILE
    assert path.read_text(encoding="utf-8") == record_text("physics-45nm")
    assert load_technology(path) == load_technology("physics-45nm")


def test_a_catalog_without_a_cell_is_refused() -> None:
    cells = load_cells()
    fewer: CellCatalog = cells.model_copy(
        update={"cells": {name: record for name, record in cells.cells.items() if name != "latch"}}
    )

    with pytest.raises(UnknownNameError, match="unknown cell 'latch'"):
        technology_text(fewer, load_corners())


def test_nothing_is_written_where_it_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError, match="cannot be written"):
        write_technology(load_cells(), load_corners(), tmp_path / "file")
