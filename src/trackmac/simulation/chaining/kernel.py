"""The compiled search for chains: full adders each of which takes the carry of the one before, which nobody else reads.

Rows are those of `trackmac.simulation.folding.kernel`: they make numbered values, each once. What may ever change is
an argument or in this file: numba's cache on disk does not notice a change in another module.
"""
# mypy: disable-error-code="no-untyped-call, no-untyped-def, no-any-return"
# ruff: noqa: PLR0917, PLR1714, SIM109 - a compiled function takes its arguments by position

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.compiled import compiled
from trackmac.simulation.rows import ADD, BORROWING, CHAIN, FURTHER, INVERTED, KEPT, LOOKUP_2, LOOKUP_3, PLAIN

ZERO, ONE, FIRST_SLOT = 0, 1, 2
NOBODY = -1

XOR, XNOR, AND, OR = 6, 7, 8, 14
X_AND_NOT_Y, X_OR_NOT_Y = 10, 13
Y_AND_NOT_X, Y_OR_NOT_X = 12, 11
XOR_OF_3, XNOR_OF_3, MAJORITY, MAJORITY_OF_INVERTED = 22, 23, 104, 124


@compiled
def chained(made: IntArray, now: IntArray, live: NDArray[np.bool_], values: int) -> IntArray:
    """Return the rows that are needed, those of a chain one after another; `made` is used up.

    `now[p]` is the value that plane `p` is to hold where it is `live`. Two functions of the same two values that are
    their sum and carry become an adder; an adder that stands alone and of which one value is read becomes a function.
    """
    uses = _uses(made, now, live, values)
    _pair(made, uses)
    rows, chain = np.empty_like(made), np.empty(made.shape[0], np.int64)
    pending = np.zeros(values, np.bool_)
    count = length = 0
    for r in range(made.shape[0]):
        row = made[r]
        if row[0] == NOBODY:
            continue
        joins = length > 0 and _joins(row, made[chain[0], 7], made[chain[length - 1], 2], uses)
        if not joins and (row[0] == ADD or pending[row[3]] or pending[row[4]] or pending[row[5]]):
            count = _close(made, chain[:length], uses, pending, rows, count)
            length = 0
        if joins or row[0] == ADD:
            chain[length], pending[row[1]] = r, True
            length += 1
            if row[2] != NOBODY:
                pending[row[2]] = True
        else:
            rows[count] = row
            count += 1
    return rows[: _close(made, chain[:length], uses, pending, rows, count)]


@compiled
def _uses(made, now, live, values):
    """Return how often each value is read by rows that are needed or wanted by planes; mark the other rows."""
    uses = np.zeros(values, np.int64)
    for plane in range(live.size):
        if live[plane]:
            uses[now[plane]] += 1
    for r in range(made.shape[0] - 1, -1, -1):
        row = made[r]
        if uses[row[1]] or (row[2] != NOBODY and uses[row[2]]):
            for source in range(3, 6):
                uses[row[source]] += 1
        else:
            row[0] = NOBODY
    return uses


@compiled
def _pair(made, uses):
    """Let a function and the next one be an adder, where they are the sum and the carry of the same two values."""
    before = NOBODY
    for r in range(made.shape[0]):
        row = made[r]
        if row[0] == NOBODY:
            continue
        if before != NOBODY and row[0] == LOOKUP_2 and row[3] == made[before, 3] and row[4] == made[before, 4]:
            first = made[before]
            if row[7] == XOR or row[7] == XNOR:
                is_adder = _join_halves(first, row[1], row[7], first[1], first[7])
            else:
                is_adder = _join_halves(first, first[1], first[7], row[1], row[7])
            if is_adder:
                uses[first[3]] -= 1
                uses[first[4]] -= 1
                row[0], before = NOBODY, NOBODY
                continue
        before = r if row[0] == LOOKUP_2 else NOBODY


@compiled
def _join_halves(row, total, total_function, carry, carry_function):
    """Make a row with sources x and y the adder that makes both values, if there is one; return whether there is."""
    x, y = row[3], row[4]
    if carry_function == AND or carry_function == OR:
        p, q, kind = x, y, PLAIN
    elif carry_function == Y_AND_NOT_X or carry_function == Y_OR_NOT_X:
        p, q, kind = x, y, BORROWING
    elif carry_function == X_AND_NOT_Y or carry_function == X_OR_NOT_Y:
        p, q, kind = y, x, BORROWING
    else:
        return False
    is_or = carry_function == OR or carry_function == Y_OR_NOT_X or carry_function == X_OR_NOT_Y
    if total_function != (XNOR if is_or else XOR):
        if kind == PLAIN or total_function != (XOR if is_or else XNOR):
            return False
        kind = INVERTED
    row[0], row[1], row[2], row[3], row[4], row[5], row[7] = ADD, total, carry, p, q, ONE if is_or else ZERO, kind
    return True


@compiled
def _joins(row, kind, carry, uses):
    """Return whether a row can go on with a chain of this kind and with that last carry; make it an adder that does."""
    if carry == NOBODY or uses[carry] != 1 or (row[3] != carry and row[4] != carry and row[5] != carry):
        return False
    is_total = row[7] == XNOR or row[7] == XNOR_OF_3 if kind == INVERTED else row[7] == XOR or row[7] == XOR_OF_3
    if row[0] == ADD:
        if row[7] != kind or (kind != PLAIN and row[3] == carry):
            return False
    elif not is_total or (row[0] != LOOKUP_2 and row[0] != LOOKUP_3):
        return False
    if row[0] != ADD:
        row[0], row[2], row[7] = ADD, NOBODY, kind
    if row[3] == carry:
        row[3], row[5] = row[5], carry
    elif row[4] == carry:
        row[4], row[5] = row[5], carry
    return True


@compiled
def _close(made, chain, uses, pending, rows, count):
    """Write the rows of a chain; return the number of rows."""
    if chain.size == 0:
        return count
    first = rows[count]
    for r in chain:
        row = rows[count]
        row[:] = made[r]
        pending[row[1]] = False
        if row[2] != NOBODY:
            pending[row[2]] = False
            row[2] = row[2] if r == chain[-1] and uses[row[2]] else NOBODY
        row[0] = CHAIN
        if r != chain[0]:
            row[5] = ZERO
        count += 1
    last = rows[count - 1]
    if chain.size == 1 and last[2] == NOBODY:
        first[0], first[7] = LOOKUP_3, XOR_OF_3
    elif chain.size == 1 and not uses[first[1]]:
        first[0], first[7] = LOOKUP_3, MAJORITY_OF_INVERTED if first[7] else MAJORITY
        first[1], first[2] = first[2], NOBODY
    else:
        first[7] += FURTHER * (chain.size - 1) + (0 if last[2] == NOBODY else KEPT)
    return count
