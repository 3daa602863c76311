"""Closed forms of the multipliers and multiply-and-accumulate circuits, from the algorithms.

n = a.bits, m = b.bits, both at least 2 and each signed or not; the product has n + m bits. Both algorithms leave a's
track at its top bit (n - 1), b's at m - 1 and the product's at n + m - 1.
"""

from dataclasses import replace
from functools import lru_cache

from trackmac.bits import NumberFormat
from trackmac.circuits.circuit import Layout
from trackmac.cost import NOTHING, Activity, Event, total
from trackmac.errors import OperandError
from trackmac.models.activation_counts import requantize_activity
from trackmac.models.addition_counts import accumulation_distances, accumulation_walk
from trackmac.models.walks import Carry, Walk, moved, walked, with_carry


def shift_add_multiplier_activity(*, a: NumberFormat, b: NumberFormat, layout: Layout) -> Activity:
    """Return what one shift-add multiplication costs: `_shift_add_product`, then all tracks home.

    Along tracks: senses = n + 1 + (m - 1)*(2*n + 1) = m + 2*n*m - n; writes = m*(n + 1); latch_updates = n*(m - 1).
    """
    return _shift_add_product(a, b, layout, Carry.LATCH).then(_home(a, b, layout))


@lru_cache(maxsize=4096)
def booth_radix4_multiplier_activity(*, a: NumberFormat, b: NumberFormat, layout: Layout) -> Activity:
    """Return what one Booth multiplication costs: `_booth_product`, then all tracks home."""
    return _booth_product(a, b, layout).then(_home(a, b, layout))


@lru_cache(maxsize=4096)
def shift_add_mac_activity(*, a: NumberFormat, b: NumberFormat, accumulator: NumberFormat, layout: Layout) -> Activity:
    """Return what one shift-add multiply-and-accumulate costs: the product, then its accumulation."""
    return _shift_add_product(a, b, layout, Carry.LATCH).then(_accumulation(a, b, accumulator, layout, Carry.LATCH))


@lru_cache(maxsize=4096)
def booth_radix4_mac_activity(
    *, a: NumberFormat, b: NumberFormat, accumulator: NumberFormat, layout: Layout
) -> Activity:
    """Return what one Booth multiply-and-accumulate costs: the product, then its accumulation."""
    return _booth_product(a, b, layout).then(_accumulation(a, b, accumulator, layout, Carry.LATCH))


@lru_cache(maxsize=4096)
def magnetic_mac_activity(*, a: NumberFormat, b: NumberFormat, accumulator: NumberFormat, layout: Layout) -> Activity:
    """Return what one magnetic multiply-and-accumulate costs: shift-add, every carry through the one MTJ.

    Raises:
        OperandError: words lie across tracks, where all carries would need that MTJ at once.
    """
    if layout is Layout.ACROSS:
        raise OperandError(f"magnetic_mac has words along tracks, not {layout.value!r}; choose one of these")
    return _shift_add_product(a, b, layout, Carry.MTJ).then(_accumulation(a, b, accumulator, layout, Carry.MTJ))


def dot_product_activity(mac: Activity, *, a: NumberFormat, b: NumberFormat, words: int, layout: Layout) -> Activity:
    """Return what K = `words` multiply-and-accumulates cost, each `mac`, on operands one behind another.

    Each pair but the first is one domain further on, on both operands' tracks at once; at the end both go home: along
    tracks from the last word's top bit, across tracks by K - 1.
    """
    n, m = a.bits, b.bits
    if layout is Layout.ACROSS:
        onwards, home = moved(*[1] * (n + m)), moved(*[words - 1] * (n + m))
    else:
        onwards, home = moved(1, 1), moved(words * n - 1, words * m - 1)
    return total((mac.repeated(words), onwards.repeated(words - 1), home))


def fixed_point_requantize_activity(
    *, x: NumberFormat, multiplier_bits: int, shift: int, output: NumberFormat, layout: Layout
) -> Activity:
    """Return what requantisation by a fixed-point factor costs: a Booth product, then requantisation of it.

    Along tracks the product's track goes back n + m - 1 between; x's and the multiplier's go home with it at the end,
    which takes no more steps: track shifts alone, n - 1 and m - 1.
    """
    n, m = x.bits, multiplier_bits
    multiplier = NumberFormat(m, is_signed=False)
    scaling = requantize_activity(x=NumberFormat(n + m, x.is_signed), shift=shift, output=output, layout=layout)
    product = _booth_product(x, multiplier, layout)
    if layout is Layout.ACROSS:
        return product.then(scaling)
    operands_home = Activity({Event.TRACK_SHIFTS: n - 1 + m - 1})
    return total((product, moved(n + m - 1), scaling, operands_home))


def _home(a: NumberFormat, b: NumberFormat, layout: Layout) -> Activity:
    """Return the move of a multiplier's tracks to their first bits: n + m - 1 steps, 2*(n + m) - 3 track shifts."""
    n, m = a.bits, b.bits
    return NOTHING if layout is Layout.ACROSS else moved(n - 1, m - 1, n + m - 1)


def _accumulation(
    a: NumberFormat, b: NumberFormat, accumulator: NumberFormat, layout: Layout, carry: Carry
) -> Activity:
    """Return what accumulates the product; along tracks its track goes back n + m - 1 first.

    After the walk the product's and the accumulator's track go home; the operands' stay at their top bits.
    """
    n, m, q = a.bits, b.bits, accumulator.bits
    walk = accumulation_walk(n + m, q, carry).activity(layout)
    if layout is Layout.ACROSS:
        return walk
    distances = accumulation_distances(n + m, q)
    return total((moved(n + m - 1), walk, walked(*distances), moved(*distances)))


def _shift_add_product(a: NumberFormat, b: NumberFormat, layout: Layout, carry: Carry) -> Activity:
    """Return m walks over n + 1 product bits each: the first copies a AND b_0, each later one adds a AND b_j at bit j.

    The first walk: senses = n + 1 (a, and b_0 with its first bit) at n positions; n ANDs; writes = n + 1, the top one
    a's sign or 0.
    A later walk: senses = 2*n + 1 (a, the product's bits, b_j) at n positions; n ANDs, each before an adder; where a is
    signed one adder more for its repeated sign, where it is not the top bit is the last carry; writes = n + 1; the
    carry handed on through all n + 1 positions. Rippling, the first AND and all adders stand in line.
    Moves along tracks: the product's track goes n domains in a walk, a's n - 1; between walks both go back n - 1 while
    b's goes on by 1 (n - 1 steps, as n >= 2).
    """
    n, m = a.bits, b.bits
    adders = n + a.is_signed
    first = Walk(senses=n + 1, sensing=n, evaluations=n, evaluating=n, depth=n, ripple=1, writes=n + 1, writing=n + 1)
    later = Walk(
        senses=2 * n + 1,
        sensing=n,
        evaluations=n + adders,
        evaluating=adders,
        depth=n + adders,
        ripple=1 + adders,
        writes=n + 1,
        writing=n + 1,
    )
    later = with_carry(later, n + 1, carry)
    walks = first.activity(layout).then(later.activity(layout).repeated(m - 1))
    if layout is Layout.ACROSS:
        return walks
    return total((walks, walked(n, n - 1).repeated(m), moved(n - 1, n - 1, 1).repeated(m - 1)))


def booth_digit_count(b: NumberFormat) -> int:
    """Return the radix-4 digits of b: ceil(m/2); an unsigned b of even width needs one more, for its sign 0."""
    return (b.bits + 1) // 2 + (not b.is_signed and b.bits % 2 == 0)


def _booth_product(a: NumberFormat, b: NumberFormat, layout: Layout) -> Activity:
    """Return the recoding of D = booth_digit_count(b) digits and, after each, the walk that adds its multiple of a.

    The walk for digit k writes the product's bits from 2*k on: n + 2 of them, the last digit's only the
    n + m - 2*(D - 1) that are left. Together the walks visit D*n + m positions, since each passes n bits of a and then
    bits that no walk reached before. Every walk but the first also senses the n product bits below a's, in the same
    steps as a's. Along tracks, before each walk but the first, a's and the product's track go back n - 1 together.
    """
    n, m, digits = a.bits, b.bits, booth_digit_count(b)
    last = n + m - 2 * (digits - 1)
    parts = [
        _recoding(m, digits, layout),
        _digit_walk(n, n + 2).activity(layout).repeated(digits - 1),
        _digit_walk(n, last).activity(layout),
        Walk(senses=(digits - 1) * n).activity(layout),
    ]
    if layout is Layout.ALONG:
        parts += [
            walked(n + 1, n - 1).repeated(digits - 1),
            walked(last - 1, n - 1),
            moved(n - 1, n - 1).repeated(digits - 1),
        ]
    return total(parts)


def _recoding(m: int, digits: int, layout: Layout) -> Activity:
    """Return what recoding all of b costs: senses = m, evaluations = D, one encoder a digit.

    A digit is made of two bits of b, sensed one after the other (along tracks the lower is latched meanwhile), the last
    of an odd m of one, the one beyond an even m of none. Four latches close with the encoder: the digit's three
    signals and the upper bit, which the next digit needs. Along tracks, b's track makes m - 1 moves, each on its own.
    """
    pair = Walk(senses=2, sensing=2, evaluations=1, evaluating=1, depth=1, ripple=1, latches=5, kept=4)
    odd = m % 2
    rest = replace(pair, senses=odd, sensing=odd, latches=4 + odd)
    walks = pair.activity(layout).repeated(m // 2).then(rest.activity(layout).repeated(digits - m // 2))
    return walks if layout is Layout.ACROSS else walks.then(walked(m - 1))


def _digit_walk(n: int, positions: int) -> Walk:
    """Return the walk that adds one digit's multiple of a: n senses of a; a selector before an adder at each position.

    Along tracks each of a's bits is latched too, for the doubled multiple. Rippling, the first selector and all adders
    stand in line.
    """
    walk = Walk(
        senses=n,
        sensing=n,
        evaluations=2 * positions,
        evaluating=positions,
        depth=2 * positions,
        ripple=positions + 1,
        writes=positions,
        writing=positions,
        latches=n,
    )
    return with_carry(walk, positions, Carry.LATCH)
