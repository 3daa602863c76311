"""Closed forms of where a multiply-and-accumulate writes: how often each bit of its work words in one execution.

n = a.bits, m = b.bits, q = accumulator.bits. Every MAC writes each of the accumulator's q bits once; a product's bit
once in each walk that passes it.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.models.multiplication_counts import booth_digit_count

PRODUCT, ACCUMULATOR, CARRY = "product", "c", "carry"


class MacWrites(Protocol):
    """The closed form of where a MAC writes: int64 [bits] for each work word."""

    def __call__(self, *, a: NumberFormat, b: NumberFormat, accumulator: NumberFormat) -> Mapping[str, IntArray]:
        """Return how often one execution writes each bit of each work word."""


@lru_cache(maxsize=1024)
def shift_add_mac_writes(*, a: NumberFormat, b: NumberFormat, accumulator: NumberFormat) -> dict[str, IntArray]:
    """Return the writes of a shift-add MAC: walk j, 0 <= j < m, writes the product's bits j .. j + n.

    Bit t is written in the walks from max(t - n, 0) to min(t, m - 1).
    """
    n, m = a.bits, b.bits
    bit = np.arange(n + m)
    product = np.minimum(bit, m - 1) - np.maximum(bit - n, 0) + 1
    return {PRODUCT: product, ACCUMULATOR: np.ones(accumulator.bits, np.int64)}


@lru_cache(maxsize=1024)
def booth_radix4_mac_writes(*, a: NumberFormat, b: NumberFormat, accumulator: NumberFormat) -> dict[str, IntArray]:
    """Return the writes of a Booth MAC: digit k, 0 <= k < D, writes the product's bits 2*k .. 2*k + n + 1 that exist.

    Bit t is written for the digits from max(ceil((t - n - 1) / 2), 0) to min(floor(t / 2), D - 1).
    """
    n, m, digits = a.bits, b.bits, booth_digit_count(b)
    bit = np.arange(n + m)
    product = np.minimum(bit // 2, digits - 1) - np.maximum((bit - n) // 2, 0) + 1
    return {PRODUCT: product, ACCUMULATOR: np.ones(accumulator.bits, np.int64)}


@lru_cache(maxsize=1024)
def magnetic_mac_writes(*, a: NumberFormat, b: NumberFormat, accumulator: NumberFormat) -> dict[str, IntArray]:
    """Return the writes of a magnetic MAC: shift-add's, and every carry into one MTJ.

    m - 1 walks hand n carries on, the accumulation q - 1.
    """
    carries = (b.bits - 1) * a.bits + accumulator.bits - 1
    return {**shift_add_mac_writes(a=a, b=b, accumulator=accumulator), CARRY: np.array([carries])}


MAC_WRITES: Mapping[str, MacWrites] = {
    "shift_add_mac": shift_add_mac_writes,
    "booth_radix4_mac": booth_radix4_mac_writes,
    "magnetic_mac": magnetic_mac_writes,
}
