"""What the layers of an integer network check of their own fields."""

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import UnsupportedNetworkError

MIN_BITS, MAX_BITS = 2, 8  # of weights and activations
MAX_WEIGHT_BITS = MAX_BITS + 1  # 8-bit codes less a zero point
BIAS_FORMAT = NumberFormat(32, is_signed=True)
MIN_SHIFT, MAX_SHIFT = -31, 62

Padding = tuple[int, int] | tuple[int, int, int, int]
"""Rows and columns on both sides, or top, left, bottom, right."""


def check_width(number_format: NumberFormat, what: str, most: int = MAX_BITS) -> None:
    """Refuse a format of weights or activations that is not `MIN_BITS` to `most` wide.

    Raises:
        UnsupportedNetworkError: too few or too many bits; the message begins with `what`.
    """
    if not MIN_BITS <= number_format.bits <= most:
        raise UnsupportedNetworkError(
            f"{what} must have {MIN_BITS} to {most} bits, but have {number_format.bits}; quantise them so"
        )


def check_fits(values: IntArray, number_format: NumberFormat, what: str) -> None:
    """Refuse `values` outside `number_format`.

    Raises:
        UnsupportedNetworkError: the message begins with `what`.
    """
    if values.size and number_format.minimum <= values.min() and values.max() <= number_format.maximum:
        return
    outside = values[(values < number_format.minimum) | (values > number_format.maximum)]
    if outside.size:
        raise UnsupportedNetworkError(
            f"{what} must be within {number_format.minimum}..{number_format.maximum} ({number_format}), "
            f"but one is {outside[0]}; use more bits or another scale"
        )


def check_at_least(least: int, sizes: tuple[int, ...], what: str) -> None:
    """Refuse sizes below `least`.

    Raises:
        UnsupportedNetworkError: the message begins with `what`.
    """
    if min(sizes) < least:
        raise UnsupportedNetworkError(f"{what} must be at least {least} each way, but it is {sizes}; correct it")


def four_sides(padding: Padding) -> tuple[int, int, int, int]:
    """Return padding as (top, left, bottom, right)."""
    return (*padding, *padding) if len(padding) == 2 else padding


def check_padding(padding: tuple[int, int, int, int], window: tuple[int, int], what: str) -> None:
    """Refuse padding that a window of this height and width could lie in as a whole.

    Raises:
        UnsupportedNetworkError: the message begins with `what`.
    """
    check_at_least(0, padding, f"{what}: padding")
    rows, columns = max(padding[0], padding[2]), max(padding[1], padding[3])
    if rows >= window[0] or columns >= window[1]:
        raise UnsupportedNetworkError(
            f"{what}: padding must be smaller than the {window[0]}x{window[1]} kernel, but is {padding}; pad less"
        )


def read_only(values: IntArray) -> IntArray:
    """Return integer codes that nobody can change: a copy, unless they are so already."""
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.integer):
        raise TypeError(f"weights and biases are integer codes, not {array.dtype}")
    if array.dtype == np.int64 and array.base is None and not array.flags.writeable:
        return array
    copy = array.astype(np.int64)
    copy.setflags(write=False)
    return copy
