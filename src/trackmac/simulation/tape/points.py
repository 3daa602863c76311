"""Where the bits of a program are that ran on a tape: on planes, among a step's constants, or on wires."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.circuits import Circuit, Place
from trackmac.simulation.lowering import Same, lower
from trackmac.simulation.rows import ADD, AND_ADD

BoolArray = NDArray[np.bool_]

NOWHERE = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """The points of a program: point `p` is `domains[p]` of the circuit's track number `tracks[p]`.

    A point on a wire has track -1, and number `received[p]` of the bits that are received, or `sent[p]` of those sent;
    otherwise these are -1. `is_found` says whether the bit before the program is used, `is_written` whether it writes.
    """

    tracks: IntArray
    domains: IntArray
    received: IntArray
    sent: IntArray
    is_found: BoolArray
    is_written: BoolArray


def points_of(circuit: Circuit) -> Points:
    """Return the points of the program of `circuit`; those asked for before are remembered."""
    return _points_of(Same(circuit))


@lru_cache(maxsize=1024)
def _points_of(key: Same) -> Points:
    circuit, program = key.circuit, lower(key.circuit)
    tracks = {track.name: number for number, track in enumerate(circuit.tracks)}
    received = _numbers(wire for word in circuit.operands if word.is_on_wires for wire in word.wires)
    sent = _numbers(circuit.result.wires if circuit.result.is_on_wires else ())
    places = [point if isinstance(point, Place) else None for point in program.points]
    second = np.isin(program.rows[:, 0], (ADD, AND_ADD))
    written = np.concatenate([program.rows[:, 1], program.rows[second, 2]])
    return Points(
        tracks=np.array([NOWHERE if place is None else tracks[place.track] for place in places], np.int64),
        domains=np.array([0 if place is None else place.domain for place in places], np.int64),
        received=np.array([received.get(point, NOWHERE) for point in program.points], np.int64),
        sent=np.array([sent.get(point, NOWHERE) for point in program.points], np.int64),
        is_found=np.array([point in program.found for point in program.points], np.bool_),
        is_written=np.isin(np.arange(len(places)), written),
    )


def _numbers(wires: Iterable[str]) -> Mapping[object, int]:
    return {wire: number for number, wire in enumerate(wires)}
