"""What walking the weights of a dot product costs: moves to the next word, out to a segment's first word and home."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.mapping import DotProductPlan, Plan, WeightLayout


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightWalk:
    """The moves of one dot product's weight tracks between its MACs; arrays of shape [..., points].

    `advances` are moves by one domain to the next word of a segment. `returns` are moves out to a segment's first word,
    where it lies below its port, and home from its last one; they go `return_domains` in all.
    """

    advances: IntArray
    returns: IntArray
    return_domains: IntArray


def weight_walks(planned: Plan) -> dict[str, WeightWalk]:
    """Return for each stage of dot products the walks over a full slice and over the last one, [2, points]."""
    alike: dict[tuple[WeightLayout, int], list[DotProductPlan]] = {}
    for mapped in planned.dot_products:
        stride = mapped.stage.words.b.bits if planned.grid.layout is Layout.ALONG else 1
        alike.setdefault((mapped.weights, stride), []).append(mapped)
    result: dict[str, WeightWalk] = {}
    for (weights, stride), stages in alike.items():
        full, slices = np.array([(mapped.words_per_slice, mapped.slices) for mapped in stages]).swapaxes(0, 1)
        lengths = np.array([mapped.stage.dot_length for mapped in stages])[:, np.newaxis]
        walks = weight_walk(weights, np.stack([full, lengths - (slices - 1) * full], axis=1), stride)
        each = zip(stages, walks.advances, walks.returns, walks.return_domains, strict=True)
        result |= {
            mapped.stage.name: WeightWalk(advances=advances, returns=returns, return_domains=domains)
            for mapped, advances, returns, domains in each
        }
    return result


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
