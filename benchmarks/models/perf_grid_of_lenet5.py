"""How fast the closed forms price LeNet-5 over a grid of hardware points."""

import numpy as np
from timing import in_turns

from trackmac.arrays import Dataflow, HardwareGrid, evenly_spaced_choices
from trackmac.circuits import Layout
from trackmac.mapping import stages_of
from trackmac.models.grid_costs import grid_costs
from trackmac.networks.shapes import layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.technology import load_technology

POINTS = 10_000


def main() -> None:
    stages = stages_of(layer_shapes(ZOO["lenet5"].build()))
    rng = np.random.default_rng(1)
    grid = HardwareGrid(
        circuit="shift_add_mac",
        layout=Layout.ALONG,
        dataflow=Dataflow.WEIGHT_STATIONARY,
        technology=load_technology("rtsim-destiny-2017"),
        weight_ports=evenly_spaced_choices(np.full(POINTS, 64), np.full(POINTS, 2)),
        tracks=rng.integers(8, 200, POINTS),
        units_per_mat=rng.integers(8, 200, POINTS),
        mats_per_bank=rng.integers(1, 64, POINTS),
        banks=np.full(POINTS, 1),
        buffer_kib=np.full(POINTS, 16),
    )
    timing = in_turns({"grid": lambda: grid_costs(stages, grid)}, repetitions=10)["grid"]
    print(
        f"LeNet-5 at {POINTS:,} hardware points: {timing.best * 1e3:.0f} ms, "
        f"{POINTS / timing.best:,.0f} points/s, one thread"
    )


if __name__ == "__main__":
    main()
