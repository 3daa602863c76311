"""Closed forms of what a CNN needs besides products: relu, max_pool, requantize, from the algorithms.

Widths are at least 2.
"""

from functools import lru_cache

from trackmac.bits import NumberFormat
from trackmac.circuits.circuit import Layout
from trackmac.cost import Activity, total
from trackmac.models.addition_counts import sum_bits
from trackmac.models.walks import Carry, Walk, moved, walked, with_carry


@lru_cache(maxsize=4096)
def relu_activity(*, x: NumberFormat, layout: Layout) -> Activity:
    """Return what one relu in place costs, n = x.bits, s = 1 if x is signed, else 0.

    The sign is sensed and latched first (s senses, s latch updates); then each of n bits is sensed, evaluated and
    written: senses = n + s, evaluations = writes = n.
    Along tracks the signed word's track goes n - 1 to the sign and back, then every word's n - 1 up and back:
    shift_steps = track_shifts = 2*(n - 1)*(1 + s).
    """
    n, s = x.bits, int(x.is_signed)
    to_sign = Walk(senses=s, sensing=s, latches=s, kept=s).activity(layout)
    rewriting = Walk(senses=n, sensing=n, evaluations=n, evaluating=n, depth=n, ripple=1, writes=n, writing=n).activity(
        layout
    )
    walks = to_sign.then(rewriting)
    if layout is Layout.ACROSS:
        return walks
    return total((walks, moved(n - 1).repeated(2 * s), walked(n - 1), moved(n - 1)))


@lru_cache(maxsize=4096)
def clip_activity(*, x: NumberFormat, layout: Layout) -> Activity:
    """Return what clipping an n-bit word in place costs, whatever the bounds.

    The comparing walk: senses = n, two subtractors a position, side by side, both borrows latched after each.
    The selecting walk: senses = n, two multiplexers a position, one behind the other, writes = n.
    Along tracks the word's track goes n - 1 up and back, twice.
    """
    n = x.bits
    comparing = Walk(
        senses=n, sensing=n, evaluations=2 * n, evaluating=n, depth=n, ripple=n, latches=2 * n, kept=2
    ).activity(layout)
    selecting = Walk(
        senses=n, sensing=n, evaluations=2 * n, evaluating=n, depth=2 * n, ripple=2, writes=n, writing=n
    ).activity(layout)
    walks = comparing.then(selecting)
    if layout is Layout.ACROSS:
        return walks
    return walks.then(walked(n - 1).then(moved(n - 1)).repeated(2))


@lru_cache(maxsize=4096)
def max_pool_activity(*, x: NumberFormat, layout: Layout) -> Activity:
    """Return what the greater of two n-bit words costs, in place of the first.

    The comparing walk: senses = 2*n, n subtractors in line, the borrow latched after each (across: after the last).
    The selecting walk: senses = 2*n, n multiplexers side by side, writes = n.
    Along tracks both words' tracks go n - 1 up and back, twice: shift_steps = 4*(n - 1), track_shifts = 8*(n - 1).
    """
    n = x.bits
    comparing = comparing_walk(n).activity(layout)
    selecting = Walk(
        senses=2 * n, sensing=n, evaluations=n, evaluating=n, depth=n, ripple=1, writes=n, writing=n
    ).activity(layout)
    walks = comparing.then(selecting)
    if layout is Layout.ACROSS:
        return walks
    return walks.then(walked(n - 1, n - 1).then(moved(n - 1, n - 1)).repeated(2))


def comparing_walk(n: int) -> Walk:
    """Return the walk that compares two n-bit words: n subtractors in line, the borrow latched after each."""
    return Walk(senses=2 * n, sensing=n, evaluations=n, evaluating=n, depth=n, ripple=n, latches=n, kept=1)


def residual_add_activity(*, a: NumberFormat, b: NumberFormat, output: NumberFormat, layout: Layout) -> Activity:
    """Return what a clamped addition costs: the sum of w bits, of which r = output.bits are written, then clamping.

    n = a.bits, m = b.bits.
    - senses = n + m at max(n, m) positions; a full adder at each of w positions, but two unsigned words have none at
      the top one, which is their last carry; w - 1 carries are handed on.
    - Overflow is recorded from bit r on, from r - 1 if the output is signed, but the top bit of a signed sum is the
      sign, latched as it is. A record is an OR and a latch, or two of each where both are signed.
    - Rippling: the adders in line. Every record follows its adder and the record before, so that only the one of an
      unsigned sum's top bit lengthens the line, by one, and by one more if there is a record before it.
    Along tracks all three words' tracks go up together; the sum's goes back and up again for clamping; then all home.
    """
    n, m, r, w = a.bits, b.bits, output.bits, sum_bits(a, b)
    is_signed = a.is_signed or b.is_signed
    recorded = w - r + output.is_signed - is_signed
    kinds = 1 + (is_signed and output.is_signed)
    adders = w if is_signed else w - 1
    adding = Walk(
        senses=n + m,
        sensing=max(n, m),
        evaluations=adders + kinds * recorded,
        evaluating=w,
        depth=adders + recorded,
        ripple=w if is_signed else w + min(recorded - 1, 1),
        writes=r,
        writing=r,
        latches=is_signed + kinds * recorded,
        kept=is_signed + kinds * min(recorded, 1),
    )
    exact = NumberFormat(w, is_signed)
    walks = with_carry(adding, w, Carry.LATCH).activity(layout).then(_clamping(exact, output).activity(layout))
    if layout is Layout.ACROSS:
        return walks
    distances = (n - 1, m - 1, r - 1)
    return total((walks, walked(*distances), moved(r - 1), walked(r - 1), moved(*distances)))


@lru_cache(maxsize=4096)
def requantize_activity(
    *, x: NumberFormat, shift: int, output: NumberFormat, layout: Layout, zero_point: int = 0
) -> Activity:
    """Return what one requantisation costs: collecting what is shifted out, rounding, clamping; `_moves` along tracks.

    n = x.bits, r = output.bits, s = shift (negative: to the left).
    """
    walks = total(
        (
            collecting_walk(x.bits, shift).activity(layout),
            _rounding(x, shift, output, has_zero_point=zero_point != 0).activity(layout),
            _clamping(NumberFormat(x.bits, x.is_signed or zero_point != 0), output).activity(layout),
        )
    )
    return walks if layout is Layout.ACROSS else walks.then(_moves(x.bits, shift, output.bits))


def collecting_walk(n: int, shift: int) -> Walk:
    """Return the walk over the s = shift bits that are shifted out, none if s <= 0.

    Bits 0 .. s - 2 go through an OR each, one behind the other, into the sticky bit; bit s - 1 is the guard bit. Each
    is latched; min(s, n) of them exist and are sensed. Where the guard bit lies beyond x its latch closes alone.
    """
    s = max(shift, 0)
    sensed, ors = min(s, n), max(s - 1, 0)
    return Walk(
        senses=sensed,
        sensing=sensed,
        evaluations=ors,
        evaluating=ors,
        depth=ors,
        ripple=ors,
        only_latching=int(s > n),
        latches=s,
        kept=min(s, 2),
    )


def _rounding(x: NumberFormat, shift: int, output: NumberFormat, *, has_zero_point: bool) -> Walk:
    """Return the walk that adds the rounding bit to x >> s: positions 0 .. t, where t = max(n - s, r).

    A zero point makes the sum signed, one position longer, and its half adders full ones, as many.

    - senses = n - max(s, 0), if that is positive: each bit of x that is left, once.
    - A half adder at each of t + 1 positions, the carry latched but at the last; where s > 0 one rounding cell before
      the first.
    - Overflow is recorded at positions r .. t, from r - 1 if the output is signed; but t itself is the sign if x is
      signed, latched as it is. A record is an OR and a latch, or two of each (all bits set?) where both are signed.
    - writes = r: the lowest positions.
    - Rippling: rounding cell and t + 1 half adders in line. Every record follows its half adder and the record before,
      so the records lengthen that line by one only where the top position is recorded: where x is unsigned.
    - Kept across tracks: the sign, whether any bit is set and whether all are, as far as clamping has to know.
    """
    n, r = x.bits, output.bits
    rounds = int(shift > 0)
    sensed = max(n - max(shift, 0), 0)
    top = max(n - shift, r) + has_zero_point
    is_signed = x.is_signed or has_zero_point
    recorded = top - r + output.is_signed + (not is_signed)
    kinds = 1 + (is_signed and output.is_signed)
    return Walk(
        senses=sensed,
        sensing=sensed,
        evaluations=rounds + top + 1 + kinds * recorded,
        evaluating=top + 1,
        depth=rounds + top + 1 + recorded,
        ripple=rounds + top + 1 + (not is_signed),
        writes=r,
        writing=r,
        latches=top + is_signed + kinds * recorded,
        kept=is_signed + kinds * min(recorded, 1),
    )


def _clamping(x: NumberFormat, output: NumberFormat) -> Walk:
    """Return the walk that rewrites the r result bits, a signed output's top bit with the latched sign alone.

    Each other bit is sensed and passes an OR (all ones on overflow); after it, where x is signed, an AND NOT (zero if
    negative), or for a signed output a multiplexer, with an AND beside the OR (lowest number on negative overflow).
    """
    r = output.bits
    rewritten = r - output.is_signed
    cells = 1 + x.is_signed + (x.is_signed and output.is_signed)
    levels = 1 + x.is_signed
    return Walk(
        senses=rewritten,
        sensing=rewritten,
        evaluations=cells * rewritten,
        evaluating=rewritten,
        depth=levels * rewritten,
        ripple=levels,
        writes=r,
        writing=r,
    )


def _moves(n: int, shift: int, r: int) -> Activity:
    """Return the moves along tracks.

    Collecting and rounding together take x's track from bit 0 to n - 1, and rounding the result's from 0 to r - 1.
    Result bit t is made of x's bit t + s, so both move at once where both have a bit at t and at t - 1, within the
    rounding walk: for t from 1 + max(-s, 0) to min(r, n - s) - 1. Then the result's track goes back r - 1, up again for
    clamping, and both go home at once.
    """
    together = max(min(r, n - shift) - 1 - max(-shift, 0), 0)
    rounding = (walked(n - 1 - together), walked(r - 1 - together), walked(together, together))
    return total((*rounding, moved(r - 1), walked(r - 1), moved(n - 1, r - 1)))
