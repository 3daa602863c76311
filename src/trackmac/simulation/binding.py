"""A circuit on the tracks of a machine: which track is which, and whether a program stays on them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit
from trackmac.simulation.lowering import Lowered, lower


class TrackEndError(RuntimeError):
    """A program would push data off a track's end, or sense or write where there is no domain: a mapping's mistake."""


@dataclass(frozen=True, slots=True)
class TrackGeometry:
    """A track's length and ports.

    Port `k` rests over domain `ports[k]`. `overhead` spare domains at each end let the track move so far either way;
    None stands for as many as `domains`, so that the head may stand behind the last word.
    """

    domains: int
    ports: tuple[int, ...] = (0,)
    overhead: int | None = None

    @property
    def reach(self) -> int:
        """The greatest displacement, either way."""
        return self.domains if self.overhead is None else self.overhead


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoundTrack:
    """One track of a circuit on one of the machine: heads before and after, and what the program asks of it."""

    name: str
    geometry: TrackGeometry
    port: int
    start: int
    end: int
    travel: tuple[int, int]
    touched: tuple[int, int] | None

    def first_domain(self, circuit: str, displacement: int) -> int:
        """Return the machine's domain that is domain 0 of the circuit's track when that stands at `displacement`.

        Raises:
            TrackEndError: from there the program would leave the track.
        """
        origin = displacement - self.start
        low, high = origin + self.travel[0], origin + self.travel[1]
        reach, domains = self.geometry.reach, self.geometry.domains
        if low < -reach or high > reach:
            raise TrackEndError(
                f"{circuit} would move track {self.name} to displacements {low}..{high}, but its overhead allows "
                f"{-reach}..{reach} (it stands at {displacement})"
            )
        first = origin + self.geometry.ports[self.port]
        if self.touched is not None:
            low, high = first + self.touched[0], first + self.touched[1]
            if low < 0 or high >= domains:
                raise TrackEndError(
                    f"{circuit} would use domains {low}..{high} of track {self.name}, which has 0..{domains - 1} "
                    f"(port {self.port} over domain {self.geometry.ports[self.port]}, displacement {displacement})"
                )
        return first


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """A circuit whose track `names[i]` is the machine's track number `tracks[i]`, which a run moves by `moves[i]`."""

    circuit: Circuit
    program: Lowered
    names: tuple[str, ...]
    bound: tuple[BoundTrack, ...]
    tracks: IntArray
    moves: IntArray

    def first_domains(self, displacements: IntArray) -> dict[str, tuple[int, int]]:
        """Return, of each of the circuit's tracks, the machine's track and the domain there that is its domain 0.

        Raises:
            TrackEndError: at these displacements the program would leave a track.
        """
        return {
            name: (track, bound.first_domain(self.circuit.name, displacement))
            for name, track, bound, displacement in zip(
                self.names, self.tracks.tolist(), self.bound, displacements.tolist(), strict=True
            )
        }


def bind_tracks(
    circuit: Circuit, tracks: Mapping[str, TrackGeometry], binding: Mapping[str, str], ports: Mapping[str, int]
) -> Binding:
    """Return `circuit` on `tracks`: each of its tracks on the one that `binding` names, or on that of its own name."""
    program = lower(circuit)
    names = tuple(track.name for track in circuit.tracks)
    chosen = [binding.get(name, name) for name in names]
    if len(set(chosen)) != len(chosen) or not set(chosen) <= set(tracks):
        raise ValueError(f"{circuit.name} needs {len(names)} different tracks of the machine, but is bound to {chosen}")
    numbers = {name: number for number, name in enumerate(tracks)}
    bound = tuple(
        BoundTrack(
            name=machine_track,
            geometry=tracks[machine_track],
            port=ports.get(machine_track, 0),
            start=circuit.start.get(name, 0),
            end=program.end[name],
            travel=program.travel[name],
            touched=program.touched.get(name),
        )
        for name, machine_track in zip(names, chosen, strict=True)
    )
    return Binding(
        circuit=circuit,
        program=program,
        names=names,
        bound=bound,
        tracks=np.array([numbers[name] for name in chosen], np.int64),
        moves=np.array([track.end - track.start for track in bound], np.int64),
    )
