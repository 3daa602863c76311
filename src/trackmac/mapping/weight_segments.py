"""Where weights lie on a track: words behind one another, in segments that each start with one port's reading.

A word is read by one port, bit after bit. A segment is the words that one port reads in a row: it starts at that port
(the lowest port's at domain 0, which may be below it) and ends before the next segment starts. The track must not be
displaced beyond its overhead domains, so a segment ends there at the latest; ports in between may stay unused. Of all
ways to choose the ports, the one with the most words on the track is taken, of these the one with the most segments,
since each is walked forth and back.

The segments of a track repeat in periods: those of evenly spaced ports that all read are a segment each.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from trackmac.arrays import HardwareGrid
from trackmac.arrays.grid import PortChoices
from trackmac.arrays.ports import Operation, PortLayout
from trackmac.arrays.reach import static_overhead
from trackmac.bits import IntArray


@dataclass(frozen=True, slots=True)
class Segment:
    """So many `words` from `first_domain` on, read by the port over domain `port`, which is `lead` domains further."""

    port: int
    first_domain: int
    words: int

    @property
    def lead(self) -> int:
        """How far the track must be pulled back before the first word is under the port."""
        return self.port - self.first_domain


@dataclass(frozen=True, kw_only=True, eq=False)
class WeightLayout:
    """How words of one width lie on the weight tracks of many hardware points; compared by identity.

    `words[point, i]` and `leads[point, i]` are those of segment `i` of a period, 0 where there is none; a track has
    `periods` [points].
    """

    words: IntArray
    leads: IntArray
    periods: IntArray

    @cached_property
    def words_per_period(self) -> IntArray:
        """Words of one period, at least 1 where ports can read none: [points]."""
        return np.asarray(np.maximum(self.words.sum(axis=1), 1))


def weight_layout(grid: HardwareGrid, stride: int) -> WeightLayout:
    """Return how words that take `stride` domains of a track lie at each point."""
    return _laid(grid.weight_ports, stride)


@lru_cache(maxsize=16)
def _laid(choices: PortChoices, stride: int) -> WeightLayout:
    tracks = [track_segments(ports, stride) for ports in choices.layouts]
    periods = [segments[: len(segments) // repeats(segments)] for segments in tracks]
    longest = max(1, *map(len, periods))
    words = np.array([_padded([segment.words for segment in period], longest) for period in periods], dtype=np.int64)
    leads = np.array([_padded([segment.lead for segment in period], longest) for period in periods], dtype=np.int64)
    index = choices.index
    number = np.array([repeats(segments) for segments in tracks], dtype=np.int64)
    return WeightLayout(words=words[index], leads=leads[index], periods=number[index])


def longest_row(ports: PortLayout) -> int:
    """Return the most domains in a row that one port can read: none can read a longer word."""
    lowest = int(ports.positions(Operation.READ)[0])
    return min(ports.domains, lowest + static_overhead(ports).ahead + 1)


def repeats(segments: tuple[Segment, ...]) -> int:
    """Return how often the segments of a track repeat the same words and leads; 1 where there are no segments."""
    shapes = [(segment.words, segment.lead) for segment in segments]
    for length in range(1, len(shapes)):
        if len(shapes) % length == 0 and shapes == shapes[:length] * (len(shapes) // length):
            return len(shapes) // length
    return 1


@lru_cache(maxsize=4096)
def track_segments(ports: PortLayout, stride: int) -> tuple[Segment, ...]:
    """Return the segments of a track for words of `stride` domains; none where no port can read a whole word."""
    readers = ports.positions(Operation.READ).tolist()
    starts, ends = [0, *readers[1:]], [*readers[1:], ports.domains]
    ahead = static_overhead(ports).ahead
    best = [(0, 0)] * (len(readers) + 1)  # the most words, and segments, from a reader on
    chosen = [(0, 0)] * len(readers)  # the words that a reader starts with for that, and which reader follows
    for reader in reversed(range(len(readers))):
        best[reader], chosen[reader] = best[reader + 1], (0, reader + 1)
        most = (ahead + 1 + readers[reader] - starts[reader]) // stride
        for last in range(reader, len(readers)):
            words = min((ends[last] - starts[reader]) // stride, most)
            found = (words + best[last + 1][0], 1 + best[last + 1][1])
            if words and found > best[reader]:
                best[reader], chosen[reader] = found, (words, last + 1)
            if words == most:
                break
    segments: list[Segment] = []
    reader = 0
    while reader < len(readers):
        words, following = chosen[reader]
        if words:
            segments.append(Segment(readers[reader], starts[reader], words))
        reader = following
    return tuple(segments)


def _padded(numbers: list[int], length: int) -> list[int]:
    return numbers + [0] * (length - len(numbers))
