"""Combinational logic as a network of small gates, simplified from truth tables alone.

A table is a tuple of 0 and 1; row `r` holds the output for the inputs whose bit `i` is input `i`'s value.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

Table = tuple[int, ...]

ZERO, ONE = 0, 1
"""The signals that are constant."""

MULTIPLEX: Table = (0, 0, 1, 1, 0, 1, 0, 1)
"""Inputs a, b, select: a if select is 0... as rows select*4 + b*2 + a."""
