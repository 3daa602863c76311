"""Where the weights of a filter lie that has its tracks to itself, words across tracks: row by row, under all ports.

A track that is displaced by d has domain p + d under its port at p. All these are read, one after another, before the
tracks move on by one: so a way out and home serves as many words as there are ports. With words across tracks nothing
else moves them. Of all intervals lo .. hi of displacements under whose ports enough domains pass, the one with the
shortest way, |lo| + (hi - lo) + |hi|, is taken, and of these the one nearest to home.
"""

from functools import lru_cache

from trackmac.arrays.ports import Operation, PortLayout
from trackmac.arrays.reach import static_overhead
from trackmac.mapping.weight_segments import Segment


@lru_cache(maxsize=4096)
def row_words(ports: PortLayout, words: int) -> tuple[Segment, ...]:
    """Return where so many words of a group of tracks lie, each a segment of its own, in the order of their reading."""
    room = static_overhead(ports)
    readers = ports.positions(Operation.READ).tolist()
    ways = []
    for lowest in range(-room.behind, 1):
        passing = _passing(ports.domains, readers, lowest, room.ahead)
        if len(passing) >= words:
            first, last = passing[0][0], passing[words - 1][0]
            ways.append((abs(first) + last - first + abs(last), abs(lowest), passing[:words]))
    _, _, chosen = min(ways)
    return tuple(Segment(port, port + displacement, 1) for displacement, port in chosen)


def _passing(domains: int, readers: list[int], lowest: int, highest: int) -> list[tuple[int, int]]:
    """Return by displacement, from the lowest one on, and port which domains pass, each as soon as it does."""
    found = []
    for domain in range(domains):
        below = [port for port in readers if port <= domain - lowest]
        if below and domain - below[-1] <= highest:
            found.append((domain - below[-1], below[-1]))
    return sorted(found)
