"""Closed forms of the circuits over K words that lie one behind another: n bits each, n and K at least 2.

Between words their track goes on by one domain, in the move that takes the others back to their first bits. Across
tracks all n tracks of the words go on by one at once, and back by K - 1 at the end.
"""

from trackmac.bits import NumberFormat
from trackmac.circuits.circuit import Layout
from trackmac.cost import Activity, total
from trackmac.models.activation_counts import collecting_walk, comparing_walk
from trackmac.models.addition_counts import accumulation_walk
from trackmac.models.walks import Carry, Walk, moved, walked, with_carry


def average_pool_activity(*, x: NumberFormat, words: int, layout: Layout) -> Activity:
    """Return what the mean of K = 2^s words costs; their sum has q = n + s bits.

    The first word is copied; each later one turns the sum of k words into that of k + 1 (`_growing`). Then s bits are
    collected for rounding, and n bits rounded: a half adder each, behind a rounding cell the first, the carry handed on
    n - 1 times.
    Along tracks the sum's track goes back to its first bit before each word but the first and before rounding, which
    takes it from 0 to q - 1 and the mean's from 0 to n - 1 in its last n - 1 moves.
    """
    n, shift = x.bits, words.bit_length() - 1
    q = n + shift
    rounding = Walk(
        senses=n,
        sensing=n,
        evaluations=n + 1,
        evaluating=n,
        depth=n + 1,
        ripple=n + 1,
        writes=n,
        writing=n,
    )
    walks = total(
        (
            _copying(n, n).activity(layout),
            *(_growing(x, k).activity(layout) for k in range(1, words)),
            collecting_walk(q, shift).activity(layout),
            with_carry(rounding, n, Carry.LATCH).activity(layout),
        )
    )
    if layout is Layout.ACROSS:
        return walks.then(_across(n, words))
    moves = (
        walked(n - 1, n - 1),
        *(moved(1, sum_of(x, k) - 1).then(walked(sum_of(x, k + 1) - 1, n - 1)) for k in range(1, words)),
        moved(q - 1),
        walked(q - 1, n - 1),
        moved(words * n - 1, q - 1, n - 1),
    )
    return walks.then(total(moves))


def sum_of(x: NumberFormat, words: int) -> int:
    """Return the bits of the sum of so many words: n + ceil(log2 K) if signed, else those of K*(2^n - 1)."""
    if x.is_signed:
        return x.bits + (words - 1).bit_length()
    return (words * x.maximum).bit_length()


def _growing(x: NumberFormat, words: int) -> Walk:
    """Return the walk that adds a word of n bits to the sum of so many, u bits, in place: w bits, u or u + 1.

    senses = u + n, at u positions; a full adder at each of w positions if the words are signed, else at u: where the
    sum has grown, its top bit is the last carry; writes = w; the carry is handed on w - 1 times.
    """
    n, u, w = x.bits, sum_of(x, words), sum_of(x, words + 1)
    adders = w if x.is_signed else u
    walk = Walk(
        senses=u + n,
        sensing=u,
        evaluations=adders,
        evaluating=adders,
        depth=adders,
        ripple=adders,
        writes=w,
        writing=w,
    )
    return with_carry(walk, w, Carry.LATCH)


def _copying(n: int, q: int) -> Walk:
    """Return the walk that copies a word of n bits to q bits."""
    return Walk(senses=n, sensing=n, writes=q, writing=q)


def argmax_activity(*, x: NumberFormat, words: int, layout: Layout) -> Activity:
    """Return what the index of the greatest of K words costs; the one of word k has i_k bits, i_k = bit_length(k).

    At first a word is copied. Each other word k = 1 .. K - 1 is compared; after that, except for the last word, n bits
    of the word and of the greatest so far are sensed, chosen and written; and of the index i_(k-1) bits, a further one
    only written where k is a power of two.
    Along tracks both words' tracks go n - 1 up for comparing and, except for the last word, back and up for choosing;
    the index's track goes back from where word k - 1 left it, and i_k - 1 up.
    """
    n = x.bits
    walks = total(
        (
            _copying(n, n).activity(layout),
            comparing_walk(n).activity(layout).repeated(words - 1),
            *(_choosing(n if k < words - 1 else 0, k).activity(layout) for k in range(1, words)),
        )
    )
    if layout is Layout.ACROSS:
        return walks.then(_across(n, words))
    moves = (
        walked(n - 1, n - 1).repeated(words),
        moved(1, n - 1).repeated(words - 1),
        moved(n - 1, n - 1).then(walked(n - 1, n - 1)).repeated(words - 2),
        *(moved(k.bit_length() - 1).then(walked((k + 1).bit_length() - 1)) for k in range(1, words - 1)),
        moved(words * n - 1, n - 1, (words - 1).bit_length() - 1),
    )
    return walks.then(total(moves))


def carry_save_accumulator_activity(*, x: NumberFormat, words: int, layout: Layout) -> Activity:
    """Return what summing K words costs with sum and carry kept apart; q = `sum_of` bits.

    The first word is copied to all q bits. Each later one is a walk of q adders side by side: senses = n + q, and from
    the third word on the q - 1 carry bits, along tracks each latched for the next position; writes = 2*q - 1. At the
    end q - 1 adders in line add the carry word from bit 1 on.
    Along tracks the carry's track goes with the sum's, up to q - 2; both go back q - 2 for the end, where the sum
    starts at bit 1.
    """
    n, q = x.bits, sum_of(x, words)
    walks = total(
        (
            _copying(n, q).activity(layout),
            _saving(n, q, carries=0).activity(layout),
            _saving(n, q, carries=q - 1).activity(layout).repeated(words - 2),
            accumulation_walk(q - 1, q - 1, Carry.LATCH).activity(layout),
        )
    )
    if layout is Layout.ACROSS:
        return walks.then(_across(n, words))
    saving, ending = (q - 1, n - 1, q - 2), (q - 2, q - 2)
    moves = (
        walked(q - 1, n - 1),
        moved(1, q - 1),
        walked(*saving).repeated(words - 1),
        moved(1, q - 1, q - 2).repeated(words - 2),
        moved(*ending).then(walked(*ending)),
        moved(words * n - 1, q - 1, q - 2),
    )
    return walks.then(total(moves))


def _saving(n: int, q: int, *, carries: int) -> Walk:
    return Walk(
        senses=n + q + carries,
        sensing=q,
        evaluations=q,
        evaluating=q,
        depth=q,
        ripple=1,
        writes=2 * q - 1,
        writing=q,
        latches=carries,
    )


def _choosing(n: int, k: int) -> Walk:
    """Return the walk that rewrites n bits of the greatest word and the index of word k."""
    old, i = (k - 1).bit_length(), k.bit_length()
    return Walk(
        senses=2 * n + old,
        sensing=n + old,
        evaluations=n + old,
        evaluating=n + old,
        depth=n + old,
        ripple=min(n + old, 1),
        writes=n + i,
        writing=n + i,
    )


def _across(n: int, words: int) -> Activity:
    """Return the moves across tracks: n tracks by one for each word but the first, and back."""
    return moved(*[1] * n).repeated(words - 1).then(moved(*[words - 1] * n))
