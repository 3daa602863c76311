"""Closed forms of the circuits that read transversely, words across tracks, T = the transverse-read distance.

A count of T domains has o bits: 2 for T = 3, else 3. One addition takes T - o + 1 rows: the window's T domains but
for the o - 1 carries that come in from the columns before.
"""

from collections.abc import Sequence

from trackmac.bits import NumberFormat
from trackmac.circuits.circuit import Layout
from trackmac.cost import Activity, Event, Phase, total
from trackmac.models.walks import Walk, moved


def transverse_read_adder_activity(*, operands: Sequence[NumberFormat], trd: int) -> Activity:
    """Return what one addition of 2, 3 or 5 words (T = 3, 5, 7) costs: `column_addition` of the sum's w columns."""
    return column_addition(_sum_bits(operands), trd)


def transverse_read_multiplier_activity(*, a: NumberFormat, b: NumberFormat, trd: int) -> Activity:
    """Return what one multiplication costs, n = a.bits, m = b.bits.

    All n + m bits are sensed at once; each of the m partial products is evaluated when its row is due, n cells side by
    side; the rows are added in n + m columns. A row of constants corrects the complements, where there is a sign.
    """
    sensing = _sensed(a.bits + b.bits)
    return total((sensing, _partial_products(a, b), *_row_addition(a.bits + b.bits, _products(a, b), trd)))


def transverse_read_mac_activity(*, a: NumberFormat, b: NumberFormat, accumulator: NumberFormat, trd: int) -> Activity:
    """Return what one multiply-and-accumulate costs: as the multiplication, in p columns, with a row more."""
    sensing = _sensed(a.bits + b.bits + accumulator.bits)
    return total((sensing, _partial_products(a, b), *_row_addition(accumulator.bits, _products(a, b) + 1, trd)))


def transverse_read_dot_product_activity(
    *, a: NumberFormat, b: NumberFormat, accumulator: NumberFormat, words: int, trd: int
) -> Activity:
    """Return what accumulating the dot product of K = `words` pairs costs; p = accumulator.bits, n and m as above.

    - All n + m bits of a pair are sensed at once, with the first pair the accumulator's p, too; then m times n products
      of bits, as in a multiplication. Between the pairs the n + m tracks of a and b shift by one, K - 1 times.
    - K m + 1 rows, and one more with a sign, are added in p columns: compressions go on through all pairs, the
      addition comes once.
    - Home from K - 1 domains away go the operands, with them the columns from T - 2 after an odd number of fills.
    """
    n, m, columns = a.bits, b.bits, accumulator.bits
    rows = words * m + 1 + (a.is_signed or b.is_signed)
    *adding, _ = _row_addition(columns, rows, trd)
    pairs = (
        _sensed(n + m + columns),
        _sensed(n + m).repeated(words - 1),
        _partial_products(a, b).repeated(words),
        moved(*(1,) * (n + m)).repeated(words - 1),
    )
    home = moved(*(words - 1,) * (n + m), *(displacement(rows, trd),) * columns)
    return total((*pairs, *adding, home))


def bitplane_popcount_mac_activity(
    *, x: NumberFormat, w: NumberFormat, accumulator: NumberFormat, trd: int
) -> Activity:
    """Return what accumulating the dot product of T elements costs, n = x.bits, m = w.bits, p = accumulator.bits.

    - The accumulator is sensed once. For each of m planes of w, T times: n + 1 senses, n products of bits, n writes,
      each at once; then one transverse read of n tracks, whose counts make o rows.
    - Between the elements all n + m planes shift by one, T - 1 times; the n tracks that are counted T - 2 times, as
      their last bit comes in at the other port.
    - m * o + 1 rows, and one more with a sign, are added in p columns.
    - What was walked forth and back is home; after an odd number of planes, planes and counted tracks are T - 1 and
      T - 2 domains away. They go home together with the columns, which are T - 2 away after an odd number of fills.
    """
    n, m, columns = x.bits, w.bits, accumulator.bits
    element = Walk(senses=n + 1, sensing=1, evaluations=n, evaluating=1, ripple=1, writes=n, writing=1)
    plane = (
        element.activity(Layout.ACROSS).repeated(trd),
        moved(*(1,) * (2 * n + m)).repeated(trd - 2),
        moved(*(1,) * (n + m)),
        _read_at_once(n),
    )
    rows = m * trd.bit_length() + 1 + (x.is_signed or w.is_signed)
    *adding, _ = _row_addition(columns, rows, trd)
    is_odd = m % 2
    away = ((trd - 1) * is_odd,) * (n + m) + ((trd - 2) * is_odd,) * n + (displacement(rows, trd),) * columns
    return total((_sensed(columns), total(plane).repeated(m), *adding, moved(*away)))


def _sensed(bits: int) -> Activity:
    return Walk(senses=bits, sensing=1).activity(Layout.ACROSS)


def _partial_products(a: NumberFormat, b: NumberFormat) -> Activity:
    return Walk(evaluations=a.bits, evaluating=1, ripple=1).activity(Layout.ACROSS).repeated(b.bits)


def _products(a: NumberFormat, b: NumberFormat) -> int:
    """Return the rows of a product: one for each bit of b, and the constants if there is a sign."""
    return b.bits + (a.is_signed or b.is_signed)


def _row_addition(columns: int, rows: int, trd: int) -> tuple[Activity, ...]:
    """Return what adding rows costs: compressions, the last addition, and the way home.

    A compression makes o rows of T, g = T - o fewer; q = ceil((rows - (g + 1)) / g) of them leave at most g + 1 rows
    for the addition, with rows of zeros exactly so many. Each of the w columns is written in every row.

    - rows written: T for each compression, g + 1 for the addition.
    - write steps: T - 1 for each compression, whose last two rows come in at once, at both ports, but one more for the
      first, which makes both; T - 2 for the addition, since what it has more goes with the first carries.
    - shift steps: T - 2 before each of the q + 1 reads. Every other fill goes back, so that the way home is T - 2
      after an odd number of fills and nothing after an even one.
    """
    gain, rounds = trd - trd.bit_length(), _compressions(rows, trd)
    row_count = rounds * trd + gain + 1
    steps = rounds * (trd - 1) + (rounds > 0) + trd - 2
    writing = Activity(
        {Event.WRITES: row_count * columns, Event.SEQUENCER_STEPS: steps},
        {Phase.WRITE: steps},
    )
    return (
        writing,
        moved(*(1,) * columns).repeated((rounds + 1) * (trd - 2)),
        _read_at_once(columns).repeated(rounds),
        column_addition(columns, trd),
        moved(*(displacement(rows, trd),) * columns),
    )


def _compressions(rows: int, trd: int) -> int:
    gain = trd - trd.bit_length()
    return max(0, -((gain + 1 - rows) // gain))


def displacement(rows: int, trd: int) -> int:
    """Return how far the columns stand from home after adding so many rows."""
    return 0 if _compressions(rows, trd) % 2 else trd - 2


def _read_at_once(tracks: int) -> Activity:
    return Activity({Event.TRANSVERSE_READS: tracks, Event.SEQUENCER_STEPS: 1}, {Phase.TRANSVERSE_READ: 1})


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
