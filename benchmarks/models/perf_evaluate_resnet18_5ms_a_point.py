"""How fast the closed forms price ResNet-18, 224 x 224: one hardware point after another, and a grid at once.

A point after another is `trackmac.evaluate` as a user calls it: totals, layers, evidence, wear, heat, baselines. No two
points are alike, and none was priced before. Half of the time is measured on chips that keep all weights, half on chips
that are too small, and so are multiplexed. Peak memory is that of a process of its own, which does nothing else.
"""

import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
from timing import in_turns, report

import trackmac as tm
from trackmac.arrays import Dataflow, Hardware, HardwareGrid, evenly_spaced_choices
from trackmac.circuits import Layout
from trackmac.mapping import stages_of
from trackmac.models.grid_costs import grid_costs

POINTS = 10_000
GOAL_MS = 5.0
GOAL_MB = 300.0
MEMORY = "--memory"


def points(banks: range) -> Iterator[Hardware]:
    """Yield chips of units like those of `edge`, but more of them, with a buffer that is large enough."""
    base = replace(tm.load_hardware("edge"), name="larger", buffer_kib=2048)
    for units, mats, count, tracks in product((16, 32, 64), (64, 48, 96), banks, range(99, 160, 4)):
        yield replace(base, units_per_mat=units, mats_per_bank=mats, banks=count, tracks=tracks)


def grid() -> HardwareGrid:
    """Return random chips of many sizes."""
    rng = np.random.default_rng(1)
    return HardwareGrid(
        circuit="booth_radix4_mac",
        layout=Layout.ALONG,
        dataflow=Dataflow.WEIGHT_STATIONARY,
        technology=tm.load_technology("physics-45nm"),
        weight_ports=evenly_spaced_choices(np.full(POINTS, 64), rng.choice([1, 2, 4], POINTS), np.full(POINTS, 0)),
        tracks=rng.integers(40, 200, POINTS),
        units_per_mat=rng.integers(16, 128, POINTS),
        mats_per_bank=rng.integers(32, 64, POINTS),
        banks=rng.integers(16, 64, POINTS),
        buffer_kib=np.full(POINTS, 2048),
    )


def peak_mb() -> float:
    """Return the peak memory of a process that only evaluates, in MB."""
    done = subprocess.run([sys.executable, __file__, MEMORY], check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> None:
    report("peak memory of evaluate, in a fresh process", peak_mb(), "MB", goal=GOAL_MB)  # first: Linux hands ours on
    network = tm.load_network("resnet18")
    keeping, multiplexed = points(range(20, 60)), points(range(1, 3))
    timings = in_turns(
        {
            "keeping": lambda: tm.evaluate(network, next(keeping)),
            "multiplexed": lambda: tm.evaluate(network, next(multiplexed)),
        },
        repetitions=80,
    )
    for name, timing in timings.items():
        milliseconds = timing.processor_best * 1e3
        report(f"evaluate ResNet-18, weights {name}: a new point", milliseconds, "ms", goal=GOAL_MS)
    stages, many = stages_of(network.shapes), grid()
    timing = in_turns({"grid": lambda: grid_costs(stages, many)}, repetitions=3)["grid"]
    report(f"ResNet-18 over {POINTS:,} points at once: a point", timing.best / POINTS * 1e3, "ms", goal=GOAL_MS)


def evaluate_once() -> None:
    tm.evaluate("resnet18", next(points(range(20, 60))))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    if MEMORY in sys.argv:
        evaluate_once()
    else:
        main()
