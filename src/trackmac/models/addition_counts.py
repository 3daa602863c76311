"""Closed forms of the adders and of accumulation, from the algorithm: lowest bit first, the carry handed on.

n = a.bits, m = b.bits, w = bits of the result; all at least 2. A signed word repeats its top bit beyond its width
without sensing it again (the amplifier still holds it), an unsigned one is 0 there. The adders have their words
along tracks, the parallel one across.
"""

from functools import lru_cache

from trackmac.bits import NumberFormat
from trackmac.circuits.circuit import Layout
from trackmac.cost import Activity, total
from trackmac.models.walks import Carry, Walk, moved, walked, with_carry


def ripple_adder_activity(*, a: NumberFormat, b: NumberFormat) -> Activity:
    """Return what one ripple addition costs: `addition` with its carry in a latch."""
    return _addition(a, b, Carry.LATCH, carry_inputs=0)


def ripple_subtractor_activity(*, a: NumberFormat, b: NumberFormat) -> Activity:
    """Return what one ripple subtraction costs: as the addition, a borrow taking the place of the carry."""
    return _addition(a, b, Carry.LATCH, carry_inputs=0)


def latched_full_adder_activity(*, a: NumberFormat, b: NumberFormat) -> Activity:
    """Return what one latched addition costs: a ripple addition that also senses a carry-in at its first bit."""
    return _addition(a, b, Carry.LATCH, carry_inputs=1)


def magnetic_full_adder_activity(*, a: NumberFormat, b: NumberFormat) -> Activity:
    """Return what one classic magnetic addition costs: a latched one whose w - 1 carries pass an MTJ instead.

    The carry-in is sensed from that same MTJ: senses = n + m + w, writes = 2*w - 1, no latch closes.
    """
    return _addition(a, b, Carry.MTJ, carry_inputs=1)


def parallel_adder_activity(*, a: NumberFormat, b: NumberFormat) -> Activity:
    """Return what one parallel addition costs: one sense, one evaluate and one write step, nothing latched or shifted.

    senses = n + m, evaluations = w (w - 1 for two unsigned words), all in line, writes = w.
    """
    return _addition_walk(a, b, Carry.LATCH, carry_inputs=0).activity(Layout.ACROSS)


def sum_bits(a: NumberFormat, b: NumberFormat) -> int:
    """Return w, the bits of a + b, of a + b + 1 and (signed) of a - b: one more than the wider word.

    Where only one word is signed, the other takes a sign bit first, which makes it one bit wider.
    """
    is_mixed = a.is_signed != b.is_signed
    return 1 + max(word.bits + (is_mixed and not word.is_signed) for word in (a, b))


def _addition(a: NumberFormat, b: NumberFormat, carry: Carry, *, carry_inputs: int) -> Activity:
    """Return the walk over the w bits of the sum, and the way home.

    moves = w - 1 by one domain, the sum's track in all of them, a's in n - 1, b's in m - 1; then all home at once:
    shift_steps = 2*(w - 1), track_shifts = 2*((n - 1) + (m - 1) + (w - 1)).
    """
    distances = (a.bits - 1, b.bits - 1, sum_bits(a, b) - 1)
    walk = _addition_walk(a, b, carry, carry_inputs=carry_inputs).activity(Layout.ALONG)
    return walk.then(walked(*distances)).then(moved(*distances))


def _addition_walk(a: NumberFormat, b: NumberFormat, carry: Carry, *, carry_inputs: int) -> Walk:
    """Return the walk over the w bits of the sum.

    - senses = n + m + carry_inputs, at max(n, m) positions: each operand bit once, a carry-in with the first.
    - writes = w, at w positions.
    - evaluations = w, one full adder a position; but w - 1 for two unsigned words: the top sum bit is the last carry.
    - carries handed on = w - 1: out of every position but the last.
    """
    n, m, w = a.bits, b.bits, sum_bits(a, b)
    adders = w if a.is_signed or b.is_signed else w - 1
    walk = Walk(
        senses=n + m + carry_inputs,
        sensing=max(n, m),
        evaluations=adders,
        evaluating=adders,
        depth=adders,
        ripple=adders,
        writes=w,
        writing=w,
    )
    return with_carry(walk, w, carry)


@lru_cache(maxsize=4096)
def accumulate_activity(
    *, x: NumberFormat, accumulator: NumberFormat, layout: Layout, positions: tuple[int, ...] = (0,)
) -> Activity:
    """Return what adding x to an accumulator in place costs, once at each of the bits k_1 < k_2 < .. in `positions`.

    n = x.bits, q = accumulator.bits. A walk goes over the q - k bits from k on; taking x away costs the same. Along
    tracks the accumulator's first goes to bit k_1; a walk takes it to q - 1, x's min(n, q - k) - 1 up. From there both
    go at once to where the next walk starts, the accumulator's to its k, x's home; or, at the end, both home.
    """
    n, q = x.bits, accumulator.bits
    walks = total(accumulation_walk(n, q - k, Carry.LATCH).activity(layout) for k in positions)
    if layout is Layout.ACROSS:
        return walks
    distances = [accumulation_distances(n, q - k) for k in positions]
    moves = [moved(positions[0])]
    for (up, far), start in zip(distances, (*positions[1:], 0), strict=True):
        moves += [walked(up, far), moved(up, q - 1 - start)]
    return walks.then(total(moves))


@lru_cache(maxsize=4096)
def offset_activity(*, x: NumberFormat, result: NumberFormat, zero_point: int, layout: Layout) -> Activity:
    """Return what taking a known code from a word in place costs: n = x.bits, q = result.bits, z its trailing zeros.

    The walk goes over the q - z bits from z on: senses = n - z, a full adder and a write at each position, the carry
    handed on. Along tracks: one move to bit z, up to q - 1, and home.
    """
    n, q, zeros = x.bits, result.bits, _trailing_zeros(zero_point)
    positions = q - zeros
    walk = Walk(
        senses=n - zeros,
        sensing=n - zeros,
        evaluations=positions,
        evaluating=positions,
        depth=positions,
        ripple=positions,
        writes=positions,
        writing=positions,
    )
    adding = with_carry(walk, positions, Carry.LATCH).activity(layout)
    if layout is Layout.ACROSS:
        return adding
    return total((moved(zeros), adding, walked(positions - 1), moved(q - 1)))


def _trailing_zeros(number: int) -> int:
    """Return how often 2 divides a number that is not 0."""
    zeros = 0
    while number % 2 ** (zeros + 1) == 0:
        zeros += 1
    return zeros


def accumulation_walk(addend_bits: int, accumulator_bits: int, carry: Carry) -> Walk:
    """Return the walk that adds an addend to all q bits of an accumulator in place.

    - senses = q + min(addend_bits, q), at q positions: every accumulator bit, and the addend's as far as it goes.
    - evaluations = q, one full adder each, the carry rippling through all of them; writes = q; q - 1 carries handed on.
    """
    q = accumulator_bits
    walk = Walk(
        senses=q + min(addend_bits, q),
        sensing=q,
        evaluations=q,
        evaluating=q,
        depth=q,
        ripple=q,
        writes=q,
        writing=q,
    )
    return with_carry(walk, q, carry)


def accumulation_distances(addend_bits: int, accumulator_bits: int) -> tuple[int, int]:
    """Return how far the addend's and the accumulator's track go in `accumulation_walk`."""
    return min(addend_bits, accumulator_bits) - 1, accumulator_bits - 1
