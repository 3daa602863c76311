"""What writing a filter onto weight tracks costs: the way of the tracks past their ports that write.

Domain by domain, each is written by the port that static choice takes (`arrays/reach.py`): the track then stands
displaced by d(t) for domain t. A track's way starts and ends at home: with domains t_1 < t_2 < ... to be written it is

    |d(t_1)| + |d(t_2) - d(t_1)| + ... + |d(t_last)|

and each part of it that is not 0 is one move.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trackmac.arrays import HardwareGrid
from trackmac.arrays.ports import Operation, PortLayout
from trackmac.arrays.reach import static_displacements
from trackmac.bits import IntArray
from trackmac.mapping import Plan
from trackmac.mapping.weight_rows import row_words
from trackmac.mapping.weight_segments import track_segments


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightLoad:
    """The way of a filter's weight tracks, one after another; arrays of shape [..., points].

    `moves` go `domains` in all. `port_writes` are those of the port of a track that writes most.
    """

    moves: IntArray
    domains: IntArray
    port_writes: IntArray


def weight_load(grid: HardwareGrid, words: IntArray, stride: int) -> WeightLoad:
    """Return the way to write so many words [..., points] of `stride` domains, from a track's first segment on."""
    moves, domains, port_writes = grid.weight_ports.each_with(words, lambda ports, count: _way(ports, stride, count))
    return WeightLoad(moves=moves, domains=domains, port_writes=port_writes)


def weight_loads(planned: Plan, words: IntArray) -> WeightLoad:
    """Return the ways to write so many words of each stage's weights, [stages, .., points]."""

    def of_stride(stride: int, stages: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        load = weight_load(planned.grid, words[stages], stride)
        return load.moves, load.domains, load.port_writes

    found = planned.network.dots.each_stride(planned.grid.layout, of_stride, (3, *words.shape))
    return WeightLoad(moves=found[0], domains=found[1], port_writes=found[2])


@lru_cache(maxsize=65536)
def _way(ports: PortLayout, stride: int, words: int) -> tuple[int, int, int]:
    """Return moves, domains and the busiest port's writes: of the tracks that are filled, and of the last one."""
    to_track = sum(segment.words for segment in track_segments(ports, stride))
    if not to_track:
        return 0, 0, 0
    whole, rest = divmod(words, to_track)
    full, last = (_way_of_track(ports, stride, used) for used in (to_track if whole else 0, rest))
    return whole * full[0] + last[0], whole * full[1] + last[1], max(full[2], last[2])


def _way_of_track(ports: PortLayout, stride: int, words: int) -> tuple[int, int, int]:
    displacements = static_displacements(ports, Operation.WRITE)
    written = _domains(ports, stride, words)
    parts = np.abs(np.diff(displacements[written], prepend=0, append=0))
    busiest = np.unique(written - displacements[written], return_counts=True)[1].max(initial=0)
    return int(np.count_nonzero(parts)), int(parts.sum()), int(busiest)


def _domains(ports: PortLayout, stride: int, words: int) -> IntArray:
    """Return the domains of the track's words, in order; across tracks, where they take one domain, those of rows."""
    if stride == 1:
        return np.array(sorted(place.first_domain for place in row_words(ports, words)) if words else [], np.int64)
    domains: list[int] = []
    for segment in track_segments(ports, stride):
        used = min(segment.words, words - len(domains) // stride)
        domains += range(segment.first_domain, segment.first_domain + used * stride)
    return np.array(domains, dtype=np.int64)
