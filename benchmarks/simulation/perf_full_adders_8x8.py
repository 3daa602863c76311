"""The interpreter alone: `shift_add_multiplier` (8 bits, signed) lowered to rows, on planes that stay in the cache."""

import numpy as np
from full_adders import full_adders
from timing import in_turns, report

from trackmac.circuits import circuit
from trackmac.simulation import kernel
from trackmac.simulation.packing import LANES_PER_WORD
from trackmac.simulation.tile import tile

BLOCKS = 1000
REPETITIONS = 60
GOAL_FULL_ADDERS_PER_S = 1e11
"""Of one core with AVX-512."""


def main() -> None:
    multiplier = circuit("shift_add_multiplier", bits=8, signed=True)
    ours = tile(multiplier)
    memory, stay = ours.memory(), np.zeros_like(ours.rows)
    memory[:] = np.random.default_rng().integers(0, 1 << 63, memory.size, np.uint64)
    words = BLOCKS * ours.words

    timing = in_turns({"kernel": lambda: kernel.execute(ours.rows, stay, memory, words, ours.words)}, REPETITIONS)

    evaluated = full_adders(multiplier) * words * LANES_PER_WORD
    print(f"best processor time: {evaluated / timing['kernel'].processor_best:.3g} full adders/s")
    for name in ("best", "median"):
        measured = evaluated / getattr(timing["kernel"], name)
        report(f"{name} of {REPETITIONS}", measured, "full adders/s", goal=GOAL_FULL_ADDERS_PER_S, at_most=False)


if __name__ == "__main__":
    main()
