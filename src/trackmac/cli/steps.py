"""A step of a micro-program as one line of text."""

from trackmac.circuits.microops import Evaluate, Latch, MicroOp, Receive, Send, Sense, Shift, Step, Write


def step_text(step: Step) -> str:
    """Write all that happens in one step on one line."""
    return "; ".join(_op_text(op) for op in step.ops)


def _op_text(op: MicroOp) -> str:
    match op:
        case Shift():
            text = f"shift {', '.join(op.tracks)} by {op.steps:+d}"
        case Sense():
            text = f"sense {op.track}{_named(op.into, op.track)}"
        case Evaluate():
            text = f"{', '.join(op.outputs)} = {op.cell.name}({', '.join(op.inputs)})"
        case Write():
            text = f"write {op.source} to {op.track}"
        case Latch():
            text = f"latch {op.source}{_named(op.into, op.source)}"
        case Receive():
            text = f"receive {op.wire}"
        case Send():
            text = f"send {op.source} on {op.wire}"
    return text


def _named(new: str, old: str) -> str:
    return "" if new == old else f" as {new}"
