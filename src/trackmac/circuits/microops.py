"""The micro-operations that a circuit's program is made of.

A program is a tuple of `Step`s. All operations of one step happen at once; a step shifts, senses, reads transversely,
evaluates, writes or exchanges bits with the wires, and may close latches at its end. Signals are named bits: what a
sense amplifier holds, what a cell puts out, what a latch keeps, what a wire carries, and the constants "0" and "1".
"""

from collections import Counter
from dataclasses import dataclass

from trackmac.cells import LogicCell
from trackmac.cost import Activity, Event, Phase

CONSTANTS = ("0", "1")


@dataclass(frozen=True, slots=True)
class Shift:
    """Move the tracks in lockstep until the domains `steps` further on (or back, if negative) are at their ports."""

    tracks: tuple[str, ...]
    steps: int


@dataclass(frozen=True, slots=True)
class Sense:
    """Read the domain at a port of the track; the amplifier holds it as signal `into` until it senses again."""

    track: str
    into: str
    port: int = 0


@dataclass(frozen=True, slots=True)
class TransverseRead:
    """Count the ones of all domains from the port `ports[0]` to the port `ports[1]` of the track, both included.

    The amplifier holds the count's bits as signals `into`, the lowest first, until it reads again: for 7 domains the
    parity, whether the count is in {2, 3, 6, 7}, and whether it is in {4, 5, 6, 7}.
    """

    track: str
    into: tuple[str, ...]
    ports: tuple[int, int] = (0, 1)


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Let a cell compute its outputs; they stay valid as long as its inputs do."""

    cell: LogicCell
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """Write a signal into the domain at a port of the track."""

    track: str
    source: str
    port: int = 0


@dataclass(frozen=True, slots=True)
class Latch:
    """At the end of the step, take `source` over into the latch `into`."""

    source: str
    into: str


@dataclass(frozen=True, slots=True)
class Receive:
    """Take one bit from the wires, as a signal of the same name, valid in this step and the next."""

    wire: str


@dataclass(frozen=True, slots=True)
class Send:
    """Put a signal onto the wires."""

    source: str
    wire: str


MicroOp = Shift | Sense | TransverseRead | Evaluate | Write | Latch | Receive | Send


@dataclass(frozen=True, slots=True)
class Step:
    """What a unit does at once."""

    ops: tuple[MicroOp, ...]

    def of(self, kind: type) -> tuple[MicroOp, ...]:
        """Return the operations of one kind."""
        return tuple(op for op in self.ops if isinstance(op, kind))


def evaluation_levels(step: Step) -> int:
    """Return how many cells the longest path through the step's cells passes."""
    depth: dict[str, int] = {}
    for op in step.ops:
        if isinstance(op, Evaluate):
            level = 1 + max((depth.get(name, 0) for name in op.inputs), default=0)
            depth.update(dict.fromkeys(op.outputs, level))
    return max(depth.values(), default=0)


def step_activity(step: Step) -> Activity:
    """Return what one execution of `step` costs: the meaning of every micro-operation in events and phases."""
    events = dict.fromkeys((Event.SEQUENCER_STEPS,), 1)
    phases: dict[Phase, int] = {}
    counts = Counter(map(type, step.ops))
    if counts[Shift]:
        shifts = [op for op in step.ops if isinstance(op, Shift)]
        longest = max(abs(op.steps) for op in shifts)
        events[Event.SHIFT_STEPS] = phases[Phase.SHIFT] = longest
        events[Event.TRACK_SHIFTS] = sum(abs(op.steps) * len(op.tracks) for op in shifts)
    for kind, event, phase in (
        (Sense, Event.SENSES, Phase.SENSE),
        (TransverseRead, Event.TRANSVERSE_READS, Phase.TRANSVERSE_READ),
        (Evaluate, Event.EVALUATIONS, Phase.EVALUATE),
        (Write, Event.WRITES, Phase.WRITE),
        (Latch, Event.LATCH_UPDATES, None),
        (Receive, Event.BUS_BITS, None),
        (Send, Event.BUS_BITS, None),
    ):
        count = counts[kind]
        if count:
            events[event] = events.get(event, 0) + count
            if phase is not None:
                phases[phase] = evaluation_levels(step) if kind is Evaluate else 1
    return Activity(events, phases)
