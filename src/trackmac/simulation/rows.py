"""The instruction set of the packed simulator: what a row of a lowered program does to whole planes.

A row is `operation, d0, d1, s0, s1, s2, s3, k`: destinations, sources, a parameter. All but the first and the last are
slots: places where a plane lies. A destination is never among its row's sources.
"""

from collections.abc import Sequence

import numpy as np

from trackmac.bits import IntArray

LINE_WORDS = 8
"""Words of a cache line, which is how many the kernel works on at once: planes have whole lines."""

COLUMNS = 8

SLOT_COLUMNS = slice(1, 7)

FILL = 0
"""d0 = all bits `k` (0 or 1)."""

MOVE = 1
"""d0 = s0, inverted if `k` is 1."""

LOOKUP_2 = 2
"""d0 = any function of (s0, s1): bit `t` of `k` says whether term `t` of 1, s0, s1, s0*s1 is in the exclusive-or."""

LOOKUP_3 = 3
"""d0 = any function of (s0, s1, s2): as before, term `t` being the product of the sources whose bit is set in `t`."""

ADD = 4
"""d0 = s0 xor s1 xor s2, d1 = majority(s0 inverted if `k` is 1, s1, s2): a full adder or, with `k`, subtractor."""

AND_ADD = 5
"""As ADD, with s1 and s3 in place of s1: a partial product and the adder that takes it."""

CHAIN = 6
"""In folded programs, for ADD: this row and further ones, `k` // FURTHER of them, are adders on one carry.

Each does d0 = s0 xor s1 xor carry, carry = majority(s0, s1, carry). The carry is s2 of the first row at first; the last
one is written to d1 of the last row if `k` has KEPT. `k` % KEPT is the kind of all.
"""

PLAIN, BORROWING, INVERTED = 0, 1, 2
"""Kinds of adders: with s0 as it is, inverted in carries, inverted everywhere."""

KEPT, FURTHER = 4, 8


def table_of(rows: Sequence[tuple[int, ...]]) -> IntArray:
    """Return rows as the interpreter takes them: int64 [rows, COLUMNS]."""
    return np.array(rows, dtype=np.int64).reshape(-1, COLUMNS)
