"""Shift-add multiplication: partial products by AND, alignment by the native shift; as a multiplier and as MACs."""

from collections.abc import Callable
from functools import lru_cache

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells import LogicCell
from trackmac.cells.library import AND, FULL_ADDER, FULL_SUBTRACTOR
from trackmac.circuits.addition import bit_source, product_format
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.carry import LATCHED, CarryChain
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.microops import Evaluate

PARTIAL_PRODUCT = Evaluate(AND, ("a", "b"), ("partial",))


def multiply(builder: ProgramBuilder, a: Word, b: Word, product: Word, carry: CarryChain) -> None:
    """Append the walks that write a * b into `product`: one walk for each bit of `b`.

    The walk for bit `j` adds `a AND b_j` to bits j .. j + a.bits of the product; the first one only copies it, and
    a signed b's top bit subtracts.
    """
    builder.walk(_first_walk(a, b, product))
    for j in range(1, b.format.bits):
        builder.walk(_later_walk(a, b, product, j, carry))


def _first_walk(a: Word, b: Word, product: Word) -> list[BitStep]:
    steps = [
        BitStep(
            sense={"a": a.places[i]} | ({} if i else {"b": b.places[0]}),
            evaluate=(PARTIAL_PRODUCT,),
            write={product.places[i]: "partial"},
        )
        for i in range(a.format.bits)
    ]
    top = "partial" if a.format.is_signed else "0"
    return [*steps, BitStep(write={product.places[a.format.bits]: top})]


def _later_walk(a: Word, b: Word, product: Word, j: int, carry: CarryChain) -> list[BitStep]:
    is_negative = b.format.is_signed and j == b.format.bits - 1
    cell = FULL_SUBTRACTOR if is_negative else FULL_ADDER
    width = a.format.bits
    steps: list[BitStep] = []
    for i in range(width):
        sense = {"a": a.places[i], "p": product.places[i + j]} | ({} if i else {"b": b.places[j]})
        first = None if i else "0"
        target = product.places[i + j]
        steps.append(carry.bit(cell, ("p", "partial"), target, sense=sense, first=first, before=(PARTIAL_PRODUCT,)))
    top = product.places[width + j]
    if a.format.is_signed:
        steps.append(carry.bit(cell, ("p", "partial"), top, sense={}, is_last=True))
    else:
        steps.append(carry.last_carry(top))
    return steps


def accumulate(builder: ProgramBuilder, addend: Word, accumulator: Word, carry: CarryChain) -> None:
    """Append the walk that adds `addend` to `accumulator` in place."""
    builder.walk(in_place_addition(accumulator, addend, carry))


def in_place_addition(
    accumulator: Word, addend: Word, carry: CarryChain, *, from_bit: int = 0, cell: LogicCell = FULL_ADDER
) -> list[BitStep]:
    """Return the walk that adds `addend`, its sign extended, to every bit of `accumulator` from `from_bit` on.

    `cell` may be a full subtractor instead: then it is taken away.
    """
    places = accumulator.places[from_bit:]
    steps: list[BitStep] = []
    for bit, place in enumerate(places):
        sense, signal = bit_source(addend, bit, "addend")
        first = None if bit else "0"
        steps.append(
            carry.bit(
                cell,
                ("sum_so_far", signal),
                place,
                sense={"sum_so_far": place} | sense,
                first=first,
                is_last=bit == len(places) - 1,
            )
        )
    return steps


def shift_add_multiplier(a_format: NumberFormat, b_format: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the shift-add multiplier for operands of these formats."""
    summary = "multiplies by adding a AND b_j at bit j, aligned by the native shift"
    return multiplier("shift_add_multiplier", summary, (a_format, b_format), layout, multiply)


@lru_cache(maxsize=256)
def shift_add_mac(
    a_format: NumberFormat, b_format: NumberFormat, accumulator: NumberFormat, layout: Layout = Layout.ALONG
) -> Circuit:
    """Return the shift-add multiply-and-accumulate: accumulator + a * b, in place.

    Both operands are left at their top bits: from there the next activation is loaded, the next weight one shift away.
    """
    summary = "adds a * b to an accumulator; the product by shift and add, carries in latches"
    return mac("shift_add_mac", summary, (a_format, b_format, accumulator), layout, multiply, is_magnetic=False)


@lru_cache(maxsize=256)
def magnetic_mac(
    a_format: NumberFormat, b_format: NumberFormat, accumulator: NumberFormat, layout: Layout = Layout.ALONG
) -> Circuit:
    """Return the shift-add MAC of magnetic full adders: every carry written to an MTJ and sensed again."""
    summary = "adds a * b to an accumulator with magnetic full adders, every carry through an MTJ (baseline)"
    return mac("magnetic_mac", summary, (a_format, b_format, accumulator), layout, multiply, is_magnetic=True)


Multiply = Callable[[ProgramBuilder, Word, Word, Word, CarryChain], None]


def multiplier(
    name: str, summary: str, formats: tuple[NumberFormat, NumberFormat], layout: Layout, multiply_walks: Multiply
) -> Circuit:
    """Return a multiplier circuit: the product by `multiply_walks`, carries in latches, then all tracks home."""
    a_format, b_format = formats
    builder = ProgramBuilder(layout)
    a, b = builder.word("a", a_format), builder.word("b", b_format)
    product = builder.word("product", product_format(a_format, b_format))
    multiply_walks(builder, a, b, product, LATCHED)
    builder.shift_home(a, b, product)
    return Circuit(
        name=name,
        summary=summary,
        layout=layout,
        operands=(a, b),
        result=product,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_product,
    )


def mac(
    name: str,
    summary: str,
    formats: tuple[NumberFormat, NumberFormat, NumberFormat],
    layout: Layout,
    multiply_walks: Multiply,
    *,
    is_magnetic: bool,
) -> Circuit:
    """Return a multiply-and-accumulate circuit: the product by `multiply_walks`, then one walk over the accumulator.

    The accumulator has a bit more than the operand `c`, so that no sum can overflow; who accumulates more often sizes
    it for all of them.
    """
    a_format, b_format, c_format = formats
    builder = ProgramBuilder(layout)
    a, b = builder.word("a", a_format), builder.word("b", b_format)
    product = builder.word("product", product_format(a_format, b_format))
    c = builder.word("c", c_format)
    addend_format = NumberFormat(c_format.bits - 1, c_format.is_signed)
    carry = carry_chain(builder, is_magnetic=is_magnetic)
    multiply_accumulate(builder, a, b, product, c, carry=carry, multiply_walks=multiply_walks)
    return Circuit(
        name=name,
        summary=summary,
        layout=layout,
        operands=(a, b, Word(name="c", format=addend_format, places=c.places)),
        result=c,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_product_and_sum,
    )


def carry_chain(builder: ProgramBuilder, *, is_magnetic: bool) -> CarryChain:
    """Return a carry in a latch or, magnetic, in an MTJ on a track of its own."""
    if not is_magnetic:
        return LATCHED
    return CarryChain(builder.single_domain("carry", NumberFormat(1, is_signed=False)).places[0])


def multiply_accumulate(
    builder: ProgramBuilder,
    a: Word,
    b: Word,
    product: Word,
    c: Word,
    *,
    carry: CarryChain,
    multiply_walks: Multiply,
) -> None:
    """Append the walks that add a * b to `c`, and the way home of all but the operands."""
    multiply_walks(builder, a, b, product, carry)
    accumulate(builder, product, c, carry)
    builder.shift_home(product, c)


def _product(a: IntArray, b: IntArray) -> IntArray:
    return a * b


def _product_and_sum(a: IntArray, b: IntArray, c: IntArray) -> IntArray:
    return a * b + c
