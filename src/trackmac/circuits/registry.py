"""Circuits by name: a name and the widths that a user gives become a circuit; further ones are registered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from trackmac.bits import IntArray
from trackmac.cells.library import CELLS
from trackmac.circuits.circuit import Circuit, Layout
from trackmac.circuits.families import FAMILIES, CircuitFamily
from trackmac.circuits.microops import Evaluate
from trackmac.circuits.plugins import circuit_plugins, load_plugin
from trackmac.circuits.program_check import TRANSVERSE_READ_DISTANCES
from trackmac.errors import InputError, OperandError, unknown_name

MIN_BITS, MAX_BITS = 2, 16


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
