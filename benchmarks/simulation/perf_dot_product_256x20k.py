"""Packed simulation of 20,000 dot products of 256 words, 4 x 4 bits, signed, beside numpy.einsum on the same arrays.

The circuit is `shift_add_dot_product` of 256 words across tracks; its accumulator of 16 bits can't overflow. The inputs
are fresh, int64 [20000, 256]; the circuit's operands are their columns. Events are counted; handing over 512 operands,
packing, range checks and unpacking are in the time. Making and lowering the circuit, once, is reported separately.
"""

import time

import numpy as np
from timing import in_turns, report

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Circuit, Layout
from trackmac.circuits.dot_product import shift_add_dot_product
from trackmac.simulation import packed
from trackmac.simulation.outcome import CircuitResult
from trackmac.simulation.tile import tile

DOT_PRODUCTS = 20_000
WORDS = 256
INT4 = NumberFormat(4, True)
REPETITIONS = 20
GOAL_RATIO = 5.0


def main() -> None:
    start = time.perf_counter()
    circuit = shift_add_dot_product(INT4, INT4, WORDS, Layout.ACROSS)
    made = time.perf_counter()
    tile(circuit)
    lowered = time.perf_counter()
    arrays: dict[str, IntArray] = {}

    def draw() -> None:
        arrays["a"], arrays["b"] = np.random.default_rng().integers(-8, 8, (2, DOT_PRODUCTS, WORDS))

    timings = in_turns(
        {
            "draw": draw,
            "numpy": lambda: np.einsum("ij,ij->i", arrays["a"], arrays["b"]),
            "1": lambda: simulated(circuit, arrays).events,
            "draw again": draw,
            "2": lambda: simulated(circuit, arrays, threads=2).events,
        },
        REPETITIONS,
    )
    expected = np.einsum("ij,ij->i", arrays["a"], arrays["b"])
    for threads in (1, 2):
        assert (simulated(circuit, arrays, threads).values == expected).all()
        for name in ("best", "median"):
            ours, theirs = getattr(timings[str(threads)], name), getattr(timings["numpy"], name)
            what = f"{threads} thread(s), {name} of {REPETITIONS}: {ours * 1e3:.2f} ms, numpy {theirs * 1e3:.2f} ms"
            report(what, ours / theirs, "times numpy.einsum", goal=GOAL_RATIO)
    on_processor = timings["1"].processor_best / timings["numpy"].processor_best
    print(f"1 thread, best processor time, which other processes disturb less: {on_processor:.2f} times numpy.einsum")
    print(f"once per circuit: made in {made - start:.2f} s, lowered in {lowered - made:.2f} s")


def simulated(circuit: Circuit, arrays: dict[str, IntArray], threads: int = 1) -> CircuitResult:
    operands = {f"{name}{word}": array[:, word] for name, array in arrays.items() for word in range(WORDS)}
    return packed.run(circuit, operands, threads)


if __name__ == "__main__":
    main()
