"""Pareto fronts of points with costs, all of which are to be low: exact, thinned, and their knee."""

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray

BLOCK = 1024

Costs = NDArray[np.float64]
Mask = NDArray[np.bool_]


def non_dominated(costs: Costs) -> Mask:
    """Return which points no other one dominates: is at most as costly in all and cheaper in one. Exact.

    Of equal points the first is kept, so that the kept ones are as few as can be. In lexicographic order a point can
    be dominated by earlier ones alone, so one pass over blocks is enough.

    Args:
        costs: float64 [points, objectives], without NaN.

    Returns:
        bool [points].
    """
    assert not np.isnan(costs).any(), "a cost that is not a number cannot be compared"
    order = np.lexsort(costs.T[::-1])
    ordered = costs[order]
    front = ordered[:0]
    kept = np.zeros(len(costs), dtype=np.bool_)
    for start in range(0, len(costs), BLOCK):
        block = np.arange(start, min(start + BLOCK, len(costs)))
        block = _uncovered(block, ordered, front)
        earlier = np.triu(_covers(ordered[block], ordered[block]), k=1)
        block = block[~earlier.any(axis=0)]
        front = np.concatenate([front, ordered[block]])
        kept[order[block]] = True
    return kept


def epsilon_front(costs: Costs, exact: Costs, resolution: float) -> Mask:
    """Return a thinned front: for every point a kept one with the same or better `exact` costs and nearly its `costs`.

    Space is cut into boxes that are wider by the factor 1 + `resolution` from one to the next in each of `costs`. Boxes
    dominated by others are emptied, of each remaining one the point of the least product of `costs` stays (of equal
    ones the first); so nothing in `costs` is lost by more than that factor, and nothing in `exact`.

    Source: Laumanns et al., "Combining convergence and diversity in evolutionary multiobjective optimization",
    Evolutionary Computation 10(3), 2002.

    Args:
        costs: float64 [points, objectives], above 0.
        exact: float64 [points, objectives], compared as they are.
        resolution: 0 keeps every non-dominated point.

    Returns:
        bool [points].
    """
    if resolution == 0:
        return non_dominated(np.hstack([exact, costs]))
    boxes = np.hstack([exact, np.floor(np.log(costs) / np.log1p(resolution))])
    product = np.log(costs).sum(axis=1)
    best_first = np.lexsort((np.arange(len(costs)), product))
    kept = np.zeros(len(costs), dtype=np.bool_)
    kept[best_first[non_dominated(boxes[best_first])]] = True
    return kept


def knee(costs: Costs) -> int:
    """Return the point nearest to the ideal one, every cost scaled to 0..1 over the points; of equal ones the first.

    Args:
        costs: float64 [points, objectives], at least one point.
    """
    low, high = costs.min(axis=0), costs.max(axis=0)
    scaled = (costs - low) / np.where(high > low, high - low, 1.0)
    return int((scaled**2).sum(axis=1).argmin())


def _uncovered(block: IntArray, ordered: Costs, front: Costs) -> IntArray:
    """Return the points of `block` that no point of `front` equals or dominates."""
    for start in range(0, len(front), BLOCK):
        if not len(block):
            break
        block = block[~_covers(front[start : start + BLOCK], ordered[block]).any(axis=0)]
    return block


def _covers(first: Costs, second: Costs) -> Mask:
    """Return [i, j]: whether point i of `first` is at most as costly as point j of `second` in every objective."""
    covers = np.ones((len(first), len(second)), dtype=np.bool_)
    for i in range(first.shape[1]):
        covers &= first[:, i, np.newaxis] <= second[np.newaxis, :, i]
    return covers
