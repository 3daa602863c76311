"""Every circuit by name, and how a width given by a user becomes operand formats."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from string import ascii_lowercase

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import CELLS
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
from trackmac.circuits.microops import Evaluate
from trackmac.circuits.parallel_adder import parallel_adder
from trackmac.circuits.plugins import circuit_plugins, load_plugin
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
from trackmac.errors import InputError, OperandError, unknown_name

MIN_BITS, MAX_BITS = 2, 16
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


def family(name: str, trd: int | None = None) -> CircuitFamily:
    """Return the family of that name, at a transverse-read distance (the default one if None).

    Raises:
        UnknownNameError: there is no circuit of that name.
        InputError: the name is no text.
        OperandError: the circuit reads nothing transversely, or not at that distance.
    """
    if not isinstance(name, str):
        raise InputError(f"a circuit goes by its name, but this is {name!r:.60}; give one, such as 'ripple_adder'")
    if name not in FAMILIES:
        _load_plugins_of(name)
    found = FAMILIES[name]
    if trd is None:
        return found
    if isinstance(trd, bool) or not isinstance(trd, int | np.integer) or trd not in TRANSVERSE_READ_DISTANCES:
        raise OperandError(f"the transverse-read distance must be 3, 5 or 7 domains, but it is {trd!r}; choose one")
    if not found.at_trd:
        raise OperandError(f"{name} reads nothing transversely, so it has no distance of {trd} domains; drop it")
    return found.at_trd[trd]


def circuit(
    name: str,
    bits: int | Sequence[int] | IntArray | None = None,
    signed: bool = True,
    layout: str | None = None,
    trd: int | None = None,
    *,
    known: Mapping[str, int] | None = None,
) -> Circuit:
    """Return the circuit `name` at the given operand widths.

    Args:
        name: one of `FAMILIES`.
        bits: one width for all operands, or one for each; the family's default if None.
        signed: whether the operands are two's complement.
        layout: "along" or "across", where the circuit has both; the first that it has if None.
        trd: the transverse-read distance, 3, 5 or 7 domains, of a circuit that reads transversely; 7 if None.
        known: values that the program has built in, by the operands' names, of a circuit that has such operands; where
            none is given, the one that costs most time and energy (not always area) stands in.

    Raises:
        UnknownNameError: there is no circuit of that name.
        OperandError: a width is not an integer within 2..16, there are too many, the layout or the transverse-read
            distance is not to be had, an operand cannot be known or have the value given, or `signed` is no bool.
        InputError: `name` is no text.
    """
    found = family(name, trd)
    layouts = tuple(str(choice) for choice in found.layouts)
    if layout is None:
        layout = layouts[0]
    if layout not in layouts:
        raise OperandError(f"{name} has words {' or '.join(layouts)} tracks, not {layout!r}; choose one of these")
    if not isinstance(signed, bool | np.bool_):
        raise OperandError(f"signed must be True or False, but it is {signed!r:.60}; choose one")
    built = _build(name, _widths(found, bits), bool(signed), Layout(layout), trd)
    return built if known is None else _with_known(built, known)


def _with_known(built: Circuit, known: Mapping[str, int]) -> Circuit:
    if not isinstance(known, Mapping):
        raise OperandError(f"known values must go by operand, but they are {known!r:.60}; give a dict, such as b to 7")
    if not known:
        return built
    if built.at_known is None:
        raise OperandError(f"{built.name} has no operand that is built into its program; leave out the known values")
    for name, value in known.items():
        if name not in built.known:
            raise OperandError(f"{built.name} has {', '.join(built.known)} built in, not {name!r}; choose one of these")
        values = built.operand(name).format
        is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not (is_integer and values.minimum <= value <= values.maximum):
            raise OperandError(
                f"operand {name} must be an integer within {values.minimum}..{values.maximum} ({values}), "
                f"but it is {value!r:.60}; use more bits or another value"
            )
    chosen = built.at_known({**built.known, **{name: int(value) for name, value in known.items()}})
    stand_ins = built.stand_ins - known.keys()
    return replace(chosen, stand_ins=stand_ins) if stand_ins else chosen


@lru_cache(maxsize=512)
def _build(name: str, widths: tuple[int, ...], signed: bool, layout: Layout, trd: int | None) -> Circuit:
    built = family(name, trd).build(widths, signed, layout)
    return replace(built, stand_ins=frozenset(built.known)) if built.known else built


def _widths(found: CircuitFamily, bits: int | Sequence[int] | IntArray | None) -> tuple[int, ...]:
    asked: int | Sequence[int] | None = bits.tolist() if isinstance(bits, np.ndarray) else bits
    given = found.default_bits if asked is None else tuple(asked) if isinstance(asked, Sequence) else (asked,)
    for width in given:
        if isinstance(width, bool) or not isinstance(width, int | np.integer) or not MIN_BITS <= width <= MAX_BITS:
            raise OperandError(
                f"a width must be an integer within {MIN_BITS}..{MAX_BITS} bits, but it is {width!r}; choose another"
            )
    count = len(found.width_names)
    if len(given) == 1:
        given = given * count
    if len(given) != count:
        raise OperandError(
            f"{found.name} takes {count} width{'s' * (count > 1)} ({', '.join(found.width_names)}), "
            f"but {len(given)} are given; "
            "give one for all or one for each"
        )
    return tuple(int(width) for width in given)


def families() -> Mapping[str, CircuitFamily]:
    """Return every circuit, those of installed packages among them.

    Raises:
        PluginError: a package offers a circuit that cannot be loaded.
    """
    for plugin in circuit_plugins():
        load_plugin(plugin, FAMILIES)
    return FAMILIES


def register(new: CircuitFamily) -> None:
    """Add a circuit to those that go by name.

    Raises:
        InputError: as `sample_of`.
    """
    sample_of(new)
    FAMILIES[new.name] = new
    _build.cache_clear()


def sample_of(new: CircuitFamily) -> Circuit:
    """Return a circuit that is to be registered, at its default widths, signed, in its first layout.

    Raises:
        InputError: it is no family, its name is no identifier or taken, what is built is no circuit or has another
            name, an operand is called `technology`, or a cell is not in the library.
    """
    if not isinstance(new, CircuitFamily):
        raise InputError(f"what is registered must be a CircuitFamily, but it is {new!r:.60}; give one")
    if not (isinstance(new.name, str) and new.name.isidentifier()):
        raise InputError(f"a circuit's name must be an identifier, but it is {new.name!r:.60}; choose another")
    if new.name in FAMILIES:
        raise InputError(f"a circuit's name must be new, but there is a {new.name} already; choose another")
    built = new.build(_widths(new, None), True, new.layouts[0])
    if not isinstance(built, Circuit):
        raise InputError(f"what {new.name} builds must be a Circuit, but it is {built!r:.60}; correct it")
    if built.name != new.name:
        raise InputError(f"a circuit must have its family's name, {new.name}, but it is {built.name}; make them one")
    if any(word.name == "technology" for word in built.operands):
        raise InputError(
            f"an operand of {new.name} is called technology, which is what run() prices with; choose another name"
        )
    unknown = {op.cell.name for step in built.program for op in step.ops if isinstance(op, Evaluate)} - set(CELLS)
    if unknown:
        raise InputError(f"cells must be those of trackmac.cells.library, but {min(unknown)} is none; use its CELLS")
    return built


def _load_plugins_of(name: str) -> None:
    plugins = circuit_plugins()
    for plugin in plugins:
        if plugin.name == name:
            load_plugin(plugin, FAMILIES)
    if name not in FAMILIES:
        raise unknown_name("circuit", name, {*FAMILIES, *(plugin.name for plugin in plugins)})
