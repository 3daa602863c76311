"""ResNet-18 of 4 bits at 224 x 224 on simulated tracks, bit by bit, all events counted: one image in at most 3 s.

The network is the zoo's, of 4 bits; the image is noise: no program's course depends on data. The hardware is `edge`
with enough units. Loading and the first use of the compiled loops are not in the time.
"""

import resource
import time
from dataclasses import replace

import numpy as np
from timing import report

import trackmac as tm
from trackmac.networks.zoo import ZOO

BITS = 4
GOAL_S = 3.0
GOAL_GB = 2.0


def main() -> None:
    hardware = replace(tm.load_hardware("edge"), name="large edge", banks=64, buffer_kib=2048)
    network = ZOO["resnet18"].build(BITS, BITS)
    image = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3), dtype=np.uint8)
    tm.simulate("lenet5", "edge", np.zeros((1, 28, 28), np.uint8))
    start, on_processors = time.perf_counter(), time.process_time()
    result = tm.simulate(network, hardware, image)
    seconds, on_processors = time.perf_counter() - start, time.process_time() - on_processors
    assert result.mismatches == 0
    assert result.events == result.predicted_events
    report("one image", seconds, "s", goal=GOAL_S)
    report("peak memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, "GB", goal=GOAL_GB)
    print(f"processor time {on_processors:.2f} s")


if __name__ == "__main__":
    main()
