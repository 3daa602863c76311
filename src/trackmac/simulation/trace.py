"""Follows a micro-program once, without values: which logic makes every bit that it leaves behind.

Where the heads stand does not depend on data, so sensing, writing, latching and shifting only decide which signal is
where; what remains is a network of the cells' truth tables.
"""

from dataclasses import dataclass, field

from trackmac.circuits import Circuit, Place
from trackmac.circuits.microops import Evaluate, Latch, Receive, Send, Sense, Shift, Step, TransverseRead, Write
from trackmac.simulation.counting import ones
from trackmac.simulation.logic import ONE, ZERO, LogicNetwork, Signal

Point = Place | str
"""Where a bit can be before and after a program: a domain of a track, or a wire by its name."""


@dataclass(slots=True)
class Trace:
    """What a program does, as logic.

    `found[p]` is the signal of what was at point `p` before the program (a received bit, on a wire), where it is used;
    `left[p]` is the signal that the program leaves there (a sent bit). `heads[t]` is the domain now at port 0 of track
    `t`, whose other ports are `ports[t]` further on; `travel[t]` the least and the greatest domain that came to that
    port, `touched[t]` those sensed or written at any.
    """

    network: LogicNetwork = field(default_factory=LogicNetwork)
    found: dict[Point, Signal] = field(default_factory=dict)
    left: dict[Point, Signal] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    ports: dict[str, tuple[int, ...]] = field(default_factory=dict)
    travel: dict[str, tuple[int, int]] = field(default_factory=dict)
    touched: dict[str, tuple[int, int]] = field(default_factory=dict)
    held: dict[str, Signal] = field(default_factory=lambda: {"0": ZERO, "1": ONE})


def trace(circuit: Circuit) -> Trace:
    """Return what the program of `circuit` does."""
    result = Trace(heads={track.name: circuit.start.get(track.name, 0) for track in circuit.tracks})
    result.ports = {track.name: track.ports for track in circuit.tracks}
    result.travel = {name: (head, head) for name, head in result.heads.items()}
    for step in circuit.program:
        _follow(result, step)
    return result


def _follow(trace: Trace, step: Step) -> None:
    for op in step.ops:
        match op:
            case Shift(tracks, steps):
                for name in tracks:
                    trace.heads[name] += steps
                    trace.travel[name] = _widened(trace.travel[name], trace.heads[name])
            case Sense(track, into, port):
                trace.held[into] = _signal_at(trace, _touch(trace, track, port))
            case TransverseRead(track, into, (one_end, other_end)):
                first, last = (_touch(trace, track, port).domain for port in (one_end, other_end))
                window = [_signal_at(trace, Place(track, domain)) for domain in range(first, last + 1)]
                trace.held.update(zip(into, ones(trace.network, window), strict=True))
            case Evaluate(cell, inputs, outputs):
                signals = tuple(trace.held[name] for name in inputs)
                made = [
                    trace.network.function(tuple(row[i] for row in cell.table), signals) for i in range(len(outputs))
                ]
                trace.held.update(zip(outputs, made, strict=True))
            case Write(track, source, port):
                trace.left[_touch(trace, track, port)] = trace.held[source]
            case Receive(wire):
                trace.held[wire] = _found(trace, wire)
            case Send(source, wire):
                trace.left[wire] = trace.held[source]
    trace.held.update({op.into: trace.held[op.source] for op in step.ops if isinstance(op, Latch)})


def _touch(trace: Trace, track: str, port: int) -> Place:
    domain = trace.heads[track] + trace.ports[track][port]
    trace.touched[track] = _widened(trace.touched.get(track, (domain, domain)), domain)
    return Place(track, domain)


def _signal_at(trace: Trace, place: Place) -> Signal:
    return trace.left[place] if place in trace.left else _found(trace, place)


def _found(trace: Trace, point: Point) -> Signal:
    if point not in trace.found:
        trace.found[point] = trace.network.external()
    return trace.found[point]


def _widened(span: tuple[int, int], domain: int) -> tuple[int, int]:
    return min(span[0], domain), max(span[1], domain)
