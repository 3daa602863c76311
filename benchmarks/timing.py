"""Timing on noisy machines: what is compared is run in turns within one process, and ratios are reported."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds of many runs of one action: on the wall clock, and of processor time (of all threads together)."""

    seconds: tuple[float, ...]
    processor_seconds: tuple[float, ...]

    @property
    def best(self) -> float:
        return min(self.seconds)

    @property
    def processor_best(self) -> float:
        return min(self.processor_seconds)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def in_turns(actions: Mapping[str, Callable[[], object]], repetitions: int) -> dict[str, Timing]:
    """Run every action in turn, `repetitions` times, after one turn that is not counted."""
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in actions}
    for repetition in range(repetitions + 1):
        for name, action in actions.items():
            start, processor_start = time.perf_counter(), time.process_time()
            action()
            if repetition:
                seconds[name].append((time.perf_counter() - start, time.process_time() - processor_start))
    return {name: Timing(*zip(*values, strict=True)) for name, values in seconds.items()}


def report(what: str, measured: float, unit: str, *, goal: float, at_most: bool = True) -> None:
    """Print one figure, its goal, and how far it is from it."""
    verdict = "met" if (measured <= goal if at_most else measured >= goal) else "MISSED"
    bound = "at most" if at_most else "at least"
    print(f"{what}: {measured:.3g} {unit} (goal: {bound} {goal:g}; {measured / goal:.2f} of it; {verdict})")
