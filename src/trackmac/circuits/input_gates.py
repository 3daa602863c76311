"""What selects the input of a part that one step feeds from here, another from there: a carry's first bit, say."""

from trackmac.circuits.circuit import Circuit
from trackmac.circuits.microops import Evaluate, Latch, Write

Pin = tuple[str, int, int]


def input_gates(circuit: Circuit) -> int:
    """Return the transmission gates before the inputs of cells, latches and write drivers.

    An input that k different sources feed takes k - 1. A source is an amplifier, a latch, a wire, a constant or one
    output of one copy of a cell; copies of cells and drivers are told apart by their order in a step.
    """
    feeds: dict[Pin, set[str | Pin]] = {}
    makers: dict[str, Pin] = {}
    for step in circuit.program:
        slots: dict[str, int] = {}
        for op in step.ops:
            if isinstance(op, Evaluate | Write):
                part = op.cell.name if isinstance(op, Evaluate) else "write driver"
                copy = slots[part] = slots.get(part, 0) + 1
                for pin, signal in enumerate(op.inputs if isinstance(op, Evaluate) else (op.source,)):
                    feeds.setdefault((part, copy, pin), set()).add(makers.get(signal, signal))
                if isinstance(op, Evaluate):
                    makers |= {signal: (part, copy, pin) for pin, signal in enumerate(op.outputs)}
            elif isinstance(op, Latch):
                feeds.setdefault((f"latch {op.into}", 1, 0), set()).add(makers.get(op.source, op.source))
    return sum(len(sources) - 1 for sources in feeds.values())
