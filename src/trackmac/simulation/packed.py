"""The fast simulator: 64 lanes a word, each micro-program executed as rows on bit planes."""

from collections.abc import Mapping

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Circuit, Place, Word
from trackmac.simulation.lowering import Lowered, lower
from trackmac.simulation.operands import aligned_operands, check_ranges
from trackmac.simulation.outcome import CircuitResult
from trackmac.simulation.packing import LANES_PER_WORD, read_planes, words_for, write_planes

CHUNK_LANES = 1024 * LANES_PER_WORD
"""Lanes simulated together: their planes stay in the second-level cache."""

BLOCK_WORDS = 64


def run(circuit: Circuit, operands: Mapping[str, IntArray]) -> CircuitResult:
    """Run `circuit` once in each lane; operands and results are int64 [lanes].

    Domains that hold no operand start as ones, so that a program which relies on cleared tracks is found out.

    Raises:
        OperandError: an operand is missing, unknown, not integer, out of range, or not as long as the others.
    """
    given = aligned_operands(circuit, operands)
    lanes = next(iter(given.values())).size
    bench = _Bench(circuit, min(lanes, CHUNK_LANES))
    values = np.empty(lanes, np.int64)
    for start in range(0, lanes, CHUNK_LANES):
        chunk = {name: array[start : start + CHUNK_LANES] for name, array in given.items()}
        if not bench.load(chunk):
            check_ranges(circuit, given)
        values[start : start + CHUNK_LANES] = bench.run(min(CHUNK_LANES, lanes - start))
    return CircuitResult(values=values, activity=bench.lowered.activity, lanes=lanes)
