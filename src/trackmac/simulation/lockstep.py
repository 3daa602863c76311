"""What all lanes of a machine do alike: where their tracks stand, which programs they ran, and what that costs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit, Place, Word
from trackmac.cost import Activity, total
from trackmac.simulation.binding import Binding, TrackEndError, TrackGeometry, bind_tracks
from trackmac.simulation.lowering import Lowered

State = int
"""The number of a set of displacements, one of each track; where all tracks start is number 0."""


@dataclass(frozen=True, slots=True, eq=False)
class BoundCircuit:
    """A circuit on the tracks of a machine, and the words that it takes over wires.

    A run that starts in state `s` ends in state `after[s]`. One that `moves_only` leaves all bits where they are.
    """

    binding: Binding
    received: tuple[Word, ...]
    moves_only: bool
    after: dict[State, State] = field(default_factory=dict)


class Motion:
    """How programs move tracks, whatever the data: each found once. Displacements start at 0.

    The tracks' domains are numbered as `planes`, those of track `t` from `first_planes[t]` on.
    """

    def __init__(self, tracks: Mapping[str, TrackGeometry]) -> None:
        self.tracks = dict(tracks)
        ends = np.cumsum([0, *(geometry.domains for geometry in self.tracks.values())])
        self.first_planes: IntArray = ends[:-1]
        self.planes = int(ends[-1])
        self.number = {name: number for number, name in enumerate(self.tracks)}
        self._names = list(self.tracks)
        self._bound: dict[object, BoundCircuit] = {}
        start = np.zeros(len(self.tracks), np.int64)
        self._displacements = [start]
        self._lock = Lock()
        self._states = {start.tobytes(): 0}

    @property
    def states(self) -> IntArray:
        """The displacements of all tracks in every state so far, [states, tracks]."""
        return np.array(self._displacements)

    def displacements(self, state: State) -> IntArray:
        """Return how far each track stands in a state."""
        return self._displacements[state]

    def first_domains(self, circuit: BoundCircuit, state: State) -> IntArray:
        """Return, of each of a circuit's tracks, the machine's domain that is its domain 0 in a state."""
        return circuit.binding.first_domains(self._displacements[state][circuit.binding.tracks])

    def planes_of(self, places: Sequence[Place], on: Sequence[Mapping[str, str]] = ({},)) -> IntArray:
        """Return the numbers of domains, wherever tracks stand: in round after round, in which tracks trade places."""
        for place in places:
            if place.track not in self.tracks or not 0 <= place.domain < self.tracks[place.track].domains:
                raise TrackEndError(f"the machine has no domain {place.domain} of track {place.track!r}")
        tracks = np.array([self.number[place.track] for place in places], np.int64)
        planes = self.first_planes[self.trades(on)[:, tracks]] + np.array([place.domain for place in places], np.int64)
        return planes.ravel()

    def bound(self, circuit: Circuit, binding: Mapping[str, str], ports: Mapping[str, int]) -> BoundCircuit:
        """Return `circuit` on the tracks that `binding` names, at the given ports; those made before are remembered."""
        names = [binding.get(track.name, track.name) for track in circuit.tracks]
        key = id(circuit), *names, *(ports.get(name, 0) for name in names)
        found = self._bound.get(key)
        if found is None:
            received = tuple(word for word in circuit.operands if word.is_on_wires)
            new = bind_tracks(circuit, self.tracks, self.number, binding, ports)
            found = self._bound.setdefault(key, BoundCircuit(new, received, not len(new.program.rows)))
        return found

    def after(self, circuit: BoundCircuit, state: State) -> State:
        """Return the state in which a run leaves the tracks.

        Raises:
            TrackEndError: the program would leave a track.
        """
        after = circuit.after.get(state)
        if after is None:
            self.first_domains(circuit, state)
            moved = self._displacements[state].copy()
            moved[circuit.binding.tracks] += circuit.binding.fit.moves
            after = circuit.after[state] = self._state(moved)
        return after

    def _state(self, displacements: IntArray) -> State:
        with self._lock:  # several threads may take down what they do
            state = self._states.setdefault(displacements.tobytes(), len(self._displacements))
            if state == len(self._displacements):
                self._displacements.append(displacements)
        return state

    def trades(self, on: Sequence[Mapping[str, str]]) -> IntArray:
        """Return, for each round, the track in the place of every one: those named and theirs trade places.

        They are numbers, [rounds, tracks].

        Raises:
            ValueError: a track takes the place of one that is not like it.
        """
        places = np.tile(np.arange(len(self.tracks)), (len(on), 1))
        for own, names in zip(places, on, strict=True):
            for name, other in names.items():
                if self.tracks[name] != self.tracks[other]:
                    raise ValueError(f"track {other} cannot take the place of {name}: it has another length or ports")
                own[[self.number[name], self.number[other]]] = self.number[other], self.number[name]
        return places

    def traded(self, circuit: BoundCircuit, places: IntArray) -> BoundCircuit:
        """Return a bound circuit on the tracks that are in the places of its own, [tracks]."""
        binding = circuit.binding
        names = [self._names[track] for track in places[binding.tracks].tolist()]
        ports = {name: track.port for name, track in zip(names, binding.fit.bound, strict=True)}
        tracks = (track.name for track in binding.circuit.tracks)
        return self.bound(binding.circuit, dict(zip(tracks, names, strict=True)), ports)

    def traded_state(self, state: State, places: IntArray) -> State:
        """Return the state in which every track stands as the one in whose place it is did."""
        return self._state(self._displacements[state][places])  # places are traded: this undoes itself


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """Programs that run again and again: `runs` are those of the first round, each with the state in which it starts.

    In round `r`, track `places[r, t]` takes the place of track `t`, [rounds, tracks]. A round ends as it started.
    """

    runs: tuple[tuple[BoundCircuit, State], ...]
    places: IntArray


class Lockstep:
    """The programs that lanes follow together, and where their tracks stand now."""

    def __init__(self, motion: Motion) -> None:
        self.motion = motion
        self.state: State = 0
        self._times: dict[BoundCircuit, dict[State, int]] = {}
        self._rounds: list[Rounds] = []

    @property
    def activity(self) -> Activity:
        """What the programs executed so far cost one lane."""
        times: Counter[Lowered] = Counter()
        for circuit, by_state in self._times.items():
            times[circuit.binding.program] += sum(by_state.values())
        for rounds in self._rounds:
            for circuit, _ in rounds.runs:
                times[circuit.binding.program] += len(rounds.places)
        return total(program.activity.repeated(count) for program, count in times.items())

    @property
    def executions(self) -> Iterator[tuple[Binding, IntArray, int]]:
        """What was executed: the bound circuit, the machine's domains that were its tracks' domains 0, how often."""
        for (circuit, state), times in self._all_times().items():
            yield circuit.binding, self.motion.first_domains(circuit, state), times

    def _all_times(self) -> Mapping[tuple[BoundCircuit, State], int]:
        """Return how often each circuit ran in each state."""
        times = Counter(
            {(circuit, state): n for circuit, by_state in self._times.items() for state, n in by_state.items()}
        )
        for rounds in self._rounds:
            for places in rounds.places:
                times.update(
                    (self.motion.traded(circuit, places), self.motion.traded_state(state, places))
                    for circuit, state in rounds.runs
                )
        return times

    def displacement(self, track: str) -> int:
        """Return how far `track` stands from where it started, in domains."""
        return int(self.motion.displacements(self.state)[self.motion.number[track]])

    def advance(self, circuit: BoundCircuit) -> State:
        """Note that `circuit` runs once, and return the state in which it starts.

        Raises:
            TrackEndError: the program would leave a track.
        """
        here = self.state
        self.state = self.motion.after(circuit, here)
        by_state = self._times.setdefault(circuit, {})
        by_state[here] = by_state.get(here, 0) + 1
        return here

    def rounds(self, circuits: Sequence[BoundCircuit], on: Sequence[Mapping[str, str]]) -> Rounds:
        """Return rounds of these circuits from here on; in each, those tracks trade places that `on` names.

        Raises:
            TrackEndError: a program would leave a track.
            ValueError: tracks that trade places are not alike, or a round sends a word or does not end as it started.
        """
        if any(circuit.binding.circuit.result.is_on_wires for circuit in circuits):
            raise ValueError("what is repeated in rounds cannot send words")
        state, places = self.state, self.motion.trades(on)
        here = self.motion.displacements(state)
        if (here[places] != here).any():
            raise ValueError("a track cannot take the place of one that is displaced otherwise")
        runs = []
        for circuit in circuits:
            runs.append((circuit, state))
            state = self.motion.after(circuit, state)
        if state != self.state:
            raise ValueError("a round that is repeated must leave all tracks where it found them")
        return Rounds(tuple(runs), places)

    def repeat(self, rounds: Rounds) -> None:
        """Note that rounds run."""
        self._rounds.append(rounds)
