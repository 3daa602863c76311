"""Packed simulation of 1,000,000 fresh random pairs through `shift_add_multiplier` (8 bits, signed), beside numpy.

Events are counted; packing, range checks and unpacking are in the time. Goal: at most 10 times the time that numpy's
int64 multiplication takes for the same arrays, in the same process. Run it with `python <this file>`.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

from trackmac.circuits import circuit
from trackmac.circuits.microops import Evaluate
from trackmac.simulation import packed

PAIRS = 1_000_000
REPETITIONS = 40
GOAL_RATIO = 10.0


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main() -> None:
    multiplier = circuit("shift_add_multiplier", bits=8, signed=True)
    cells = sum(
        isinstance(op, Evaluate) and op.cell.name.startswith("full_") for s in multiplier.program for op in s.ops
    )
    generator = np.random.default_rng()
    first = seconds(lambda: packed.run(multiplier, {"a": np.arange(2), "b": np.arange(2)}))
    ours, numpys = [], []
    for _ in range(REPETITIONS):
        a, b = generator.integers(-128, 128, (2, PAIRS))
        numpys.append(seconds(lambda a=a, b=b: a * b))
        ours.append(seconds(lambda a=a, b=b: packed.run(multiplier, {"a": a, "b": b}).events))
    result = packed.run(multiplier, {"a": a, "b": b})
    assert (result.values == a * b).all()
    for name, pick in (("best", min), ("median", statistics.median)):
        ratio = pick(ours) / pick(numpys)
        print(
            f"{name:>6}: simulated {pick(ours) * 1e3:.2f} ms, numpy {pick(numpys) * 1e3:.2f} ms, ratio {ratio:.1f} "
            f"({ratio / GOAL_RATIO:.2f} of the goal), {cells * PAIRS / pick(ours):.2g} full adders/s"
        )
    print(f"first call, compiled or read from the cache on disk: {first:.2f} s")
    print({str(event): count for event, count in result.events.items()})


if __name__ == "__main__":
    main()
