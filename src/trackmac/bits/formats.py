"""Number formats: how many bits, and whether the top one is a sign."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import OperandError

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A fixed-width integer; two's complement where it is signed."""

    bits: int
    is_signed: bool

    @property
    def minimum(self) -> int:
        """The least value that fits."""
        return -(1 << (self.bits - 1)) if self.is_signed else 0

    @property
    def maximum(self) -> int:
        """The greatest value that fits."""
        return (1 << (self.bits - 1)) - 1 if self.is_signed else (1 << self.bits) - 1

    def check(self, values: IntArray, name: str) -> None:
        """Refuse `values` that do not fit.

        Raises:
            OperandError: a value lies outside [minimum, maximum].
        """
        if values.size and (values.min() < self.minimum or values.max() > self.maximum):
            worst = int(values[(values < self.minimum) | (values > self.maximum)][0])
            raise OperandError(
                f"operand {name} must be within {self.minimum}..{self.maximum} ({self}), but it is {worst}; "
                "use more bits or another value"
            )

    def __str__(self) -> str:
        return f"{'int' if self.is_signed else 'uint'}{self.bits}"


def bits_for_range(low: int, high: int, *, is_signed: bool) -> int:
    """Return the least number of bits of a format that holds every integer from `low` to `high`."""
    if not is_signed:
        if low < 0:
            raise ValueError(f"an unsigned format cannot hold {low}")
        return max(1, high.bit_length())
    return max((-low - 1).bit_length() if low < 0 else 0, high.bit_length() if high > 0 else 0) + 1
