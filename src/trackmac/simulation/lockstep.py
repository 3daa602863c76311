"""What all lanes of a machine do alike: where their tracks stand, which programs they ran, and what that costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit
from trackmac.cost import Activity, total
from trackmac.simulation.binding import Binding, TrackGeometry, bind_tracks

State = int
"""The number of a set of displacements, one of each track; where all tracks start is number 0."""


@dataclass(slots=True, eq=False)
class BoundCircuit:
    """A circuit on the tracks of a machine; `after[s]` is the state in which a run leaves state `s`, `times` how often.

    Neither depends on data, so that each is found once.
    """

    binding: Binding
    after: dict[State, State] = field(default_factory=dict)
    times: dict[State, int] = field(default_factory=dict)


class Lockstep:
    """The programs that lanes of the same `tracks` follow together. Displacements start at 0."""

    def __init__(self, tracks: Mapping[str, TrackGeometry]) -> None:
        self.tracks = dict(tracks)
        self.circuits: list[BoundCircuit] = []
        self.state: State = 0
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

    def number(self, track: str) -> int:
        """Return the number of a track."""
        return self._number[track]

    def displacement(self, track: str) -> int:
        """Return how far `track` stands from where it started, in domains."""
        return int(self._displacements[self.state][self._number[track]])

    def displacements(self, circuit: BoundCircuit, state: State) -> IntArray:
        """Return how far each of a circuit's tracks stood in a state."""
        return self._displacements[state][circuit.binding.tracks]

    def first_domains(self, circuit: BoundCircuit, state: State) -> IntArray:
        """Return, of each of a circuit's tracks, the machine's domain that was its domain 0 in a state."""
        return circuit.binding.first_domains(self.displacements(circuit, state))

    def bound(self, circuit: Circuit, binding: Mapping[str, str], ports: Mapping[str, int]) -> BoundCircuit:
        """Return `circuit` on the tracks that `binding` names, at the given ports; those made before are remembered."""
        key = id(circuit), *binding.items(), "ports", *ports.items()
        found = self._bound.get(key)
        if found is None:
            found = self._bound[key] = BoundCircuit(bind_tracks(circuit, self.tracks, binding, ports))
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
