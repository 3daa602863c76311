"""The range of what follows from several figures, each with a range of its own.

For formulas that rise or fall with each figure throughout, whatever the others are. Which way is seen by moving one
figure at a time; the extremes lie where all are at the ends that raise, or lower, the result (interval arithmetic). A
test holds the ranges against points drawn inside. They are bounds, not deviations: those ends are unlikely to meet.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trackmac.technology.schema import Figure

Formula = Callable[[Mapping[str, float]], float]


@dataclass(frozen=True, slots=True)
class Range:
    """A value with its bounds, and the names of the figures that it depends on."""

    value: float
    low: float
    high: float
    inputs: tuple[str, ...]


def propagated(formula: Formula, figures: Mapping[str, Figure]) -> Range:
    """Return what `formula` makes of the figures' values, with its least and greatest over their ranges."""
    values = {name: figure.value for name, figure in figures.items()}
    lowering, raising, inputs = dict(values), dict(values), []
    for name, figure in figures.items():
        at_low, at_high = (formula(values | {name: end}) for end in (figure.low, figure.high))
        if at_low != at_high:
            inputs.append(name)
            is_rising = at_high > at_low
            lowering[name], raising[name] = (figure.low, figure.high) if is_rising else (figure.high, figure.low)
    return Range(formula(values), formula(lowering), formula(raising), tuple(inputs))
