"""Multiplication by known weights, recoded before into canonical signed digits: one walk for each digit that is not 0.

A weight is a constant of the program: it lies on no track, and another weight is another program. No two digits next
to each other are non-zero, so that of m bits with a sign (m + 1) / 2 are at most, and m / 3 on average. Sequencing by
the weight's digits is free only where every unit under one sequencer holds the same weight; otherwise the slowest
decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import FULL_ADDER, FULL_SUBTRACTOR
from trackmac.circuits.addition import bit_source, product_format
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.carry import LATCHED
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.dot_product import dot_product_format, sum_of_products
from trackmac.circuits.shift_add import accumulate


def csd_digits(weight: int) -> dict[int, int]:
    """Return the non-zero canonical signed digits of `weight`: digit (1 or -1) by position, lowest first."""
    digits: dict[int, int] = {}
    rest, position = weight, 0
    while rest:
        if rest & 1:
            digits[position] = 2 - (rest & 3)
            rest -= digits[position]
        rest, position = rest >> 1, position + 1
    return digits


def most_digits(b_format: NumberFormat) -> int:
    """Return how many non-zero digits a weight of the format has at most."""
    return (b_format.bits + (not b_format.is_signed) + 1) // 2


def costliest_weight(b_format: NumberFormat) -> int:
    """Return the weight that costs most time and energy: with the most digits, the lowest of them -1 at bit 0.

    That is 4^(D-1) less all lower powers of 4. Its walks start at bit 0, the first one subtracts rather than copies.
    The area may be larger for another one: across tracks, a weight that both adds and subtracts needs cells for both.
    """
    digits = most_digits(b_format)
    top = 4 ** (digits - 1)
    return top - (top - 1) // 3 if digits > 1 else -1


def csd_multiplier(a_format: NumberFormat, b_format: NumberFormat, b: int, layout: Layout = Layout.ALONG) -> Circuit:
    """Return a * b for the known weight `b` of format `b_format`."""
    builder = ProgramBuilder(layout)
    a, weight = builder.word("a", a_format), _known("b", b_format, b)
    product = builder.word("product", product_format(a_format, b_format))
    _multiply(builder, a, product, csd_digits(b))
    builder.shift_home(a, product)
    return Circuit(
        name="csd_multiplier",
        summary=f"multiplies by a known weight ({_shown(b_format, b)}), one walk for each",
        layout=layout,
        operands=(a, weight),
        result=product,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_product,
        at_known=partial(_multiplier_at, a_format, b_format, layout),
    )


def csd_mac(
    a_format: NumberFormat,
    b_format: NumberFormat,
    b: int,
    accumulator: NumberFormat,
    layout: Layout = Layout.ALONG,
) -> Circuit:
    """Return accumulator + a * b, in place, for the known weight `b`.

    As in other MACs `a` stays at its top bit; but at its first bit for the weight 0, which never senses it.
    """
    builder = ProgramBuilder(layout)
    a, weight = builder.word("a", a_format), _known("b", b_format, b)
    product = builder.word("product", product_format(a_format, b_format))
    c = builder.word("c", accumulator)
    _multiply_accumulate(builder, a, product, c, b)
    addend = NumberFormat(accumulator.bits - 1, accumulator.is_signed)
    return Circuit(
        name="csd_mac",
        summary=f"adds a times a known weight ({_shown(b_format, b)}) to an accumulator",
        layout=layout,
        operands=(a, weight, Word(name="c", format=addend, places=c.places)),
        result=c,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_product_and_sum,
        at_known=partial(_mac_at, a_format, b_format, accumulator, layout),
    )


def csd_dot_product(
    a_format: NumberFormat, b_format: NumberFormat, weights: Sequence[int], layout: Layout = Layout.ALONG
) -> Circuit:
    """Return c + a0*b0 + a1*b1 + ... for known weights b; c, in place, is 0 unless given. Weights of 0 are passed over.

    The words a lie one behind another on their tracks.
    """
    builder = ProgramBuilder(layout)
    a = builder.words("a", a_format, len(weights))
    b = [_known(f"b{k}", b_format, weight) for k, weight in enumerate(weights)]
    product = builder.word("product", product_format(a_format, b_format))
    c = builder.word("c", dot_product_format(a_format, b_format, product.format, len(weights)))
    for a_word, weight in zip(a, weights, strict=True):
        if weight:
            builder.to_first_bits(a_word)
            _multiply_accumulate(builder, a_word, product, c, weight)
    builder.shift_home(*a)
    return Circuit(
        name="csd_dot_product",
        summary=f"adds products of words one behind another with known weights ({_shown(b_format, *weights)})",
        layout=layout,
        operands=(*a, *b, replace(c, format=product.format, default=0)),
        result=c,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=sum_of_products,
        at_known=partial(_dot_product_at, a_format, b_format, len(weights), layout),
    )


def _known(name: str, b_format: NumberFormat, b: int) -> Word:
    if not b_format.minimum <= b <= b_format.maximum:
        raise ValueError(f"the weight must be within {b_format.minimum}..{b_format.maximum} ({b_format}), not {b}")
    return Word(name=name, format=b_format, places=(), known=b)


def _shown(b_format: NumberFormat, *weights: int) -> str:
    """Say which weights, and how many of the digits that they can have."""
    digits = sum(len(csd_digits(weight)) for weight in weights)
    which = f"{weights[0]}: " if len(weights) == 1 else ""
    return f"{which}{digits} of at most {most_digits(b_format) * len(weights)} non-zero signed digits"


@lru_cache(maxsize=512)
def _remembered(build: Callable[..., Circuit], *arguments: object) -> Circuit:
    return build(*arguments)


def _multiplier_at(a: NumberFormat, b: NumberFormat, layout: Layout, known: Mapping[str, int]) -> Circuit:
    return _remembered(csd_multiplier, a, b, known["b"], layout)


def _mac_at(
    a: NumberFormat, b: NumberFormat, accumulator: NumberFormat, layout: Layout, known: Mapping[str, int]
) -> Circuit:
    return _remembered(csd_mac, a, b, known["b"], accumulator, layout)


def _dot_product_at(a: NumberFormat, b: NumberFormat, words: int, layout: Layout, known: Mapping[str, int]) -> Circuit:
    return _remembered(csd_dot_product, a, b, tuple(known[f"b{k}"] for k in range(words)), layout)


def _multiply_accumulate(builder: ProgramBuilder, a: Word, product: Word, c: Word, weight: int) -> None:
    """Append the walks that add a times `weight` to `c`, and the way home of product and accumulator."""
    _multiply(builder, a, product, csd_digits(weight))
    accumulate(builder, product, c, LATCHED)
    builder.shift_home(product, c)


def _multiply(builder: ProgramBuilder, a: Word, product: Word, digits: dict[int, int]) -> None:
    """Append a walk for each digit. The one for the digit at bit `j` ends where the next one needs its last bit.

    That is bit j' + a.bits - 1 for the next digit at j'. As j' >= j + 2, the sum so far fits, its sign included; so the
    next walk repeats the last bit that it sensed. The first walk copies a, or subtracts it from 0, behind zeros.
    """
    if not digits:
        builder.walk([BitStep(write={place: "0"}) for place in product.places])
        return
    positions = list(digits)
    ends = [*(position + a.format.bits for position in positions[1:]), product.format.bits]
    for number, (position, end) in enumerate(zip(positions, ends, strict=True)):
        is_first = number == 0
        zeros = [BitStep(write={place: "0"}) for place in product.places[:position]] if is_first else []
        steps = _digit_walk(a, product, range(position, end), is_first=is_first, is_negative=digits[position] < 0)
        builder.walk([*zeros, *steps])


def _digit_walk(a: Word, product: Word, bits: range, *, is_first: bool, is_negative: bool) -> list[BitStep]:
    steps: list[BitStep] = []
    for t, bit in enumerate(bits):
        place = product.places[bit]
        sense, signal = bit_source(a, t, "a")
        if is_first and not is_negative:
            steps.append(BitStep(sense=sense, write={place: signal}))
            continue
        if not is_first and t < a.format.bits:
            sense = {"p": place} | sense
        cell = FULL_SUBTRACTOR if is_negative else FULL_ADDER
        inputs = ("0" if is_first else "p", signal)
        first = None if t else "0"
        steps.append(LATCHED.bit(cell, inputs, place, sense=sense, first=first, is_last=t == len(bits) - 1))
    return steps


def _product(a: IntArray, b: IntArray) -> IntArray:
    return a * b


def _product_and_sum(a: IntArray, b: IntArray, c: IntArray) -> IntArray:
    return a * b + c
