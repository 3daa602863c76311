"""A circuit on the tracks of a machine: which track is which, and whether a program stays on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit, Track
from trackmac.simulation.lowering import Lowered, Same, lower


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
    """One track of a circuit on one like those of the machine: heads before and after, and what the program asks."""

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

    def check(self, circuit: str, name: str, displacement: int) -> None:
        """Refuse a displacement from which the program would leave the track of that name.

        Raises:
            TrackEndError: it would.
        """
        least, greatest = self.overhead_limits
        if not least <= displacement <= greatest:
            low, high = (displacement - self.start + end for end in self.travel)
            behind, ahead = self.geometry.reach
            raise TrackEndError(
                f"{circuit} would move track {name} to displacements {low}..{high}, but its overhead allows "
                f"{behind}..{ahead} (it stands at {displacement})"
            )
        least, greatest = self.domain_limits
        if self.touched is not None and not least <= displacement <= greatest:
            low, high = (displacement + self.origin + end for end in self.touched)
            raise TrackEndError(
                f"{circuit} would use domains {low}..{high} of track {name}, which has "
                f"0..{self.geometry.domains - 1} "
                f"(port {self.port} over domain {self.geometry.ports[self.port]}, displacement {displacement})"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """How a circuit's tracks are `bound`, whichever of the machine's tracks they are.

    The program moves track `i` by `moves[i]` and stays on it from the displacements `least[i]` to `greatest[i]`; at
    displacement 0 the circuit's domain 0 is the machine's domain `origins[i]`.
    """

    bound: tuple[BoundTrack, ...]
    moves: IntArray
    origins: IntArray
    least: IntArray
    greatest: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """A circuit whose track number `i` is the machine's track number `tracks[i]`, `names[i]`."""

    circuit: Circuit
    program: Lowered
    names: tuple[str, ...]
    tracks: IntArray
    fit: Fit

    def first_domains(self, displacements: IntArray) -> IntArray:
        """Return, of each of the circuit's tracks, the machine's domain that is its domain 0.

        Raises:
            TrackEndError: at these displacements the program would leave a track.
        """
        fit = self.fit
        if ((displacements < fit.least) | (displacements > fit.greatest)).any():
            for track, name, displacement in zip(fit.bound, self.names, displacements.tolist(), strict=True):
                track.check(self.circuit.name, name, displacement)
        return fit.origins + displacements


def bind_tracks(
    circuit: Circuit,
    tracks: Mapping[str, TrackGeometry],
    numbers: Mapping[str, int],
    binding: Mapping[str, str],
    ports: Mapping[str, int],
) -> Binding:
    """Return `circuit` on `tracks`: each of its tracks on the one that `binding` names, or on that of its own name.

    `numbers` are those of the tracks.
    """
    names = tuple(binding.get(track.name, track.name) for track in circuit.tracks)
    if len(set(names)) != len(names) or not all(name in tracks for name in names):
        raise ValueError(
            f"{circuit.name} needs {len(names)} different tracks of the machine, but is bound to {list(names)}"
        )
    return Binding(
        circuit=circuit,
        program=lower(circuit),
        names=names,
        tracks=np.array([numbers[name] for name in names], np.int64),
        fit=_fit(Same(circuit), tuple((tracks[name], ports.get(name, 0)) for name in names)),
    )


@lru_cache(maxsize=4096)
def _fit(key: Same, places: tuple[tuple[TrackGeometry, int], ...]) -> Fit:
    """Return how the circuit's tracks are bound to tracks like these, at these ports: found once for all of them."""
    circuit, program = key.circuit, lower(key.circuit)
    for track, (geometry, port) in zip(circuit.tracks, places, strict=True):
        _check_ports(track, geometry, port)
    bound = tuple(
        BoundTrack(
            geometry=geometry,
            port=port,
            start=circuit.start.get(track.name, 0),
            end=program.end[track.name],
            travel=program.travel[track.name],
            touched=program.touched.get(track.name),
        )
        for track, (geometry, port) in zip(circuit.tracks, places, strict=True)
    )
    return Fit(
        bound=bound,
        moves=np.array([track.end - track.start for track in bound], np.int64),
        origins=np.array([track.origin for track in bound], np.int64),
        least=np.array([max(track.overhead_limits[0], track.domain_limits[0]) for track in bound], np.int64),
        greatest=np.array([min(track.overhead_limits[1], track.domain_limits[1]) for track in bound], np.int64),
    )


def _check_ports(track: Track, geometry: TrackGeometry, port: int) -> None:
    missing = {geometry.ports[port] + distance for distance in track.ports} - set(geometry.ports)
    if missing:
        raise ValueError(f"track {track.name} needs ports over domains {sorted(missing)}; it has {geometry.ports}")
