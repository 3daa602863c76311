"""The fast simulator: 64 lanes a word, each micro-program executed as rows on bit planes."""

from collections.abc import Mapping
from itertools import chain

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit, Word
from trackmac.simulation.lowering import lower
from trackmac.simulation.memory import UNKNOWN, PlaneMemory
from trackmac.simulation.operands import aligned_operands, check_ranges
from trackmac.simulation.outcome import CircuitResult
from trackmac.simulation.packing import LANES_PER_WORD
from trackmac.simulation.trace import Point

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
        is_in_range = bench.load({name: operand[chunk] for name, operand in given.items()})
        if not is_in_range:
            check_ranges(circuit, given)
        bench.run(values[chunk])
    return CircuitResult(values=values, activity=lower(circuit).activity, lanes=lanes)


class _Bench:
    """Planes for one circuit, used for one chunk of lanes after another."""

    def __init__(self, circuit: Circuit, lanes: int) -> None:
        self._program = lower(circuit)
        operands, result = [_points(word) for word in circuit.operands], _points(circuit.result)
        in_use = (*self._program.points, *chain.from_iterable(operands), *result)
        plane_of = {point: plane for plane, point in enumerate(dict.fromkeys(in_use))}
        self._operands = [
            (word, np.array([plane_of[point] for point in points]))
            for word, points in zip(circuit.operands, operands, strict=True)
        ]
        self._result = np.array([plane_of[point] for point in result[: circuit.result.format.bits]])
        self._is_signed = circuit.result.format.is_signed
        given = set(chain.from_iterable(operands))
        self._unknown = [plane_of[point] for point in self._program.found if point not in given]
        self._memory = PlaneMemory(lanes, len(plane_of), self._program.scratch)
        self._bound = self._memory.bind(self._program, np.arange(len(self._program.points)))

    def load(self, operands: Mapping[str, IntArray]) -> bool:
        """Put a chunk of operands in place; return whether they are all in range."""
        return all([self._memory.write(planes, operands[word.name], word.format) for word, planes in self._operands])

    def run(self, results: IntArray) -> None:
        """Run the program and set the chunk's `results`."""
        for plane in self._unknown:
            self._memory.plane(plane)[:] = UNKNOWN
        self._memory.execute(self._bound)
        self._memory.read(self._result, results, is_signed=self._is_signed)


def _points(word: Word) -> tuple[Point, ...]:
    """Return where the bits of a word are, or on which wires."""
    return word.wires if word.is_on_wires else word.places
