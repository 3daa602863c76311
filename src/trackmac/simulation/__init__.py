"""Executes micro-programs on bits and counts what happens: bit by bit (`naive`), or 64 lanes a word (`packed`)."""

from trackmac.simulation.binding import TrackEndError, TrackGeometry
from trackmac.simulation.lanes import Lanes, Observed
from trackmac.simulation.machine import Machine
from trackmac.simulation.outcome import CircuitResult
from trackmac.simulation.packing import PackedWord, pack, unpack
from trackmac.simulation.tape import Deck, Reading, Tape

__all__ = [
    "CircuitResult",
    "Deck",
    "Lanes",
    "Machine",
    "Observed",
    "PackedWord",
    "Reading",
    "Tape",
    "TrackEndError",
    "TrackGeometry",
    "pack",
    "unpack",
]
