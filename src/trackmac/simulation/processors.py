"""Work shared out to all processors, in threads: compiled loops and numpy let others run meanwhile."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def on_all_processors(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return `work` of all items, in their order."""
    given = list(items)
    if len(given) < 2 or processors() == 1:
        return [work(item) for item in given]
    with ThreadPoolExecutor(min(len(given), processors())) as pool:
        return list(pool.map(work, given))
