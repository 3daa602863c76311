"""What is wired to what in a circuit: amplifiers, cells, latches, write drivers, gathered from its program."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from trackmac.circuits.circuit import Circuit
from trackmac.circuits.microops import Evaluate, Latch, MicroOp, Receive, Send, Sense, TransverseRead, Write
from trackmac.circuits.name_ranges import without_index
from trackmac.circuits.resources import Resources
from trackmac.drawings import DrawnPart

ORDER = ("wires in", "sense amplifier", "transverse read", "cell", "latch", "write driver", "wires out")


@dataclass(slots=True)
class _Wiring:
    """What comes to the pins of the parts of one kind and name, and what leaves them, without indices.

    `copies` are the signals that tell one amplifier or latch from another. `level` is how many cells lie before.
    """

    takes: list[dict[str, None]] = field(default_factory=list)
    gives: dict[str, None] = field(default_factory=dict)
    copies: set[str] = field(default_factory=set)
    level: int = 0

    def add(self, takes: Iterable[str], gives: Iterable[str], copy: str) -> None:
        for pin, name in enumerate(takes):
            if pin == len(self.takes):
                self.takes.append({})
            self.takes[pin][without_index(name)] = None
        self.gives |= dict.fromkeys(map(without_index, gives))
        self.copies.add(copy)


def data_path(circuit: Circuit, resources: Resources) -> tuple[DrawnPart, ...]:
    """Return the parts of `circuit` in the order in which a bit passes them, copies of one kind as one part."""
    wirings: dict[tuple[str, str], _Wiring] = {}
    for step in circuit.program:
        levels: dict[str, int] = {}
        makers: dict[str, str] = {}
        for op in step.ops:
            kind, name, takes, gives = _wires_of(op)
            if not kind:
                continue
            wiring = wirings.setdefault((kind, name), _Wiring())
            wiring.add(takes, gives, ",".join(gives))
            if isinstance(op, Evaluate):
                before = [levels.get(pin, -1) + (makers.get(pin) != name) for pin in takes]
                level = max([0, *before])
                wiring.level = max(wiring.level, level)
                levels |= dict.fromkeys(gives, level)
                makers |= dict.fromkeys(gives, name)
    tracks = list(dict.fromkeys(without_index(track.name) for track in circuit.tracks))
    return tuple(
        DrawnPart(
            kind=kind,
            label=name,
            count=_count(kind, name, wiring, resources),
            takes=tuple(tuple(pin) for pin in wiring.takes),
            gives=tuple(wiring.gives),
            level=wiring.level,
        )
        for (kind, name), wiring in sorted(wirings.items(), key=lambda item: _place(item[0], item[1], tracks))
    )


def _place(key: tuple[str, str], wiring: _Wiring, tracks: list[str]) -> tuple[int, int]:
    """Return what sorts the parts: by kind; those at tracks as the tracks are, the others as they are first used."""
    kind, name = key
    at = next(iter(wiring.takes[0])) if kind in {"sense amplifier", "transverse read"} else name
    is_at_track = kind in {"sense amplifier", "transverse read", "write driver"}
    return ORDER.index(kind), tracks.index(at) if is_at_track else 0


def _wires_of(op: MicroOp) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    """Return the part that does `op`: kind, name, what comes to its pins, what leaves; no part shifts a track."""
    wires: tuple[str, str, tuple[str, ...], tuple[str, ...]] = ("", "", (), ())
    match op:
        case Sense(track, into):
            wires = "sense amplifier", without_index(into), (track,), (into,)
        case TransverseRead(track, bits):
            wires = "transverse read", without_index(bits[0]), (track,), bits
        case Evaluate(cell, inputs, outputs):
            wires = "cell", cell.name, inputs, outputs
        case Latch(source, into):
            wires = "latch", without_index(into), (source,), (into,)
        case Write(track, source):
            wires = "write driver", without_index(track), (source,), (track,)
        case Receive(wire):
            wires = "wires in", without_index(wire), (), (wire,)
        case Send(source, wire):
            wires = "wires out", without_index(wire), (source,), (wire,)
    return wires


def _count(kind: str, name: str, wiring: _Wiring, resources: Resources) -> int:
    """Return how many copies there are; the write drivers are shared by all tracks."""
    counts: Mapping[str, int] = {"cell": resources.cells.get(name, 0), "write driver": resources.write_drivers}
    return counts.get(kind, len(wiring.copies))
