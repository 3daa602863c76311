"""The order in which a bench goes through a cell's rows, and the waveforms that do it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

ALL_PAIRS_UP_TO = 8
STRIDES = (1, 3, 6, 11, 17, 24, 31)
"""Steps from row to row where there are too many rows for all pairs; 1, being among them, leads to every row."""

SLEW_PS = 20.0


@cache
def tour(rows: int, *, is_memoryless: bool = False) -> tuple[int, ...]:
    """Return a closed walk over the rows: every ordered pair of up to 8 rows, else every row `STRIDES` times.

    A cell that does not remember its last row is walked through its rows upwards and downwards.

    An Eulerian circuit (Hierholzer) of the graph whose edges are the changes from a row to another.
    """
    strides: Iterable[int] = range(1, rows) if rows <= ALL_PAIRS_UP_TO else STRIDES
    if is_memoryless:
        strides = sorted({1, rows - 1})
    unused = {row: [(row + stride) % rows for stride in strides] for row in range(rows)}
    walk: list[int] = []
    path = [0]
    while path:
        if unused[path[-1]]:
            path.append(unused[path[-1]].pop())
        else:
            walk.append(path.pop())
    return tuple(reversed(walk))


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When what happens, in ps: evaluation `k` takes [k, k + 1] periods.

    A clocked cell's clock is down for the first `rise_ps` of a period, in which its inputs change, and up for the
    rest; its enable, if it has one, rises at `enable_ps` and starts the evaluation. Other cells' inputs change when the
    period begins.
    """

    evaluations: int
    period_ps: float
    rise_ps: float = 0.0
    enable_ps: float | None = None

    @property
    def stop_ps(self) -> float:
        """End of the last evaluation."""
        return self.evaluations * self.period_ps

    def start_ps(self, evaluation: int) -> float:
        """When the edge that starts an evaluation is half way."""
        rise = self.rise_ps if self.enable_ps is None else self.enable_ps
        return evaluation * self.period_ps + rise + SLEW_PS / 2

    def sample_ps(self, evaluation: int) -> float:
        """When the outputs are read: just before the period ends."""
        return (evaluation + 1) * self.period_ps - SLEW_PS / 2

    def held_ps(self, evaluation: int) -> float:
        """When a latch must still hold: just before the clock rises again."""
        return (evaluation + 1) * self.period_ps + self.rise_ps - SLEW_PS / 2


def steps(values: Sequence[float], period_ps: float, first_ps: float = 0.0) -> str:
    """Return a PWL that takes each value for a period, with edges of `SLEW_PS`."""
    points = [(0.0, values[0])]
    for index, (before, after) in enumerate(pairwise(values), start=1):
        if before != after:
            start = index * period_ps + first_ps
            points += [(start, before), (start + SLEW_PS, after)]
    return pwl(points)


def pulses(high: float, schedule: Schedule, rise_ps: float) -> str:
    """Return a PWL that is up from `rise_ps` to the end of every period."""
    points = [(0.0, 0.0)]
    for index in range(schedule.evaluations):
        rise, fall = index * schedule.period_ps + rise_ps, (index + 1) * schedule.period_ps
        points += [(rise, 0.0), (rise + SLEW_PS, high), (fall, high), (fall + SLEW_PS, 0.0)]
    return pwl(points)


def pwl(points: Iterable[tuple[float, float]]) -> str:
    """Return a PWL of (ps, V) points, its lines continued as SPICE has it."""
    words = [f"{time:.6g}p {value:.6g}" for time, value in points]
    lines = [" ".join(words[start : start + 8]) for start in range(0, len(words), 8)]
    return "pwl(" + "\n+ ".join(lines) + ")"
