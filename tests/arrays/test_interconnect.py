"""H-trees as drawn by hand, and the way of a word over them."""

import numpy as np
import pytest

from trackmac.arrays.interconnect import BusWay, bus_way, h_tree
from trackmac.arrays.wires import Driver, Wire

WIRE = Wire(resistance_ohm_per_um=2.0, capacitance_ff_per_um=0.2)
DRIVER = Driver(resistance_ohm_um=1500.0, gate_ff_per_um=1.0)


def way(cycle_ns: float, *segments_um: float) -> BusWay:
    return bus_way([np.array([length]) for length in segments_um], WIRE, DRIVER, cycle_ns)


def test_an_h_tree_of_one_leaf_has_no_length() -> None:
    tree = h_tree(np.array([100.0]), np.array([1]), 11.5)

    assert (tree.path_um[0], tree.total_um[0], tree.area_um2[0], tree.forks[0]) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("leaves", "path", "total"), [(2, 2.5, 5.0), (4, 5.0, 15.0), (16, 7.5, 45.0)], ids=["2 leaves", "4", "16"]
)
def test_h_tree_lengths_are_those_drawn_by_hand(leaves: int, path: float, total: float) -> None:
    # a square of side 10: 2 leaves at +-2.5 of the middle; 4: again 2.5 up or down; 16: two levels of 1.25 more
    tree = h_tree(np.array([100.0 / leaves]), np.array([leaves]), 0.0)

    assert tree.path_um[0] == pytest.approx(path)
    assert tree.total_um[0] == pytest.approx(total)
    assert tree.forks[0] == leaves - 1


def test_trees_of_different_depth_stand_side_by_side() -> None:
    together = h_tree(np.array([100.0 / 16, 200.0]), np.array([16, 2]), 0.0)

    assert together.path_um.tolist() == pytest.approx([7.5, 5.0])


@pytest.mark.parametrize("leaves", [2, 7, 16, 100])
def test_leaves_and_wires_fill_the_square_whose_side_the_tree_is_drawn_on(leaves: int) -> None:
    tree = h_tree(np.array([50.0]), np.array([leaves]), 0.7)

    side_um = 4 * tree.segments_um[0, 0]  # the first segment is a quarter of it
    assert side_um**2 == pytest.approx(leaves * 50.0 + tree.area_um2[0])
    assert tree.area_um2[0] == pytest.approx(0.7 * tree.total_um[0])
    assert tree.path_um[0] > h_tree(np.array([50.0]), np.array([leaves]), 0.0).path_um[0]


def test_no_wire_takes_no_time_and_one_cycle() -> None:
    nothing = way(1.0, 0.0, 0.0)

    assert (nothing.length_mm[0], nothing.delay_ns[0], nothing.cycles[0]) == (0, 0, 1)
    assert not nothing.has_repeaters[0]


def test_the_delay_of_a_way_is_that_of_its_segments_one_after_another() -> None:
    together, first, second = way(9.0, 100.0, 50.0), way(9.0, 100.0), way(9.0, 50.0)

    assert together.delay_ns[0] == pytest.approx(first.delay_ns[0] + second.delay_ns[0])
    assert together.length_mm[0] == pytest.approx(0.15)


def test_only_a_wire_that_is_slower_than_a_cycle_has_repeaters() -> None:
    bare_ns = way(9.0, 2000.0).delay_ns[0]

    assert not way(bare_ns, 2000.0).has_repeaters[0]
    assert way(bare_ns * 0.999, 2000.0).has_repeaters[0]
    assert way(bare_ns * 0.999, 2000.0).delay_ns[0] < bare_ns


@pytest.mark.parametrize("cycles", [1, 2, 7])
def test_a_transfer_takes_the_whole_cycles_that_cover_the_delay(cycles: int) -> None:
    repeated_ns = way(1e-6, 20_000.0).delay_ns[0]

    slow = way(repeated_ns / (cycles - 0.5), 20_000.0)

    assert slow.has_repeaters[0]
    assert slow.cycles[0] == cycles


def test_a_longer_way_is_never_faster() -> None:
    lengths = np.linspace(0, 20_000, 400)

    delays = bus_way([lengths], WIRE, DRIVER, 1.66).cycles

    assert np.all(np.diff(delays) >= 0)
