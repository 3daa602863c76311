"""Access ports by kind: where they stand over a track, what they can do, what room they take."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

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
    def label(self) -> str:
        """How many ports of each kind, such as 2RW+10R."""
        counts = {kind: sum(port.kind is kind for port in self.ports) for kind in PortKind}
        return "+".join(f"{count}{kind}" for kind, count in counts.items() if count)

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


def evenly_spaced(domains: int, ports: int) -> PortLayout:
    """Return the layout of RW ports at j * domains / ports.

    Raises:
        IllegalHardwareError: the ports do not divide the domains.
    """
    if ports < 1 or domains % ports:
        raise IllegalHardwareError(
            f"the ports must divide the domains into equal segments, but {ports} ports do not divide {domains} "
            "domains; choose a divisor"
        )
    return layout(domains, RW=range(0, domains, domains // ports))


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
