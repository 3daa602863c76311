"""A step of a micro-program as one line of text."""

from typing import assert_never

from trackmac.circuits.microops import Evaluate, Latch, MicroOp, Receive, Send, Sense, Shift, Step, Write


def step_text(step: Step) -> str:
    """Write all that happens in one step on one line."""
    return "; ".join(_op_text(op) for op in step.ops)


def _op_text(op: MicroOp) -> str:
    match op:
        case Shift():
            return f"shift {', '.join(op.tracks)} by {op.steps:+d}"
        case Sense():
            return f"sense {op.track}" + ("" if op.into == op.track else f" as {op.into}")
        case Evaluate():
            return f"{', '.join(op.outputs)} = {op.cell.name}({', '.join(op.inputs)})"
        case Write():
            return f"write {op.source} to {op.track}"
        case Latch():
            return f"latch {op.source}" + ("" if op.into == op.source else f" as {op.into}")
        case Receive():
            return f"receive {op.wire}"
        case Send():
            return f"send {op.source}" + ("" if op.wire == op.source else f" on {op.wire}")
        case _:
            assert_never(op)
