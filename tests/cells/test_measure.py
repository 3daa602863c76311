"""What is read from waveforms, on made-up ones: every evaluation of a walk counts, and the energy is the integral."""

import numpy as np
import pytest

from trackmac.cells.bench import Conditions, schedule_of, walk_of
from trackmac.cells.declared import DECLARED
from trackmac.cells.measure import PS, behaviour
from trackmac.cells.netlist import Cell
from trackmac.cells.spice import Waves

CELLS = ("and", "full_adder", "booth_selector", "latch", "sense_amplifier", "transverse_sense_amplifier_7")


def ideal(cell: Cell, wrong_evaluation: int | None = None, *, is_wrong_while_held: bool = False) -> Waves:
    """Return waves that answer every evaluation as its row says, all outputs inverted in one of them."""
    conditions = Conditions()
    schedule, walk = schedule_of(cell, conditions.cards), walk_of(cell)
    times, answers = [], []
    for evaluation, row in enumerate(walk):
        times.append(schedule.sample_ps(evaluation))
        if cell.is_holding:
            times.append(schedule.held_ps(evaluation))
        for is_held in (False, True)[: 1 + cell.is_holding]:
            is_wrong = evaluation == wrong_evaluation and is_held == is_wrong_while_held
            answers.append([bit ^ is_wrong for bit in cell.rows[row][1]])
    volts = conditions.swing_v(cell) * np.array(answers, dtype=float)
    signals = {f"v({output})": volts[:, index] for index, output in enumerate(cell.outputs)}
    signals |= {f"i({name})": np.full(len(times), -1e-6) for name in ("vvdd", "vvddio")}
    return Waves(scale=PS * np.array(times), signals=signals)


@pytest.mark.parametrize("name", CELLS)
def test_right_answers_are_right(name: str) -> None:
    assert behaviour(DECLARED[name], Conditions(), ideal(DECLARED[name])).wrong_rows == ()


@pytest.mark.parametrize("name", CELLS)
def test_a_wrong_answer_in_any_evaluation_of_the_walk_is_told_by_its_row(name: str) -> None:
    cell = DECLARED[name]
    walk = walk_of(cell)

    assert set(walk) == set(range(len(cell.rows)))
    for evaluation, row in enumerate(walk):
        assert behaviour(cell, Conditions(), ideal(cell, evaluation)).wrong_rows == (row,), evaluation


def test_a_latch_must_hold_after_every_evaluation() -> None:
    cell = DECLARED["latch"]

    for evaluation, row in enumerate(walk_of(cell)[:-1]):
        assert behaviour(cell, Conditions(), ideal(cell, evaluation, is_wrong_while_held=True)).wrong_rows == (row,)


def test_energy_is_supply_times_current_times_time() -> None:
    cell, conditions = DECLARED["and"], Conditions()
    power_w = 1e-6 * (conditions.supply_v + conditions.io_supply_v)

    assert behaviour(cell, conditions, ideal(cell)).energy_fj == pytest.approx(power_w * 500e-12 * 1e15)
