"""How the exploration says how far it is; drawing it is the caller's."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Gets the phase (one of `PHASES`), how many of its tasks are done, and how many there are."""

TRAINING, VERIFYING = "training", "verifying"
PHASES = (TRAINING, VERIFYING)


def silent(phase: str, done: int, total: int) -> None:
    """Say nothing."""
