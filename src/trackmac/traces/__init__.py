"""Memory traces in NVMain's format, and how far they make racetrack memory shift."""

from trackmac.port_policy import PortAccess, PortUpdate
from trackmac.traces.bank import Bank
from trackmac.traces.reading import Accesses, read_trace
from trackmac.traces.replay import Replay, Shifts, TraceReplay, replay_trace
from trackmac.traces.writing import write_trace

__all__ = [
    "Accesses",
    "Bank",
    "PortAccess",
    "PortUpdate",
    "Replay",
    "Shifts",
    "TraceReplay",
    "read_trace",
    "replay_trace",
    "write_trace",
]
