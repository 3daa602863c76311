"""Combinational logic as a network of gates of at most three inputs, simplified from truth tables alone.

A table is a tuple of 0 and 1: entry `r` is the output for the inputs whose bit `i` is the value of input `i`.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

Table = tuple[int, ...]
Signal = int

ZERO: Signal = 0
ONE: Signal = 1

XOR_3: Table = (0, 1, 1, 0, 1, 0, 0, 1)
MULTIPLEXER: Table = (0, 1, 0, 1, 0, 0, 1, 1)
"""The first input where the third is 0, the second where it is 1."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One output: `table` of the signals `inputs`, which are all different, none of them constant or without effect."""

    table: Table
    inputs: tuple[Signal, ...]


class LogicNetwork:
    """Gates in the order in which they can be computed; `gates[s]` makes signal `s`, an external one has no gate."""

    def __init__(self) -> None:
        self.gates: list[Gate | None] = [None, None]
        self._known: dict[Gate, Signal] = {}

    def external(self) -> Signal:
        """Return a new signal whose value comes from outside."""
        self.gates.append(None)
        return len(self.gates) - 1

    def function(self, table: Table, inputs: tuple[Signal, ...]) -> Signal:
        """Return the signal that is `table` of `inputs`, made of as few gates as are easily found."""
        table, inputs = _simplified(table, inputs)
        if not inputs:
            return ONE if table[0] else ZERO
        if table == (0, 1):
            return inputs[0]
        if len(inputs) <= 2 or table == XOR_3:
            return self._gate(table, inputs)
        pair = _separable_pair(table)
        if pair is not None:
            return self._separated(table, inputs, pair)
        if len(inputs) == 3:
            return self._gate(table, inputs)
        last = len(inputs) - 1
        halves = tuple(self.function(cofactor(table, last, value), inputs[:last]) for value in (0, 1))
        return self.function(MULTIPLEXER, (*halves, inputs[last]))

    def _separated(self, table: Table, inputs: tuple[Signal, ...], pair: tuple[int, int]) -> Signal:
        """Compute what the rest needs of two inputs first: f(x, y, rest) = g(h(x, y), rest)."""
        corners = _corners(table, pair)
        low = corners[0]
        high = next(corner for corner in corners if corner != low)
        inner = self.function(tuple(int(corner == high) for corner in corners), (inputs[pair[0]], inputs[pair[1]]))
        rest = tuple(signal for position, signal in enumerate(inputs) if position not in pair)
        return self.function(low + high, (*rest, inner))

    def _gate(self, table: Table, inputs: tuple[Signal, ...]) -> Signal:
        gate = Gate(table, inputs)
        if gate not in self._known:
            self.gates.append(gate)
            self._known[gate] = len(self.gates) - 1
        return self._known[gate]


@lru_cache(maxsize=4096)
def cofactor(table: Table, position: int, value: int) -> Table:
    """Return the table of the other inputs where input `position` has `value`."""
    return tuple(entry for row, entry in enumerate(table) if row >> position & 1 == value)


@lru_cache(maxsize=4096)
def algebraic_normal_form(table: Table) -> int:
    """Return which products of inputs make the table when added modulo 2.

    Bit `t` of the result stands for the product of those inputs whose bits are set in `t`.
    """
    terms = list(table)
    for position in range(len(table).bit_length() - 1):
        for row in range(len(table)):
            if row >> position & 1:
                terms[row] ^= terms[row ^ 1 << position]
    return sum(term << row for row, term in enumerate(terms))


def _simplified(table: Table, inputs: tuple[Signal, ...]) -> tuple[Table, tuple[Signal, ...]]:
    """Drop inputs that are constant, repeated or without effect, and put the others in ascending order."""
    order = sorted(range(len(inputs)), key=inputs.__getitem__)
    table = _reordered(table, tuple(order))
    names = [inputs[position] for position in order]
    for position in reversed(range(len(names))):
        if names[position] in {ZERO, ONE}:
            table = cofactor(table, position, names[position])
        elif position and names[position] == names[position - 1]:
            halves = cofactor(table, position, 0), cofactor(table, position, 1)
            table = tuple(halves[row >> position - 1 & 1][row] for row in range(len(halves[0])))
        else:
            continue
        del names[position]
    for position in reversed(range(len(names))):
        if cofactor(table, position, 0) == cofactor(table, position, 1):
            table = cofactor(table, position, 0)
            del names[position]
    return table, tuple(names)


@lru_cache(maxsize=4096)
def _reordered(table: Table, order: tuple[int, ...]) -> Table:
    """Return the table whose input `i` is the given one's input `order[i]`."""
    return tuple(table[sum((row >> new & 1) << old for new, old in enumerate(order))] for row in range(1 << len(order)))


@lru_cache(maxsize=4096)
def _separable_pair(table: Table) -> tuple[int, int] | None:
    """Return two inputs of which the others need one bit only, if there are any."""
    count = len(table).bit_length() - 1
    return next((pair for pair in combinations(range(count), 2) if len(set(_corners(table, pair))) == 2), None)


def _corners(table: Table, pair: tuple[int, int]) -> tuple[Table, ...]:
    """Return the tables of the other inputs for the four values of the pair, in the order of a table of two inputs."""
    first, second = pair
    return tuple(cofactor(cofactor(table, second, row >> 1), first, row & 1) for row in range(4))
