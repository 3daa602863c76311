"""Many hardware points at once: one array for each dimension of the design space."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from trackmac.arrays.dataflow import Dataflow
from trackmac.arrays.hardware import Hardware, port_fields
from trackmac.arrays.ports import PortLayout, evenly_spaced
from trackmac.arrays.reach import static_overhead
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.technology import Technology


@dataclass(frozen=True, slots=True, eq=False)
class PortChoices:
    """The ports of the weight tracks at many hardware points: `layouts[index[point]]`.

    Compared by identity, so that what follows from the choices of a grid can be kept by them.
    """

    layouts: tuple[PortLayout, ...]
    index: IntArray

    def each(self, of_layout: Callable[[PortLayout], int]) -> IntArray:
        """Return a figure of the layout at every point, found once for each layout."""
        return np.array([of_layout(layout) for layout in self.layouts], dtype=np.int64)[self.index]

    def each_with(
        self, counts: IntArray, of_layout: Callable[[PortLayout, int], tuple[int, ...]]
    ) -> tuple[IntArray, ...]:
        """Return figures that follow from the layout at each point and a count [..., points]: each of that shape.

        They are found once for each layout and count.
        """
        most = int(counts.max()) + 1
        keys, where = np.unique(self.index * most + counts, return_inverse=True)
        figures = [of_layout(self.layouts[key // most], key % most) for key in keys.tolist()]
        return tuple(np.array(figures, dtype=np.int64).T[:, where.reshape(counts.shape)])


def evenly_spaced_choices(domains: IntArray, ports: IntArray, read_ports: IntArray | int = 0) -> PortChoices:
    """Return evenly spaced RW and R ports at points that have so many of them: arrays of shape [points]."""
    columns = np.stack(np.broadcast_arrays(domains, ports, read_ports))
    kinds, index = np.unique(columns, axis=1, return_inverse=True)
    layouts = (evenly_spaced(length, rw, read_ports=r) for length, rw, r in kinds.T.tolist())
    return PortChoices(tuple(layouts), index.ravel())


COLUMNS = ("tracks", "units_per_mat", "mats_per_bank", "banks", "buffer_kib")


@dataclass(frozen=True, kw_only=True)
class HardwareGrid:
    """Hardware points that share circuit, layout, dataflow and technology; what follows from the ports is kept.

    Every array has shape [points] and dtype int64; entry `i` of all of them together is point `i`.
    """

    circuit: str
    layout: Layout
    dataflow: Dataflow
    technology: Technology
    weight_ports: PortChoices
    tracks: IntArray
    units_per_mat: IntArray
    mats_per_bank: IntArray
    banks: IntArray
    buffer_kib: IntArray

    def __len__(self) -> int:
        return len(self.tracks)

    @cached_property
    def units(self) -> IntArray:
        """All macro units of each point."""
        return self.units_per_mat * self.mats_per_bank * self.banks

    @cached_property
    def domains(self) -> IntArray:
        """Data domains of a track."""
        return self.weight_ports.each(lambda ports: ports.domains)

    @cached_property
    def ports(self) -> IntArray:
        """Ports of a track that holds weights, of every kind."""
        return self.weight_ports.each(lambda ports: len(ports.ports))

    @cached_property
    def overhead_domains(self) -> IntArray:
        """Spare domains at a track's ends: as far as the ports take it that are assigned to its domains."""
        return self.weight_ports.each(lambda ports: static_overhead(ports).domains)

    @cached_property
    def physical_domains(self) -> IntArray:
        """Length of a track in domains, spare ones included."""
        return self.domains + self.overhead_domains

    def part(self, points: slice) -> "HardwareGrid":
        """Return some of the points as a grid."""
        ports = PortChoices(self.weight_ports.layouts, self.weight_ports.index[points])
        columns = {name: getattr(self, name)[points] for name in COLUMNS}
        return replace(self, weight_ports=ports, **columns)

    def point(self, index: int, name: str) -> Hardware:
        """Return point `index` as a hardware of that name."""
        return Hardware(
            name=name,
            technology=self.technology.name,
            circuit=self.circuit,
            layout=self.layout,
            dataflow=self.dataflow,
            tracks=int(self.tracks[index]),
            units_per_mat=int(self.units_per_mat[index]),
            mats_per_bank=int(self.mats_per_bank[index]),
            banks=int(self.banks[index]),
            buffer_kib=int(self.buffer_kib[index]),
            **port_fields(self.weight_ports.layouts[self.weight_ports.index[index]]),
        )


def grid_of(points: Sequence[Hardware], technology: Technology) -> HardwareGrid:
    """Return the grid of hardware points that share circuit, layout and dataflow, in `technology`."""
    first = points[0]
    shared = (first.circuit, first.layout, first.dataflow)
    assert all((point.circuit, point.layout, point.dataflow) == shared for point in points)

    def column(field: str) -> IntArray:
        return np.array([getattr(point, field) for point in points], dtype=np.int64)

    return HardwareGrid(
        circuit=first.circuit,
        layout=first.layout,
        dataflow=first.dataflow,
        technology=technology,
        weight_ports=_choices([point.port_layout for point in points]),
        tracks=column("tracks"),
        units_per_mat=column("units_per_mat"),
        mats_per_bank=column("mats_per_bank"),
        banks=column("banks"),
        buffer_kib=column("buffer_kib"),
    )


def _choices(layouts: Sequence[PortLayout]) -> PortChoices:
    number = {layout: index for index, layout in enumerate(dict.fromkeys(layouts))}
    return PortChoices(tuple(number), np.array([number[layout] for layout in layouts], dtype=np.int64))
