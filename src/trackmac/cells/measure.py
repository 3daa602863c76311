"""What the waveforms of a cell say: right or wrong, how fast, how much energy, how much current at rest."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trackmac.cells.bench import Conditions, schedule_of, walk_of
from trackmac.cells.netlist import IO_SUPPLY, SUPPLY, Cell
from trackmac.cells.spice import Waveform, Waves

PS = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What a cell did in its transient.

    `delay_ps` is the longest time from an evaluation's start to the last change of an output; `energy_fj` the mean
    over evaluations of all that the supplies gave, leakage included. `wrong_rows` answered otherwise than the table.
    """

    delay_ps: float
    energy_fj: float
    wrong_rows: tuple[int, ...]


def behaviour(cell: Cell, conditions: Conditions, waves: Waves) -> Behaviour:
    """Return what a cell did; its first evaluation settles it and is checked, but not measured."""
    schedule = schedule_of(cell)
    measured = range(1, schedule.evaluations)
    starts = [schedule.start_ps(evaluation) for evaluation in measured]
    ends = [schedule.sample_ps(evaluation) for evaluation in measured]
    energy = supply_energy_fj(waves, conditions, schedule.period_ps, schedule.stop_ps)
    return Behaviour(
        delay_ps=max(_last_changes(cell, conditions, waves, starts, ends), default=0.0),
        energy_fj=energy / len(measured),
        wrong_rows=tuple(sorted(set(_wrong_rows(cell, conditions, waves)))),
    )


def supply_energy_fj(waves: Waves, conditions: Conditions, start_ps: float, stop_ps: float) -> float:
    """Return the energy that both supplies gave between two times: V times the integral of the current."""
    return 1e15 * sum(
        voltage * _integral(waves, -waves.signals[f"i(v{supply})"], start_ps * PS, stop_ps * PS)
        for supply, voltage in ((SUPPLY, conditions.supply_v), (IO_SUPPLY, conditions.io_supply_v))
    )


def rest_power_nw(waves: Waves, conditions: Conditions) -> Waveform:
    """Return what both supplies give at rest, for each row."""
    currents = {supply: -waves.signals[f"i(v{supply})"] for supply in (SUPPLY, IO_SUPPLY)}
    return 1e9 * np.asarray(
        conditions.supply_v * currents[SUPPLY] + conditions.io_supply_v * currents[IO_SUPPLY], dtype=np.float64
    )


def _integral(waves: Waves, signal: Waveform, start: float, stop: float) -> float:
    inside = (waves.scale > start) & (waves.scale < stop)
    times = np.concatenate(([start], waves.scale[inside], [stop]))
    return float(np.trapezoid(np.interp(times, waves.scale, signal), times))


def _last_changes(
    cell: Cell, conditions: Conditions, waves: Waves, starts: list[float], ends: list[float]
) -> Iterator[float]:
    """Yield, for each evaluation that changes an output, when the last of them crosses half of its swing."""
    half = conditions.swing_v(cell) / 2
    crossings = np.sort(
        np.concatenate([crossing_ps(waves, waves.signals[f"v({output})"] - half) for output in cell.outputs])
    )
    for start, end in zip(starts, ends, strict=True):
        within = crossings[(crossings > start) & (crossings < end)]
        if len(within):
            yield float(within[-1]) - start


def crossing_ps(waves: Waves, signal: Waveform) -> Waveform:
    """Return the times at which a signal passes 0, interpolated."""
    before = np.flatnonzero(np.signbit(signal[:-1]) != np.signbit(signal[1:]))
    share = signal[before] / (signal[before] - signal[before + 1])
    times = waves.scale[before] + share * (waves.scale[before + 1] - waves.scale[before])
    return np.asarray(times / PS, dtype=np.float64)


def _wrong_rows(cell: Cell, conditions: Conditions, waves: Waves) -> Iterator[int]:
    schedule, walk = schedule_of(cell), walk_of(cell)
    for evaluation, row in enumerate(walk):
        times = [schedule.sample_ps(evaluation)]
        if cell.is_holding and evaluation + 1 < len(walk):
            times.append(schedule.held_ps(evaluation))
        if any(outputs_at(cell, conditions, waves, time) != cell.rows[row][1] for time in times):
            yield row


def outputs_at(cell: Cell, conditions: Conditions, waves: Waves, time_ps: float) -> tuple[int, ...]:
    """Return the outputs' bits at a time."""
    half = conditions.swing_v(cell) / 2
    return tuple(int(waves.at(f"v({output})", time_ps * PS) > half) for output in cell.outputs)
