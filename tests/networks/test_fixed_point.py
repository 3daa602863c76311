"""Ratios of scales as multipliers: exact where they can be, else near, and short enough to lie on a track."""

from fractions import Fraction

import numpy as np
import pytest

from trackmac.networks.fixed_point import LEAST_BITS, SHORT_BITS, fixed_point


@pytest.mark.parametrize(
    ("ratios", "multipliers", "shift"),
    [
        ([Fraction(1, 8)], (1,), 3),
        ([Fraction(3, 8)], (3,), 3),
        ([Fraction(1, 8), Fraction(1, 2)], (1, 4), 3),
        ([Fraction(4)], (1,), -2),
    ],
)
def test_powers_of_two_are_exact(ratios: list[Fraction], multipliers: tuple[int, ...], shift: int) -> None:
    assert fixed_point(ratios, 20) == (multipliers, shift)


@pytest.mark.parametrize("word_bits", range(8, 38))
@pytest.mark.parametrize("spread", [1, 10, 100])
def test_products_fit_a_track_as_long_as_16_bits_of_a_multiplier_do(word_bits: int, spread: int) -> None:
    rng = np.random.default_rng(word_bits)
    ratios = [Fraction(float(value)) / 1000 for value in rng.uniform(1, spread, 20)]

    multipliers, shift = fixed_point(ratios, word_bits)

    bits = max(multipliers).bit_length()
    assert word_bits + bits <= max(SHORT_BITS, word_bits + LEAST_BITS)
    if word_bits <= SHORT_BITS - 20:
        assert bits >= 19
    for multiplier, ratio in zip(multipliers * (20 if len(multipliers) == 1 else 1), ratios, strict=True):
        assert abs(Fraction(multiplier, 1 << shift) / ratio - 1) <= Fraction(4 * spread, 1 << min(20, bits))
