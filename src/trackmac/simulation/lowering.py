"""From a declared micro-program to a table of rows on bit planes: once per circuit, whatever its lanes and values."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from trackmac.bits import IntArray
from trackmac.circuits import Circuit
from trackmac.circuits.microops import step_activity
from trackmac.cost import Activity, total
from trackmac.simulation.registers import allocate
from trackmac.simulation.selection import select_rows
from trackmac.simulation.trace import Point, trace


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lowered:
    """A program as rows on slots: first those of `points`, then scratch registers.

    Attributes:
        rows: int64 [rows, COLUMNS], see `trackmac.simulation.rows`.
        points: the domains and wires that the rows read or write.
        found: those of them whose bit before the program is used.
        scratch: the number of scratch registers.
        end: the domain at each track's port after the program.
        travel: the least and the greatest domain that comes to each track's port.
        touched: the least and the greatest domain that is sensed or written, of each track that is.
        activity: what one execution costs one lane.
    """

    rows: IntArray
    points: tuple[Point, ...]
    found: frozenset[Point]
    scratch: int
    end: Mapping[str, int]
    travel: Mapping[str, tuple[int, int]]
    touched: Mapping[str, tuple[int, int]]
    activity: Activity


def lower(circuit: Circuit) -> Lowered:
    """Return the lowered program of `circuit`; circuits lowered before are remembered."""
    return _lower(Same(circuit))


class Same:
    """A circuit as a key: equal only to itself, because to compare whole programs would cost more than it saves."""

    __slots__ = ("circuit",)

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit

    def __hash__(self) -> int:
        return id(self.circuit)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.circuit is self.circuit


@lru_cache(maxsize=1024)
def _lower(key: Same) -> Lowered:
    circuit = key.circuit
    traced = trace(circuit)
    left = {point: signal for point, signal in traced.left.items() if signal != traced.found.get(point)}
    points = tuple(dict.fromkeys((*traced.found, *left)))
    slot_of = {point: slot for slot, point in enumerate(points)}
    found = {slot_of[point]: signal for point, signal in traced.found.items()}
    final = {slot_of[point]: signal for point, signal in left.items()}
    rows, scratch = allocate(select_rows(traced.network, final.values()), len(points), found, final)
    return Lowered(
        rows=rows,
        points=points,
        found=frozenset(traced.found),
        scratch=scratch,
        end=dict(traced.heads),
        travel=dict(traced.travel),
        touched=dict(traced.touched),
        activity=total(step_activity(step) for step in circuit.program),
    )
