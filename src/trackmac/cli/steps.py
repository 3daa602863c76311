"""A step of a micro-program as one line of text."""

from trackmac.circuits.microops import (
    Evaluate,
    Latch,
    MicroOp,
    Receive,
    Send,
    Sense,
    Shift,
    Step,
    TransverseRead,
    Write,
)


def step_text(step: Step) -> str:
    """Write all that happens in one step on one line."""
    return "; ".join(_op_text(op) for op in step.ops)


def _op_text(op: MicroOp) -> str:
    match op:
        case Shift():
            text = f"shift {', '.join(op.tracks)} by {op.steps:+d}"
        case Sense():
            text = f"sense {_port(op.track, op.port)}{_named(op.into, op.track)}"
        case TransverseRead():
            text = f"{', '.join(op.into)} = count the ones of {op.track} from port {op.ports[0]} to port {op.ports[1]}"
        case Evaluate():
            text = f"{', '.join(op.outputs)} = {op.cell.name}({', '.join(op.inputs)})"
        case Write():
            text = f"write {op.source} to {_port(op.track, op.port)}"
        case Latch():
            text = f"latch {op.source}{_named(op.into, op.source)}"
        case Receive():
            text = f"receive {op.wire}"
        case Send():
            text = f"send {op.source} on {op.wire}"
    return text


def _port(track: str, port: int) -> str:
    return f"{track} at port {port}" if port else track


def _named(new: str, old: str) -> str:
    return "" if new == old else f" as {new}"
