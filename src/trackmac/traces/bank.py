"""A racetrack memory bank as a trace sees it: how addresses fall on domains, and what its ports do."""

from dataclasses import dataclass
from typing import Any

from trackmac.errors import IllegalHardwareError
from trackmac.port_policy import PortAccess, PortUpdate

MAX_SIZE = 1 << 20
MAX_DBCS = 1 << 24
"""A replay keeps a displacement for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """Domain-block clusters (DBCs) of `tracks` tracks in lockstep, each track with `domains` and evenly spaced `ports`.

    Port j stands at domain j * domains / ports while the track is at rest. A *displacement* d means that it stands at
    domain j * domains / ports + d. One word of `word_bytes` lies across a DBC's tracks, in one domain of each.
    """

    domains: int
    tracks: int
    ports: int
    port_access: PortAccess
    port_update: PortUpdate
    dbcs: int = 256
    word_bytes: int = 64

    def __post_init__(self) -> None:
        for name in ("domains", "tracks", "ports", "dbcs", "word_bytes"):
            most = MAX_DBCS if name == "dbcs" else MAX_SIZE
            if not 1 <= getattr(self, name) <= most:
                raise IllegalHardwareError(
                    f"{name} must be 1 to {most}, but it is {getattr(self, name)}; choose a size in between"
                )
        if self.domains % self.ports:
            raise IllegalHardwareError(
                f"the ports must divide the domains into equal segments, but {self.ports} ports do not divide "
                f"{self.domains} domains; choose a divisor"
            )

    @property
    def segment(self) -> int:
        """The domains from one port to the next."""
        return self.domains // self.ports

    def home(self, address: int) -> tuple[int, int]:
        """Return the DBC and the domain of a byte address: words fill a DBC, then the next, and begin anew."""
        word = address // self.word_bytes
        return word // self.domains % self.dbcs, word % self.domains

    def to_dict(self) -> dict[str, Any]:
        """Return the bank as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}
