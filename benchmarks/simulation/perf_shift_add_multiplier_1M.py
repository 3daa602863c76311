"""Packed simulation of 1,000,000 fresh random pairs through `shift_add_multiplier` (8 bits, signed), beside numpy.

Events are counted; packing, range checks and unpacking are in the time. The goals are multiples of the time that
numpy's int64 multiplication takes on one thread for the same arrays in the same process, on a machine with AVX-512.
"""

import time

import numpy as np
from full_adders import full_adders
from timing import in_turns, report

from trackmac.bits import IntArray
from trackmac.circuits import circuit
from trackmac.simulation import packed

PAIRS = 1_000_000
REPETITIONS = 60
GOAL_RATIOS = {1: 5.0, 2: 3.0}
SPIMULATOR_MULTIPLICATIONS_PER_S = 90
"""What SPIMulator does of 8 x 8 bits, on a machine like this one; right in 3 of 20 random pairs."""


def main() -> None:
    multiplier = circuit("shift_add_multiplier", bits=8, signed=True)
    pairs: dict[str, IntArray] = {}

    def draw() -> None:
        pairs["a"], pairs["b"] = np.random.default_rng().integers(-128, 128, (2, PAIRS))

    draw()
    start = time.perf_counter()
    packed.run(multiplier, {name: values[:2] for name, values in pairs.items()})
    first_call_s = time.perf_counter() - start
    timings = in_turns(
        {
            "draw": draw,
            "numpy": lambda: pairs["a"] * pairs["b"],
            "1": lambda: packed.run(multiplier, pairs, threads=1).events,
            "draw again": draw,
            "2": lambda: packed.run(multiplier, pairs, threads=2).events,
        },
        REPETITIONS,
    )
    for threads, goal in GOAL_RATIOS.items():
        assert (packed.run(multiplier, pairs, threads=threads).values == pairs["a"] * pairs["b"]).all()
        for name in ("best", "median"):
            ours, theirs = getattr(timings[str(threads)], name), getattr(timings["numpy"], name)
            what = f"{threads} thread(s), {name} of {REPETITIONS}: {ours * 1e3:.2f} ms, numpy {theirs * 1e3:.2f} ms"
            report(what, ours / theirs, "times numpy", goal=goal)
    on_processor = timings["1"].processor_best / timings["numpy"].processor_best
    print(f"1 thread, best processor time, which other processes disturb less: {on_processor:.2f} times numpy")
    best = timings["1"].best
    print(f"whole, one thread: {full_adders(multiplier) * PAIRS / best:.2g} full adders/s")
    ratio = PAIRS / best / SPIMULATOR_MULTIPLICATIONS_PER_S
    print(f"{PAIRS / best:.2g} multiplications/s, {ratio:.2g} times SPIMulator's {SPIMULATOR_MULTIPLICATIONS_PER_S}")
    print(f"first call (compiled, or read from the cache on disk): {first_call_s:.2f} s")


if __name__ == "__main__":
    main()
