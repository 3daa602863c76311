"""How long each part of a unit is taken by one run: how soon the next run may start, and what runs in parallel.

One unit runs its circuit again and again on fresh operands. The next run may start as soon as no part is needed by
both at once: the interval between starts is the longest time that any part is taken, from the start of the first step
that uses it to the end of the last. Loading operands and taking results away are not counted, as in the latency.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trackmac.circuits.circuit import Circuit
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
    step_activity,
)
from trackmac.cost import Phase


class PartKind(StrEnum):
    """The parts of a unit that a run takes."""

    TRACK = "track"
    SENSE_AMPLIFIER = "sense amplifier"
    TRANSVERSE_SENSE_AMPLIFIER = "transverse-read amplifier"
    LATCH = "latch"
    CELL = "computing cell"
    WRITE_DRIVER = "write driver"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: a track by its name, an amplifier or a latch by its signals, a cell or a driver by its number."""

    kind: PartKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupancy:
    """A part and the steps `first_step` .. `last_step` for which one run takes it; `phases` is what these last."""

    part: Part
    first_step: int
    last_step: int
    phases: Mapping[Phase, int]

    def duration_ns(self, phase_ns: Callable[[Phase], float]) -> float:
        """Return how long the part is taken, given the time of one step of each phase."""
        return sum(steps * phase_ns(phase) for phase, steps in self.phases.items())


def occupancies(circuit: Circuit) -> tuple[Occupancy, ...]:
    """Return how long one run takes each part that it uses, in the order of first use."""
    uses = _Uses()
    for number, step in enumerate(circuit.program):
        uses.run(number, step)
    elapsed: list[dict[Phase, int]] = [{}]
    for step in circuit.program:
        phases = step_activity(step).phases
        elapsed.append({phase: elapsed[-1].get(phase, 0) + phases.get(phase, 0) for phase in Phase})
    return tuple(
        Occupancy(part=part, first_step=first, last_step=last, phases=_between(elapsed[first], elapsed[last + 1]))
        for part, (first, last) in uses.spans.items()
    )


def busiest(circuit: Circuit, phase_ns: Callable[[Phase], float]) -> Occupancy | None:
    """Return the part that is taken longest, the first used of equals; None if the program has no steps."""
    return max(occupancies(circuit), key=lambda each: each.duration_ns(phase_ns), default=None)


def interval_ns(circuit: Circuit, phase_ns: Callable[[Phase], float]) -> float:
    """Return the shortest time between the starts of two runs, given the time of one step of each phase."""
    longest = busiest(circuit, phase_ns)
    return 0.0 if longest is None else longest.duration_ns(phase_ns)


def lockstep_groups(circuit: Circuit) -> tuple[tuple[str, ...], ...]:
    """Return the tracks that always move together, a group for each shift driver; those that never move are absent."""
    history: dict[str, list[tuple[int, int]]] = {}
    for number, step in enumerate(circuit.program):
        for op in step.ops:
            if isinstance(op, Shift):
                for track in op.tracks:
                    history.setdefault(track, []).append((number, op.steps))
    groups: dict[tuple[tuple[int, int], ...], list[str]] = {}
    for track, moves in history.items():
        groups.setdefault(tuple(moves), []).append(track)
    return tuple(tuple(tracks) for tracks in groups.values())


MICRO_OPERATIONS: Mapping[type, str] = {
    Shift: "shift",
    Sense: "sense",
    TransverseRead: "transverse_read",
    Evaluate: "evaluate",
    Write: "write",
    Latch: "latch",
    Receive: "receive",
    Send: "send",
}


def most_at_once(circuit: Circuit) -> dict[str, int]:
    """Return, for each kind of micro-operation that the circuit uses, the most in one step; of shifts, the tracks."""
    most: dict[str, int] = {}
    for step in circuit.program:
        in_step: dict[str, int] = {}
        for op in step.ops:
            kind = MICRO_OPERATIONS[type(op)]
            in_step[kind] = in_step.get(kind, 0) + (len(op.tracks) if isinstance(op, Shift) else 1)
        most |= {kind: max(count, most.get(kind, 0)) for kind, count in in_step.items()}
    return {kind: most[kind] for kind in MICRO_OPERATIONS.values() if kind in most}


def _between(before: Mapping[Phase, int], after: Mapping[Phase, int]) -> dict[Phase, int]:
    steps = {phase: after[phase] - before.get(phase, 0) for phase in Phase}
    return {phase: count for phase, count in steps.items() if count}


@dataclass(slots=True)
class _Uses:
    """`spans[p]` are the first and the last step so far that use part `p`.

    `holders[s]` are the parts that signal `s` needs in order to hold: an amplifier or a latch; for a cell's output the
    cell and whatever its inputs need.
    """

    spans: dict[Part, tuple[int, int]] = field(default_factory=dict)
    holders: dict[str, frozenset[Part]] = field(default_factory=dict)

    def run(self, number: int, step: Step) -> None:
        slots: dict[str, int] = {}
        for op in step.ops:
            self._use(number, self._parts_of(op, slots))
        latches = [op for op in step.ops if isinstance(op, Latch)]
        self.holders |= {op.into: frozenset({Part(PartKind.LATCH, op.into)}) for op in latches}

    def _use(self, number: int, parts: Iterable[Part]) -> None:
        for part in parts:
            first, _ = self.spans.get(part, (number, number))
            self.spans[part] = (first, number)

    def _parts_of(self, op: MicroOp, slots: dict[str, int]) -> list[Part]:
        """Return the parts that `op` uses, having noted what its signals need; `slots` counts copies in the step."""
        parts = [Part(PartKind.TRACK, track) for track in _tracks_of(op)]
        match op:
            case Sense(_, into):
                parts.append(self._held(Part(PartKind.SENSE_AMPLIFIER, into), into))
            case TransverseRead(_, bits):
                parts.append(self._held(Part(PartKind.TRANSVERSE_SENSE_AMPLIFIER, " ".join(bits)), *bits))
            case Evaluate(cell, inputs, outputs):
                needed = frozenset({_copy(PartKind.CELL, cell.name, slots)}).union(*map(self._needs, inputs))
                self.holders |= dict.fromkeys(outputs, needed)
                parts += needed
            case Write(_, source):
                parts += (_copy(PartKind.WRITE_DRIVER, "driver", slots), *self._needs(source))
            case Latch(source, into):
                parts += (Part(PartKind.LATCH, into), *self._needs(source))
            case Send(source):
                parts += self._needs(source)
            case Receive(wire):
                self.holders[wire] = frozenset()
        return parts

    def _held(self, part: Part, *signals: str) -> Part:
        self.holders |= dict.fromkeys(signals, frozenset({part}))
        return part

    def _needs(self, signal: str) -> frozenset[Part]:
        return self.holders.get(signal, frozenset())  # a constant needs nothing


def _tracks_of(op: MicroOp) -> tuple[str, ...]:
    if isinstance(op, Shift):
        return op.tracks
    return (op.track,) if isinstance(op, Sense | TransverseRead | Write) else ()


def _copy(kind: PartKind, name: str, slots: dict[str, int]) -> Part:
    """Return the next copy of a cell or a driver in a step: as many as work at once are there."""
    number = slots[name] = slots.get(name, 0) + 1
    return Part(kind, f"{name} {number}")
