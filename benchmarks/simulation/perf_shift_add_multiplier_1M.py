"""Packed simulation of 1,000,000 fresh random pairs through `shift_add_multiplier` (8 bits, signed), beside numpy.

Events are counted; packing, range checks and unpacking are in the time. The goal is a multiple of the time that numpy's
int64 multiplication takes for the same arrays in the same process.
"""

import time

import numpy as np
from timing import in_turns, report

from trackmac.bits import IntArray
from trackmac.circuits import circuit
from trackmac.circuits.microops import Evaluate
from trackmac.simulation import packed

PAIRS = 1_000_000
REPETITIONS = 40
GOAL_RATIO = 10.0


def main() -> None:
    multiplier = circuit("shift_add_multiplier", bits=8, signed=True)
    adders = sum(
        isinstance(op, Evaluate) and op.cell.name in {"full_adder", "full_subtractor"}
        for step in multiplier.program
        for op in step.ops
    )
    generator = np.random.default_rng(1)
    pairs: dict[str, IntArray] = {}

    def draw() -> None:
        pairs["a"], pairs["b"] = generator.integers(-128, 128, (2, PAIRS))

    draw()
    start = time.perf_counter()
    packed.run(multiplier, {name: values[:2] for name, values in pairs.items()})
    first_call_s = time.perf_counter() - start
    timings = in_turns(
        {
            "draw": draw,
            "numpy": lambda: pairs["a"] * pairs["b"],
            "simulated": lambda: packed.run(multiplier, pairs).events,
        },
        REPETITIONS,
    )
    assert (packed.run(multiplier, pairs).values == pairs["a"] * pairs["b"]).all()

    numpys, simulated = timings["numpy"], timings["simulated"]
    for name, ours, theirs in (
        ("best", simulated.best, numpys.best),
        ("median", simulated.median, numpys.median),
    ):
        print(
            f"{name}: simulated {ours * 1e3:.2f} ms, numpy {theirs * 1e3:.2f} ms, {adders * PAIRS / ours:.2g} adders/s"
        )
        report(f"{name} of {REPETITIONS}", ours / theirs, "times numpy", goal=GOAL_RATIO)
    print(f"first call (compiled, or read from the cache on disk): {first_call_s:.2f} s")


if __name__ == "__main__":
    main()
