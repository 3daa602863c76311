"""Runs a circuit for known operands that differ from lane to lane: to each of their values belongs another program."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit
from trackmac.simulation import packed
from trackmac.simulation.operands import aligned_operands, check_ranges
from trackmac.simulation.outcome import CircuitResult


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProgramGroup:
    """The lanes that share a program, by their numbers, int64 [lanes of the group], and what came out in them."""

    circuit: Circuit
    lanes: IntArray
    result: CircuitResult


def run(circuit: Circuit, operands: Mapping[str, IntArray]) -> tuple[IntArray, tuple[ProgramGroup, ...]]:
    """Return the results in all lanes, int64 [lanes], and the groups of lanes of equal known operands.

    A known operand that is left out has the value that `circuit` has built in. Without known operands, and without
    lanes, there is one group.

    Raises:
        OperandError: an operand is missing, unknown, not integer, out of range, or not as long as the others.
    """
    given = aligned_operands(circuit, operands)
    check_ranges(circuit, given)
    lanes = next(iter(given.values())).size
    if circuit.at_known is None or not lanes:
        result = packed.run(circuit, given)
        return result.values, (ProgramGroup(circuit=circuit, lanes=np.arange(lanes), result=result),)
    names = tuple(circuit.known)
    different, group_of = np.unique(np.array([given[name] for name in names]), axis=1, return_inverse=True)
    values = np.empty(lanes, np.int64)
    groups: list[ProgramGroup] = []
    for number, known in enumerate(different.T.tolist()):
        members = np.flatnonzero(group_of.ravel() == number)
        found = circuit.at_known(dict(zip(names, known, strict=True)))
        result = packed.run(found, {name: column[members] for name, column in given.items()})
        values[members] = result.values
        groups.append(ProgramGroup(circuit=found, lanes=members, result=result))
    return values, tuple(groups)
