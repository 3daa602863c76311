"""How often varied cells misread: the sense margin's distribution, and how it scales with TMR, supply and distance.

Two figures of the error probability: counted errors with their 95 % interval (Wilson), and the probability that a
normal distribution of the margin's own mean and spread lies below 0. The second says something where no error was
counted, as far as the margin is normal in its tail, which nobody has checked.
"""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.cells.bench import Conditions
from trackmac.cells.sense_margin import port_margins_v, transverse_margins_v
from trackmac.cells.sense_netlists import TRANSVERSE_SENSE_AMPLIFIERS
from trackmac.cells.spice import Waveform
from trackmac.errors import InputError

BATCH = 20
TMR_POINTS = (0.5, 0.9, 1.25, 2.0)
SUPPLY_POINTS_V = (0.8, 0.9, 1.0)
MOST_SAMPLES = 100_000
NORMAL_QUANTILE_95 = 1.959964

Progress = Callable[[str, float, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What is varied around: a read of one bit at a port (distance 1) or of the ones among `distance` domains."""

    distance: int
    tmr_fraction: float
    supply_v: float

    @property
    def label(self) -> str:
        """The point in words."""
        what = "port" if self.distance == 1 else f"TRD {self.distance}"
        return f"{what}, TMR {self.tmr_fraction:.0%}, {self.supply_v:g} V"


@dataclass(frozen=True, slots=True, kw_only=True)
class SenseErrors:
    """What the samples of one point gave.

    `margin_mean_v` and `margin_sigma_v` are those of the `decision` that is least clear; the error fractions are
    over cells and, alike, the values stored in them: a cell that misreads a value does so at every read.
    """

    point: Point
    decision: str
    samples: int
    margin_mean_v: float
    margin_sigma_v: float
    reads: int
    errors: int
    error_low_fraction: float
    error_high_fraction: float
    extrapolated_error_fraction: float
    margins_v: Waveform

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON data, without the single margins."""
        data = {key: value for key, value in asdict(replace(self, margins_v=np.empty(0))).items() if key != "margins_v"}
        return {**data.pop("point"), **data}


def monte_carlo(
    samples: int,
    seed: int = 0,
    conditions: Conditions | None = None,
    progress: Progress = lambda label, done, total: None,
) -> tuple[SenseErrors, ...]:
    """Simulate `samples` varied cells at each point.

    Raises:
        InputError: the number of samples is not from 2 to `MOST_SAMPLES`, or the seed is negative.
        SpiceError: ngspice is missing, too old, or did not finish.
    """
    refuse_senseless(samples, seed)
    base = conditions or Conditions()
    points = tuple(points_around(base))
    results = []
    for index, point in enumerate(points):
        progress("Monte Carlo", index, len(points))
        results.append(sense_errors(point, samples, (seed, index), base))
    progress("Monte Carlo", len(points), len(points))
    return tuple(results)


def refuse_senseless(samples: int, seed: int) -> None:
    """Refuse numbers that no Monte Carlo can be made with.

    Raises:
        InputError: the number of samples is not from 2 to `MOST_SAMPLES`, or the seed is negative.
    """
    if not 2 <= samples <= MOST_SAMPLES:
        raise InputError(f"from 2 to {MOST_SAMPLES} samples are simulated, but {samples} are asked for; give another")
    if seed < 0:
        raise InputError(f"a seed must be 0 or more, but it is {seed}; give another")


def points_around(base: Conditions) -> Iterator[Point]:
    """Yield the base, then what one change after another makes of it."""
    nominal = Point(distance=1, tmr_fraction=base.port.tmr_fraction, supply_v=base.supply_v)
    yield nominal
    yield from (replace(nominal, tmr_fraction=tmr) for tmr in TMR_POINTS if tmr != nominal.tmr_fraction)
    yield from (replace(nominal, supply_v=supply) for supply in SUPPLY_POINTS_V if supply != nominal.supply_v)
    yield from (replace(nominal, distance=len(cell.rows) - 1) for cell in TRANSVERSE_SENSE_AMPLIFIERS)


def sense_errors(point: Point, samples: int, seed: Sequence[int], base: Conditions) -> SenseErrors:
    """Simulate the samples of one point, in batches whose draws do not depend on which is done first."""
    conditions = replace(
        base,
        supply_v=point.supply_v,
        port=replace(base.port, tmr_fraction=point.tmr_fraction),
        domain=replace(base.domain, tmr_fraction=point.tmr_fraction),
    )

    def batch(number: int) -> tuple[Waveform, NDArray[np.bool_]]:
        draws = np.random.default_rng([*seed, number])
        return _reads(point, conditions, min(BATCH, samples - number * BATCH), draws)

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        parts = list(pool.map(batch, range(math.ceil(samples / BATCH))))
    return summarised(point, np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))


def _reads(
    point: Point, conditions: Conditions, samples: int, draws: np.random.Generator
) -> tuple[Waveform, NDArray[np.bool_]]:
    """Return margins [samples, decisions] and which reads were wrong [samples, stored values]."""
    if point.distance == 1:
        margins, is_right = port_margins_v(conditions, samples, draws)
        return margins, is_right == 0
    cell = next(cell for cell in TRANSVERSE_SENSE_AMPLIFIERS if len(cell.rows) - 1 == point.distance)
    margins = transverse_margins_v(cell, conditions, samples, draws)
    wrong = np.stack([(margins[:, decisions_of(ones, point.distance)] <= 0).any(axis=1) for ones in _counts(point)], 1)
    return margins, wrong


def _counts(point: Point) -> range:
    return range(point.distance + 1)


def decisions_of(stored: int, distance: int) -> list[int]:
    """Return the columns of the margins on which reading `stored` depends: the levels next to a count."""
    if distance == 1:
        return [stored]
    return [column for column in (2 * stored - 1, 2 * stored) if 0 <= column < 2 * distance]


def decision_text(column: int, distance: int) -> str:
    """Say which decision a column of the margins is."""
    if distance == 1:
        return f"a stored {column}"
    level, is_above = column // 2 + 1, column % 2
    return f"{level if is_above else level - 1} ones, told from {level - 1 if is_above else level}"


def summarised(point: Point, margins: Waveform, wrong: NDArray[np.bool_]) -> SenseErrors:
    """Return the statistics of margins [samples, decisions] and wrong reads [samples, stored values]."""
    means, sigmas = margins.mean(axis=0), margins.std(axis=0, ddof=1)
    misses = [normal_tail(mean / sigma) for mean, sigma in zip(means, sigmas, strict=True)]
    misread = [
        1 - math.prod(1 - misses[column] for column in decisions_of(stored, point.distance))
        for stored in _counts(point)
    ]
    least = int(np.argmin(means / sigmas))
    errors, reads = int(wrong.sum()), wrong.size
    low, high = wilson_interval(errors, reads)
    return SenseErrors(
        point=point,
        decision=decision_text(least, point.distance),
        samples=len(margins),
        margin_mean_v=float(means[least]),
        margin_sigma_v=float(sigmas[least]),
        reads=reads,
        errors=errors,
        error_low_fraction=low,
        error_high_fraction=high,
        extrapolated_error_fraction=sum(misread) / len(misread),
        margins_v=margins[:, least],
    )


def normal_tail(ratio: float) -> float:
    """Return the probability that a standard normal variable exceeds `ratio`."""
    return 0.5 * math.erfc(ratio / math.sqrt(2))


def wilson_interval(errors: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a probability of which `errors` of `trials` were seen (Wilson 1927)."""
    z2 = NORMAL_QUANTILE_95**2
    share = errors / trials
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = NORMAL_QUANTILE_95 / (1 + z2 / trials) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    low = middle - half if errors else 0.0
    high = middle + half if errors < trials else 1.0
    return low, high
