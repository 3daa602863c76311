"""What a stage's units work on: a machine, or a tape that does the same in one go."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Circuit, Place
from trackmac.cost import Activity
from trackmac.inference import memory_limits
from trackmac.simulation import Deck, Machine, PackedWord, Reading, Tape, TrackGeometry
from trackmac.simulation.lane_words import LaneWord
from trackmac.simulation.packing import LANES_PER_WORD

Observed = IntArray | Reading
"""Numbers of all lanes: an array, or what becomes one (`numpy.asarray`); look when all is done, a tape plays then."""


class Lanes(Protocol):
    """Units in lockstep, as `Machine` has them."""

    lanes: int

    @property
    def activity(self) -> Activity:
        """What the programs executed so far cost one lane."""

    def store(self, places: Sequence[Place], values: IntArray | PackedWord | LaneWord) -> None:
        """Put bit `i` of `values`, one a lane, into place `i` of every unit, at no cost."""

    def peek(self, places: Sequence[Place], number_format: NumberFormat) -> Observed:
        """Return the numbers in `places`, lowest bit first, at no cost."""

    def execute(
        self,
        circuit: Circuit,
        binding: Mapping[str, str] | None = None,
        *,
        ports: Mapping[str, int] | None = None,
        wires: Mapping[str, IntArray | PackedWord | LaneWord] | None = None,
    ) -> Mapping[str, Observed]:
        """Run the program of `circuit` in all units, where their tracks stand; return the words that are sent."""


class Engine(Protocol):
    """Makes lanes for stages."""

    def lanes(self, units: int, words: int, tracks: Mapping[str, TrackGeometry]) -> Lanes:
        """Return lanes of `units` units, of `words` words of 64 each, with these tracks."""

    def columns_at_once(self, tracks: Mapping[str, TrackGeometry], units: int) -> int:
        """Return how many columns to simulate at once, each of which takes a lane in so many units of these tracks."""


class Machines:
    """Lanes that do every step at once and can be looked at, and disturbed, in between."""

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

    def lanes(self, units: int, words: int, tracks: Mapping[str, TrackGeometry]) -> Tape:
        """Return such lanes."""
        return self._deck.tape(units, words, tracks)

    def columns_at_once(self, tracks: Mapping[str, TrackGeometry], units: int) -> int:
        """Return how many columns' results fit in memory, whatever their tracks."""
        return max(1, memory_limits.TAPE_LANES // units // LANES_PER_WORD) * LANES_PER_WORD
