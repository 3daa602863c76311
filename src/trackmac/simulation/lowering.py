"""From a declared micro-program to a table of rows on bit planes: once per circuit, whatever its lanes and values."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from trackmac.bits import IntArray
from trackmac.circuits import Circuit, Place
from trackmac.circuits.microops import step_activity
from trackmac.cost import Activity, total
from trackmac.simulation.registers import allocate
from trackmac.simulation.selection import select_rows
from trackmac.simulation.trace import trace

@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lowered:
    """A program as rows on slots. Slots are numbered: `places`, bits `received`, bits `sent`, scratch registers.

    Attributes:
        rows: int64 [rows, COLUMNS], see `rows`.
        places: the domains of the circuit's tracks that the rows read or write.
        found: those of them that are read before they are written.
        received, sent: bits on wires, as (word's name, bit).
        scratch: the number of scratch registers.
        end: the domain at each track's port after the program.
        travel: the least and the greatest domain that comes to each track's port.
        touched: the least and the greatest domain that is sensed or written, of each track that is.
        activity: what one execution costs one lane.
    """

    rows: IntArray
    places: tuple[Place, ...]
    found: frozenset[Place]
    received: tuple[tuple[str, int], ...]
    sent: tuple[tuple[str, int], ...]
    scratch: int
    end: Mapping[str, int]
    travel: Mapping[str, tuple[int, int]]
    touched: Mapping[str, tuple[int, int]]
    activity: Activity

    @property
    def slots(self) -> int:
        """The number of slots."""
        return len(self.places) + len(self.received) + len(self.sent) + self.scratch


def lower(circuit: Circuit) -> Lowered:
    """Return the lowered program of `circuit`; circuits lowered before are remembered."""
    return _lower(_Same(circuit))


class _Same:
    """A circuit as a key: equal only to itself, because to compare whole programs would cost more than it saves."""

    __slots__ = ("circuit",)

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit

    def __hash__(self) -> int:
        return id(self.circuit)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.circuit is self.circuit


@lru_cache(maxsize=1024)
def _lower(key: _Same) -> Lowered:
    circuit = key.circuit
    traced = trace(circuit)
    left = {place: signal for place, signal in traced.left.items() if signal != traced.found.get(place)}
    places = tuple(sorted({*traced.found, *left}, key=lambda place: (place.track, place.domain)))
    received, sent = tuple(traced.received), tuple(traced.sent)
    slot_of_place = {place: slot for slot, place in enumerate(places)}
    slot_received = {wire: len(places) + number for number, wire in enumerate(received)}
    slot_sent = {wire: len(places) + len(received) + number for number, wire in enumerate(sent)}
    found = {slot_of_place[place]: signal for place, signal in traced.found.items()}
    found |= {slot_received[wire]: signal for wire, signal in traced.received.items()}
    final = {slot_of_place[place]: signal for place, signal in left.items()}
    final |= {slot_sent[wire]: signal for wire, signal in traced.sent.items()}
    planes = len(places) + len(received) + len(sent)
    rows, scratch = allocate(select_rows(traced.network, final.values()), planes, found, final)
    bit_of_wire = {
        wire: (word.name, bit) for word in (*circuit.operands, circuit.result) if word.is_on_wires
        for bit, wire in enumerate(word.wires)
    }
    return Lowered(
        rows=rows,
        places=places,
        found=frozenset(traced.found),
        received=tuple(bit_of_wire[wire] for wire in received),
        sent=tuple(bit_of_wire[wire] for wire in sent),
        scratch=scratch,
        end=dict(traced.heads),
        travel=dict(traced.travel),
        touched=dict(traced.touched),
        activity=total(step_activity(step) for step in circuit.program),
    )
