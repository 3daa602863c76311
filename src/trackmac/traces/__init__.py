"""Memory traces in NVMain's format, and how far they make racetrack memory shift."""

from trackmac.port_policy import PortAccess, PortUpdate
from trackmac.traces.bank import Bank
from trackmac.traces.export import LayerAccesses, TraceExport, refuse_too_many, write_export
from trackmac.traces.reading import Accesses, read_trace
from trackmac.traces.replay import Replay, Shifts, TraceReplay, replay_trace
from trackmac.traces.writing import write_trace

__all__ = [
    "Accesses",
    "Bank",
    "LayerAccesses",
    "PortAccess",
    "PortUpdate",
    "Replay",
    "Shifts",
    "TraceExport",
    "TraceReplay",
    "read_trace",
    "refuse_too_many",
    "replay_trace",
    "write_export",
    "write_trace",
]
