"""Closed forms of the multiplications by a known weight: exact, from the weight's non-zero canonical signed digits.

n = a.bits, m = b.bits; the digits stand at bits j_1 < j_2 < ... < j_D, two apart at least. The recoding is done here
once more, from the rule that b's digit j is bit j of 3b less bit j of b, both shifted down by one.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from trackmac.bits import NumberFormat
from trackmac.circuits.circuit import Layout
from trackmac.cost import NOTHING, Activity, total
from trackmac.models.addition_counts import accumulation_distances, accumulation_walk
from trackmac.models.walks import Carry, Walk, moved, walked, with_carry


def csd_multiplier_activity(*, a: NumberFormat, b: NumberFormat, weight: int, layout: Layout) -> Activity:
    """Return what one multiplication by `weight` costs: `_csd_product`, then all tracks home."""
    n, m = a.bits, b.bits
    product = _csd_product(a, b, weight, layout)
    return product if layout is Layout.ACROSS else product.then(moved(n - 1 if weight else 0, n + m - 1))


def csd_mac_activity(
    *, a: NumberFormat, b: NumberFormat, weight: int, accumulator: NumberFormat, layout: Layout
) -> Activity:
    """Return what one multiply-and-accumulate with `weight` costs: the product, then its accumulation."""
    n, m, q = a.bits, b.bits, accumulator.bits
    walks = _csd_product(a, b, weight, layout).then(accumulation_walk(n + m, q, Carry.LATCH).activity(layout))
    if layout is Layout.ACROSS:
        return walks
    distances = accumulation_distances(n + m, q)
    return total((walks, moved(n + m - 1), walked(*distances), moved(*distances)))


def csd_dot_product_activity(
    *, a: NumberFormat, b: NumberFormat, weights: Sequence[int], accumulator: NumberFormat, layout: Layout
) -> Activity:
    """Return what accumulating the products of words one behind another costs: a MAC for each weight that is not 0.

    To the word k_1 of the first such weight a's track (or across tracks its n tracks) goes k_1 words on, to each
    further one k_(i+1) - k_i words. Along tracks a word is n domains, but each MAC has gone n - 1 of them. From the
    last word all go home.
    """
    n = a.bits
    macs = (csd_mac_activity(a=a, b=b, weight=w, accumulator=accumulator, layout=layout) for w in weights if w)
    words = [k for k, weight in enumerate(weights) if weight]
    if not words:
        return NOTHING
    if layout is Layout.ACROSS:
        ways = [words[0], *(after - before for before, after in pairwise(words)), words[-1]]
        return total((*macs, *(moved(*(way,) * n) for way in ways)))
    ways = [words[0] * n, *((after - before) * n - (n - 1) for before, after in pairwise(words)), words[-1] * n + n - 1]
    return total((*macs, *map(moved, ways)))


def signed_digits(weight: int) -> list[tuple[int, int]]:
    """Return (position, digit) of each non-zero digit: where 3b and b differ, +1 if the bit of 3b is set."""
    tripled, bits = 3 * weight, abs(weight).bit_length() + 2
    differing = [j for j in range(bits) if (tripled ^ weight) >> (j + 1) & 1]
    return [(j, 1 if tripled >> (j + 1) & 1 else -1) for j in differing]


def _csd_product(a: NumberFormat, b: NumberFormat, weight: int, layout: Layout) -> Activity:
    """Return a walk for each digit; together they visit D*n + m positions of the product, each written.

    The walk from j_k ends below j_(k+1) + n, the last one at n + m. The first writes j_1 zeros, then senses n bits of a
    and copies them, or subtracts them from 0 at each position; a later one senses n bits of a and of the product and
    has an adder or a subtractor at each position, the carry handed on. For the weight 0 all n + m bits are written.
    Along tracks, before each walk but the first, a's and the product's track go back n - 1 together.
    """
    n, m, digits = a.bits, b.bits, signed_digits(weight)
    if not digits:
        zeros = Walk(writes=n + m, writing=n + m).activity(layout)
        return zeros if layout is Layout.ACROSS else zeros.then(walked(n + m - 1))
    starts = [position for position, _ in digits]
    lengths = [end - start for start, end in zip(starts, [*(s + n for s in starts[1:]), n + m], strict=True)]
    low, first = starts[0], lengths[0]
    opening = Walk(senses=n, sensing=n, writes=low + first, writing=low + first)
    if digits[0][1] < 0:
        opening = _with_cells(opening, first)
    adding = [_with_cells(Walk(senses=2 * n, sensing=n, writes=length, writing=length), length) for length in lengths]
    walks = [walk.activity(layout) for walk in (opening, *adding[1:])]
    if layout is Layout.ALONG:
        walks.append(walked(low + first - 1, n - 1))
        walks += [moved(n - 1, n - 1).then(walked(length - 1, n - 1)) for length in lengths[1:]]
    return total(walks)


def _with_cells(walk: Walk, positions: int) -> Walk:
    """Return `walk` with an adder or a subtractor at each of so many positions, in line, the carry handed on."""
    cells = replace(walk, evaluations=positions, evaluating=positions, depth=positions, ripple=positions)
    return with_carry(cells, positions, Carry.LATCH)
