"""Multiplication by a known weight, recoded before into canonical signed digits: one walk for each digit that is not 0.

The weight is a constant of the program: it lies on no track, and another weight is another program. No two digits next
to each other are non-zero, so that m bits have (m + 1) / 2 at most and m / 3 on average. Sequencing by the weight's
digits is free only where every unit under one sequencer holds the same weight; otherwise the slowest decides.
"""

from functools import partial

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import FULL_ADDER, FULL_SUBTRACTOR
from trackmac.circuits.addition import bit_source, product_format
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.carry import LATCHED
from trackmac.circuits.circuit import Circuit, Layout, Word
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


def csd_multiplier(a_format: NumberFormat, b_format: NumberFormat, b: int, layout: Layout = Layout.ALONG) -> Circuit:
    """Return a * b for the known weight `b` of format `b_format`; the only operand is `a`."""
    _check_weight(b_format, b)
    builder = ProgramBuilder(layout)
    a = builder.word("a", a_format)
    product = builder.word("product", product_format(a_format, b_format))
    _multiply(builder, a, product, csd_digits(b))
    builder.shift_home(a, product)
    return Circuit(
        name="csd_multiplier",
        summary="multiplies by a known weight: one addition or subtraction for each non-zero signed digit",
        layout=layout,
        operands=(a,),
        result=product,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=partial(_product, b=b),
    )


def csd_mac(
    a_format: NumberFormat,
    b_format: NumberFormat,
    b: int,
    accumulator: NumberFormat,
    layout: Layout = Layout.ALONG,
) -> Circuit:
    """Return accumulator + a * b, in place, for the known weight `b`; `a` stays at its top bit, as in other MACs."""
    _check_weight(b_format, b)
    builder = ProgramBuilder(layout)
    a = builder.word("a", a_format)
    product = builder.word("product", product_format(a_format, b_format))
    c = builder.word("c", accumulator)
    _multiply(builder, a, product, csd_digits(b))
    accumulate(builder, product, c, LATCHED)
    builder.shift_home(product, c)
    addend = NumberFormat(accumulator.bits - 1, accumulator.is_signed)
    return Circuit(
        name="csd_mac",
        summary="adds a times a known weight to an accumulator; the product by canonical signed digits",
        layout=layout,
        operands=(a, Word(name="c", format=addend, places=c.places)),
        result=c,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=partial(_product_and_sum, b=b),
    )


def _check_weight(b_format: NumberFormat, b: int) -> None:
    if not b_format.minimum <= b <= b_format.maximum:
        raise ValueError(f"the weight must be within {b_format.minimum}..{b_format.maximum} ({b_format}), not {b}")


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


def _product(a: IntArray, *, b: int) -> IntArray:
    return a * b


def _product_and_sum(a: IntArray, c: IntArray, *, b: int) -> IntArray:
    return a * b + c
