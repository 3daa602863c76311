"""Compiles loops with numba; only modules called `kernel` import this one, so that numba is loaded when one runs.

What may ever change must be an argument of a compiled function: numba's cache on disk does not notice a changed global
of another module.
"""
# mypy: disable-error-code="untyped-decorator"

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Compiled = TypeVar("Compiled", bound=Callable[..., object])


def compiled(function: Compiled) -> Compiled:
    """Compile with a cache on disk or, where neither the package's nor the user's folder can be written, without."""
    try:
        return cast("Compiled", njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba has no place for the cache
        return cast("Compiled", njit(nogil=True)(function))
