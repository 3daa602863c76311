"""The fast simulator: 64 lanes a word, each micro-program executed as rows on bit planes."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit
from trackmac.simulation.adjoining import OperandBlock, adjoining
from trackmac.simulation.operands import check_ranges, loaded_operands
from trackmac.simulation.outcome import CircuitResult
from trackmac.simulation.packing import LANES_PER_WORD, words_for
from trackmac.simulation.tile import Tile, tile


def run(circuit: Circuit, operands: Mapping[str, IntArray], threads: int = 1) -> CircuitResult:
    """Run `circuit` once in each lane; operands and results are int64 [lanes].

    Domains that hold no operand start as ones, so that a program which relies on cleared tracks is found out. Neither
    results nor events depend on the number of threads. Operands that are neighbouring columns of one array, eight or
    more of one format, are read row by row, without copies.

    Raises:
        OperandError: an operand is missing, unknown, not integer, out of range, or not as long as the others.
    """
    given = loaded_operands(circuit, operands)
    lanes = next(iter(given.values())).size
    values = np.empty(lanes, np.int64)
    ours = tile(circuit)
    blocks = list(adjoining([word for word in circuit.operands if word.known is None], given))
    shares = _shares(lanes, threads, ours.words)
    if len(shares) > 1:
        with ThreadPoolExecutor(len(shares) - 1) as pool:
            others = [pool.submit(_simulate, ours, blocks, values, share) for share in shares[1:]]
            is_in_range = _simulate(ours, blocks, values, shares[0])
            is_in_range = all([is_in_range, *(other.result() for other in others)])
    else:
        is_in_range = _simulate(ours, blocks, values, range(lanes))
    if not is_in_range:
        check_ranges(circuit, given)
    return CircuitResult(values=values, activity=ours.activity, lanes=lanes)


def _shares(lanes: int, threads: int, block: int) -> list[range]:
    """Return lanes for each thread: whole blocks of words, but for the last."""
    blocks = -(-words_for(lanes) // block)
    each = max(1, -(-blocks // max(1, threads))) * block * LANES_PER_WORD
    return [range(start, min(start + each, lanes)) for start in range(0, lanes, each)]


def _simulate(ours: Tile, blocks: Sequence[OperandBlock], values: IntArray, share: range) -> bool:
    """Set the `values` of a share of the lanes; return whether their operands are in range."""
    from trackmac.simulation import kernel

    memory, words = ours.memory(), values.view(np.uint64)
    whole, rest = divmod(len(share), LANES_PER_WORD)
    sources = ours.sources(blocks, share.start)
    fixed = ours.rows, memory, ours.words
    is_in_range = kernel.simulate(*fixed, sources, ours.offsets, ours.masks, words[share.start : share.stop], whole)
    if rest:
        tails = [block.last(rest) for block in blocks]
        last = np.empty(LANES_PER_WORD, np.uint64)
        is_in_range &= kernel.simulate(*fixed, ours.sources(tails, 0), ours.offsets, ours.masks, last, 1)
        words[share.stop - rest : share.stop] = last[:rest]
    return bool(is_in_range)
