"""The compiled folding of rows: constants and copies followed through, what nobody reads dropped, registers handed out.

Nothing here knows what a program computes: a row becomes a simpler one only where its truth table says so. What may
ever change is an argument or in this file: numba's cache on disk does not notice a change in another module. Who edits
`chaining/kernel.py`, which is compiled in, deletes this folder's `__pycache__/*.nbi`.

Values are numbered: 0 and 1 are the constants, `2 + s` what slot `s` holds at first, further ones are made by rows, one
or two each. Functions are bits of their algebraic normal form, as in `trackmac.simulation.rows`.
"""
# mypy: disable-error-code="no-untyped-call, no-untyped-def, no-any-return"
# ruff: noqa: PLR0917, PLR1714, SIM109 - a compiled function takes its arguments by position, and branches

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.compiled import compiled
from trackmac.simulation.chaining.kernel import chained
from trackmac.simulation.rows import ADD, AND_ADD, COLUMNS, FILL, LOOKUP_2, LOOKUP_3, MOVE

ZERO, ONE, FIRST_SLOT = 0, 1, 2
NOBODY = -1

X, Y, Z = 0xAA, 0xCC, 0xF0
"""The terms that have a function's first, second and third input."""

AND_OF_2, XOR_OF_3, MAJORITY, MAJORITY_OF_INVERTED = 8, 22, 104, 124

ROWS, VALUES = 0, 1


@compiled
def fold(rows: IntArray, known: IntArray, live: NDArray[np.bool_], slots: int, folded: IntArray) -> tuple[int, int]:
    """Write rows to `folded` that leave the same bits in the planes that are `live`; return their number.

    Slots below `live.size` are planes, those up to `known.size` other bits that are given, up to `slots` scratch.
    `known[s]` is what slot `s` holds before, or -1. Also returns how many slots the folded rows use: given ones, then
    one of zeros, one of ones, then registers. A folded row may write a slot that it reads.
    """
    limit = rows.shape[0]
    made = np.empty((3 * limit, COLUMNS), np.int64)
    inverse = np.full(FIRST_SLOT + slots + 6 * limit, NOBODY)
    inverted = np.zeros(inverse.size, np.bool_)
    counts = np.array([0, FIRST_SLOT + slots])
    now = np.arange(slots) + FIRST_SLOT
    for slot in range(known.size):
        if known[slot] >= 0:
            now[slot] = known[slot]
    inverse[ZERO], inverse[ONE] = ONE, ZERO
    for r in range(limit):
        _follow(rows[r], now, made, inverse, inverted, counts)
    rows = chained(made[: counts[ROWS]], now, live, counts[VALUES])
    return _allocate(rows, now, live, known.size, FIRST_SLOT + slots, counts[VALUES], folded)


@compiled
def _follow(row, now, made, inverse, inverted, counts):
    """Let `now` say which values a row leaves in its slots; enter the rows that make them."""
    operation, k = row[0], row[7]
    a, b, c, d = now[row[3]], now[row[4]], now[row[5]], now[row[6]]
    if operation == FILL:
        now[row[1]] = k
    elif operation == MOVE:
        now[row[1]] = _inverse(a, made, inverse, inverted, counts) if k else a
    elif operation == LOOKUP_2:
        now[row[1]] = _function(k, a, b, ZERO, made, inverse, inverted, counts)
    elif operation == LOOKUP_3:
        now[row[1]] = _function(k, a, b, c, made, inverse, inverted, counts)
    else:
        if operation == AND_ADD:
            b = _function(AND_OF_2, b, d, ZERO, made, inverse, inverted, counts)
        if a < FIRST_SLOT or b < FIRST_SLOT or c < FIRST_SLOT or a == b or a == c or b == c:
            carry = _function(MAJORITY_OF_INVERTED if k else MAJORITY, a, b, c, made, inverse, inverted, counts)
            now[row[1]] = _function(XOR_OF_3, a, b, c, made, inverse, inverted, counts)
            now[row[2]] = carry
        else:
            value = _enter(made, counts, ADD, a, b, c, k)
            now[row[1]], now[row[2]] = value, value + 1


@compiled
def _enter(made, counts, operation, a, b, c, k):
    """Enter a row; return the first of its values, the second is the next number."""
    row, value = made[counts[ROWS]], counts[VALUES]
    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7] = operation, value, NOBODY, a, b, c, ZERO, k
    if operation == ADD:
        row[2] = value + 1
    counts[ROWS] += 1
    counts[VALUES] += 2
    return value


@compiled
def _inverse(a, made, inverse, inverted, counts):
    if inverse[a] == NOBODY:
        value = _enter(made, counts, MOVE, a, ZERO, ZERO, 1)
        inverse[a], inverse[value], inverted[value] = value, a, True
    return inverse[a]


@compiled
def _function(k, x, y, z, made, inverse, inverted, counts):
    """Return the value of the function `k` of three values, of as few of them as make it."""
    for position in range(3):
        having = X if position == 0 else (Y if position == 1 else Z)
        value = x if position == 0 else (y if position == 1 else z)
        without = (k & having) >> (1 << position)
        if value == ZERO:
            k &= ~having
        elif value == ONE:
            k = (k & ~having) ^ without
        elif inverted[value]:
            k ^= without
            value = inverse[value]
            x, y, z = (value, y, z) if position == 0 else ((x, value, z) if position == 1 else (x, y, value))
    if x == y:
        k = (k & ~Y) ^ ((k & 0x44) >> 1) ^ ((k & 0x88) >> 2)
    if x == z:
        k = (k & ~Z) ^ ((k & 0x50) >> 3) ^ ((k & 0xA0) >> 4)
    if y == z:
        k = (k & ~Z) ^ ((k & 0x30) >> 2) ^ ((k & 0xC0) >> 4)
    for _ in range(2):
        if k & ~1 and not k & X:
            k = (k & 1) | (k >> 1 & 2) | (k >> 2 & 4) | (k >> 3 & 8)
            x, y, z = y, z, ZERO
    if k & Z and not k & Y:
        k = (k & 3) | (k >> 2 & 12)
        y, z = z, ZERO
    if k < 2:
        return k
    if k < 4:
        return x if k == 2 else _inverse(x, made, inverse, inverted, counts)
    operation = LOOKUP_2 if k < 16 else LOOKUP_3
    return _enter(made, counts, operation, x, y, z if k >= 16 else ZERO, k)


@compiled
def _allocate(rows, now, live, given, made_from, values, folded):
    """Write rows on slots; return their number and that of the slots. Values from `made_from` on are made by rows."""
    end = rows.shape[0]
    last_read = _last_reads(rows, now, live, made_from, values)
    home = np.full(values, NOBODY)
    home[ZERO], home[ONE] = given, given + 1
    for slot in range(given):
        home[FIRST_SLOT + slot] = slot
    copies = _settle(rows, now, live, last_read, home)
    registers = given + FIRST_SLOT
    slots = registers
    free = np.empty(2 * end + live.size + 2, np.int64)
    available = 0
    for r in range(end):
        row, out = rows[r], folded[r]
        out[:] = row
        for source in range(3, 6):
            value = row[source]
            out[source] = home[value]
            if last_read[value] == r and home[value] >= registers:
                free[available] = home[value]
                available += 1
                last_read[value] = end + 1  # given back once
        unread = NOBODY
        for which in (1, 2):
            value = row[which]
            out[which] = 0
            if value == NOBODY:
                continue
            if home[value] == NOBODY:
                if available:
                    available -= 1
                    home[value] = free[available]
                else:
                    home[value] = slots
                    slots += 1
                if last_read[value] == NOBODY:
                    unread = home[value]
            out[which] = home[value]
        if unread != NOBODY:
            free[available] = unread
            available += 1
    return _copy(copies, now, home, live, folded, end, slots)


@compiled
def _last_reads(rows, now, live, made_from, values):
    """Return the last row that reads each value; the number of rows where it has to be there at the end."""
    last_read = np.full(values, NOBODY)
    for r in range(rows.shape[0]):
        for source in range(3, 6):
            last_read[rows[r, source]] = r
    for plane in range(live.size):
        if live[plane] and FIRST_SLOT <= now[plane] < made_from and now[plane] != FIRST_SLOT + plane:
            last_read[now[plane]] = rows.shape[0]
    return last_read


@compiled
def _settle(made, now, live, last_read, home):
    """Let values be made in the planes where they stay, if what was there is no longer read; return the others."""
    end, values = made.shape[0], home.size
    maker = np.full(values, NOBODY)
    for r in range(end):
        maker[made[r, 1]] = r
        if made[r, 2] != NOBODY:
            maker[made[r, 2]] = r
    copies = np.empty(live.size, np.int64)
    count = 0
    for plane in range(live.size):
        value = now[plane]
        if not live[plane] or value == FIRST_SLOT + plane:
            continue
        if maker[value] == NOBODY or home[value] != NOBODY or last_read[FIRST_SLOT + plane] > maker[value]:
            copies[count] = plane
            count += 1
            if value >= FIRST_SLOT:
                last_read[value] = end
        else:
            home[value] = plane
    return copies[:count]


@compiled
def _copy(copies, now, home, live, folded, count, slots):
    """Fill the planes that are copies; a plane that is both source and destination is saved first."""
    is_copied = np.zeros(live.size, np.bool_)
    for plane in copies:
        is_copied[plane] = True
    for plane in copies:
        value = now[plane]
        if value >= FIRST_SLOT and home[value] < live.size and is_copied[home[value]]:
            _move(folded[count], slots, home[value])
            home[value] = slots
            slots += 1
            count += 1
    for plane in copies:
        value = now[plane]
        if value < FIRST_SLOT:
            folded[count, :] = 0
            folded[count, 0], folded[count, 1], folded[count, 7] = FILL, plane, value
        else:
            _move(folded[count], plane, home[value])
        count += 1
    return count, slots


@compiled
def _move(row, to, source):
    row[:] = 0
    row[0], row[1], row[3] = MOVE, to, source
