"""The fast simulator: 64 lanes a word, each micro-program executed as rows on bit planes."""

from collections.abc import Mapping

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit, Word
from trackmac.simulation.lowering import lower
from trackmac.simulation.memory import PlaneMemory
from trackmac.simulation.operands import aligned_operands, check_ranges
from trackmac.simulation.outcome import CircuitResult
from trackmac.simulation.packing import LANES_PER_WORD

CHUNK_LANES = 1024 * LANES_PER_WORD
"""Lanes simulated together: their planes fit in a second-level cache."""


def run(circuit: Circuit, operands: Mapping[str, IntArray]) -> CircuitResult:
    """Run `circuit` once in each lane; operands and results are int64 [lanes].

    Domains that hold no operand start as ones, so that a program which relies on cleared tracks is found out.

    Raises:
        OperandError: an operand is missing, unknown, not integer, out of range, or not as long as the others.
    """
    given = aligned_operands(circuit, operands)
    lanes = next(iter(given.values())).size
    values = np.empty(lanes, np.int64)
    bench = _Bench(circuit, min(lanes, CHUNK_LANES))
    for start in range(0, lanes, CHUNK_LANES):
        chunk = slice(start, start + CHUNK_LANES)
        result = bench.run({name: operand[chunk] for name, operand in given.items()}, values[chunk].size)
        if result is None:
            check_ranges(circuit, given)
        values[chunk] = result
    return CircuitResult(values=values, activity=lower(circuit).activity, lanes=lanes)


class _Bench:
    """Planes for one circuit, used for one chunk of lanes after another."""

    def __init__(self, circuit: Circuit, lanes: int) -> None:
        self._program = lower(circuit)
        operands, result = [_points(word) for word in circuit.operands], _points(circuit.result)
        in_use = (*self._program.slot_points, *chain.from_iterable(operands), *result)
        plane_of = {point: plane for plane, point in enumerate(dict.fromkeys(in_use))}
        self._operands = [
            (word, np.array([plane_of[point] for point in points]))
            for word, points in zip(circuit.operands, operands, strict=True)
        ]
        self._result = np.array([plane_of[point] for point in result[: circuit.result.format.bits]])
        self._result_format = circuit.result.format
        given = set(chain.from_iterable(operands))
        self._unknown = [plane_of[place] for place in self._program.found if place not in given]
        self._memory = PlaneMemory(lanes, len(plane_of), self._program.scratch)
        self._bound = self._memory.bind(self._program, np.arange(len(self._program.slot_points)))

    def run(self, operands: Mapping[str, IntArray], lanes: int) -> IntArray | None:
        """Return the results of a chunk of `lanes` lanes; None if an operand is out of range."""
        fit = [self._memory.write(planes, operands[word.name], word.format) for word, planes in self._operands]
        if not all(fit):
            return None
        for plane in self._unknown:
            self._memory.plane(plane)[:] = UNKNOWN
        self._memory.execute(self._bound)
        return self._memory.read(self._result, self._result_format, lanes)


def _points(word: Word) -> tuple[Point, ...]:
    """Return where the bits of a word are, or on which wires."""
    return word.wires if word.is_on_wires else word.places
