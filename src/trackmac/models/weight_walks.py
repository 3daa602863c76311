"""What walking the weights of a dot product costs: moves to the next word, out to a segment's first word and home."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays import HardwareGrid
from trackmac.arrays.ports import Operation, PortLayout
from trackmac.arrays.reach import static_overhead
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.mapping import DotProducts, Plan, WeightLayout
from trackmac.mapping.weight_segments import track_segments, weight_layout


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightWalk:
    """The moves of one dot product's weight tracks between its MACs; arrays of shape [..., points].

    `advances` are moves by one domain to the next word of a segment. `returns` are moves out to a segment's first word,
    where it lies below its port, and home from its last one; they go `return_domains` in all.
    """

    advances: IntArray
    returns: IntArray
    return_domains: IntArray

    def where(self, is_this: NDArray[np.bool_], other: "WeightWalk") -> "WeightWalk":
        """Return this walk at some points, and the other one elsewhere."""
        return WeightWalk(
            advances=np.where(is_this, self.advances, other.advances),
            returns=np.where(is_this, self.returns, other.returns),
            return_domains=np.where(is_this, self.return_domains, other.return_domains),
        )

    @property
    def full_and_last(self) -> "tuple[WeightWalk, WeightWalk]":
        """The walks over full slices and over the last ones, of arrays [stages, 2, points]."""
        full, last = (
            WeightWalk(
                advances=self.advances[:, which],
                returns=self.returns[:, which],
                return_domains=self.return_domains[:, which],
            )
            for which in (0, 1)
        )
        return full, last


def row_walk(grid: HardwareGrid, words: IntArray) -> WeightWalk:
    """Return the walks over so many words [..., points] across tracks that lie row by row, on tracks of their own.

    From displacement lo to hi, j = 1 .. P ports at p_j, over N domains, pass

        sum(max(0, min(p_j + hi, p_(j+1) + lo - 1, N - 1) - max(p_j + lo, 0) + 1))

    of them. The way out to lo, a domain at a time to hi, and home is the shortest under which enough words pass.
    """
    advances, returns, domains = grid.weight_ports.each_with(words, _rows)
    return WeightWalk(advances=advances, returns=returns, return_domains=domains)


@lru_cache(maxsize=65536)
def _rows(ports: PortLayout, words: int) -> tuple[int, int, int]:
    """Return advances, returns and the domains of these: of the tracks that are filled, and of the last one."""
    to_track = sum(segment.words for segment in track_segments(ports, 1))
    whole, rest = divmod(words, to_track)
    full, last = (_rows_of_track(ports, used) for used in (to_track if whole else 0, rest))
    return whole * full[0] + last[0], whole * full[1] + last[1], whole * full[2] + last[2]


def _rows_of_track(ports: PortLayout, words: int) -> tuple[int, int, int]:
    if not words:
        return 0, 0, 0
    room, readers = static_overhead(ports), ports.positions(Operation.READ)
    lows, highs = np.meshgrid(np.arange(-room.behind, 1), np.arange(-room.behind, room.ahead + 1), indexing="ij")
    low, high = lows[..., np.newaxis], highs[..., np.newaxis]
    ends = np.minimum(
        np.minimum(readers + high, np.append(readers[1:], 2 * ports.domains) + low - 1), ports.domains - 1
    )
    passing = np.maximum(ends - np.maximum(readers + low, 0) + 1, 0).sum(axis=-1)
    ways = np.where(
        (passing >= words) & (highs >= lows), np.abs(lows) + highs - lows + np.abs(highs), 4 * ports.domains
    )
    shortest = np.argwhere(ways == ways.min())[-1]  # the last one starts nearest to home
    first, last = int(lows[*shortest]), int(highs[*shortest])
    return last - first, (first != 0) + (last != 0), abs(first) + abs(last)


def weight_walks(planned: Plan) -> tuple[WeightWalk, WeightWalk]:
    """Return the walks over a full slice and over the last one of each stage that keeps its weights, [stages, points].

    Words across tracks lie by rows where a unit holds one filter.
    """
    mapped, grid = planned.dots, planned.grid
    words = words_of_slices(planned.network.dots, mapped.slices, mapped.words_per_slice)
    walks, holds_one = segment_walks(planned, words), mapped.holds_one_filter
    if grid.layout is Layout.ACROSS and holds_one.any():
        walks = row_walk(grid, words).where(holds_one[:, np.newaxis], walks)
    return walks.full_and_last


def words_of_slices(dots: DotProducts, slices: IntArray, words_per_slice: IntArray) -> IntArray:
    """Return the words of each stage's full slices and of its last one, [stages, 2, points]."""
    return np.stack([words_per_slice, dots.lengths - (slices - 1) * words_per_slice], axis=1)


def segment_walks(planned: Plan, words: IntArray) -> WeightWalk:
    """Return the walks over so many words of each stage, [stages, 2, points], segment by segment."""
    grid = planned.grid

    def of_stride(stride: int, stages: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        walk = weight_walk(weight_layout(grid, stride), words[stages], stride)
        return walk.advances, walk.returns, walk.return_domains

    found = planned.network.dots.each_stride(grid.layout, of_stride, (3, *words.shape))
    return WeightWalk(advances=found[0], returns=found[1], return_domains=found[2])


def weight_walk(weights: WeightLayout, words: IntArray, stride: int) -> WeightWalk:
    """Return the walks over so many words [..., points] of `stride` domains, from the first word of a period on.

    With w words used of a segment whose port leads by l: l domains out, w - 1 advances between MACs that end at a
    word's last domain, and home from there, w stride - 1 - l away. A period is walked whole as often as it fits into
    `words`, and at the end as far as there are words.
    """
    before = np.cumsum(weights.words, axis=1) - weights.words
    whole, rest = np.divmod(words, weights.words_per_period)
    in_last = np.minimum(np.maximum(rest[..., np.newaxis] - before, 0), weights.words)
    first, last = _whole_period(weights, stride), _period(weights, in_last, stride)
    advances, returns, domains = (whole * a + b for a, b in zip(first, last, strict=True))
    return WeightWalk(advances=advances, returns=returns, return_domains=domains)


@lru_cache(maxsize=16)
def _whole_period(weights: WeightLayout, stride: int) -> tuple[IntArray, IntArray, IntArray]:
    return _period(weights, weights.words, stride)


def _period(weights: WeightLayout, used: IntArray, stride: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return advances, returns and the domains of these for `used` words of each segment, [..., points, segments]."""
    is_walked = used > 0
    out = is_walked * weights.leads
    home = is_walked * np.abs(used * stride - 1 - weights.leads)
    returns = (out > 0).sum(axis=-1) + (home > 0).sum(axis=-1)
    return (used - is_walked).sum(axis=-1), returns, (out + home).sum(axis=-1)
