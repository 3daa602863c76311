"""Closed forms of the circuits that read transversely, words across tracks, T = the transverse-read distance.

A count of T domains has o bits: 2 for T = 3, else 3. One addition takes T - o + 1 rows: the window's T domains but
for the o - 1 carries that come in from the columns before.
"""

from collections.abc import Sequence

from trackmac.bits import NumberFormat
from trackmac.cost import Activity, Event, Phase


def transverse_read_adder_activity(*, operands: Sequence[NumberFormat], trd: int) -> Activity:
    """Return what one addition of 2, 3 or 5 words (T = 3, 5, 7) costs: `column_addition` of the sum's w columns."""
    return column_addition(_sum_bits(operands), trd)


def _sum_bits(operands: Sequence[NumberFormat]) -> int:
    """Return the bits of the sum.

    Signed words of n_i bits reach -sum 2^(n_i - 1), unsigned ones sum (2^n_i - 1); a word of k bits with its sign
    holds from -2^(k - 1) to 2^(k - 1) - 1.
    """
    least = sum(1 << x.bits - 1 for x in operands if x.is_signed)
    greatest = sum((1 << x.bits - x.is_signed) - 1 for x in operands)
    return max((least - 1).bit_length() if least else 0, greatest.bit_length()) + (least > 0)


def column_addition(columns: int, trd: int) -> Activity:
    """Return what adding the rows in the window costs, column by column.

    - Zeros are written first where no carry comes from: one carry C, and with o = 3 also two C', in one step.
    - Each column is read, then in one step its sum bit, C for the next column and C' for the one behind are written,
      as far as there are such columns: writes = w + (w - 1), and w - 2 with o = 3.
    """
    has_second_carry = trd > 3
    writes = 1 + 2 * has_second_carry + columns + (columns - 1) + has_second_carry * (columns - 2)
    return Activity(
        {
            Event.TRANSVERSE_READS: columns,
            Event.WRITES: writes,
            Event.SEQUENCER_STEPS: 1 + 2 * columns,
        },
        {Phase.TRANSVERSE_READ: columns, Phase.WRITE: 1 + columns},
    )
