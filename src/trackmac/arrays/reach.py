"""How far a track must move for its ports to serve every domain: its overhead domains.

A track whose displacement is d stands so that the port at position p is at domain p + d. To serve domain t, the port at
p takes it to t - p, whatever was before: so ports and policy alone decide how many overhead domains a track needs.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays.ports import Operation, PortLayout
from trackmac.bits import IntArray
from trackmac.errors import IllegalHardwareError
from trackmac.port_policy import PortAccess, PortUpdate


@dataclass(frozen=True, slots=True)
class Overhead:
    """Overhead domains at a track's ends: `behind` are for negative displacements, `ahead` for positive ones."""

    behind: int = 0
    ahead: int = 0

    @property
    def domains(self) -> int:
        """Both ends together."""
        return self.behind + self.ahead


@lru_cache(maxsize=1024)
def static_overhead(ports: PortLayout) -> Overhead:
    """Return what a track needs whose every domain is read and written by the port that is assigned to it."""
    return reachable(ports, PortAccess.STATIC, PortUpdate.EAGER)


def least_overhead(ports: PortLayout) -> Overhead:
    """Return the fewest overhead domains with which some port can read, and some can write, every domain.

    Of equally few, those with the least behind. `behind` more domains let ports further up serve a domain t, the
    displacement t - p being at least -behind; the nearest of the ports below then say what is needed ahead.
    """
    choices = [Overhead(behind, _ahead(ports, behind)) for behind in range(_behind(ports), ports.domains)]
    return min(choices, key=lambda overhead: (overhead.domains, overhead.behind))


def reachable(ports: PortLayout, access: PortAccess, update: PortUpdate, room: Overhead | None = None) -> Overhead:
    """Return the farthest that accesses, whichever and in whatever order, displace the track each way.

    Dynamic choice is bounded: a port that would take the track out of its `room` (the least one, if none is given) is
    not eligible. Static choice takes the nearest port at or below the domain, or the first one where all are above.

    Raises:
        IllegalHardwareError: a domain cannot be read, or not be written, within `room`.
    """
    if access is PortAccess.STATIC:
        found = np.concatenate([static_displacements(ports, operation) for operation in Operation])
        reached = _overhead(found)
        if room is not None:
            _refuse_beyond(reached, room)
        return reached
    room = room or least_overhead(ports)
    _refuse_unreachable(ports, room)
    seen, pending = {0}, [0]
    while pending:
        start = pending.pop()
        for operation in Operation:
            ends = set(_dynamic(ports.domains, ports.positions(operation), start, room).tolist())
            pending += ends - seen if update is PortUpdate.LAZY else ()
            seen |= ends
    return _overhead(np.array(sorted(seen)))


def static_displacements(ports: PortLayout, operation: Operation) -> IntArray:
    """Return for each domain how far the track is displaced while the port that static choice takes serves it."""
    positions = ports.positions(operation)
    domains = np.arange(ports.domains)
    return domains - positions[np.maximum(np.searchsorted(positions, domains, side="right") - 1, 0)]


def _dynamic(domains: int, positions: IntArray, start: int, room: Overhead) -> IntArray:
    """Return the displacement of each domain, the nearest eligible port taken from displacement `start`."""
    ends = np.arange(domains)[:, np.newaxis] - positions
    distances = np.where(_eligible(ends, room), np.abs(ends - start), 4 * domains)
    return np.take_along_axis(ends, distances.argmin(axis=1)[:, np.newaxis], axis=1).ravel()


def _eligible(displacements: IntArray, room: Overhead) -> NDArray[np.bool_]:
    return (displacements >= -room.behind) & (displacements <= room.ahead)


def _overhead(displacements: IntArray) -> Overhead:
    return Overhead(behind=max(0, -int(displacements.min())), ahead=max(0, int(displacements.max())))


def _behind(ports: PortLayout) -> int:
    """Return what domain 0 needs: no port stands below it."""
    return max(int(ports.positions(operation)[0]) for operation in Operation)


def _ahead(ports: PortLayout, behind: int) -> int:
    """Return what is needed ahead with `behind` domains behind: the port at most that far up serves."""
    domains = np.arange(ports.domains)
    needs = []
    for operation in Operation:
        positions = ports.positions(operation)
        needs.append(domains - positions[np.searchsorted(positions, domains + behind, side="right") - 1])
    return max(0, int(np.concatenate(needs).max()))


def _refuse_beyond(reached: Overhead, room: Overhead) -> None:
    if reached.behind > room.behind or reached.ahead > room.ahead:
        raise IllegalHardwareError(
            f"a track must not leave its overhead domains, -{room.behind} to +{room.ahead}, but static choice "
            f"displaces it by -{reached.behind} to +{reached.ahead}; give more overhead domains"
        )


def _refuse_unreachable(ports: PortLayout, room: Overhead) -> None:
    for operation in Operation:
        ends = np.arange(ports.domains)[:, np.newaxis] - ports.positions(operation)
        lost = np.flatnonzero(~_eligible(ends, room).any(axis=1))
        if lost.size:
            raise IllegalHardwareError(
                f"every domain needs a port that can {operation} it, but none of {ports.label} reaches "
                f"domain {lost[0]} where displacements are -{room.behind} to +{room.ahead}; give more overhead domains"
            )
