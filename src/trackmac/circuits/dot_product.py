"""Dot products: one multiply-and-accumulate after another, the operands lying one behind another on their tracks."""

from dataclasses import replace

import numpy as np

from trackmac.bits import IntArray, NumberFormat, bits_for_range
from trackmac.circuits.addition import product_format
from trackmac.circuits.booth_radix4 import multiply as booth_multiply
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.circuit import Circuit, Layout
from trackmac.circuits.shift_add import Multiply, carry_chain, multiply_accumulate
from trackmac.circuits.shift_add import multiply as shift_add_multiply


def dot_product_format(a: NumberFormat, b: NumberFormat, c: NumberFormat, words: int) -> NumberFormat:
    """Return the narrowest format of every c + a0*b0 + a1*b1 + ... and of every sum on the way."""
    products = [x * y for x in (a.minimum, a.maximum) for y in (b.minimum, b.maximum)]
    is_signed = a.is_signed or b.is_signed or c.is_signed
    low, high = words * min(0, *products) + c.minimum, words * max(products) + c.maximum
    return NumberFormat(bits_for_range(low, high, is_signed=is_signed), is_signed)


def shift_add_dot_product(
    a_format: NumberFormat, b_format: NumberFormat, words: int = 4, layout: Layout = Layout.ALONG
) -> Circuit:
    """Return c + a0*b0 + a1*b1 + ..., `words` products by shift and add; c, in place, is 0 unless given."""
    summary = "adds products of words one behind another to an accumulator, by shift and add"
    return _dot_product(
        "shift_add_dot_product", summary, (a_format, b_format), words, layout, multiply_walks=shift_add_multiply
    )


def booth_radix4_dot_product(
    a_format: NumberFormat, b_format: NumberFormat, words: int = 4, layout: Layout = Layout.ALONG
) -> Circuit:
    """Return c + a0*b0 + a1*b1 + ..., `words` products by Booth digits; c, in place, is 0 unless given."""
    summary = "adds products of words one behind another to an accumulator, by radix-4 Booth digits"
    return _dot_product(
        "booth_radix4_dot_product", summary, (a_format, b_format), words, layout, multiply_walks=booth_multiply
    )


def magnetic_dot_product(
    a_format: NumberFormat, b_format: NumberFormat, words: int = 4, layout: Layout = Layout.ALONG
) -> Circuit:
    """Return c + a0*b0 + a1*b1 + ... with magnetic full adders; c, in place, is 0 unless given."""
    summary = "adds products of words one behind another to an accumulator, with magnetic full adders (baseline)"
    formats = (a_format, b_format)
    return _dot_product(
        "magnetic_dot_product", summary, formats, words, layout, multiply_walks=shift_add_multiply, is_magnetic=True
    )


def _dot_product(
    name: str,
    summary: str,
    formats: tuple[NumberFormat, NumberFormat],
    words: int,
    layout: Layout,
    *,
    multiply_walks: Multiply,
    is_magnetic: bool = False,
) -> Circuit:
    a_format, b_format = formats
    builder = ProgramBuilder(layout)
    a, b = builder.words("a", a_format, words), builder.words("b", b_format, words)
    product = builder.word("product", product_format(a_format, b_format))
    c = builder.word("c", dot_product_format(a_format, b_format, product.format, words))
    carry = carry_chain(builder, is_magnetic=is_magnetic)
    for a_word, b_word in zip(a, b, strict=True):
        builder.to_first_bits(a_word, b_word)
        multiply_accumulate(builder, a_word, b_word, product, c, carry=carry, multiply_walks=multiply_walks)
    builder.shift_home(*a, *b)
    return Circuit(
        name=name,
        summary=summary,
        layout=layout,
        operands=(*a, *b, replace(c, format=product.format, default=0)),
        result=c,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=sum_of_products,
    )


def sum_of_products(c: IntArray, **factors: IntArray) -> IntArray:
    """Return c + a0*b0 + a1*b1 + ... for a0, a1, ... b0, b1, ... in this order."""
    columns = np.array(list(factors.values()))
    words = len(columns) // 2
    result: IntArray = c + np.sum(columns[:words] * columns[words:], axis=0)
    return result
