"""How a track's ports are used: which one serves a domain, and where the track is left."""

from enum import StrEnum


class PortAccess(StrEnum):
    """Which port serves a domain."""

    STATIC = "static"
    """The port of the segment that the domain belongs to."""

    DYNAMIC = "dynamic"
    """The port that is nearest to it at the moment; of two equally near ones the lower."""


class PortUpdate(StrEnum):
    """Where a track stays after an access."""

    LAZY = "lazy"
    """Where it is."""

    EAGER = "eager"
    """It returns to where it was at first."""
