"""Access ports by kind: where they stand over a track, what they can do, what room they take."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np

from trackmac.bits import IntArray
from trackmac.errors import IllegalHardwareError


class Operation(StrEnum):
    """What a domain is served for."""

    READ = "read"
    WRITE = "write"


class PortKind(StrEnum):
    """What a port can do."""

    RW = "RW"
    W = "W"
    R = "R"

    def serves(self, operation: Operation) -> bool:
        """Whether such a port can do `operation`."""
        return self is PortKind.RW or self is (PortKind.R if operation is Operation.READ else PortKind.W)

    @property
    def footprint_domains(self) -> int:
        """Length along the track that the port's transistors take, in domain lengths."""
        return PORT_FOOTPRINT_DOMAINS[self]

    @property
    def transistors(self) -> int:
        """Access transistors: one to read by, a wider one to write by."""
        return 2 if self is PortKind.RW else 1


# facts.md section 2: RacetrackEmulator, after Mao (DAC 2014) and Sun (ISLPED 2014); V
PORT_FOOTPRINT_DOMAINS: Mapping[PortKind, int] = {PortKind.RW: 12, PortKind.W: 8, PortKind.R: 4}


@dataclass(frozen=True, slots=True, order=True)
class Port:
    """An access port and the domain over which it stands while the track is at rest."""

    position: int
    kind: PortKind = PortKind.RW


@dataclass(frozen=True, slots=True)
class PortLayout:
    """The ports of one track, by position, over its data `domains`."""

    domains: int
    ports: tuple[Port, ...]

    def __post_init__(self) -> None:
        _check(self)

    @property
    def footprint_domains(self) -> int:
        """Length that all ports take, in domain lengths: above a track's own, the CMOS below decides its size."""
        return sum(port.kind.footprint_domains for port in self.ports)

    @property
    def transistors(self) -> int:
        """Access transistors of all ports."""
        return sum(port.kind.transistors for port in self.ports)

    @property
    def label(self) -> str:
        """How many ports of each kind, such as 2RW+10R."""
        return "+".join(f"{self.count(kind)}{kind}" for kind in PortKind if self.count(kind))

    def count(self, kind: PortKind) -> int:
        """Return how many ports there are of a kind."""
        return len(self.of_kind(kind))

    def of_kind(self, kind: PortKind) -> list[int]:
        """Return where the ports of a kind stand, in order."""
        return [port.position for port in self.ports if port.kind is kind]

    @property
    def is_evenly_spaced(self) -> bool:
        """Whether the ports stand where they would if only their numbers were given."""
        if self.domains % len(self.ports):
            return False
        return self == evenly_spaced(self.domains, *(self.count(kind) for kind in PortKind))

    def positions(self, operation: Operation) -> IntArray:
        """Return where the ports stand that can do `operation`, in order."""
        return np.array([port.position for port in self.ports if port.kind.serves(operation)], np.int64)


def layout(domains: int, **positions: Sequence[int]) -> PortLayout:
    """Return the layout with ports of each kind at the positions given, as in W=(0, 32), R=(8, 40).

    Raises:
        IllegalHardwareError: no hardware could be built so.
    """
    ports = (Port(position, PortKind(kind)) for kind, of_kind in positions.items() for position in of_kind)
    return PortLayout(domains, tuple(sorted(ports)))


@lru_cache(maxsize=1024)
def evenly_spaced(domains: int, ports: int, write_ports: int = 0, read_ports: int = 0) -> PortLayout:
    """Return the layout of so many RW, W and R ports at j * domains / all of them.

    The kinds take turns, so that each is spread over the track: 2 RW and 2 R ports stand as RW, R, RW, R.

    Raises:
        IllegalHardwareError: the ports do not divide the domains, or no hardware could be built so.
    """
    counts = {PortKind.RW: ports, PortKind.W: write_ports, PortKind.R: read_ports}
    kinds = [kind for _, kind in sorted(_turns(counts), key=lambda turn: turn[0])]
    if 0 < len(kinds) <= domains and domains % len(kinds):
        raise IllegalHardwareError(
            f"evenly spaced ports must divide the domains into equal segments, but {len(kinds)} ports do not divide "
            f"{domains} domains; choose a divisor, or say where each port stands"
        )
    ports_at = (Port(place * domains // len(kinds), kind) for place, kind in enumerate(kinds))
    return PortLayout(domains, tuple(ports_at))


def _turns(counts: Mapping[PortKind, int]) -> Iterator[tuple[float, PortKind]]:
    """Yield each port's kind, and what part of its kind comes before it."""
    for kind, count in counts.items():
        yield from ((number / count, kind) for number in range(count))


def _check(ports: PortLayout) -> None:
    positions = [port.position for port in ports.ports]
    if len(positions) > ports.domains:
        raise IllegalHardwareError(
            f"a track has at most one port for each domain, but {len(positions)} ports stand over {ports.domains} "
            "domains; give fewer"
        )
    if positions != sorted(positions):
        raise IllegalHardwareError(f"ports must be given by rising position, but stand at {positions}; sort them")
    for first, second in itertools.pairwise(positions):
        if first == second:
            raise IllegalHardwareError(f"no two ports can stand at one position, but two are at {first}; move one")
    outside = [position for position in positions if not 0 <= position < ports.domains]
    if outside:
        raise IllegalHardwareError(
            f"ports must stand over domains 0 to {ports.domains - 1}, but one is at {outside[0]}; move it"
        )
    for operation in Operation:
        if not ports.positions(operation).size:
            raise IllegalHardwareError(
                f"every domain needs a port that can {operation} it, but {ports.label or 'a track without ports'} "
                f"has none; give at least one RW or {PortKind.R if operation is Operation.READ else PortKind.W} port"
            )


# facts.md section 2: the layouts of RacetrackEmulator for 64 domains; V
KNOWN_LAYOUTS: Mapping[str, PortLayout] = {
    known.label: known
    for known in (
        layout(64, RW=(0, 16, 32, 48)),
        layout(64, RW=(0, 13, 26, 39, 52)),
        layout(64, RW=(0, 32), R=(12, 16, 20, 24, 28, 44, 48, 52, 56, 60)),
        layout(64, W=(0, 32), R=(8, 12, 16, 20, 24, 28, 40, 44, 48, 52, 56, 60)),
        layout(64, RW=(0, 32), W=(12, 44), R=(20, 24, 28, 52, 56, 60)),
        layout(64, W=(0, 16, 32, 48), R=(8, 12, 24, 28, 40, 44, 56, 60)),
    )
}
