"""What a stage's units work on: a machine, or a tape that does the same in one go."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trackmac.inference import memory_limits
from trackmac.inference.stage_result import StageResult
from trackmac.simulation import Deck, Lanes, Machine, Tape, TrackGeometry
from trackmac.simulation.packing import LANES_PER_WORD


class Session(Protocol):
    """A stage on the columns of some lanes, again and again if they are a tape's."""

    def result(self, codes: NDArray[np.integer]) -> StageResult:
        """Return the result for `codes` [words, columns]."""


class Engine(Protocol):
    """Makes lanes for one stage, and runs it on them."""

    def run(self, session: Callable[[int], Session], codes: NDArray[np.integer]) -> StageResult:
        """Return the result for `codes` [words, columns], of a session for so many columns."""

    def lanes(self, units: int, words: int, tracks: Mapping[str, TrackGeometry]) -> Lanes:
        """Return lanes of `units` units, of `words` words of 64 each, with these tracks."""

    def columns_at_once(self, tracks: Mapping[str, TrackGeometry], units: int) -> int:
        """Return how many columns to simulate at once, each of which takes a lane in so many units of these tracks."""


class Machines:
    """Lanes that do every step at once and can be looked at, and disturbed, in between."""

    def run(self, session: Callable[[int], Session], codes: NDArray[np.integer]) -> StageResult:
        """Return the result of a new session."""
        return session(codes.shape[1]).result(codes)

    def lanes(self, units: int, words: int, tracks: Mapping[str, TrackGeometry]) -> Machine:
        """Return such lanes."""
        return Machine(units * words * LANES_PER_WORD, tracks)

    def columns_at_once(self, tracks: Mapping[str, TrackGeometry], units: int) -> int:
        """Return how many columns fit in memory with all their tracks."""
        return memory_limits.columns_at_once(tracks, units)


class Tapes:
    """Lanes that do everything in one go, many times as fast."""

    def __init__(self) -> None:
        self._deck = Deck()
        self._idle: dict[int, list[Session]] = {}

    def run(self, session: Callable[[int], Session], codes: NDArray[np.integer]) -> StageResult:
        """Return the result of a session that is idle, or of a new one: a thread each."""
        idle = self._idle.setdefault(codes.shape[1], [])
        try:
            ours = idle.pop()
        except IndexError:
            ours = session(codes.shape[1])
        result = ours.result(codes)
        idle.append(ours)
        return result

    def lanes(self, units: int, words: int, tracks: Mapping[str, TrackGeometry]) -> Tape:
        """Return such lanes."""
        return self._deck.tape(units, words, tracks)

    def columns_at_once(self, tracks: Mapping[str, TrackGeometry], units: int) -> int:
        """Return how many columns' results fit in memory, whatever their tracks."""
        return max(1, memory_limits.TAPE_LANES // units // LANES_PER_WORD) * LANES_PER_WORD
