"""What all lanes of a machine do alike: where their tracks stand, which programs they ran, and what that costs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit, Place
from trackmac.cost import Activity, total
from trackmac.simulation.binding import Binding, TrackEndError, TrackGeometry, bind_tracks
from trackmac.simulation.lowering import Lowered

State = int
"""The number of a set of displacements, one of each track; where all tracks start is number 0."""


@dataclass(frozen=True, slots=True, eq=False)
class BoundCircuit:
    """A circuit on the tracks of a machine, and whether it takes words over wires.

    A run that starts in state `s` ends in state `after[s]`.
    """

    binding: Binding
    receives: bool
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

    def planes_of(self, places: Sequence[Place]) -> IntArray:
        """Return the numbers of domains of the tracks, wherever these stand."""
        for place in places:
            if place.track not in self.tracks or not 0 <= place.domain < self.tracks[place.track].domains:
                raise TrackEndError(f"the machine has no domain {place.domain} of track {place.track!r}")
        firsts = self.first_planes[[self.number[place.track] for place in places]]
        return firsts + np.array([place.domain for place in places], np.int64)

    def bound(self, circuit: Circuit, binding: Mapping[str, str], ports: Mapping[str, int]) -> BoundCircuit:
        """Return `circuit` on the tracks that `binding` names, at the given ports; those made before are remembered."""
        key = id(circuit), *binding.items(), "ports", *ports.items()
        found = self._bound.get(key)
        if found is None:
            receives = any(word.is_on_wires for word in circuit.operands)
            new = BoundCircuit(bind_tracks(circuit, self.tracks, self.number, binding, ports), receives)
            found = self._bound.setdefault(key, new)
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
            with self._lock:  # several threads may take down what they do
                after = circuit.after[state] = self._states.setdefault(moved.tobytes(), len(self._displacements))
                if after == len(self._displacements):
                    self._displacements.append(moved)
        return after


class Lockstep:
    """The programs that lanes follow together, and where their tracks stand now."""

    def __init__(self, motion: Motion) -> None:
        self.motion = motion
        self.state: State = 0
        self._times: dict[BoundCircuit, dict[State, int]] = {}

    @property
    def circuits(self) -> Iterator[BoundCircuit]:
        """The circuits that ran."""
        yield from self._times

    @property
    def activity(self) -> Activity:
        """What the programs executed so far cost one lane."""
        times: dict[Lowered, int] = {}
        for circuit, by_state in self._times.items():
            program = circuit.binding.program
            times[program] = times.get(program, 0) + sum(by_state.values())
        return total(program.activity.repeated(count) for program, count in times.items())

    @property
    def executions(self) -> Iterator[tuple[Binding, IntArray, int]]:
        """What was executed: the bound circuit, the machine's domains that were its tracks' domains 0, how often."""
        for circuit, by_state in self._times.items():
            for state, times in by_state.items():
                yield circuit.binding, self.motion.first_domains(circuit, state), times

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
