"""What a machine and a tape have in common."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Circuit, Place
from trackmac.cost import Activity
from trackmac.simulation.lane_words import LaneWord, LaneWords
from trackmac.simulation.lockstep import BoundCircuit
from trackmac.simulation.packing import PackedWord
from trackmac.simulation.tape import Reading

Observed = IntArray | Reading
"""Numbers of all lanes: an array, or what becomes one (`numpy.asarray`); look when all is done, a tape plays then."""


class Lanes(Protocol):
    """Units in lockstep, as `Machine` has them."""

    lanes: int

    @property
    def activity(self) -> Activity:
        """What the programs executed so far cost one lane."""

    def displacement(self, track: str) -> int:
        """Return how far `track` stands from where it started, in domains."""

    def store(
        self,
        places: Sequence[Place],
        values: IntArray | PackedWord | LaneWord,
        on: Sequence[Mapping[str, str]] = ({},),
    ) -> None:
        """Put bit `i` of `values`, one a lane, into place `i` of every unit, at no cost.

        More bits than places go on in further rounds: `on` says which tracks trade places in each.
        """

    def peek(self, places: Sequence[Place], number_format: NumberFormat) -> Observed:
        """Return the numbers in `places`, lowest bit first, at no cost."""

    def play(self) -> None:
        """See to it that all that was observed is there, for what the words on the wires hold now."""

    def execute(
        self,
        circuit: Circuit,
        binding: Mapping[str, str] | None = None,
        *,
        ports: Mapping[str, int] | None = None,
        wires: Mapping[str, IntArray | PackedWord | LaneWord | Reading] | None = None,
    ) -> Mapping[str, Observed]:
        """Run the program of `circuit` in all units, where their tracks stand; return the words that are sent."""

    def bound(
        self, circuit: Circuit, binding: Mapping[str, str] | None = None, ports: Mapping[str, int] | None = None
    ) -> BoundCircuit:
        """Return `circuit` on these tracks, at these ports, to be run again and again."""

    def run(
        self, bound: BoundCircuit, wires: Mapping[str, IntArray | PackedWord | LaneWord | Reading] | None = None
    ) -> Mapping[str, Observed]:
        """Do what `execute` does for what was bound before."""

    def repeat(
        self, programs: Sequence[tuple[BoundCircuit, Mapping[str, LaneWords]]], on: Sequence[Mapping[str, str]]
    ) -> None:
        """Run programs one after another, a round for each of `on`, which says which tracks trade places in it.

        Word number `r` of those that come with a program is on its wires in round `r`. None sends a word.

        Raises:
            TrackEndError: a track would move too far, or is sensed or written where it has no domain.
            ValueError: tracks that trade places differ or are displaced otherwise, or a round does not end where it
                started.
        """
