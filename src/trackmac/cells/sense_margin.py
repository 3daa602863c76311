"""The sense margin of varied cells by ngspice: how clearly a port's bit, or a count of ones, stands out.

A port: the voltage between the amplifier's sides, counted towards the right answer, when their mean has fallen by a
quarter of the supply; from there on the amplifier only enlarges it. A transverse read: the voltage between the outputs
of the pairs, counted likewise, at the level next to the count, less an offset drawn for the latch that decides on it.
"""

from collections.abc import Sequence

import numpy as np

from trackmac.cells.bench import Conditions, schedule_of, walk_of
from trackmac.cells.measure import PS, crossing_ps
from trackmac.cells.netlist import IO_SUPPLY, SUPPLY, Cell
from trackmac.cells.sense_netlists import LATCH_WIDTH_NM, SENSE_AMPLIFIER
from trackmac.cells.spice import RAW_FILE, Waveform, Waves, run_deck
from trackmac.cells.stimulus import pulses, steps
from trackmac.cells.variation import Draws, threshold_sigma_v, varied_elements

FALLEN_FRACTION = 0.25


def port_margins_v(conditions: Conditions, samples: int, draws: Draws) -> tuple[Waveform, Waveform]:
    """Return margins of shape [samples, 2], for a stored 0 and 1, and whether the final answers were right."""
    waves = run_deck(port_deck(conditions, samples, draws), SENSE_AMPLIFIER.name)
    schedule, walk = schedule_of(SENSE_AMPLIFIER), walk_of(SENSE_AMPLIFIER)
    margins, answers = np.empty((samples, 2)), np.empty((samples, 2))
    for evaluation in range(1, schedule.evaluations):
        bit = walk[evaluation]
        start, end = schedule.start_ps(evaluation), schedule.sample_ps(evaluation)
        for sample in range(samples):
            left, right = (waves.signals[f"v(x{sample}.{side})"] for side in ("left", "right"))
            towards = (left - right) * (1 if bit else -1)
            moment = _fallen_ps(waves, (left + right) / 2 - (1 - FALLEN_FRACTION) * conditions.supply_v, start, end)
            margins[sample, bit] = np.interp(moment * PS, waves.scale, towards)
            answers[sample, bit] = np.interp(end * PS, waves.scale, towards) > conditions.supply_v / 2
    return margins, answers


def _fallen_ps(waves: Waves, signal: Waveform, start: float, end: float) -> float:
    crossings = crossing_ps(waves, signal)
    within = crossings[(crossings > start) & (crossings < end)]
    return float(within[0]) if len(within) else end


def port_deck(conditions: Conditions, samples: int, draws: Draws) -> str:
    """Return the deck of `samples` varied amplifiers that read a 0 and a 1 side by side."""
    cell, schedule = SENSE_AMPLIFIER, schedule_of(SENSE_AMPLIFIER)
    states = [float(cell.rows[row][0][0]) for row in walk_of(cell)]
    sources = (
        f"Vbit bit 0 {steps(states, schedule.period_ps, 0.0)}",
        f"Vclock clock 0 {pulses(conditions.supply_v, schedule, schedule.rise_ps)}",
    )
    saved = [f"v(x{sample}.{side})" for sample in range(samples) for side in ("left", "right")]
    return _samples_deck(
        cell, conditions, samples, draws, sources=sources, saved=saved, analysis=f"tran 5p {schedule.stop_ps:g}p 0 5p"
    )


def transverse_margins_v(cell: Cell, conditions: Conditions, samples: int, draws: Draws) -> Waveform:
    """Return margins of shape [samples, 2 x levels]: of each level, by the count just below it and just above."""
    distance = len(cell.rows) - 1
    sources = ("Vones ones 0 0", "Vclock clock 0 0", f"Venable enable 0 {conditions.supply_v:g}")
    levels = range(1, distance + 1)
    saved = [f"v(x{n}.{node}{k})" for n in range(samples) for k in levels for node in ("straight", "mirrored")]
    deck = _samples_deck(
        cell, conditions, samples, draws, sources=sources, saved=saved, analysis=f"dc vones 0 {distance} 1"
    )
    waves = run_deck(deck, cell.name)
    length_nm = conditions.cards.transistors["nmos"].gate_length_nm
    offset_v = np.sqrt(2) * threshold_sigma_v(LATCH_WIDTH_NM, length_nm)
    margins = np.empty((samples, 2 * distance))
    for n in range(samples):
        for k in levels:
            above = waves.signals[f"v(x{n}.straight{k})"] - waves.signals[f"v(x{n}.mirrored{k})"]
            offset = offset_v * draws.standard_normal()
            margins[n, 2 * k - 2 : 2 * k] = offset - above[k - 1], above[k] - offset
    return margins


def _samples_deck(
    cell: Cell, conditions: Conditions, samples: int, draws: Draws, *, sources: Sequence[str],
    saved: Sequence[str], analysis: str,
) -> str:  # fmt: skip
    lines = [f"* trackmac: {samples} varied copies of {cell.name}", f".options temp={conditions.temperature_c}"]
    lines.append(conditions.cards.text(conditions.corner))
    shared = (*cell.inputs, *cell.controls)
    for sample in range(samples):
        pins = " ".join((*shared, SUPPLY, IO_SUPPLY))
        lines += [f".subckt sample{sample} {pins}", *varied_elements(cell, conditions, draws), ".ends"]
        lines.append(f"X{sample} {pins} sample{sample}")
    lines += [f"V{SUPPLY} {SUPPLY} 0 {conditions.supply_v:g}", f"V{IO_SUPPLY} {IO_SUPPLY} 0 {conditions.io_supply_v:g}"]
    lines += [*sources, ".control", "set num_threads=1", "set filetype=binary", *(f"save {name}" for name in saved)]
    return "\n".join([*lines, analysis, f"write {RAW_FILE}", "quit", ".endc", ".end"]) + "\n"
