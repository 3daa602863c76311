"""Every circuit by name, and how a width given by a user becomes operand formats."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from trackmac.bits import NumberFormat
from trackmac.circuits.accumulate import accumulate
from trackmac.circuits.addition import product_format
from trackmac.circuits.booth_radix4 import booth_radix4_mac, booth_radix4_multiplier
from trackmac.circuits.circuit import Circuit, Layout
from trackmac.circuits.latched_full_adder import latched_full_adder
from trackmac.circuits.magnetic_full_adder import magnetic_full_adder
from trackmac.circuits.max_pool import max_pool
from trackmac.circuits.parallel_adder import parallel_adder
from trackmac.circuits.relu import relu
from trackmac.circuits.requantize import requantize
from trackmac.circuits.ripple_adder import ripple_adder
from trackmac.circuits.ripple_subtractor import ripple_subtractor
from trackmac.circuits.shift_add import magnetic_mac, shift_add_mac, shift_add_multiplier
from trackmac.errors import OperandError, unknown_name

MIN_BITS, MAX_BITS = 2, 16

Build = Callable[[tuple[int, ...], bool, Layout], Circuit]
TwoOperands = Callable[[NumberFormat, NumberFormat, Layout], Circuit]
MacBuilder = Callable[[NumberFormat, NumberFormat, NumberFormat, Layout], Circuit]


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitFamily:
    """A circuit at every width: its name, what it is for, the layouts it has, and how to build it.

    `width_names` says what the widths mean; one width stands for all of them, except where `default_bits` says else.
    """

    name: str
    kind: str
    layouts: tuple[Layout, ...]
    width_names: tuple[str, ...]
    build: Build
    default_bits: tuple[int, ...] = (8,)


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
            f"requantize must not widen, but it goes from {x_bits} to {output_bits} bits; give --bits IN,OUT with OUT <= IN"
        )
    return requantize(
        NumberFormat(x_bits, is_signed), x_bits - output_bits, NumberFormat(output_bits, is_signed), layout
    )


def _one_format(
    builder: Callable[[NumberFormat, Layout], Circuit], bits: tuple[int, ...], is_signed: bool, layout: Layout
) -> Circuit:
    return builder(NumberFormat(bits[0], is_signed), layout)


def _family(
    name: str, kind: str, layouts: tuple[Layout, ...], widths: str, build: Build, default: tuple[int, ...] = (8,)
) -> CircuitFamily:
    return CircuitFamily(
        name=name, kind=kind, layouts=layouts, width_names=tuple(widths.split()), build=build, default_bits=default
    )


FAMILIES: dict[str, CircuitFamily] = {
    family.name: family
    for family in (
        _family("magnetic_full_adder", "adder", ALONG_ONLY, "a b", partial(_two_operands, magnetic_full_adder)),
        _family("latched_full_adder", "adder", ALONG_ONLY, "a b", partial(_two_operands, latched_full_adder)),
        _family("ripple_adder", "adder", ALONG_ONLY, "a b", partial(_two_operands, ripple_adder)),
        _family("ripple_subtractor", "adder", ALONG_ONLY, "a b", partial(_two_operands, ripple_subtractor)),
        _family("parallel_adder", "adder", ACROSS_ONLY, "a b", partial(_two_operands, parallel_adder)),
        _family("shift_add_multiplier", "multiplier", BOTH, "a b", partial(_two_operands, shift_add_multiplier)),
        _family("booth_radix4_multiplier", "multiplier", BOTH, "a b", partial(_two_operands, booth_radix4_multiplier)),
        _family("shift_add_mac", "mac", BOTH, "a b", partial(_mac, "shift_add_mac")),
        _family("booth_radix4_mac", "mac", BOTH, "a b", partial(_mac, "booth_radix4_mac")),
        _family("magnetic_mac", "mac", ALONG_ONLY, "a b", partial(_mac, "magnetic_mac")),
        _family("accumulate", "adder", BOTH, "x", _accumulate),
        _family("relu", "activation", BOTH, "x", partial(_one_format, relu)),
        _family("max_pool", "activation", BOTH, "x", partial(_one_format, max_pool)),
        _family("requantize", "activation", BOTH, "in out", _requantize, (16, 8)),
    )
}


def family(name: str) -> CircuitFamily:
    """Return the family of that name.

    Raises:
        UnknownNameError: there is no circuit of that name.
    """
    if name not in FAMILIES:
        raise unknown_name("circuit", name, FAMILIES)
    return FAMILIES[name]


def circuit(
    name: str, bits: int | tuple[int, ...] | None = None, signed: bool = True, layout: str | None = None
) -> Circuit:
    """Return the circuit `name` at the given operand widths.

    Args:
        name: one of `FAMILIES`.
        bits: one width for all operands, or one for each; the family's default if None.
        signed: whether the operands are two's complement.
        layout: "along" or "across", where the circuit has both; the first that it has if None.

    Raises:
        UnknownNameError: there is no circuit of that name.
        OperandError: a width is not an integer within 2..16, there are too many, or the layout is not to be had.
    """
    found = family(name)
    known = tuple(str(choice) for choice in found.layouts)
    if layout is None:
        layout = known[0]
    if layout not in known:
        raise OperandError(f"{name} has words {' or '.join(known)} tracks, not {layout!r}; choose one of these")
    return _build(name, _widths(found, bits), bool(signed), Layout(layout))


@lru_cache(maxsize=512)
def _build(name: str, widths: tuple[int, ...], signed: bool, layout: Layout) -> Circuit:
    return FAMILIES[name].build(widths, signed, layout)


def _widths(found: CircuitFamily, bits: int | tuple[int, ...] | None) -> tuple[int, ...]:
    given = found.default_bits if bits is None else bits if isinstance(bits, tuple) else (bits,)
    for width in given:
        if isinstance(width, bool) or not isinstance(width, int) or not MIN_BITS <= width <= MAX_BITS:
            raise OperandError(
                f"a width must be an integer within {MIN_BITS}..{MAX_BITS} bits, but it is {width!r}; choose another"
            )
    count = len(found.width_names)
    if len(given) == 1:
        given = given * count
    if len(given) != count:
        raise OperandError(
            f"{found.name} takes {count} width{'s' * (count > 1)} ({', '.join(found.width_names)}), but {len(given)} are given; "
            "give one for all or one for each"
        )
    return given
