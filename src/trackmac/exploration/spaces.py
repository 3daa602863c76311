"""The two design spaces as the search uses them: architectures by parameters, hardware by slabs."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trackmac.arrays import Hardware, HardwareGrid, evenly_spaced_choices
from trackmac.exploration.space_files import HardwareSpaceFile, NetworkSpaceFile
from trackmac.technology import Technology
from trackmac.training.architecture import CnnArchitecture

Parameters = Mapping[str, int]
"""Index of the choice taken in each dimension of a network space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpace:
    """The architectures of a study for one data set.

    Parameters name a choice by its place in sorted order, so that neighbours are alike. A network of depth d uses
    the first d entries of `channels_1`, `channels_2`, ...; the others are there but mean nothing.
    """

    file: NetworkSpaceFile
    input_shape: tuple[int, int, int]
    classes: int

    def dimensions(self) -> dict[str, int]:
        """Return how many choices each parameter has."""
        file = self.file
        blocks = {f"channels_{block}": len(file.channels) for block in range(1, max(file.depth) + 1)}
        rest = ("kernel", "hidden", "weight_bits", "activation_bits")
        return {"depth": len(file.depth), **blocks, **{name: len(getattr(file, name)) for name in rest}}

    def architecture(self, parameters: Parameters) -> CnnArchitecture:
        """Return the architecture of these parameters; architectures of other parameters may equal it."""

        def chosen(name: str) -> int:
            choices: Sequence[int] = sorted(getattr(self.file, "channels" if name.startswith("channels_") else name))
            return choices[parameters[name]]

        return CnnArchitecture(
            channels=tuple(chosen(f"channels_{block}") for block in range(1, chosen("depth") + 1)),
            kernel=chosen("kernel"),
            hidden=chosen("hidden"),
            weight_bits=chosen("weight_bits"),
            activation_bits=chosen("activation_bits"),
            input_shape=self.input_shape,
            classes=self.classes,
        )

    def numbered(self, index: int) -> Parameters:
        """Return the parameters of architecture `index` of `file.architectures()`: each architecture has one number."""
        sizes = self.dimensions()
        parameters = dict.fromkeys(sizes, 0)
        for name in ("kernel", "hidden", "weight_bits", "activation_bits"):
            index, parameters[name] = divmod(index, sizes[name])
        depths = sorted(self.file.depth)
        while index >= len(self.file.channels) ** depths[parameters["depth"]]:
            index -= len(self.file.channels) ** depths[parameters["depth"]]
            parameters["depth"] += 1
        for block in range(1, depths[parameters["depth"]] + 1):
            index, parameters[f"channels_{block}"] = divmod(index, len(self.file.channels))
        return parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareSlab:
    """The hardware points of one technology, circuit, layout and dataflow.

    The first has number `first_point` in the study.
    """

    first_point: int
    grid: HardwareGrid


def hardware_slabs(space: HardwareSpaceFile, technologies: Sequence[Technology]) -> tuple[HardwareSlab, ...]:
    """Return every hardware point of `space`, a slab for each technology, circuit, layout and dataflow together."""
    columns = _columns(space.dimensions())
    ports = evenly_spaced_choices(*(columns.pop(name) for name in ("domains", "ports", "read_ports")))
    slabs: list[HardwareSlab] = []
    for technology, (circuit, layout, dataflow) in itertools.product(technologies, space.designs()):
        grid = HardwareGrid(
            circuit=circuit, layout=layout, dataflow=dataflow, technology=technology, weight_ports=ports, **columns
        )
        slabs.append(HardwareSlab(first_point=len(slabs) * len(grid), grid=grid))
    return tuple(slabs)


def hardware_at(slabs: Sequence[HardwareSlab], point: int) -> Hardware:
    """Return the hardware of a point's number, named after it: h00042."""
    slab = slabs[point // len(slabs[0].grid)]
    return slab.grid.point(point - slab.first_point, f"h{point:05d}")


def _columns(dimensions: Mapping[str, Sequence[int]]) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    axes = np.meshgrid(*(np.array(choices, dtype=np.int64) for choices in dimensions.values()), indexing="ij")
    columns = {name: axis.ravel() for name, axis in zip(dimensions, axes, strict=True)}
    is_buildable = columns["domains"] % (columns["ports"] + columns["read_ports"]) == 0
    return {name: column[is_buildable] for name, column in columns.items()}
