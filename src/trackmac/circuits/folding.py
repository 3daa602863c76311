"""Folds a sequence: what repeats is said once, with how often; loops within loops, as a program has them."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

LEAST_SAVED = 2  # a fold that saves less is harder to read than what it folds


@dataclass(frozen=True, slots=True)
class Fold:
    """`body` happens `times` times; an entry is an index into the unfolded sequence, or a fold itself."""

    body: tuple["int | Fold", ...]
    times: int


Folded = tuple["int | Fold", ...]
Item = TypeVar("Item", bound=Hashable)


def folded(items: Sequence[Item], ends_body: Callable[[Item], bool]) -> Folded:
    """Return the indices of `items`, repeats folded, the shortest first, so that folds may lie in folds.

    Where a body could begin at several places, one that ends with an item for which `ends_body` holds is taken.
    """
    sequence: list[int | Fold] = list(range(len(items)))
    names: dict[object, int] = {}
    codes = [names.setdefault(item, len(names)) for item in items]
    closing = {names[item] for item in set(items) if ends_body(item)}
    period = 1
    while period <= len(codes) // 2:
        found = _first_repeat(codes, period, closing)
        if found is None:
            period += 1
            continue
        start, times = found
        body = tuple(codes[start : start + period])
        end = start + times * period
        sequence[start:end] = [Fold(tuple(sequence[start : start + period]), times)]
        codes[start:end] = [names.setdefault((body, times), len(names))]
        period = 1 if len(codes) > 1 else len(codes)
    return tuple(sequence)


def _first_repeat(codes: Sequence[int], period: int, closing: set[int]) -> tuple[int, int] | None:
    """Return where the first body of that length starts that repeats, and how often it does."""
    values = np.asarray(codes)
    same = np.concatenate([[False], values[period:] == values[:-period], [False]])
    edges = np.flatnonzero(same[1:] != same[:-1])
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        length = int(end - start) + period
        times = length // period
        if times >= 2 and (times - 1) * period >= LEAST_SAVED:
            offsets = range(length - times * period + 1)
            best = next((k for k in offsets if codes[start + k + period - 1] in closing), 0)
            return int(start) + best, times
    return None
