"""A circuit on the tracks of a machine: which track is which, and whether a program stays on them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit, Track
from trackmac.simulation.lowering import Lowered, lower


class TrackEndError(RuntimeError):
    """A program would push data off a track's end, or sense or write where there is no domain: a mapping's mistake."""


@dataclass(frozen=True, slots=True)
class TrackGeometry:
    """A track's length and ports.

    Port `k` rests over domain `ports[k]`. `overhead` spare domains at each end let the track move so far either way;
    None stands for as many as `domains`, so that the head may stand behind the last word. Where `behind` is given, so
    many let it move to negative displacements.
    """

    domains: int
    ports: tuple[int, ...] = (0,)
    overhead: int | None = None
    behind: int | None = None

    @property
    def reach(self) -> tuple[int, int]:
        """The least and the greatest displacement."""
        ahead = self.domains if self.overhead is None else self.overhead
        return -(ahead if self.behind is None else self.behind), ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundTrack:
    """One track of a circuit on one of the machine: heads before and after, and what the program asks of it."""

    name: str
    geometry: TrackGeometry
    port: int
    start: int
    end: int
    travel: tuple[int, int]
    touched: tuple[int, int] | None

    @property
    def origin(self) -> int:
        """The machine's domain that is domain 0 of the circuit's track when that is not displaced."""
        return self.geometry.ports[self.port] - self.start

    @property
    def overhead_limits(self) -> tuple[int, int]:
        """The least and the greatest displacement from which the program stays within the overhead."""
        behind, ahead = self.geometry.reach
        return self.start - self.travel[0] + behind, self.start - self.travel[1] + ahead

    @property
    def domain_limits(self) -> tuple[int, int]:
        """The least and the greatest displacement from which the program senses and writes nothing but domains."""
        if self.touched is None:
            return self.overhead_limits
        return -self.origin - self.touched[0], self.geometry.domains - 1 - self.origin - self.touched[1]

    def check(self, circuit: str, displacement: int) -> None:
        """Refuse a displacement from which the program would leave the track.

        Raises:
            TrackEndError: it would.
        """
        least, greatest = self.overhead_limits
        if not least <= displacement <= greatest:
            low, high = (displacement - self.start + end for end in self.travel)
            behind, ahead = self.geometry.reach
            raise TrackEndError(
                f"{circuit} would move track {self.name} to displacements {low}..{high}, but its overhead allows "
                f"{behind}..{ahead} (it stands at {displacement})"
            )
        least, greatest = self.domain_limits
        if self.touched is not None and not least <= displacement <= greatest:
            low, high = (displacement + self.origin + end for end in self.touched)
            raise TrackEndError(
                f"{circuit} would use domains {low}..{high} of track {self.name}, which has "
                f"0..{self.geometry.domains - 1} "
                f"(port {self.port} over domain {self.geometry.ports[self.port]}, displacement {displacement})"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """A circuit whose track `names[i]` is the machine's track number `tracks[i]`, which a run moves by `moves[i]`.

    The program stays on track `i` from the displacements `least[i]` to `greatest[i]`; at displacement 0 the circuit's
    domain 0 is the machine's domain `origins[i]`.
    """

    circuit: Circuit
    program: Lowered
    names: tuple[str, ...]
    bound: tuple[BoundTrack, ...]
    tracks: IntArray
    moves: IntArray
    origins: IntArray
    least: IntArray
    greatest: IntArray

    def first_domains(self, displacements: IntArray) -> IntArray:
        """Return, of each of the circuit's tracks, the machine's domain that is its domain 0.

        Raises:
            TrackEndError: at these displacements the program would leave a track.
        """
        if ((displacements < self.least) | (displacements > self.greatest)).any():
            for track, displacement in zip(self.bound, displacements.tolist(), strict=True):
                track.check(self.circuit.name, displacement)
        return self.origins + displacements


def bind_tracks(
    circuit: Circuit, tracks: Mapping[str, TrackGeometry], binding: Mapping[str, str], ports: Mapping[str, int]
) -> Binding:
    """Return `circuit` on `tracks`: each of its tracks on the one that `binding` names, or on that of its own name."""
    program = lower(circuit)
    names = tuple(track.name for track in circuit.tracks)
    chosen = [binding.get(name, name) for name in names]
    if len(set(chosen)) != len(chosen) or not set(chosen) <= set(tracks):
        raise ValueError(f"{circuit.name} needs {len(names)} different tracks of the machine, but is bound to {chosen}")
    for track, machine_track in zip(circuit.tracks, chosen, strict=True):
        _check_ports(track, tracks[machine_track], ports.get(machine_track, 0))
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
    limits = np.array([_limits(replace(track, name="")) for track in bound], np.int64).reshape(-1, 4).T
    return Binding(
        circuit=circuit,
        program=program,
        names=names,
        bound=bound,
        tracks=np.array([numbers[name] for name in chosen], np.int64),
        moves=limits[0],
        origins=limits[1],
        least=limits[2],
        greatest=limits[3],
    )


@lru_cache(maxsize=4096)
def _limits(track: BoundTrack) -> tuple[int, int, int, int]:
    """Return how far a run moves a track, its origin, and the least and greatest displacement to start from."""
    ends = track.overhead_limits, track.domain_limits
    least, greatest = (pick(end) for pick, end in zip((max, min), zip(*ends, strict=True), strict=True))
    return track.end - track.start, track.origin, least, greatest


def _check_ports(track: Track, geometry: TrackGeometry, port: int) -> None:
    missing = {geometry.ports[port] + distance for distance in track.ports} - set(geometry.ports)
    if missing:
        raise ValueError(f"track {track.name} needs ports over domains {sorted(missing)}; it has {geometry.ports}")
