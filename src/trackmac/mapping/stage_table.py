"""What the stages of a network are, as arrays of one entry a stage: a formula then goes over all stages at once.

All of it follows from the network alone, and is found once for every network.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from trackmac.arrays import Workload
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.mapping.stage import DotProductStage, ElementStage, Stage
from trackmac.mapping.stages import buffered_bits, constant_bits, workload_of


@dataclass(frozen=True, kw_only=True, eq=False)
class DotProducts:
    """Stages of dot products, their numbers as arrays [stages, 1] that meet those of points; compared by identity."""

    stages: tuple[DotProductStage, ...]

    def __len__(self) -> int:
        return len(self.stages)

    @cached_property
    def channels_out(self) -> IntArray:
        """The filters."""
        return _column(stage.dot.channels_out for stage in self.stages)

    @cached_property
    def pixels(self) -> IntArray:
        """The places at which each filter is applied."""
        return _column(stage.dot.pixels for stage in self.stages)

    @cached_property
    def outputs(self) -> IntArray:
        """The dot products."""
        return _column(stage.dot.outputs for stage in self.stages)

    @cached_property
    def lengths(self) -> IntArray:
        """The products of one dot product."""
        return _column(stage.dot_length for stage in self.stages)

    @cached_property
    def groups(self) -> IntArray:
        """The groups of the convolution."""
        return _column(stage.dot.groups for stage in self.stages)

    @cached_property
    def filters_per_group(self) -> IntArray:
        """The filters that take the same activations."""
        return _column(stage.filters_per_group for stage in self.stages)

    @cached_property
    def a_bits(self) -> IntArray:
        """The bits of an activation."""
        return _column(stage.words.a.bits for stage in self.stages)

    @cached_property
    def b_bits(self) -> IntArray:
        """The bits of a weight."""
        return _column(stage.words.b.bits for stage in self.stages)

    @cached_property
    def c_bits(self) -> IntArray:
        """The bits of an accumulator."""
        return _column(stage.words.c.bits for stage in self.stages)

    @cached_property
    def weight_bits(self) -> IntArray:
        """The bits of all weights."""
        return _column(stage.weight_bits for stage in self.stages)

    def strides(self, layout: Layout) -> IntArray:
        """Return the domains of a track that a weight takes, [stages, 1]."""
        return self.b_bits if layout is Layout.ALONG else np.ones_like(self.b_bits)

    def tracks(self, layout: Layout) -> IntArray:
        """Return the tracks that a weight takes, [stages, 1]."""
        return np.ones_like(self.b_bits) if layout is Layout.ALONG else self.b_bits

    def each_stride(
        self, layout: Layout, of_stride: Callable[[int, IntArray], Sequence[IntArray]], shape: tuple[int, ...]
    ) -> IntArray:
        """Return figures that depend on the stride, int64 of `shape`: [figures, stages, ..., points].

        `of_stride` is given a stride and the numbers of the stages that have it.
        """
        found = np.empty(shape, np.int64)
        for stride, stages in self._by_stride[layout]:
            found[:, stages] = of_stride(stride, stages)
        return found

    @cached_property
    def _by_stride(self) -> dict[Layout, list[tuple[int, IntArray]]]:
        strides = {layout: self.strides(layout)[:, 0] for layout in Layout}
        return {
            layout: [(stride, np.flatnonzero(own == stride)) for stride in np.unique(own).tolist()]
            for layout, own in strides.items()
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class StageTable:
    """All stages of a network; compared by identity."""

    stages: tuple[Stage, ...]

    @cached_property
    def dots(self) -> DotProducts:
        """The stages of dot products."""
        return DotProducts(stages=tuple(stage for stage in self.stages if isinstance(stage, DotProductStage)))

    @cached_property
    def elements(self) -> tuple[ElementStage, ...]:
        """The stages of elements."""
        return tuple(stage for stage in self.stages if isinstance(stage, ElementStage))

    @cached_property
    def element_outputs(self) -> IntArray:
        """The elements of each of their stages, [stages of elements, 1]."""
        return _column(stage.head.outputs for stage in self.elements)

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Where each stage is if the stages of dot products come first, and then those of elements."""
        order = [number for number, stage in enumerate(self.stages) if isinstance(stage, DotProductStage)]
        order += [number for number, stage in enumerate(self.stages) if isinstance(stage, ElementStage)]
        return tuple(np.argsort(order).tolist())

    @cached_property
    def workload(self) -> Workload:
        """Every kind of work that the stages ask of a unit."""
        return workload_of(self.stages)

    @cached_property
    def constant_bits(self) -> int:
        """What the buffer keeps for every image."""
        return constant_bits(self.stages)

    @cached_property
    def buffer_bits(self) -> int:
        """The most that is in the buffer at once."""
        return max(buffered_bits(self.stages)) + self.constant_bits


@lru_cache(maxsize=64)
def stage_table(stages: tuple[Stage, ...]) -> StageTable:
    """Return the table of a network's stages, the same one for the same stages."""
    return StageTable(stages=stages)


def _column(numbers: Iterable[int]) -> IntArray:
    return np.array(list(numbers), np.int64).reshape(-1, 1)
