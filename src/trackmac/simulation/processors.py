"""Work shared out to all processors, in threads: compiled loops and numpy let others run meanwhile."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_thread = local()


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def on_all_processors(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return `work` of all items, in their order.

    Work that is itself done on all processors keeps its part to one: more threads than processors wait for each other.
    """
    given = list(items)
    if len(given) < 2 or processors() == 1 or getattr(_thread, "is_one_of_all", False):
        return [work(item) for item in given]
    with ThreadPoolExecutor(min(len(given), processors()), initializer=_join) as pool:
        return list(pool.map(work, given))


def _join() -> None:
    """Note that this thread is one of those on all processors."""
    _thread.is_one_of_all = True
