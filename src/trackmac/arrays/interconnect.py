"""The H-trees that join mats to a bank and banks to the buffer, and the way that a word takes over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays.wires import Driver, Repeaters, Wire
from trackmac.bits import IntArray
from trackmac.units import FloatArray, added, um_to_mm

# The gates of a bus interface or of a fork that drive a wire: what 20 transistors a bit (BUS_TRANSISTORS_PER_BIT) hold.
BUS_DRIVER_WIDTH_UM = 1.0
BUS_TRANSISTORS_PER_BIT = 20


@dataclass(frozen=True, kw_only=True)
class HTree:
    """A tree of wires over a square. Shapes: `segments_um` [levels, points], `leaves` [points].

    The halves of a square are entered at their middles: the two levels of a pair go side/4 each, and every further pair
    half as far. A segment of level k < ceil(log2 leaves) is side / 2^(k // 2 + 2) long; there are 2^(k + 1) of them,
    `width_um` wide.
    """

    segments_um: FloatArray
    leaves: IntArray
    width_um: float

    @property
    def path_um(self) -> FloatArray:
        """The way from the root to a leaf."""
        return added(self.segments_um)

    @cached_property
    def total_um(self) -> FloatArray:
        """All segments."""
        return _all_segments(self.segments_um)

    @property
    def area_um2(self) -> FloatArray:
        """What the wires take beside the leaves."""
        return self.total_um * self.width_um

    @property
    def forks(self) -> IntArray:
        """Where a segment goes on in two; gates there pass a word on to one of them."""
        return np.asarray(self.leaves - 1)


def h_tree(leaf_um2: FloatArray, leaves: IntArray, width_um: float) -> HTree:
    """Return the tree from the middle of a square to `leaves` parts of `leaf_um2` each, its wires between them.

    The square holds both: side^2 = leaves x leaf + n side x width, n side being the length of all segments; so
    side = (n width + sqrt((n width)^2 + 4 leaves x leaf)) / 2.
    """
    levels = np.ceil(np.log2(np.maximum(leaves, 1))).astype(np.int64)
    level = np.arange(max(int(levels.max(initial=0)), 1))[:, np.newaxis]
    shares = np.where(level < levels, 0.5 ** (level // 2 + 2), 0.0)
    widening_um = _all_segments(shares) * width_um
    side_um = (widening_um + np.sqrt(widening_um**2 + 4 * leaves * leaf_um2)) / 2
    return HTree(segments_um=side_um * shares, leaves=leaves, width_um=width_um)


def _all_segments(levels: FloatArray) -> FloatArray:
    """Return the sum over levels [levels, points], of which each has twice as many segments as the one before."""
    return added(levels * 2.0 ** np.arange(1, len(levels) + 1)[:, np.newaxis])


@dataclass(frozen=True, slots=True, kw_only=True)
class BusWay:
    """The way of a word between the buffer and the middle of a mat's units; arrays of shape [points].

    Repeaters stand in wires that would otherwise be slower than a cycle of the bus. A transfer takes `cycles`.
    """

    length_mm: FloatArray
    delay_ns: FloatArray
    cycles: IntArray
    has_repeaters: NDArray[np.bool_]


def bus_way(segments_um: Sequence[FloatArray], wire: Wire, driver: Driver, cycle_ns: float) -> BusWay:
    """Return the way over `segments_um`, one after another, each driven by a gate of its own."""
    lengths_um = np.stack(segments_um)
    bare_ns = added(driver.delay_ns(wire, lengths_um, width_um=BUS_DRIVER_WIDTH_UM))
    repeated_ns = added(Repeaters(wire=wire, driver=driver).delay_ns(lengths_um))
    has_repeaters = (bare_ns > cycle_ns) & (repeated_ns < bare_ns)
    delay_ns = np.where(has_repeaters, repeated_ns, bare_ns)
    return BusWay(
        length_mm=um_to_mm(added(lengths_um)),
        delay_ns=delay_ns,
        cycles=np.maximum(np.ceil(delay_ns / cycle_ns), 1).astype(np.int64),
        has_repeaters=has_repeaters,
    )
