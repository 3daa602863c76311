"""Static complementary gates: a pull-down network, and the pull-up network that is its dual.

Gates are of minimum-size transistors, not widened where they stand in series: in a memory, area counts for more than
speed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from trackmac.cells.netlist import GROUND, SUPPLY, Transistor

N_WIDTH_NM, P_WIDTH_NM = 120.0, 240.0


@dataclass(frozen=True, slots=True)
class Series:
    """Parts that must all conduct."""

    parts: tuple["Network", ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """Parts of which one must conduct."""

    parts: tuple["Network", ...]


Network: TypeAlias = str | Series | Parallel


def all_of(*parts: Network) -> Series:
    """Return the network that conducts where all parts do."""
    return Series(parts)


def any_of(*parts: Network) -> Parallel:
    """Return the network that conducts where any part does."""
    return Parallel(parts)


def gate(output: str, pull_down: Network, *, scale: float = 1.0) -> tuple[Transistor, ...]:
    """Return the complementary gate whose output is down exactly where `pull_down` conducts."""
    down, up = (f"{output}_n{index}" for index in count(1)), (f"{output}_p{index}" for index in count(1))
    return (
        *_placed("nmos", N_WIDTH_NM * scale, pull_down, top=output, bottom=GROUND, names=down),
        *_placed("pmos", P_WIDTH_NM * scale, _dual(pull_down), top=output, bottom=SUPPLY, names=up),
    )


def inverter(output: str, node: str, *, scale: float = 1.0) -> tuple[Transistor, ...]:
    """Return an inverter, `scale` times as wide as the smallest."""
    return gate(output, node, scale=scale)


def exclusive_or(output: str, a: str, b: str, not_a: str, not_b: str) -> tuple[Transistor, ...]:
    """Return the gate of 8 transistors that compares two nodes, given their complements."""
    return gate(output, any_of(all_of(a, b), all_of(not_a, not_b)))


def multiplexer(output: str, select: str, a: str, b: str) -> tuple[Transistor, ...]:
    """Return what passes `b` where `select` is up, else `a`: 12 transistors."""
    return (
        *inverter(f"{output}_select", select),
        *gate(f"{output}_inv", any_of(all_of(select, b), all_of(f"{output}_select", a))),
        *inverter(output, f"{output}_inv"),
    )


def _dual(network: Network) -> Network:
    if isinstance(network, str):
        return network
    parts = tuple(_dual(part) for part in network.parts)
    return Parallel(parts) if isinstance(network, Series) else Series(parts)


def _placed(
    kind: str, width_nm: float, network: Network, *, top: str, bottom: str, names: Iterator[str]
) -> Iterator[Transistor]:
    """Yield the transistors of `network` between two nodes; nodes within are named from `names`."""
    if isinstance(network, str):
        yield Transistor(kind, top, network, bottom, width_nm)
    elif isinstance(network, Parallel):
        for part in network.parts:
            yield from _placed(kind, width_nm, part, top=top, bottom=bottom, names=names)
    else:
        nodes = [top, *(next(names) for _ in network.parts[1:]), bottom]
        for part, above, below in zip(network.parts, nodes, nodes[1:], strict=False):
            yield from _placed(kind, width_nm, part, top=above, bottom=below, names=names)
