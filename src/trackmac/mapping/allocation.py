"""How many units each layer of dot products takes, and how many copies of it there are, at many hardware points.

A network whose weights fit the chip stays on it: as many filters of a layer share a unit as the chip's size demands,
the same power of two for all layers, but no two layers do. Where units are left, layers are laid down more than once
and the copies share the pixels: as few pixels to a copy, the same power of two for every layer, as the chip allows.

A network that does not fit is multiplexed: one layer after another has the whole chip, and its weights are brought from
off-chip memory for every image. Each unit takes one filter (or one slice of it) at a time, in as few rounds as the
chip's size allows, and the units that are left take copies. All weights have to come once for every image, in whatever
order, so that to keep more than one filter in a unit, or more than one layer on the chip, would bring nothing less, and
leave each layer fewer units.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays import HardwareGrid, UnitDesign
from trackmac.arrays.macro_unit import weight_groups
from trackmac.bits import IntArray
from trackmac.mapping.stage_table import DotProducts
from trackmac.mapping.weight_segments import weight_layout

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """How the filters of stages lie in units, whatever the allocation: arrays of shape [stages, points]."""

    dots: DotProducts
    slices: IntArray
    words_per_slice: IntArray
    filters_at_most: IntArray

    def units(self, filters: IntArray) -> IntArray:
        """Return the units of one copy with so many filters [points] to a unit (fewer where they do not fit)."""
        channels = self.dots.channels_out
        together = np.minimum(np.minimum(filters, self.filters_at_most), channels)
        return np.where(self.slices > 1, channels * self.slices, ceil_division(channels, together))


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The units of one copy of each layer, the filters that each takes in turn, and the copies: [stages, points].

    `rounds` says how often an image has weights brought to a unit: for each of its filters, or 0 where they stay.
    """

    units: IntArray
    filters_per_unit: IntArray
    replicas: IntArray
    rounds: IntArray


def storage(dots: DotProducts, grid: HardwareGrid, design: UnitDesign) -> Storage:
    """Return how the filters of stages lie in units of `design`."""
    lengths, (periods_of_track, words) = dots.lengths, _periods(dots, grid)
    periods = np.maximum(weight_groups(grid, design, dots.b_bits) * periods_of_track, 1)
    words_per_slice = ceil_division(lengths, ceil_division(lengths, periods * words))
    slices = ceil_division(lengths, words_per_slice)
    filters = periods // ceil_division(words_per_slice, words)
    return Storage(
        dots=dots,
        slices=slices,
        words_per_slice=words_per_slice,
        filters_at_most=np.where(slices > 1, 1, np.maximum(filters, 1)),
    )


def _periods(dots: DotProducts, grid: HardwareGrid) -> IntArray:
    """Return the periods of a track, and the words of each, for the weights of each stage: [2, stages, points]."""

    def of_stride(stride: int, _stages: IntArray) -> tuple[IntArray, IntArray]:
        weights = weight_layout(grid, stride)
        return weights.periods[np.newaxis], weights.words_per_period[np.newaxis]

    return dots.each_stride(grid.layout, of_stride, (2, len(dots), len(grid)))


def allocations(stored: Storage, grid: HardwareGrid) -> Allocation:
    """Return the allocation of every layer; it means nothing where one filter takes more units than the chip has."""
    filters, fits = shared_units(stored, grid)
    if not fits.any():
        return whole_chip(stored.dots, stored.slices, grid)
    staying = _staying(stored, grid, filters)
    return staying if fits.all() else _chosen(fits, staying, whole_chip(stored.dots, stored.slices, grid))


def _staying(stored: Storage, grid: HardwareGrid, filters: IntArray) -> Allocation:
    """Return the allocations of layers that share the chip and stay, where they fit."""
    dots, units = stored.dots, stored.units(filters)
    return Allocation(
        units=units,
        filters_per_unit=ceil_division(dots.channels_out * stored.slices, units),
        replicas=ceil_division(dots.pixels, _pixels_per_copy(dots, units, grid)),
        rounds=np.zeros_like(units),
    )


def shared_units(stored: Storage, grid: HardwareGrid) -> tuple[IntArray, BoolArray]:
    """Return how many filters share a unit so that all layers lie on the chip at once, and whether they fit: [points].

    They are the fewest, a power of two, with which one copy of every layer fits; 1 where none does.
    """
    fits = _fit(stored, grid, stored.dots.channels_out.max())
    filters = np.ones(len(grid), dtype=np.int64)
    while (grow := fits & ~_fit(stored, grid, filters)).any():
        filters = np.where(grow, filters * 2, filters)
    return filters, fits


def _fit(stored: Storage, grid: HardwareGrid, filters: IntArray) -> BoolArray:
    return np.asarray(stored.units(filters).sum(axis=0) <= grid.units)


def whole_chip(dots: DotProducts, slices: IntArray, grid: HardwareGrid) -> Allocation:
    """Return the allocation of layers that have the chip to themselves for a while, a filter taking so many units."""
    filters_per_unit = ceil_division(dots.channels_out, np.maximum(grid.units // slices, 1))
    units = slices * ceil_division(dots.channels_out, filters_per_unit)
    most_copies = np.minimum(np.maximum(grid.units // units, 1), dots.pixels)
    replicas = ceil_division(dots.pixels, ceil_division(dots.pixels, most_copies))
    return Allocation(units=units, filters_per_unit=filters_per_unit, replicas=replicas, rounds=filters_per_unit)


def _chosen(is_first: BoolArray, first: Allocation, second: Allocation) -> Allocation:
    return Allocation(
        units=np.where(is_first, first.units, second.units),
        filters_per_unit=np.where(is_first, first.filters_per_unit, second.filters_per_unit),
        replicas=np.where(is_first, first.replicas, second.replicas),
        rounds=np.where(is_first, first.rounds, second.rounds),
    )


def _pixels_per_copy(dots: DotProducts, units: IntArray, grid: HardwareGrid) -> IntArray:
    """Return the fewest pixels to a copy of a layer, a power of two, with which all copies fit; one copy does."""
    powers = 1 << np.arange(int(dots.pixels.max()).bit_length() + 1)
    taken = np.einsum("sc,sp->cp", ceil_division(dots.pixels, powers), units)
    return np.asarray(powers[(taken <= grid.units).argmax(axis=0)])


def ceil_division(number: IntArray | int, divisor: IntArray | int) -> IntArray:
    """Return number / divisor, rounded up."""
    return -(-np.asarray(number, dtype=np.int64) // divisor)
