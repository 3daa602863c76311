"""Many hardware points at once: one array for each dimension of the design space."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trackmac.arrays.hardware import Hardware
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.technology import Technology


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareGrid:
    """Hardware points that share circuit, layout and technology.

    Every array has shape [points] and dtype int64; entry `i` of all of them together is point `i`.
    """

    circuit: str
    layout: Layout
    technology: Technology
    domains: IntArray
    tracks: IntArray
    ports: IntArray
    units_per_mat: IntArray
    mats_per_bank: IntArray
    banks: IntArray
    buffer_kib: IntArray

    def __len__(self) -> int:
        return len(self.domains)

    @property
    def units(self) -> IntArray:
        """All macro units of each point."""
        return self.units_per_mat * self.mats_per_bank * self.banks

    @property
    def segment_domains(self) -> IntArray:
        """Data domains between neighbouring ports: what one port serves."""
        return self.domains // self.ports

    @property
    def overhead_domains(self) -> IntArray:
        """Spare domains at a track's end: a port serves its own segment, so a track moves up to one less than that.

        Source: N_domains / N_ports - 1, on one side only (facts.md section 2, RTL of risc-v-lim-architecture).
        """
        return self.segment_domains - 1

    @property
    def physical_domains(self) -> IntArray:
        """Length of a track in domains, spare ones included."""
        return self.domains + self.overhead_domains

    def point(self, index: int, name: str) -> Hardware:
        """Return point `index` as a hardware of that name."""
        return Hardware(
            name=name,
            technology=self.technology.name,
            circuit=self.circuit,
            layout=self.layout,
            domains=int(self.domains[index]),
            tracks=int(self.tracks[index]),
            ports=int(self.ports[index]),
            units_per_mat=int(self.units_per_mat[index]),
            mats_per_bank=int(self.mats_per_bank[index]),
            banks=int(self.banks[index]),
            buffer_kib=int(self.buffer_kib[index]),
        )


def grid_of(points: Sequence[Hardware], technology: Technology) -> HardwareGrid:
    """Return the grid of hardware points that share circuit and layout, in `technology`."""
    first = points[0]
    assert all((point.circuit, point.layout) == (first.circuit, first.layout) for point in points)

    def column(field: str) -> IntArray:
        return np.array([getattr(point, field) for point in points], dtype=np.int64)

    return HardwareGrid(
        circuit=first.circuit,
        layout=first.layout,
        technology=technology,
        domains=column("domains"),
        tracks=column("tracks"),
        ports=column("ports"),
        units_per_mat=column("units_per_mat"),
        mats_per_bank=column("mats_per_bank"),
        banks=column("banks"),
        buffer_kib=column("buffer_kib"),
    )
