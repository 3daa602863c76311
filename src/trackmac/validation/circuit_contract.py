"""What every circuit keeps, rule by rule: each function returns how a circuit breaks its rule, or "" if it does not."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from trackmac.bits import IntArray
from trackmac.cells.library import CELLS
from trackmac.circuits import Circuit, Word, family
from trackmac.circuits.microops import Evaluate, Sense, Shift, TransverseRead, Write
from trackmac.circuits.occupancy import busiest
from trackmac.cost import Activity, Event, Phase
from trackmac.models.circuit_counts import circuit_activity
from trackmac.models.interval_counts import circuit_interval_ns
from trackmac.simulation import naive, packed

MOST_BITS = 18
MOST_CORNERS, RANDOM_LANES, NAIVE_LANES = 1000, 1000, 8
EXTENT = f"all operands up to {MOST_BITS} bits together, else corners and {RANDOM_LANES} random ones"

NAIVE_EXTENT = f"{NAIVE_LANES} random operands each"

Operands = dict[str, IntArray]


def label(circuit: Circuit) -> str:
    """Say which circuit it is: layout, transverse-read distance, formats and known values of its operands."""
    words = ", ".join(f"{word.name} {word.format}{_known(word)}" for word in circuit.operands)
    trd = "" if circuit.trd is None else f" trd {circuit.trd}"
    return f"{circuit.layout}{trd}, {words}"


def _known(word: Word) -> str:
    return "" if word.known is None else f" = {word.known}"


def bad_declaration(circuit: Circuit, name: str, layout: str) -> str:
    """Name, layout, summary, operands, and cells whose transistors are known."""
    cells = {op.cell.name for step in circuit.program for op in step.ops if isinstance(op, Evaluate)}
    if circuit.name != name or str(circuit.layout) != layout:
        return f"its name and layout must be {name} and {layout}, but are {circuit.name} and {circuit.layout}"
    if len(circuit.summary) <= 10 or "\n" in circuit.summary:
        return f"its summary must say in one line what it does, but is {circuit.summary!r:.60}"
    if not circuit.operands:
        return "it takes no operands"
    if cells - set(CELLS):
        return f"its cells must be those of cells/library.py, but {sorted(cells - set(CELLS))} are not"
    return ""


def words_out_of_place(circuit: Circuit) -> str:
    """A word has a place for each bit, on one track or on one for each bit; and no track is declared in vain."""
    for word in (*circuit.operands, circuit.result):
        tracks = {place.track for place in word.places}
        if word.places and len(tracks) != (1 if circuit.layout == "along" else len(word.places)):
            return f"words lie {circuit.layout} tracks, but {word.name} is on {sorted(tracks)}"
        if word.places and len(word.places) < word.format.bits:
            return f"{word.name} is {word.format}, but has {len(word.places)} places"
    idle = {track.name for track in circuit.tracks} - _touched(circuit)
    if circuit.known:  # what is multiplied by a known 0 need not be read
        idle -= {place.track for word in circuit.operands for place in word.places}
    return f"tracks {sorted(idle)} are declared, but not used" if idle else ""


def _touched(circuit: Circuit) -> set[str]:
    ops = [op for step in circuit.program for op in step.ops]
    shifted = {track for op in ops if isinstance(op, Shift) for track in op.tracks}
    return shifted | {op.track for op in ops if isinstance(op, Sense | TransverseRead | Write)}


def heads_left_behind(circuit: Circuit) -> str:
    """Every track ends at its first domain; a MAC's factors may stay at their top bits: there the next pair begins."""
    stay: dict[str, int] = {}
    if family(circuit.name).kind == "mac":
        stay = {place.track: place.domain for word in circuit.operands[:2] for place in word.places}
    for track, end in circuit.end.items():
        if end not in {0, stay.get(track, 0)}:
            return f"track {track} ends with domain {end} at its port, not domain 0; shift it home"
    return ""


def result_that_does_not_fit(circuit: Circuit) -> str:
    """No combination of extreme operands gives a result beyond its format."""
    operands, kept = corners(circuit), circuit.result.format
    values = reference_values(circuit, operands)
    beyond = np.flatnonzero((values < kept.minimum) | (values > kept.maximum))
    if not beyond.size:
        return ""
    lane = int(beyond[0])
    return f"{_shown(operands, lane)} gives {values[lane]}, which is beyond {kept}"


def wrong_result(circuit: Circuit) -> str:
    """Simulation and reference give the same, for all operands where there are few enough."""
    operands = all_operands(circuit, MOST_BITS)
    if operands is None:
        operands = _joined(corners(circuit), random_operands(circuit, RANDOM_LANES))
    simulated, expected = packed.run(circuit, operands).values, reference_values(circuit, operands)
    differs = np.flatnonzero(simulated != expected)
    if not differs.size:
        return ""
    lane = int(differs[0])
    return f"{_shown(operands, lane)} gives {simulated[lane]}, but the reference says {expected[lane]}"


def simulators_that_differ(circuit: Circuit) -> str:
    """The naive and the packed simulator share no code but the declaration."""
    operands = random_operands(circuit, NAIVE_LANES)
    slow, fast = naive.run(circuit, operands), packed.run(circuit, operands)
    if slow.activity != fast.activity:
        return difference(slow.activity, fast.activity, "naive", "packed")
    if (slow.values == fast.values).all():
        return ""
    lane = int(np.flatnonzero(slow.values != fast.values)[0])
    return f"{_shown(operands, lane)} gives {slow.values[lane]} (naive) and {fast.values[lane]} (packed)"


def wrong_closed_form(circuit: Circuit) -> str:
    """The closed form says what the packed simulator counts, in every event and every phase."""
    counted = packed.run(circuit, random_operands(circuit, 1)).activity
    return difference(counted, circuit_activity(circuit), "simulation", "the closed form")


def interval_too_short(circuit: Circuit) -> str:
    """The next run starts no sooner than every part is free again, all phases being equally long."""
    taken, predicted = busiest(circuit, _one_ns), circuit_interval_ns(circuit, _one_ns)
    if taken is None or taken.duration_ns(_one_ns) <= predicted:
        return ""
    return f"{taken.part.kind} {taken.part.name} is taken for {taken.duration_ns(_one_ns):g} steps, not {predicted:g}"


def _one_ns(_phase: Phase) -> float:
    return 1.0


def closed_form_that_reads_the_program(circuit: Circuit) -> str:
    """A closed form says the same of a circuit whose program is gone; otherwise it would be no second road."""
    without = replace(circuit, program=())
    return difference(circuit_activity(circuit), circuit_activity(without), "with its program", "without")


def difference(one: Activity, other: Activity, of_one: str, of_other: str) -> str:
    """Return the first count in which two activities differ, or ""."""
    counts = [(event.value, one.events.get(event, 0), other.events.get(event, 0)) for event in Event]
    counts += [(f"steps of {phase}", one.phases.get(phase, 0), other.phases.get(phase, 0)) for phase in Phase]
    return next((f"{name}: {a} by {of_one}, {b} by {of_other}" for name, a, b in counts if a != b), "")


def all_operands(circuit: Circuit, most_bits: int) -> Operands | None:
    """Return every combination of the operands' values; None if they are more than 2^most_bits."""
    if math.prod(len(word.values) for word in circuit.operands) > 1 << most_bits:
        return None
    grid = np.meshgrid(*(np.array(word.values, np.int64) for word in circuit.operands), indexing="ij")
    return {word.name: axis.ravel() for word, axis in zip(circuit.operands, grid, strict=True)}


def random_operands(circuit: Circuit, lanes: int) -> Operands:
    """Return random operands, the same ones each time."""
    generator = np.random.default_rng(lanes)
    return {
        word.name: generator.integers(word.values[0], word.values[-1], lanes, endpoint=True)
        for word in circuit.operands
    }


def corners(circuit: Circuit) -> Operands:
    """Return every combination of least and greatest values, -1, 0 and 1; random ones of them if they are many."""
    axes = [
        np.array(sorted({word.values[0], word.values[-1], *(value for value in (-1, 0, 1) if value in word.values)}))
        for word in circuit.operands
    ]
    if math.prod(axis.size for axis in axes) <= MOST_CORNERS:
        columns = np.array(list(itertools.product(*axes)), np.int64).T
    else:
        generator = np.random.default_rng(len(axes))
        ends = [[axis[0], axis[-1]] for axis in axes]
        columns = np.array([[*end, *generator.choice(end, MOST_CORNERS)] for end in ends], np.int64)
    return {word.name: column for word, column in zip(circuit.operands, columns, strict=True)}


def _joined(first: Operands, second: Operands) -> Operands:
    return {name: np.concatenate((values, second[name])) for name, values in first.items()}


def reference_values(circuit: Circuit, operands: Operands) -> IntArray:
    """Return what the reference says, one value for each lane."""
    values = np.asarray(circuit.reference(**operands))
    lanes = next(iter(operands.values())).shape
    if values.shape != lanes or values.dtype.kind not in "iu":
        raise TypeError(f"the reference must return an integer a lane, but it returns {values.dtype} {values.shape}")
    return values


def _shown(operands: Mapping[str, Any], lane: int) -> str:
    return ", ".join(f"{name} = {values[lane]}" for name, values in operands.items())
