"""What all lanes of a machine do alike: where their tracks stand, which programs they ran, and what that costs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit, Place
from trackmac.cost import Activity, total
from trackmac.simulation.binding import Binding, TrackEndError, TrackGeometry, bind_tracks

State = int
"""The number of a set of displacements, one of each track; where all tracks start is number 0."""


@dataclass(slots=True, eq=False)
class BoundCircuit:
    """A circuit on the tracks of a machine, and whether it takes words over wires; `after[s]` is the state in which a run leaves state `s`, `times` how often.

    Neither depends on data, so that each is found once.
    """

    binding: Binding
    receives: bool
    after: dict[State, State] = field(default_factory=dict)
    times: dict[State, int] = field(default_factory=dict)


class Lockstep:
    """The programs that lanes of the same `tracks` follow together. Displacements start at 0.

    The tracks' domains are numbered as `planes`, those of track `t` from `first_planes[t]` on.
    """

    def __init__(self, tracks: Mapping[str, TrackGeometry]) -> None:
        self.tracks = dict(tracks)
        self.circuits: list[BoundCircuit] = []
        self.state: State = 0
        ends = np.cumsum([0, *(geometry.domains for geometry in self.tracks.values())])
        self.first_planes: IntArray = ends[:-1]
        self.planes = int(ends[-1])
        self._number = {name: number for number, name in enumerate(self.tracks)}
        self._bound: dict[object, BoundCircuit] = {}
        start = np.zeros(len(self.tracks), np.int64)
        self._displacements = [start]
        self._states = {start.tobytes(): 0}

    @property
    def activity(self) -> Activity:
        """What the programs executed so far cost one lane."""
        return total(
            circuit.binding.program.activity.repeated(sum(circuit.times.values())) for circuit in self.circuits
        )

    @property
    def executions(self) -> Iterator[tuple[Binding, IntArray, int]]:
        """What was executed: the bound circuit, the machine's domains that were its tracks' domains 0, how often."""
        for circuit in self.circuits:
            for state, times in circuit.times.items():
                yield circuit.binding, self.first_domains(circuit, state), times

    def planes_of(self, places: Sequence[Place]) -> IntArray:
        """Return the numbers of domains of the tracks, wherever these stand."""
        for place in places:
            if place.track not in self.tracks or not 0 <= place.domain < self.tracks[place.track].domains:
                raise TrackEndError(f"the machine has no domain {place.domain} of track {place.track!r}")
        firsts = self.first_planes[[self._number[place.track] for place in places]]
        return firsts + np.array([place.domain for place in places], np.int64)

    def displacement(self, track: str) -> int:
        """Return how far `track` stands from where it started, in domains."""
        return int(self._displacements[self.state][self._number[track]])

    def displacements(self, circuit: BoundCircuit, state: State) -> IntArray:
        """Return how far each of a circuit's tracks stood in a state."""
        return self._displacements[state][circuit.binding.tracks]

    @property
    def all_displacements(self) -> IntArray:
        """The displacements of all tracks in every state so far, [states, tracks]."""
        return np.array(self._displacements)

    def first_domains(self, circuit: BoundCircuit, state: State) -> IntArray:
        """Return, of each of a circuit's tracks, the machine's domain that was its domain 0 in a state."""
        return circuit.binding.first_domains(self.displacements(circuit, state))

    def bound(self, circuit: Circuit, binding: Mapping[str, str], ports: Mapping[str, int]) -> BoundCircuit:
        """Return `circuit` on the tracks that `binding` names, at the given ports; those made before are remembered."""
        key = id(circuit), *binding.items(), "ports", *ports.items()
        found = self._bound.get(key)
        if found is None:
            receives = any(word.is_on_wires for word in circuit.operands)
            found = self._bound[key] = BoundCircuit(bind_tracks(circuit, self.tracks, binding, ports), receives)
            self.circuits.append(found)
        return found

    def advance(self, circuit: BoundCircuit) -> State:
        """Note that `circuit` runs once, and return the state in which it starts.

        Raises:
            TrackEndError: the program would leave a track.
        """
        here = self.state
        after = circuit.after.get(here)
        if after is None:
            after = circuit.after[here] = self._after(circuit, here)
        circuit.times[here] = circuit.times.get(here, 0) + 1
        self.state = after
        return here

    def _after(self, circuit: BoundCircuit, state: State) -> State:
        self.first_domains(circuit, state)
        moved = self._displacements[state].copy()
        moved[circuit.binding.tracks] += circuit.binding.moves
        after = self._states.setdefault(moved.tobytes(), len(self._displacements))
        if after == len(self._displacements):
            self._displacements.append(moved)
        return after
