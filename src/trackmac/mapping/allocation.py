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

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays import HardwareGrid, UnitDesign
from trackmac.arrays.macro_unit import weight_groups
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.mapping.stage import DotProductStage
from trackmac.mapping.weight_segments import WeightLayout, weight_layout
from trackmac.networks.shapes import LayerShape

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """How one stage's filters lie in units, whatever the allocation: arrays of shape [points]."""

    stage: DotProductStage
    slices: IntArray
    words_per_slice: IntArray
    weights: WeightLayout
    filters_at_most: IntArray

    def units(self, filters: IntArray) -> IntArray:
        """Return the units of one copy with so many filters to a unit (fewer where they do not fit)."""
        channels = self.stage.dot.channels_out
        together = np.minimum(np.minimum(filters, self.filters_at_most), channels)
        return np.where(self.slices > 1, channels * self.slices, ceil_division(channels, together))


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The units of one copy of a layer, the filters that each takes in turn, and the copies: [points].

    `rounds` says how often an image has weights brought to a unit: for each of its filters, or 0 where they stay.
    """

    units: IntArray
    filters_per_unit: IntArray
    replicas: IntArray
    rounds: IntArray


def storage(stage: DotProductStage, grid: HardwareGrid, design: UnitDesign) -> Storage:
    """Return how the filters of `stage` lie in units of `design`."""
    word = stage.words.b.bits
    weights = weight_layout(grid, word if grid.layout is Layout.ALONG else 1)
    periods = np.maximum(weight_groups(grid, design, word) * weights.periods, 1)
    fewest_slices = ceil_division(stage.dot_length, periods * weights.words_per_period)
    words_per_slice = ceil_division(stage.dot_length, fewest_slices)
    slices = ceil_division(stage.dot_length, words_per_slice)
    filters = periods // ceil_division(words_per_slice, weights.words_per_period)
    return Storage(
        stage=stage,
        slices=slices,
        words_per_slice=words_per_slice,
        weights=weights,
        filters_at_most=np.where(slices > 1, 1, np.maximum(filters, 1)),
    )


def allocations(storages: Sequence[Storage], grid: HardwareGrid) -> tuple[Allocation, ...]:
    """Return the allocation of every layer; it means nothing where one filter takes more units than the chip has."""
    filters, fits = shared_units(storages, grid)
    staying = _staying(storages, grid, filters)
    if fits.all():
        return staying
    alone = (whole_chip(stored.stage.dot, stored.slices, grid) for stored in storages)
    return tuple(_chosen(fits, *pair) for pair in zip(staying, alone, strict=True))


def _staying(storages: Sequence[Storage], grid: HardwareGrid, filters: IntArray) -> tuple[Allocation, ...]:
    """Return the allocations of layers that share the chip and stay."""
    pixels = _pixels_per_copy(storages, grid, filters)
    nothing = np.zeros(len(grid), dtype=np.int64)
    result = []
    for stored in storages:
        units = stored.units(filters)
        filters_per_unit = ceil_division(stored.stage.dot.channels_out * stored.slices, units)
        replicas = ceil_division(stored.stage.dot.pixels, pixels)
        result.append(Allocation(units=units, filters_per_unit=filters_per_unit, replicas=replicas, rounds=nothing))
    return tuple(result)


def shared_units(storages: Sequence[Storage], grid: HardwareGrid) -> tuple[IntArray, BoolArray]:
    """Return how many filters share a unit so that all layers lie on the chip at once, and whether they fit."""
    filters = _filters_per_unit(storages, grid)
    return filters, _total_units(storages, filters) <= grid.units


def whole_chip(shape: LayerShape, slices: IntArray, grid: HardwareGrid) -> Allocation:
    """Return the allocation of a layer that has the chip to itself for a while, a filter taking so many units."""
    filters_per_unit = ceil_division(shape.channels_out, np.maximum(grid.units // slices, 1))
    units = slices * ceil_division(shape.channels_out, filters_per_unit)
    most_copies = np.clip(grid.units // units, 1, shape.pixels)
    replicas = ceil_division(shape.pixels, ceil_division(shape.pixels, most_copies))
    return Allocation(units=units, filters_per_unit=filters_per_unit, replicas=replicas, rounds=filters_per_unit)


def _chosen(is_first: BoolArray, first: Allocation, second: Allocation) -> Allocation:
    return Allocation(
        units=np.where(is_first, first.units, second.units),
        filters_per_unit=np.where(is_first, first.filters_per_unit, second.filters_per_unit),
        replicas=np.where(is_first, first.replicas, second.replicas),
        rounds=np.where(is_first, first.rounds, second.rounds),
    )


def _filters_per_unit(storages: Sequence[Storage], grid: HardwareGrid) -> IntArray:
    """Return the fewest filters to a unit, a power of two, with which one copy of every layer fits the chip."""
    most = max(stored.stage.dot.channels_out for stored in storages)
    filters = np.ones(len(grid), dtype=np.int64)
    while True:
        grow = (_total_units(storages, filters) > grid.units) & (filters < most)
        if not grow.any():
            return filters
        filters = np.where(grow, filters * 2, filters)


def _pixels_per_copy(storages: Sequence[Storage], grid: HardwareGrid, filters: IntArray) -> IntArray:
    """Return the fewest pixels to a copy of a layer, a power of two, with which all copies fit; 1 copy always does."""
    counts = np.array([stored.stage.dot.pixels for stored in storages])[:, np.newaxis]
    units = np.stack([stored.units(filters) for stored in storages])
    pixels = np.ones(len(grid), dtype=np.int64)
    while True:
        grow = ((units * ceil_division(counts, pixels)).sum(axis=0) > grid.units) & (pixels < counts.max())
        if not grow.any():
            return pixels
        pixels = np.where(grow, pixels * 2, pixels)


def _total_units(storages: Sequence[Storage], filters: IntArray) -> IntArray:
    return np.asarray(np.sum([stored.units(filters) for stored in storages], axis=0, dtype=np.int64))


def ceil_division(number: IntArray | int, divisor: IntArray | int) -> IntArray:
    """Return number / divisor, rounded up."""
    return -(-np.asarray(number, dtype=np.int64) // divisor)
