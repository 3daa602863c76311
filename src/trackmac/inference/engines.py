"""What a stage's units work on: a machine, or a tape that does the same in one go."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Circuit, Place
from trackmac.cost import Activity
from trackmac.simulation import Machine, PackedWord, Reading, TrackGeometry
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


Engine = Callable[[int, int, Mapping[str, TrackGeometry]], Lanes]
"""Makes lanes of so many units, of so many words of 64 each, with these tracks."""


def machine(units: int, words: int, tracks: Mapping[str, TrackGeometry]) -> Machine:
    """Return lanes that do every step at once and can be looked at, and disturbed, in between."""
    return Machine(units * words * LANES_PER_WORD, tracks)
