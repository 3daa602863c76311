"""Replays a trace on a bank: how far its tracks shift, how far off they get, what that takes.

A track is one rigid thing: all its ports are displaced by the same number of domains, and a track that returns takes
all of them home. RTSim, whose counts these are otherwise, moves only the chosen port back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.port_policy import PortAccess, PortUpdate
from trackmac.technology import Technology, unit_costs
from trackmac.traces.bank import Bank
from trackmac.traces.reading import read_trace
from trackmac.units import pj_to_nj


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifts:
    """What `requests` accesses made a bank's tracks do.

    `shift_steps` count the lockstep steps of a DBC. The least and the greatest displacement of any of them are at most
    and at least 0, where they start.
    """

    requests: int = 0
    shift_steps: int = 0
    min_displacement: int = 0
    max_displacement: int = 0

    @property
    def overhead_needed(self) -> int:
        """Overhead domains, both ends together, so that no data falls off a track."""
        return self.max_displacement - self.min_displacement

    def then(self, after: "Shifts") -> "Shifts":
        """Return these followed by `after`."""
        return Shifts(
            requests=self.requests + after.requests,
            shift_steps=self.shift_steps + after.shift_steps,
            min_displacement=min(self.min_displacement, after.min_displacement),
            max_displacement=max(self.max_displacement, after.max_displacement),
        )


class Replay:
    """A bank in use: it remembers where its tracks are.

    `displacements[b]` is how far the tracks of DBC `b` are from rest.
    """

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.displacements: IntArray = np.zeros(bank.dbcs, np.int64)
        self._sizes = np.array((bank.word_bytes, bank.domains, bank.dbcs), np.uint64)
        self._logarithms = np.array([int(size).bit_length() - 1 for size in self._sizes], np.uint64)
        self._places = serving_places(bank)

    def serve(self, addresses: NDArray[np.uint64]) -> Shifts:
        """Serve accesses to these byte addresses, one after another, and return what that took."""
        from trackmac.traces.kernel import count_shifts

        steps, least, greatest = count_shifts(
            addresses,
            self._sizes,
            self._logarithms,
            self._places,
            -(self.bank.port_access is PortAccess.DYNAMIC),
            -(self.bank.port_update is PortUpdate.LAZY),
            self.displacements,
        )
        return Shifts(requests=addresses.size, shift_steps=steps, min_displacement=least, max_displacement=greatest)


def serving_places(bank: Bank) -> IntArray:
    """Return where at rest the port stands that serves x, for x = 1 - domains ... 2 domains - 2.

    x is a domain, counted from the displacement where the choice is dynamic. That one takes the nearest port, so the
    number of the port is x / segment rounded, halves down, and none beyond the first and the last.
    """
    x = np.arange(1 - bank.domains, 2 * bank.domains - 1)
    if bank.port_access is PortAccess.STATIC:
        ports = x // bank.segment
    else:
        ports = (2 * x + bank.segment - 1) // (2 * bank.segment)
    return np.clip(ports, 0, bank.ports - 1) * bank.segment


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceReplay:
    """A trace on a bank, in one technology.

    `shift_energy_pj` is for tracks of the bank's `domains` alone, as RTSim has it; `overhead_shift_energy_pj` is what
    the overhead domains that were needed would add, since a shift drives the whole track.
    """

    trace: str
    bank: Bank
    technology: str
    shifts: Shifts
    writes: int
    shift_energy_pj: float
    overhead_shift_energy_pj: float

    @property
    def track_shifts(self) -> int:
        """Steps times the tracks moved."""
        return self.shifts.shift_steps * self.bank.tracks

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        shifts = self.shifts
        return {
            "trace": self.trace,
            **self.bank.to_dict(),
            "technology": self.technology,
            "requests": shifts.requests,
            "reads": shifts.requests - self.writes,
            "writes": self.writes,
            "shift_steps": shifts.shift_steps,
            "track_shifts": self.track_shifts,
            "shift_energy_nj": pj_to_nj(self.shift_energy_pj),
            "overhead_shift_energy_nj": pj_to_nj(self.overhead_shift_energy_pj),
            "min_displacement": shifts.min_displacement,
            "max_displacement": shifts.max_displacement,
            "overhead_needed": shifts.overhead_needed,
        }


def replay_trace(
    path: Path,
    bank: Bank,
    technology: Technology,
    on_progress: Callable[[str, float, float], None] = lambda task, done, total: None,
) -> TraceReplay:
    """Replay the NVMain trace `path` on `bank`, its tracks at rest at first.

    Raises:
        FileFormatError: it is not such a trace.
    """
    replay, shifts, writes = Replay(bank), Shifts(), 0
    for accesses in read_trace(path):
        shifts = shifts.then(replay.serve(accesses.addresses))
        writes += int(np.count_nonzero(accesses.writes))
        on_progress("trace", accesses.bytes_read, path.stat().st_size)
    track_shifts = shifts.shift_steps * bank.tracks
    costs = unit_costs(technology)
    return TraceReplay(
        trace=str(path),
        bank=bank,
        technology=technology.name,
        shifts=shifts,
        writes=writes,
        shift_energy_pj=track_shifts * costs.track_shift_energy_pj(bank.domains),
        overhead_shift_energy_pj=track_shifts * costs.track_shift_energy_pj(shifts.overhead_needed),
    )
