"""How weight tracks appear in a memory trace: groups of tracks as domain-block clusters, weights as rows under ports.

A trace's memory has evenly spaced ports, each of which serves the rows from itself up to the next one. Where those of
the hardware that read stand so, and none reads on past the next one, a row is a domain of a track. Otherwise each
port has rows of its own: they are the displacements of the track, from the farthest back that its ports need, so that a
step of the memory is a step of the track either way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from trackmac.arrays import Hardware
from trackmac.arrays.ports import Operation
from trackmac.arrays.reach import static_overhead
from trackmac.circuits import Layout
from trackmac.mapping.schedule import DotProductSchedule
from trackmac.mapping.weight_segments import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRows:
    """The memory's `domains` and evenly spaced `ports`, one for each of the `readers`, where ports stand that read.

    `behind` is how far back from home the tracks are when the memory is at rest. `are_domains`: rows are the hardware's
    own domains, and ports stand where its own do.
    """

    domains: int
    ports: int
    behind: int
    are_domains: bool
    readers: tuple[int, ...]

    @property
    def span(self) -> int:
        """The rows from one port to the next."""
        return self.domains // self.ports

    def first_row(self, place: Segment) -> int:
        """Return where the first word of a segment is; the others are in the rows behind it."""
        if self.are_domains:
            return place.first_domain
        return self.readers.index(place.port) * self.span + self.behind - place.lead


def trace_rows(hardware: Hardware, entries: Sequence[DotProductSchedule]) -> TraceRows:
    """Return how the weight tracks of these stages appear in a trace."""
    domains = hardware.domains
    readers = hardware.port_layout.positions(Operation.READ).tolist()
    apart = domains // len(readers)
    longest = max(place.words * stride(entry, hardware.layout) for entry in entries for place in entry.segments)
    if domains % len(readers) == 0 and readers == list(range(0, domains, apart)) and longest <= apart:
        return TraceRows(domains=domains, ports=len(readers), behind=0, are_domains=True, readers=tuple(readers))
    room = static_overhead(hardware.port_layout)
    span = room.behind + room.ahead + 1
    return TraceRows(
        domains=len(readers) * span, ports=len(readers), behind=room.behind, are_domains=False, readers=tuple(readers)
    )


def stride(entry: DotProductSchedule, layout: Layout) -> int:
    """Return the domains that a weight takes of a track."""
    return entry.stage.words.b.bits if layout is Layout.ALONG else 1


def tracks_of_group(entry: DotProductSchedule, layout: Layout) -> int:
    """Return the tracks in lockstep that a weight lies on."""
    return 1 if layout is Layout.ALONG else entry.stage.words.b.bits
