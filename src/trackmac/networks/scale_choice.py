"""Chooses scales: the one whose codes are nearest to the numbers, by mean squared error."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import NumberFormat
from trackmac.errors import unknown_name

LEAST_EXPONENT, GREATEST_EXPONENT = -24, 15
CANDIDATES = 48  # scales tried where any will do
LEAST_FRACTION = 0.25  # of the full range that such a scale may cover
LEAST_SCALE = 2.0**LEAST_EXPONENT


class ScaleKind(StrEnum):
    """What scales weights and activations have."""

    TENSOR = "tensor"
    """Powers of two, one for each tensor: requantisation is one shift."""
    CHANNEL = "channel"
    """Powers of two, for weights one for each output channel: each channel's requantisation is a shift of its own."""
    FLOAT = "float"
    """Any, for weights one for each output channel: requantisation is a multiplication and a shift."""

    @property
    def is_power_of_two(self) -> bool:
        """Whether scales are powers of two."""
        return self is not ScaleKind.FLOAT


def scale_kind_named(name: str) -> ScaleKind:
    """Return the kind of that name.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in tuple(ScaleKind):
        raise unknown_name("kind of scales", name, ScaleKind)
    return ScaleKind(name)


def best_scale(
    values: NDArray[np.floating], word: NumberFormat, *, is_power_of_two: bool, is_narrow: bool = False
) -> float:
    """Return the scale, exact in float32, at which rounding and clamping `values` to `word` loses least.

    A power of two is sought from the least that clamps nothing downwards: three bits of the range are given up at most.
    """
    low, high = word.minimum + int(is_narrow and word.is_signed), word.maximum
    flat = np.asarray(values, dtype=np.float64).reshape(-1)
    full = max(float(flat.max(initial=0)) / high, float(flat.min(initial=0)) / low if low else 0.0, LEAST_SCALE)
    if is_power_of_two:
        top = int(np.clip(np.ceil(np.log2(full)), LEAST_EXPONENT + 3, GREATEST_EXPONENT))
        candidates = [2.0**exponent for exponent in range(top, top - 4, -1)]
    else:
        candidates = [float(np.float32(full * part)) for part in np.linspace(1, LEAST_FRACTION, CANDIDATES)]
    errors = [_squared_error(flat, scale, low, high) for scale in candidates]
    return candidates[int(np.argmin(errors))]


def _squared_error(values: NDArray[np.float64], scale: float, low: int, high: int) -> float:
    rest = values - np.clip(np.rint(values / scale), low, high) * scale
    return float(rest @ rest)
