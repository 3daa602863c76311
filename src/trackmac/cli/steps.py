"""A step of a micro-program as one line of text."""

import re
from collections.abc import Sequence

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
from trackmac.circuits.name_ranges import counting_place, name_ranges, without_index

_SPLIT = re.compile(r"([ ,()]+)")


def step_text(step: Step) -> str:
    """Write all that happens in one step on one line."""
    return "; ".join(_op_text(op) for op in step.ops)


def folded_step_text(step: Step) -> str:
    """Write all that happens in one step, operations whose names count up together as one: sense a0..a7."""
    runs: dict[tuple[str, ...], list[list[list[str]]]] = {}
    for op in step.ops:
        words = _SPLIT.split(_op_text(op))
        family = runs.setdefault(tuple(without_index(word) for word in words), [])
        if family and _continues(family[-1], words):
            family[-1].append(words)
        else:
            family.append([words])
    return "; ".join(_run_text(run) for family in runs.values() for run in family)


def _continues(run: Sequence[Sequence[str]], words: Sequence[str]) -> bool:
    """Whether every word stays as it is throughout, or counts up throughout."""
    places = [counting_place(old, new) for old, new in zip(run[-1], words, strict=True)]
    if any(place is None and old != new for place, old, new in zip(places, run[-1], words, strict=True)):
        return False
    return len(run) == 1 or places == [counting_place(old, new) for old, new in zip(run[-2], run[-1], strict=True)]


def _run_text(run: Sequence[Sequence[str]]) -> str:
    return "".join(name_ranges(dict.fromkeys(column)) for column in zip(*run, strict=True))


def _op_text(op: MicroOp) -> str:
    match op:
        case Shift():
            text = f"shift {name_ranges(op.tracks)} by {op.steps:+d}"
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
