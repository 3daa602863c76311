"""Multiplication by transverse reads: all partial products are rows, compressed and added; also of dot products.

The partial products of a sign bit are negative: their complements are added, and one constant row (Baugh and Wooley).
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import AND, NAND_INVERTED
from trackmac.circuits.addition import product_format
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.dot_product import dot_product_format, sum_of_products
from trackmac.circuits.microops import Evaluate, Sense, Step
from trackmac.circuits.row_addition import add_rows, constant_row, is_negative, negative_weight
from trackmac.circuits.transverse_window import Row, Window


def transverse_read_multiplier(a_format: NumberFormat, b_format: NumberFormat, trd: int) -> Circuit:
    """Return the multiplier for operands of these formats at transverse-read distance `trd`."""
    builder = ProgramBuilder(Layout.ACROSS)
    a, b = builder.word("a", a_format), builder.word("b", b_format)
    product = product_format(a_format, b_format)
    window = Window(builder, "column", product.bits, trd, amplifiers=product.bits)
    _sense(builder, a, b)
    rows = chain(_partial_products(builder, a, b), correction(a_format, b_format, product.bits))
    places = add_rows(window, rows, b_format.bits + has_correction(a_format, b_format))
    builder.all_home()
    return Circuit(
        name="transverse_read_multiplier",
        summary="multiplies by compressing all partial products with transverse reads, and one addition",
        layout=Layout.ACROSS,
        operands=(a, b),
        result=Word(name="product", format=product, places=tuple(places)),
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_product,
    )


def transverse_read_mac(a_format: NumberFormat, b_format: NumberFormat, accumulator: NumberFormat, trd: int) -> Circuit:
    """Return the multiply-and-accumulate: accumulator + a * b, in place; the accumulator is one more row."""
    builder = ProgramBuilder(Layout.ACROSS)
    a, b, c = builder.word("a", a_format), builder.word("b", b_format), builder.word("c", accumulator)
    window = Window(builder, "column", accumulator.bits, trd, amplifiers=accumulator.bits)
    _sense(builder, a, b, c)
    rows = chain(_partial_products(builder, a, b), [sensed_row(c)], correction(a_format, b_format, accumulator.bits))
    add_rows(window, rows, b_format.bits + 1 + has_correction(a_format, b_format), c.places)
    builder.all_home()
    addend = NumberFormat(accumulator.bits - 1, accumulator.is_signed)
    return Circuit(
        name="transverse_read_mac",
        summary="adds a * b to an accumulator: partial products and accumulator compressed with transverse reads",
        layout=Layout.ACROSS,
        operands=(a, b, Word(name="c", format=addend, places=c.places)),
        result=c,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_product_and_sum,
    )


def transverse_read_dot_product(a_format: NumberFormat, b_format: NumberFormat, words: int, trd: int) -> Circuit:
    """Return c + a0*b0 + a1*b1 + ..., the words a and b one behind another; c, in place, is 0 unless given.

    The partial products of all pairs and the accumulator are rows of one addition: what is left of a pair's rows is
    compressed with the next one's, and carries pass through the columns only once.
    """
    builder = ProgramBuilder(Layout.ACROSS)
    a, b = builder.words("a", a_format, words), builder.words("b", b_format, words)
    product = product_format(a_format, b_format)
    c = builder.word("c", dot_product_format(a_format, b_format, product, words))
    columns = c.format.bits
    window = Window(builder, "column", columns, trd, amplifiers=columns)
    _sense(builder, a[0], b[0], c)
    rows = chain(_pairs(builder, a, b), [sensed_row(c)], correction(a_format, b_format, columns, words))
    add_rows(window, rows, words * b_format.bits + 1 + has_correction(a_format, b_format), c.places)
    builder.all_home()
    return Circuit(
        name="transverse_read_dot_product",
        summary="adds products of words one behind another to an accumulator: all rows compressed by transverse reads",
        layout=Layout.ACROSS,
        operands=(*a, *b, replace(c, format=product, default=0)),
        result=c,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=sum_of_products,
    )


def _pairs(builder: ProgramBuilder, a: tuple[Word, ...], b: tuple[Word, ...]) -> Iterator[Row]:
    """Yield the partial products of all pairs, having appended the steps that bring and sense each but the first."""
    for k, (a_word, b_word) in enumerate(zip(a, b, strict=True)):
        if k:
            builder.to_first_bits(a_word, b_word)
            _sense(builder, a_word, b_word)
        yield from _partial_products(builder, a_word, b_word)


def _sense(builder: ProgramBuilder, *words: Word) -> None:
    builder.steps.append(Step(tuple(Sense(place.track, place.track) for word in words for place in word.places)))


def _partial_products(builder: ProgramBuilder, a: Word, b: Word) -> Iterator[Row]:
    """Yield a AND b_j at column j for each bit j, having appended the step that evaluates it."""
    for j, b_place in enumerate(b.places):
        builder.steps.append(bit_products(a, b, j, tuple(place.track for place in a.places), b_place.track))
        yield {i + j: f"partial{i}" for i in range(a.format.bits)}


def bit_products(a: Word, b: Word, j: int, a_signals: tuple[str, ...], b_signal: str) -> Step:
    """Return the step that makes the products of all bits of a with bit `j` of b, complemented where negative."""
    cells = [NAND_INVERTED if is_negative(a.format, b.format, i, j) else AND for i in range(a.format.bits)]
    return Step(
        tuple(
            Evaluate(cell, (signal, b_signal), (f"partial{i}",))
            for i, (cell, signal) in enumerate(zip(cells, a_signals, strict=True))
        )
    )


def sensed_row(word: Word) -> Row:
    """Return the row of a word that the amplifiers hold under the names of its tracks."""
    return {bit: place.track for bit, place in enumerate(word.places)}


def has_correction(a: NumberFormat, b: NumberFormat) -> bool:
    """Whether any product of bits is negative, so that a constant row corrects the complements."""
    return negative_weight(a, b) > 0


def correction(a: NumberFormat, b: NumberFormat, columns: int, terms: int = 1) -> Iterator[Row]:
    """Yield the constant row that goes with the complements, if there are any; `terms` is how many each counts for."""
    if has_correction(a, b):
        yield constant_row(-terms * negative_weight(a, b), columns)


def _product(a: IntArray, b: IntArray) -> IntArray:
    return a * b


def _product_and_sum(a: IntArray, b: IntArray, c: IntArray) -> IntArray:
    return a * b + c
