"""A machine that takes down what its lanes do and does it in one go, when somebody looks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Circuit, Place
from trackmac.cost import Activity
from trackmac.errors import OperandError
from trackmac.simulation.binding import Binding, TrackGeometry
from trackmac.simulation.lane_words import LaneWord, LaneWords, SharedWord, UnitWord, only, shared_word
from trackmac.simulation.lockstep import BoundCircuit, Lockstep, Motion, State
from trackmac.simulation.packing import LANES_PER_WORD, PackedWord, pack

if TYPE_CHECKING:
    from trackmac.simulation.tape.plan import Plan
    from trackmac.simulation.tape.player import Cue


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A program ran in a state; `received` came over the wires, round by round, in the order of the operands."""

    circuit: BoundCircuit
    state: State
    received: tuple[LaneWords, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Repeated:
    """Runs, one after another, in rounds: in round `r`, track `places[r, t]` is in the place of track `t`."""

    runs: tuple[Run, ...]
    places: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """Bit `i` of a word was put onto plane `planes[i]`; `received` is that word alone."""

    planes: IntArray
    received: tuple[LaneWords]


@dataclass(slots=True, eq=False)
class Reading:
    """A number is read in all lanes, bit `i` on plane `planes[i]`: as an array, once the tape has played."""

    tape: "Tape"
    planes: IntArray
    format: NumberFormat
    values: NDArray[np.integer] | None = field(default=None)

    def __array__(self, dtype: object = None, copy: bool | None = None) -> NDArray[np.integer]:
        """Return the numbers, [lanes], of the narrowest type that holds them."""
        if self.values is None:
            self.tape.play()
        assert self.values is not None
        return self.values


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SentWord(SharedWord):
    """A word that comes from another tape: the planes are set anew when that one has played."""

    source: Reading

    def receive(self) -> None:
        """Let the other tape play, and take its word."""
        self.source.tape.play()
        values = self.source.__array__()
        bits = len(self.planes)
        self.planes[:] = pack(values.astype(np.int64), bits).planes.reshape(self.planes.shape)


Entry = Run | Repeated | Store | Reading


class Deck:
    """Makes tapes; what it found out about the programs and tracks of one serves those that do the same."""

    def __init__(self) -> None:
        self.plans: dict[object, Plan] = {}
        self._motions: dict[object, Motion] = {}

    def motion(self, tracks: Mapping[str, TrackGeometry]) -> Motion:
        """Return how programs move such tracks."""
        key = tuple(tracks.items())
        if key not in self._motions:
            self._motions[key] = Motion(tracks)
        return self._motions[key]

    def tape(self, units: int, words: int, tracks: Mapping[str, TrackGeometry]) -> "Tape":
        """Return an empty tape for `units` units of `words` * 64 lanes each."""
        return Tape(units, words, tracks, self)


class Tape:
    """Does what a `Machine` does, for `units` units of `words` * 64 lanes each, but only when a reading is looked at.

    What a machine returns at once, a tape returns as readings. Whatever is looked at, everything that was taken down
    is played from the start: look at the end.
    """

    def __init__(self, units: int, words: int, tracks: Mapping[str, TrackGeometry], deck: Deck | None = None) -> None:
        self.units, self.words = units, words
        self.lanes = units * words * LANES_PER_WORD
        self.deck = deck or Deck()
        self.motion = self.deck.motion(tracks)
        self.entries: list[Entry] = []
        self.sent_planes: dict[str, int] = {}
        self.sent: list[SentWord] = []
        self.cue: Cue | None = None
        self._lockstep = Lockstep(self.motion)

    @property
    def activity(self) -> Activity:
        """What the programs executed so far cost one lane."""
        return self._lockstep.activity

    @property
    def executions(self) -> Iterator[tuple[Binding, IntArray, int]]:
        """What was executed: the bound circuit, the machine's domains that were its tracks' domains 0, how often."""
        return self._lockstep.executions

    @property
    def tracks(self) -> Mapping[str, TrackGeometry]:
        """The tracks of every lane."""
        return self.motion.tracks

    def displacement(self, track: str) -> int:
        """Return how far `track` stands from where it started, in domains."""
        return self._lockstep.displacement(track)

    def store(
        self,
        places: Sequence[Place],
        values: IntArray | PackedWord | LaneWord,
        on: Sequence[Mapping[str, str]] = ({},),
    ) -> None:
        """Put bit `i` of `values`, one a lane, into place `i` of every unit, at no cost (written once, long ago).

        For `on` see `Lanes.store`.
        """
        planes = self.motion.planes_of(places, on)
        word = self._lane_word("the values to store", values, len(planes))
        self.entries.append(Store(planes, (only(word),)))

    def peek(self, places: Sequence[Place], number_format: NumberFormat) -> Reading:
        """Return the numbers in `places`, lowest bit first, at no cost."""
        return self._reading(self.motion.planes_of(places[: number_format.bits]), number_format)

    def execute(
        self,
        circuit: Circuit,
        binding: Mapping[str, str] | None = None,
        *,
        ports: Mapping[str, int] | None = None,
        wires: Mapping[str, IntArray | PackedWord | LaneWord | Reading] | None = None,
    ) -> dict[str, Reading]:
        """Run the program of `circuit` in all units, where their tracks stand, as `Machine.execute` does.

        Raises:
            TrackEndError: a track would move too far, or is sensed or written where it has no domain.
            OperandError: a word on the wires is missing, unknown, out of range or not of `lanes` lanes.
        """
        return self.run(self.bound(circuit, binding, ports), wires)

    def bound(
        self, circuit: Circuit, binding: Mapping[str, str] | None = None, ports: Mapping[str, int] | None = None
    ) -> BoundCircuit:
        """Return `circuit` on the tracks that `binding` names, at these ports, to be run again and again."""
        return self.motion.bound(circuit, binding or {}, ports or {})

    def run(
        self,
        bound: BoundCircuit,
        wires: Mapping[str, IntArray | PackedWord | LaneWord | Reading] | None = None,
    ) -> dict[str, Reading]:
        """Do what `execute` does for what was bound before."""
        received = self._received(bound, wires or {}) if wires or bound.received else ()
        state = self._lockstep.advance(bound)
        if not bound.moves_only:
            self.entries.append(Run(bound, state, received))
        circuit = bound.binding.circuit
        if not circuit.result.is_on_wires:
            return {}
        return {circuit.result.name: self._reading(self._sent(circuit), circuit.result.format)}

    def repeat(
        self, programs: Sequence[tuple[BoundCircuit, Mapping[str, LaneWords]]], on: Sequence[Mapping[str, str]]
    ) -> None:
        """Run programs one after another, in rounds; see `Lanes.repeat`."""
        rounds = self._lockstep.rounds([bound for bound, _ in programs], on)
        runs = []
        for (bound, state), (_, wires) in zip(rounds.runs, programs, strict=True):
            _check_names(bound, wires)
            if not bound.moves_only:
                runs.append(Run(bound, state, tuple(wires[word.name] for word in bound.received)))
        self._lockstep.repeat(rounds)
        self.entries.append(Repeated(tuple(runs), rounds.places))

    def play(self) -> None:
        """Do everything that was taken down, with what the words on the wires hold now; set the readings' values."""
        from trackmac.simulation.tape.player import play

        play(self)

    def _reading(self, planes: IntArray, number_format: NumberFormat) -> Reading:
        reading = Reading(self, planes, number_format)
        self.entries.append(reading)
        return reading

    def _sent(self, circuit: Circuit) -> IntArray:
        wires = circuit.result.wires
        for wire in wires:
            self.sent_planes.setdefault(wire, self.motion.planes + len(self.sent_planes))
        return np.array([self.sent_planes[wire] for wire in wires], np.int64)

    def _received(
        self, bound: BoundCircuit, wires: Mapping[str, IntArray | PackedWord | LaneWord | Reading]
    ) -> tuple[LaneWords, ...]:
        _check_names(bound, wires)
        words: list[LaneWords] = []
        for word in bound.received:
            given = wires[word.name]
            if isinstance(given, np.ndarray):
                word.format.check(given, word.name)
            words.append(only(self._lane_word(f"word {word.name}", given, word.format.bits)))
        return tuple(words)

    def _lane_word(self, what: str, values: IntArray | PackedWord | LaneWord | Reading, bits: int) -> LaneWord:
        if isinstance(values, UnitWord | SharedWord):
            return values
        if isinstance(values, Reading):
            room = shared_word(np.zeros((bits, self.units, self.words), np.uint64), np.arange(self.units))
            self.sent.append(SentWord(planes=room.planes, kind_of_unit=room.kind_of_unit, source=values))
            return self.sent[-1]
        if not isinstance(values, PackedWord):
            values = pack(np.ascontiguousarray(values, np.int64), bits)
        if values.lanes != self.lanes:
            raise OperandError(f"the machine has {self.lanes} lanes, but {what} has {values.lanes}; give one a lane")
        return shared_word(values.planes.reshape(bits, self.units, self.words), np.arange(self.units))


def _check_names(bound: BoundCircuit, wires: Mapping[str, object]) -> None:
    names = {word.name for word in bound.received}
    if names != wires.keys():
        name = bound.binding.circuit.name
        raise OperandError(f"{name} takes {sorted(names)} over the wires, but is given {sorted(wires)}; give these")
