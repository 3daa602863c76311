"""The transverse read's divider: its current must leave the walls of the track pinned."""

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from trackmac.cells.bench import Conditions
from trackmac.cells.corners import ends
from trackmac.cells.netlist import IO_SUPPLY, SUPPLY, Cell, subcircuit
from trackmac.cells.sense_netlists import (
    LEAST_SETTLING_PS,
    SETTLING_RATIO,
    TRANSVERSE_SENSE_AMPLIFIERS,
    transverse_sense_amplifier,
)
from trackmac.cells.spice import RAW_FILE, run_deck
from trackmac.technology import physics
from trackmac.technology.constants import physics_constants

TRACK_NM2 = physics.cross_section_nm2(45, 6)  # companion-45nm

pytestmark = pytest.mark.skipif(
    shutil.which("ngspice") is None, reason="needs ngspice (Debian: apt install ngspice), which is not installed"
)


def track_currents_ua(cell: Cell, conditions: Conditions) -> Iterator[float]:
    """Yield the current through the track while a read is enabled, for each count of ones."""
    distance = len(cell.rows) - 1
    deck = [
        f"* {cell.name}", f".options temp={conditions.temperature_c}", conditions.cards.text(conditions.corner),
        subcircuit(cell, conditions.cards, conditions.port, conditions.domain),
        f"Xcell {' '.join(cell.ports)} {cell.name}", f"Vvdd {SUPPLY} 0 {conditions.supply_v}",
        f"Vio {IO_SUPPLY} 0 {conditions.io_supply_v}", "Vones ones 0 0", "Vclock clock 0 0",
        f"Venable enable 0 {conditions.supply_v}", ".control", "set num_threads=1", "set filetype=binary",
        "save v(xcell.track) v(xcell.lift)", f"dc vones 0 {distance} 1", f"write {RAW_FILE}", "quit", ".endc", ".end",
    ]  # fmt: skip
    waves = run_deck("\n".join(deck) + "\n", cell.name)
    for ones, bias_v in enumerate(waves.signals["v(xcell.track)"] - waves.signals["v(xcell.lift)"]):
        of_ones, of_zeros = (conditions.domain.resistance_ohm(state, bias_v / distance) for state in (1.0, 0.0))
        yield float(1e6 * bias_v / (ones * of_ones + (distance - ones) * of_zeros))


@pytest.mark.parametrize("cell", TRANSVERSE_SENSE_AMPLIFIERS, ids=lambda cell: cell.name)
def test_a_read_s_current_leaves_the_walls_pinned_at_every_corner_and_junction(cell: Cell) -> None:
    most_ua = physics.current_ua(physics_constants().shift.threshold_a_per_cm2.value, TRACK_NM2)
    conditions = [Conditions(), *(end.conditions for end in ends().values())]

    assert most_ua == pytest.approx(8.1)
    for at in conditions:
        currents = list(track_currents_ua(cell, at))
        assert len(currents) == len(cell.rows)
        assert max(currents) < most_ua
        assert min(currents) > most_ua / 2


def test_a_divider_as_wide_as_it_was_would_shift_the_track() -> None:
    assert max(track_currents_ua(transverse_sense_amplifier(3, 960 / 110), Conditions())) > 27  # uA, half a shift's


def test_a_read_settles_for_twice_the_least_that_is_right() -> None:
    for cell in TRANSVERSE_SENSE_AMPLIFIERS:
        assert cell.settling_ps == SETTLING_RATIO * LEAST_SETTLING_PS[len(cell.rows) - 1]


@pytest.mark.slow
@pytest.mark.parametrize("cell", TRANSVERSE_SENSE_AMPLIFIERS, ids=lambda cell: cell.name)
def test_the_least_settling_is_right_and_three_quarters_of_it_are_not(cell: Cell) -> None:
    from trackmac.cells.characterize import behaviour_of

    least_ps = LEAST_SETTLING_PS[len(cell.rows) - 1]
    assert behaviour_of(replace(cell, settling_ps=least_ps), Conditions()).wrong_rows == ()
    assert behaviour_of(replace(cell, settling_ps=0.75 * least_ps), Conditions()).wrong_rows
