"""Ratios of scales as integers: multiplier * 2^-shift."""

from collections.abc import Sequence
from fractions import Fraction

from trackmac.networks.checks import MAX_SHIFT, MIN_SHIFT
from trackmac.networks.layers import MAX_MULTIPLIER

PRECISION_BITS = 20  # of the least multiplier, where the greatest leaves room
EXACT_BITS = 53  # of a product, so that float64 holds it as well
SHORT_BITS = 48  # of a product, so that it walks past the port of a track of 95 domains, spare ones included
LEAST_BITS = 16  # of the greatest multiplier, even where a product passes that


def fixed_point(ratios: Sequence[Fraction], word_bits: int) -> tuple[tuple[int, ...], int]:
    """Return multipliers m and one shift s with m * 2^-s near the `ratios` (> 0), for words of `word_bits`.

    Exact where the ratios are integers times a power of two. Else the least multiplier has `PRECISION_BITS` bits: off
    by at most 2^-20 of itself; fewer where products would pass `SHORT_BITS`, as those of words beyond 28 bits do. One
    multiplier stands for all where all are equal.
    """
    room = max(SHORT_BITS - word_bits, min(LEAST_BITS, EXACT_BITS - word_bits))
    room = min(MAX_MULTIPLIER.bit_length(), room)
    exact = max(ratio.denominator.bit_length() - 1 for ratio in ratios)
    if all(ratio.denominator & (ratio.denominator - 1) == 0 for ratio in ratios) and exact <= MAX_SHIFT:
        found = [int(ratio * 2**exact) for ratio in ratios]
        shift = exact
        if max(found).bit_length() <= room or set(found) == {found[0]}:
            multipliers, shift = _reduced(found, shift)
            if max(multipliers).bit_length() <= room:
                return multipliers, shift
    shift = PRECISION_BITS - 1 - _floor_log2(min(ratios))
    shift = min(shift, room - 2 - _floor_log2(max(ratios)), MAX_SHIFT)
    return _reduced([round(ratio * Fraction(2) ** shift) for ratio in ratios], shift)


def _reduced(multipliers: list[int], shift: int) -> tuple[tuple[int, ...], int]:
    """Take out what all have in common: equal channels, and factors of two as far as the shift allows."""
    while shift > MIN_SHIFT and any(multipliers) and all(value % 2 == 0 for value in multipliers):
        multipliers, shift = [value // 2 for value in multipliers], shift - 1
    if len(set(multipliers)) == 1:
        return (multipliers[0],), shift
    return tuple(multipliers), shift


def _floor_log2(ratio: Fraction) -> int:
    guess = ratio.numerator.bit_length() - ratio.denominator.bit_length()
    return guess if Fraction(2) ** guess <= ratio else guess - 1
