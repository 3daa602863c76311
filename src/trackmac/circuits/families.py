"""The table of all circuits: each is a family, a circuit at every width."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from string import ascii_lowercase

from trackmac.bits import NumberFormat
from trackmac.circuits.accumulate import accumulate
from trackmac.circuits.addition import product_format
from trackmac.circuits.argmax import argmax
from trackmac.circuits.average_pool import average_pool
from trackmac.circuits.bitplane_popcount_mac import bitplane_popcount_mac
from trackmac.circuits.booth_radix4 import booth_radix4_mac, booth_radix4_multiplier
from trackmac.circuits.carry_save_accumulator import carry_save_accumulator
from trackmac.circuits.circuit import Circuit, Layout
from trackmac.circuits.csd import costliest_weight, csd_dot_product, csd_mac, csd_multiplier
from trackmac.circuits.dot_product import booth_radix4_dot_product, magnetic_dot_product, shift_add_dot_product
from trackmac.circuits.fixed_point_requantize import fixed_point_requantize
from trackmac.circuits.latched_full_adder import latched_full_adder
from trackmac.circuits.magnetic_full_adder import magnetic_full_adder
from trackmac.circuits.max_pool import max_pool
from trackmac.circuits.parallel_adder import parallel_adder
from trackmac.circuits.program_check import TRANSVERSE_READ_DISTANCES
from trackmac.circuits.relu import relu
from trackmac.circuits.requantize import requantize
from trackmac.circuits.residual_add import residual_add
from trackmac.circuits.ripple_adder import ripple_adder
from trackmac.circuits.ripple_subtractor import ripple_subtractor
from trackmac.circuits.row_addition import addends
from trackmac.circuits.shift_add import magnetic_mac, shift_add_mac, shift_add_multiplier
from trackmac.circuits.transverse_read_adder import transverse_read_adder
from trackmac.circuits.transverse_read_multiplier import (
    transverse_read_dot_product,
    transverse_read_mac,
    transverse_read_multiplier,
)
from trackmac.errors import OperandError

WORDS = 4
"""How many words a registered circuit takes that works on any number of them."""

Build = Callable[[tuple[int, ...], bool, Layout], Circuit]
TwoOperands = Callable[[NumberFormat, NumberFormat, Layout], Circuit]
SeveralWords = Callable[[NumberFormat, int, Layout], Circuit]
Pairs = Callable[[NumberFormat, NumberFormat, int, Layout], Circuit]
MacBuilder = Callable[[NumberFormat, NumberFormat, NumberFormat, Layout], Circuit]


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitFamily:
    """A circuit at every width: its name, what it is for, the layouts it has, and how to build it.

    `width_names` says what the widths mean; one width stands for all of them, except where `default_bits` says else.
    A circuit that reads transversely is a family at each transverse-read distance, `at_trd`.
    """

    name: str
    kind: str
    layouts: tuple[Layout, ...]
    width_names: tuple[str, ...]
    build: Build
    default_bits: tuple[int, ...] = (8,)
    at_trd: Mapping[int, "CircuitFamily"] = field(default_factory=dict)


DEFAULT_TRD = 7
BOTH = (Layout.ALONG, Layout.ACROSS)
ALONG_ONLY = (Layout.ALONG,)
ACROSS_ONLY = (Layout.ACROSS,)

MACS: dict[str, MacBuilder] = {
    "shift_add_mac": shift_add_mac,
    "booth_radix4_mac": booth_radix4_mac,
    "magnetic_mac": magnetic_mac,
}


def _two_operands(builder: TwoOperands, bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    a_bits, b_bits = bits
    return builder(NumberFormat(a_bits, is_signed), NumberFormat(b_bits, is_signed), layout)


def _mac(name: str, bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    a, b = (NumberFormat(width, is_signed) for width in bits)
    return MACS[name](a, b, NumberFormat(product_format(a, b).bits + 1, is_signed), layout)


def _accumulate(bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    x = NumberFormat(bits[0], is_signed)
    return accumulate(x, NumberFormat(x.bits + 1, is_signed), layout)


def _requantize(bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    x_bits, output_bits = bits
    if output_bits > x_bits:
        raise OperandError(
            f"requantize must not widen, but it goes from {x_bits} to {output_bits} bits; "
            "give --bits IN,OUT with OUT <= IN"
        )
    return requantize(
        NumberFormat(x_bits, is_signed), x_bits - output_bits, NumberFormat(output_bits, is_signed), layout
    )


def _fixed_point_requantize(bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    """Return the circuit whose shift is the bits that the output has less than the product, if any."""
    x_bits, multiplier_bits, output_bits = bits
    x, output = NumberFormat(x_bits, is_signed), NumberFormat(output_bits, is_signed)
    return fixed_point_requantize(x, multiplier_bits, max(x_bits + multiplier_bits - output_bits, 0), output, layout)


def _pairs(builder: Pairs, bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    a_bits, b_bits = bits
    return builder(NumberFormat(a_bits, is_signed), NumberFormat(b_bits, is_signed), WORDS, layout)


def _csd_multiplier(bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    a, b = (NumberFormat(width, is_signed) for width in bits)
    return csd_multiplier(a, b, costliest_weight(b), layout)


def _csd_mac(bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    a, b = (NumberFormat(width, is_signed) for width in bits)
    accumulator = NumberFormat(product_format(a, b).bits + 1, is_signed)
    return csd_mac(a, b, costliest_weight(b), accumulator, layout)


def _csd_dot_product(bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    a, b = (NumberFormat(width, is_signed) for width in bits)
    return csd_dot_product(a, b, (costliest_weight(b),) * WORDS, layout)


def _residual_add(bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    a, b = (NumberFormat(width, is_signed) for width in bits)
    return residual_add(a, b, NumberFormat(max(bits), is_signed), layout)


def _several_words(builder: SeveralWords, bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    return builder(NumberFormat(bits[0], is_signed), WORDS, layout)


def _one_format(
    builder: Callable[[NumberFormat, Layout], Circuit], bits: tuple[int, ...], is_signed: bool, layout: Layout
) -> Circuit:
    return builder(NumberFormat(bits[0], is_signed), layout)


def _family(  # noqa: PLR0917 - the columns of the table below
    name: str, kind: str, layouts: tuple[Layout, ...], widths: str, build: Build, default: tuple[int, ...] = (8,)
) -> CircuitFamily:
    return CircuitFamily(
        name=name, kind=kind, layouts=layouts, width_names=tuple(widths.split()), build=build, default_bits=default
    )


def _transverse_family(
    name: str, kind: str, widths: Callable[[int], str], build: Callable[[int], Build]
) -> CircuitFamily:
    at_trd = {trd: _family(name, kind, ACROSS_ONLY, widths(trd), build(trd)) for trd in TRANSVERSE_READ_DISTANCES}
    return replace(at_trd[DEFAULT_TRD], at_trd=at_trd)


def _transverse_read_multiplier(trd: int, bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    assert layout is Layout.ACROSS
    a, b = (NumberFormat(width, is_signed) for width in bits)
    return transverse_read_multiplier(a, b, trd)


def _transverse_read_mac(trd: int, bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    assert layout is Layout.ACROSS
    a, b = (NumberFormat(width, is_signed) for width in bits)
    return transverse_read_mac(a, b, NumberFormat(product_format(a, b).bits + 1, is_signed), trd)


def _transverse_read_dot_product(trd: int, bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    assert layout is Layout.ACROSS
    a, b = (NumberFormat(width, is_signed) for width in bits)
    return transverse_read_dot_product(a, b, WORDS, trd)


def _bitplane_popcount_mac(trd: int, bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    """Build it with an accumulator that has room for one more dot product of `trd` elements."""
    assert layout is Layout.ACROSS
    x, w = (NumberFormat(width, is_signed) for width in bits)
    accumulator = NumberFormat(product_format(x, w).bits + trd.bit_length() + 1, is_signed)
    return bitplane_popcount_mac(x, w, accumulator, trd)


def _transverse_read_adder(trd: int, bits: tuple[int, ...], is_signed: bool, layout: Layout) -> Circuit:
    assert layout is Layout.ACROSS
    return transverse_read_adder([NumberFormat(width, is_signed) for width in bits], trd)


FAMILIES: dict[str, CircuitFamily] = {
    family.name: family
    for family in (
        _family("magnetic_full_adder", "adder", ALONG_ONLY, "a b", partial(_two_operands, magnetic_full_adder)),
        _family("latched_full_adder", "adder", ALONG_ONLY, "a b", partial(_two_operands, latched_full_adder)),
        _family("ripple_adder", "adder", ALONG_ONLY, "a b", partial(_two_operands, ripple_adder)),
        _family("ripple_subtractor", "adder", ALONG_ONLY, "a b", partial(_two_operands, ripple_subtractor)),
        _family("parallel_adder", "adder", ACROSS_ONLY, "a b", partial(_two_operands, parallel_adder)),
        _transverse_family(
            "transverse_read_adder",
            "adder",
            lambda trd: " ".join(ascii_lowercase[: addends(trd)]),
            lambda trd: partial(_transverse_read_adder, trd),
        ),
        _family("shift_add_multiplier", "multiplier", BOTH, "a b", partial(_two_operands, shift_add_multiplier)),
        _family("booth_radix4_multiplier", "multiplier", BOTH, "a b", partial(_two_operands, booth_radix4_multiplier)),
        _transverse_family(
            "transverse_read_multiplier",
            "multiplier",
            lambda _: "a b",
            lambda trd: partial(_transverse_read_multiplier, trd),
        ),
        _family("csd_multiplier", "multiplier", BOTH, "a b", _csd_multiplier),
        _family("shift_add_mac", "mac", BOTH, "a b", partial(_mac, "shift_add_mac")),
        _family("booth_radix4_mac", "mac", BOTH, "a b", partial(_mac, "booth_radix4_mac")),
        _family("magnetic_mac", "mac", ALONG_ONLY, "a b", partial(_mac, "magnetic_mac")),
        _family("csd_mac", "mac", BOTH, "a b", _csd_mac),
        _family("shift_add_dot_product", "dot product", BOTH, "a b", partial(_pairs, shift_add_dot_product)),
        _family("booth_radix4_dot_product", "dot product", BOTH, "a b", partial(_pairs, booth_radix4_dot_product)),
        _family("magnetic_dot_product", "dot product", ALONG_ONLY, "a b", partial(_pairs, magnetic_dot_product)),
        _family("csd_dot_product", "dot product", BOTH, "a b", _csd_dot_product),
        _transverse_family(
            "transverse_read_mac", "mac", lambda _: "a b", lambda trd: partial(_transverse_read_mac, trd)
        ),
        _transverse_family(
            "transverse_read_dot_product",
            "dot product",
            lambda _: "a b",
            lambda trd: partial(_transverse_read_dot_product, trd),
        ),
        _transverse_family(
            "bitplane_popcount_mac", "dot product", lambda _: "x w", lambda trd: partial(_bitplane_popcount_mac, trd)
        ),
        _family("accumulate", "adder", BOTH, "x", _accumulate),
        _family("carry_save_accumulator", "adder", BOTH, "x", partial(_several_words, carry_save_accumulator)),
        _family("relu", "activation", BOTH, "x", partial(_one_format, relu)),
        _family("max_pool", "activation", BOTH, "x", partial(_one_format, max_pool)),
        _family("average_pool", "activation", BOTH, "x", partial(_several_words, average_pool)),
        _family("argmax", "activation", BOTH, "x", partial(_several_words, argmax)),
        _family("residual_add", "activation", BOTH, "a b", _residual_add),
        _family("requantize", "activation", BOTH, "in out", _requantize, (16, 8)),
        _family("fixed_point_requantize", "activation", BOTH, "in multiplier out", _fixed_point_requantize, (16, 8, 8)),
    )
}
