"""Rows simplified for known bits, as the player takes them; what was folded before is remembered."""

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.simulation.rows import COLUMNS
from trackmac.simulation.tape.points import BoolArray

RowArray = NDArray[np.int16]


class Folder:
    """Folds rows on slots of which `planes` are planes, then `given` in all hold bits before; the rest is scratch."""

    def __init__(self, rows: IntArray, planes: int, given: int, slots: int) -> None:
        self._rows, self._planes, self._given, self._slots = rows, planes, given, slots
        self._room = np.empty((3 * len(rows) + 2 * planes + COLUMNS, COLUMNS), np.int64)
        self._lock = Lock()
        self._done: dict[tuple[bytes, bytes], tuple[RowArray, int]] = {}

    def folded(self, constants: Sequence[int], live: BoolArray) -> tuple[RowArray, int]:
        """Return rows for these constants, -1 where unknown, and the slots that they use.

        They leave in the planes that are `live` what the rows would.
        """
        known = np.full(self._given, -1, np.int64)
        known[self._planes : self._planes + len(constants)] = constants
        key = known.tobytes(), live.tobytes()
        with self._lock:
            if key not in self._done:
                self._done[key] = self._fold(known, live)
            return self._done[key]

    def _fold(self, known: IntArray, live: BoolArray) -> tuple[RowArray, int]:
        from trackmac.simulation.folding import kernel

        count, slots = kernel.fold(self._rows, known, live, self._slots, self._room)
        return self._room[:count].astype(np.int16), slots


def folder(rows: IntArray, planes: int, given: int, slots: int) -> Folder:
    """Return the folder of such rows; those asked for before are remembered."""
    return _folder(rows.tobytes(), planes, given, slots)


@lru_cache(maxsize=128)
def _folder(rows: bytes, planes: int, given: int, slots: int) -> Folder:
    return Folder(np.frombuffer(rows, np.int64).reshape(-1, COLUMNS), planes, given, slots)
