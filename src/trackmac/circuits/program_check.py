"""Refuses a micro-program that no hardware could run: what every declared circuit has to keep.

- A step shifts, or senses, or reads transversely, or evaluates, or writes; only latches may close in the same step.
- A shift moves tracks, by at least one domain; at port 0 there is a domain of the track before, after and between.
- The ports of a track stand at different domains, in order, the first one being where the others are counted from.
- A port serves one operation at a time, and senses or writes only where the track has a domain.
- A transverse read lies between two ports of its track, 3, 5 or 7 domains that the track has; its current runs
  through the track, so that no other port of the track serves meanwhile.
- A signal is driven by one kind of part only, and by one part in a step: an amplifier holds one bit, a latch closes
  once, a wire carries one bit. What a latch takes over comes from no latch that closes in the same step.
- A signal is used only while it holds: a cell's output as long as none of its inputs has changed, a wire's bit in the
  step in which it arrives.
"""

import itertools
from collections.abc import Mapping

from trackmac.circuits.microops import (
    CONSTANTS,
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

TRANSVERSE_READ_DISTANCES = (3, 5, 7)

_KINDS: Mapping[type, str] = {
    Shift: "shift",
    Sense: "sense",
    TransverseRead: "read transversely",
    Send: "sense",
    Evaluate: "evaluate",
    Receive: "write",
    Write: "write",
}


class ProgramError(ValueError):
    """A declared micro-program breaks a rule of the hardware."""


def check_program(
    name: str,
    domains: Mapping[str, int],
    start: Mapping[str, int],
    program: tuple[Step, ...],
    *,
    ports: Mapping[str, tuple[int, ...]] | None = None,
) -> None:
    """Check `program` of circuit `name` on tracks of so many `domains`, whose heads stand at `start`.

    `ports[t]` says how far the ports of track `t` are from its first one; a track has that one only if absent.

    Raises:
        ProgramError: a rule is broken; the message names circuit, step and rule.
    """
    try:
        state = _State(domains, start, ports or {})
    except ProgramError as error:
        raise ProgramError(f"{name}: {error}") from None
    for number, step in enumerate(program):
        try:
            state.run(step)
        except ProgramError as error:
            raise ProgramError(f"{name}, step {number}: {error}") from None


class _State:
    """Where the heads are and which signals hold.

    `version[s]` counts how often signal `s` was set; `made_from[s]` are the versions of the inputs of a cell's output.
    `drivers[s]` is the kind of part that drives `s`, `driven` is what this step has driven so far.
    """

    def __init__(
        self, domains: Mapping[str, int], start: Mapping[str, int], ports: Mapping[str, tuple[int, ...]]
    ) -> None:
        self.domains = domains
        self.ports = {track: ports.get(track, (0,)) for track in domains}
        self.heads = {track: start.get(track, 0) for track in domains}
        self.version = dict.fromkeys(CONSTANTS, 0)
        self.made_from: dict[str, dict[str, int]] = {}
        self.drivers: dict[str, str] = {}
        self.driven: set[str] = set()
        for track, head in self.heads.items():
            self._check_head(track, head)
            _check_port_order(track, self.ports[track])

    def run(self, step: Step) -> None:
        kinds = {_KINDS[type(op)] for op in step.ops if not isinstance(op, Latch)}
        if len(kinds) > 1 or not step.ops:
            raise ProgramError(f"a step does one kind of thing, but this one does {sorted(kinds) or 'nothing'}")
        self.driven = set()
        self._check_ports(step)
        for op in step.ops:
            self._perform(op)
        latches = [op for op in step.ops if isinstance(op, Latch)]
        for latch in latches:
            self._set(latch.into, "a latch")
        for latch in latches:
            if latch.source in {other.into for other in latches}:
                raise ProgramError(
                    f"latch {latch.into!r} takes over latch {latch.source!r}, which closes in the same step"
                )
        for receive in step.of(Receive):
            assert isinstance(receive, Receive)
            del self.version[receive.wire]

    def _perform(self, op: MicroOp) -> None:
        match op:
            case Shift():
                self._shift(op)
            case Sense(_, into):
                self._set(into, "a sense amplifier")
            case Receive(into):
                self._set(into, "a wire")
            case TransverseRead(_, bits):
                for into in bits:
                    self._set(into, f"the transverse-read amplifier of {', '.join(bits)}")
            case Evaluate():
                self._evaluate(op)
            case Send(source, wire):
                self._use(source)
                self._drive(wire)
            case Write(_, source) | Latch(source, _):
                self._use(source)

    def _shift(self, op: Shift) -> None:
        if not op.tracks or not op.steps:
            raise ProgramError("a shift moves at least one track by at least one domain, but this one moves nothing")
        for track in op.tracks:
            self.heads[track] += op.steps
            self._check_head(track, self.heads[track])

    def _check_head(self, track: str, head: int) -> None:
        if not 0 <= head < self.domains[track]:
            raise ProgramError(
                f"track {track!r} must have one of its {self.domains[track]} domains at port 0, but domain {head} "
                "would be there; shift it less"
            )

    def _evaluate(self, op: Evaluate) -> None:
        if len(op.inputs) != len(op.cell.inputs) or len(op.outputs) != len(op.cell.outputs):
            raise ProgramError(f"cell {op.cell.name} has pins {op.cell.inputs} -> {op.cell.outputs}")
        for signal in op.inputs:
            self._use(signal)
        for signal in op.outputs:
            self._set(signal, "a cell")
            self.made_from[signal] = {pin: self.version[pin] for pin in op.inputs}

    def _check_ports(self, step: Step) -> None:
        busy: set[tuple[str, int]] = set()
        for op in step.ops:
            for track in _tracks_of(op):
                if track not in self.domains:
                    raise ProgramError(f"there is no track {track!r}")
                for port in self._ports_of(op, track):
                    if (track, port) in busy:
                        raise ProgramError(f"the port of track {track!r} is used twice at once")
                    busy.add((track, port))

    def _ports_of(self, op: MicroOp, track: str) -> range:
        """Return the numbers of the ports of `track` that `op` keeps busy, having checked that it may use them."""
        count = len(self.ports[track])
        used = op.ports if isinstance(op, TransverseRead) else (op.port,) if isinstance(op, Sense | Write) else ()
        for port in used:
            if not 0 <= port < count:
                raise ProgramError(f"track {track!r} has no port {port}")
            domain = self.heads[track] + self.ports[track][port]
            if not 0 <= domain < self.domains[track]:
                raise ProgramError(f"track {track!r} has no domain {domain} to be at its port")
        if isinstance(op, Sense | Write):
            return range(op.port, op.port + 1)
        if isinstance(op, TransverseRead):
            self._check_window(op)
        return range(count)

    def _check_window(self, op: TransverseRead) -> None:
        first, last = (self.ports[op.track][port] for port in op.ports)
        distance = last - first + 1
        if distance not in TRANSVERSE_READ_DISTANCES:
            raise ProgramError(f"a transverse read counts 3, 5 or 7 domains, not the {distance} of track {op.track!r}")
        if len(op.into) != distance.bit_length():
            raise ProgramError(f"a count of {distance} domains has {distance.bit_length()} bits, not {len(op.into)}")

    def _set(self, signal: str, driver: str) -> None:
        if signal in CONSTANTS:
            raise ProgramError(f"the constant {signal!r} cannot be set")
        self._drive(signal)
        first = self.drivers.setdefault(signal, driver)
        if first != driver:
            raise ProgramError(f"signal {signal!r} is driven by {first} and by {driver}; give one of them another name")
        self.version[signal] = self.version.get(signal, 0) + 1
        self.made_from.pop(signal, None)

    def _drive(self, signal: str) -> None:
        if signal in self.driven:
            raise ProgramError(f"signal {signal!r} is driven twice at once")
        self.driven.add(signal)

    def _use(self, signal: str) -> None:
        if signal not in self.version:
            raise ProgramError(f"signal {signal!r} is used, but nothing holds it")
        for pin, version in self.made_from.get(signal, {}).items():
            if self.version.get(pin) != version:
                raise ProgramError(f"signal {signal!r} no longer holds: its input {pin!r} has changed")
            self._use(pin)


def _check_port_order(track: str, ports: tuple[int, ...]) -> None:
    if ports[:1] != (0,) or any(after <= before for before, after in itertools.pairwise(ports)):
        raise ProgramError(
            f"the ports of track {track!r} must be at distances that grow from 0, but are at {list(ports)}"
        )


def _tracks_of(op: MicroOp) -> tuple[str, ...]:
    if isinstance(op, Shift):
        return op.tracks
    return (op.track,) if isinstance(op, Sense | TransverseRead | Write) else ()
