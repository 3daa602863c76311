"""What is known of a tensor while a graph is read: which layer gives its codes, and what they stand for."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.onnx_file import Node
from trackmac.networks.onnx_windows import Sides

Scales = tuple[Fraction, ...]
"""One for all channels, or one for each."""


@dataclass(frozen=True, slots=True)
class Image:
    """The network's input before its first quantiser."""

    padding: Sides = (0, 0, 0, 0)
    """Zeros around it, of a Pad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Output of `layer`: real value = (code - zero point) * scale, then clamped to `low`..`high` where they are given.

    In an integer tensor of ONNX (`is_integer`), the codes themselves are meant.
    """

    layer: str
    scales: Scales
    zero_point: int
    is_integer: bool = False
    low: Fraction | None = None
    high: Fraction | None = None
    is_rounded: bool = False
    """To whole numbers, by a Round."""
    padding: Sides = (0, 0, 0, 0)
    """Zeros around the map, of a Pad, that wait for the convolution or pooling behind it."""
    is_over: bool = False
    """Softmax or ArgMax have been passed, which change no class."""

    @property
    def is_clamped(self) -> bool:
        """Whether a clamp waits for the next quantiser."""
        return self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A concatenation of channels whose scales differ, which waits for the next quantiser."""

    name: str
    parts: tuple[Codes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantizedConstant:
    """Weights or biases: real value = (code - zero point) * scale; scales run along `axis`."""

    codes: IntArray
    scales: Scales
    axis: int
    bits: int | None
    """The width that the file states."""


Tensor = Image | Codes | Joined | QuantizedConstant | NDArray[Any]


def exact_scales(values: NDArray[Any], node: Node) -> Scales:
    """Return scales of a file as they are, one if all are equal.

    Raises:
        UnsupportedNetworkError: one is not above 0, or there are none.
    """
    flat = np.asarray(values).reshape(-1)
    if not np.issubdtype(flat.dtype, np.floating) or flat.size == 0 or not (np.isfinite(flat) & (flat > 0)).all():
        wrong = flat[:1].tolist() or "missing"
        raise UnsupportedNetworkError(f"{node}: scales must be finite and above 0, but are {wrong}; quantise it anew")
    scales = tuple(Fraction(float(value)) for value in flat)
    return scales[:1] if len(set(scales)) == 1 else scales


def format_of(zero_point: NDArray[Any] | None, node: Node) -> NumberFormat:
    """Return the format of a quantiser's codes, which ONNX gives as the type of its zero point.

    Raises:
        UnsupportedNetworkError: a type of 16 bits or none of integers.
    """
    if zero_point is None:
        return NumberFormat(8, is_signed=False)
    name = str(zero_point.dtype)
    formats = {f"{sign}int{bits}": NumberFormat(bits, is_signed=not sign) for sign in ("", "u") for bits in (2, 4, 8)}
    if name not in formats:
        raise UnsupportedNetworkError(f"{node}: codes must be of 2 to 8 bits, but are {name[:20]}; quantise it so")
    return formats[name]


def exponent_and_unit(scale: Fraction) -> tuple[int, float]:
    """Return e and u with `scale` = u * 2^e; u is 1 for a power of two, and e is 0 for all else."""
    larger = max(scale.numerator, scale.denominator)
    if min(scale.numerator, scale.denominator) == 1 and larger & (larger - 1) == 0:
        return scale.numerator.bit_length() - scale.denominator.bit_length(), 1.0
    return 0, float(scale)
