"""Chooses a row for every gate that is needed: adders, and partial products with their adder, become one row each.

What a gate is, is seen in its truth table, never in the name of the cell that it came from.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from trackmac.simulation.logic import XOR_3, ZERO, Gate, LogicNetwork, Signal, Table, algebraic_normal_form
from trackmac.simulation.rows import ADD, AND_ADD, LOOKUP_2, LOOKUP_3, MOVE

AND: Table = (0, 0, 0, 1)
XOR: Table = (0, 1, 1, 0)

CARRIES: dict[Table, int | None] = {
    tuple(int((a ^ (n == 0)) + (b ^ (n == 1)) + (c ^ (n == 2)) >= 2) for c in (0, 1) for b in (0, 1) for a in (0, 1)): n
    for n in (None, 0, 1, 2)
} | {tuple((a ^ (n == 0)) & (b ^ (n == 1)) for b in (0, 1) for a in (0, 1)): n for n in (None, 0, 1)}
"""Tables of a carry or a borrow, of three inputs or of two and a zero, and which of the inputs is inverted."""


@dataclass(frozen=True, slots=True)
class SelectedRow:
    """A row in terms of signals; a destination is None where nobody needs it."""

    operation: int
    made: tuple[Signal | None, ...]
    read: tuple[Signal, ...]
    parameter: int


def select_rows(network: LogicNetwork, needed: Iterable[Signal]) -> list[SelectedRow]:
    """Return rows that compute the signals `needed`, in an order in which that is possible."""
    kept = set(needed)
    live = _live(network, kept)
    rows: list[SelectedRow] = []
    done: set[Signal] = set()
    partners = _partners(network, live)
    for signal in live:
        gate = network.gates[signal]
        if gate is not None and signal not in done:
            row = _adder(network, partners.get(gate.inputs, []), signal) or _single(gate, signal)
            rows.append(row)
            done.update(made for made in row.made if made is not None)
    return _with_partial_products(network, rows, kept)


def _live(network: LogicNetwork, needed: set[Signal]) -> list[Signal]:
    live = set(needed)
    for signal in reversed(range(len(network.gates))):
        gate = network.gates[signal]
        if gate is not None and signal in live:
            live.update(gate.inputs)
    return sorted(live)


def _partners(network: LogicNetwork, live: list[Signal]) -> dict[tuple[Signal, ...], list[Signal]]:
    """Return the live gates by what they read."""
    partners: dict[tuple[Signal, ...], list[Signal]] = {}
    for signal in live:
        gate = network.gates[signal]
        if gate is not None:
            partners.setdefault(gate.inputs, []).append(signal)
    return partners


def _adder(network: LogicNetwork, candidates: list[Signal], signal: Signal) -> SelectedRow | None:
    """Return the adder's row that makes `signal`, with its other output if one of the candidates is that.

    With two inputs it is a half adder: worth a row of its own only if both outputs are needed.
    """
    tables = {candidate: _table(network, candidate) for candidate in candidates}
    sums = [candidate for candidate, table in tables.items() if table in (XOR, XOR_3)]
    carries = [candidate for candidate, table in tables.items() if table in CARRIES]
    if signal in sums:
        made: tuple[Signal | None, ...] = (signal, carries[0] if carries else None)
    elif signal in carries:
        made = (sums[0] if sums and signal == carries[0] else None, signal)
    else:
        return None
    gate = network.gates[signal]
    assert gate is not None
    if len(gate.inputs) == 2 and None in made:
        return None
    inverted = None if made[1] is None else CARRIES[tables[made[1]]]
    first = gate.inputs[inverted or 0]
    others = tuple(source for source in gate.inputs if source != first)
    read = (first, *others) if len(others) == 2 else (first, *others, ZERO)
    return SelectedRow(ADD, made, read, int(inverted is not None))


def _table(network: LogicNetwork, signal: Signal) -> Table:
    gate = network.gates[signal]
    assert gate is not None
    return gate.table


def _single(gate: Gate, signal: Signal) -> SelectedRow:
    if len(gate.inputs) == 1:
        return SelectedRow(MOVE, (signal,), gate.inputs, 1)
    operation = LOOKUP_2 if len(gate.inputs) == 2 else LOOKUP_3
    return SelectedRow(operation, (signal,), gate.inputs, algebraic_normal_form(gate.table))


def _with_partial_products(network: LogicNetwork, rows: list[SelectedRow], kept: set[Signal]) -> list[SelectedRow]:
    """Let adders compute the AND of two signals themselves, where nobody else needs it."""
    alone = {row.made[0] for row in rows if row.operation == LOOKUP_2}
    products = [_product(network, row, alone) for row in rows]
    uses = Counter(signal for row in rows for signal in set(row.read))
    taken = Counter(product for product in products if product is not None)
    dropped = {signal for signal, count in taken.items() if count == uses[signal] and signal not in kept}
    result: list[SelectedRow] = []
    for row, product in zip(rows, products, strict=True):
        if product in dropped:
            gate = network.gates[product] if product is not None else None
            assert gate is not None
            p, *rest = row.read if row.read[0] != product else (row.read[1], row.read[0], row.read[2])
            other = rest[1] if rest[0] == product else rest[0]
            result.append(replace(row, operation=AND_ADD, read=(p, gate.inputs[0], other, gate.inputs[1])))
        elif not dropped.intersection(row.made):
            result.append(row)
    return result


def _product(network: LogicNetwork, row: SelectedRow, alone: set[Signal | None]) -> Signal | None:
    """Return the input of an adder that is the AND of two signals, in a row of its own, and not the inverted input."""
    if row.operation != ADD:
        return None
    candidates = row.read[1:] if row.parameter else row.read
    for signal in candidates:
        gate = network.gates[signal]
        if signal in alone and gate is not None and gate.table == AND:
            return signal
    return None
