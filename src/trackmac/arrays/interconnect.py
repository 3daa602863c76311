"""The H-tree that joins a chip's mats to its buffer."""

import numpy as np

from trackmac.bits import IntArray
from trackmac.units import FloatArray


def path_length_um(area_um2: FloatArray, leaves: IntArray) -> FloatArray:
    """Return the way from an H-tree's root to one of its leaves, over a square of `area_um2`.

    The halves of a square are entered at their middles: the two levels of a pair go side/4 each, and every further pair
    half as far. With `n = ceil(log2 leaves)` levels: sum over k < n of side / 2^(k // 2 + 2).
    """
    return np.asarray(np.sqrt(area_um2) * np.sum(_level_shares(leaves), axis=0))


def total_length_um(area_um2: FloatArray, leaves: IntArray) -> FloatArray:
    """Return the length of all segments: level k has 2^(k + 1) of them."""
    shares = _level_shares(leaves)
    counts = 2.0 ** np.arange(1, len(shares) + 1)[:, np.newaxis]
    return np.asarray(np.sqrt(area_um2) * np.sum(shares * counts, axis=0))


def _level_shares(leaves: IntArray) -> FloatArray:
    """Return [levels, points]: the length of a level's segment in sides of the square, 0 where there is no level."""
    levels = np.ceil(np.log2(np.maximum(leaves, 1))).astype(np.int64)
    level = np.arange(max(int(levels.max(initial=0)), 1))[:, np.newaxis]
    return np.where(level < levels, 0.5 ** (level // 2 + 2), 0.0)
