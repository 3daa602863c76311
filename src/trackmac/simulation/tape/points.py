"""Where the bits of a program are that ran on a tape: on planes, among a step's constants, or on wires."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.circuits import Place
from trackmac.simulation.lockstep import BoundCircuit
from trackmac.simulation.tape.steps import written_points
from trackmac.simulation.tape.tape import Tape

NO_TRACK = -1
"""In place of a track's number: a wire, which is never displaced."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Point `p` is plane `base[p]`, further on by what the machine's track number `moved_by[p]` is displaced.

    Attributes:
        is_constant: whether it is a constant instead.
        received: the number of the bit, where it is one of those received over wires, otherwise -1.
        is_found: whether its bit before the program is used.
        is_written: whether the program writes it.
    """

    base: IntArray
    moved_by: IntArray
    is_constant: NDArray[np.bool_]
    received: IntArray
    is_found: NDArray[np.bool_]
    is_written: NDArray[np.bool_]

    @property
    def is_plane(self) -> NDArray[np.bool_]:
        """Whether it is a plane."""
        return ~self.is_constant & (self.received < 0)


def points_of(tape: Tape, circuit: BoundCircuit, is_constant: NDArray[np.bool_]) -> Points:
    """Return the points of a program; `is_constant` says which planes of tracks are."""
    bound, program = circuit.binding, circuit.binding.program
    number = {name: index for index, name in enumerate(bound.names)}
    firsts = tape.lockstep.first_planes[bound.tracks]
    wires = [wire for word in bound.circuit.operands if word.is_on_wires for wire in word.wires]
    bit_of = {wire: bit for bit, wire in enumerate(wires)}
    written = set(written_points(circuit))
    base, moved_by, constant, received = [], [], [], []
    for point in program.points:
        if isinstance(point, Place):
            track = number[point.track]
            base.append(int(firsts[track] + bound.origins[track]) + point.domain)
            moved_by.append(int(bound.tracks[track]))
            constant.append(bool(is_constant[firsts[track]]))
            received.append(-1)
        else:
            base.append(tape.sent_planes.get(point, 0))
            moved_by.append(NO_TRACK)
            constant.append(False)
            received.append(bit_of.get(point, -1))
    return Points(
        base=np.array(base, np.int64),
        moved_by=np.array(moved_by, np.int64),
        is_constant=np.array(constant, np.bool_),
        received=np.array(received, np.int64),
        is_found=np.array([point in program.found for point in program.points], np.bool_),
        is_written=np.array([point in written for point in program.points], np.bool_),
    )
