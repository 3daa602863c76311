"""The obvious simulator: one bit of one lane at a time, each event counted as it happens."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit, Place, Word
from trackmac.circuits.microops import Evaluate, Latch, Receive, Send, Sense, Shift, Step, Write
from trackmac.cost import Activity, Event, Phase
from trackmac.simulation.operands import aligned_operands, check_ranges
from trackmac.simulation.outcome import CircuitResult


def run(circuit: Circuit, operands: Mapping[str, IntArray]) -> CircuitResult:
    """Run `circuit` once in each lane; operands and results are int64 [lanes].

    Domains that hold no operand start as ones, so that a program which relies on cleared tracks is found out.

    Raises:
        OperandError: an operand is missing, unknown, not integer, out of range, or not as long as the others.
    """
    given = aligned_operands(circuit, operands)
    check_ranges(circuit, given)
    lanes = next(iter(given.values())).size
    results: list[int] = []
    activity = _Unit(circuit, {}).activity_of_one_run()
    for lane in range(lanes):
        unit = _Unit(circuit, {name: int(values[lane]) for name, values in given.items()})
        assert unit.activity_of_one_run() == activity, "what happens depends on data"
        results.append(unit.result())
    return CircuitResult(values=np.array(results, np.int64), activity=activity, lanes=lanes)


class _Unit:
    """One unit: the bits on its tracks and wires, where its heads stand, what its signals are, and what happened."""

    def __init__(self, circuit: Circuit, operands: Mapping[str, int]) -> None:
        self.circuit = circuit
        self.tracks = {track.name: [1] * track.domains for track in circuit.tracks}
        self.heads = {track.name: circuit.start.get(track.name, 0) for track in circuit.tracks}
        self.signals = {"0": 0, "1": 1}
        self.arriving: dict[str, int] = {}
        self.leaving: dict[str, int] = {}
        self.events: Counter[Event] = Counter()
        self.phases: Counter[Phase] = Counter()
        for word in circuit.operands:
            self._place(word, operands.get(word.name, 0))

    def _place(self, word: Word, value: int) -> None:
        for bit, wire in enumerate(word.wires if word.is_on_wires else ()):
            self.arriving[wire] = value >> bit & 1
        for bit, place in enumerate(word.places):
            self.tracks[place.track][place.domain] = value >> bit & 1

    def result(self) -> int:
        """Return the result's value."""
        word = self.circuit.result
        bits = word.format.bits
        found = [self._bit_at(place) for place in word.places[:bits]] or [self.leaving[wire] for wire in word.wires]
        value = sum(bit << position for position, bit in enumerate(found))
        is_negative = word.format.is_signed and found[-1] == 1
        return value - (1 << bits) if is_negative else value

    def _bit_at(self, place: Place) -> int:
        return self.tracks[place.track][place.domain]

    def activity_of_one_run(self) -> Activity:
        """Run the program and return what happened."""
        for step in self.circuit.program:
            self._run(step)
        return Activity(dict(self.events), dict(self.phases))

    def _run(self, step: Step) -> None:
        self.events[Event.SEQUENCER_STEPS] += 1
        longest_shift = 0
        depth: dict[str, int] = {}
        busy: set[Phase] = set()
        latched: dict[str, int] = {}
        for op in step.ops:
            match op:
                case Shift(tracks, steps):
                    longest_shift = max(longest_shift, abs(steps))
                    for track in tracks:
                        self.heads[track] += steps
                        self.events[Event.TRACK_SHIFTS] += abs(steps)
                case Sense(track, into):
                    self.signals[into] = self.tracks[track][self.heads[track]]
                    self.events[Event.SENSES] += 1
                    busy.add(Phase.SENSE)
                case Evaluate(cell, inputs, outputs):
                    row = sum(self.signals[name] << pin for pin, name in enumerate(inputs))
                    self.signals.update(zip(outputs, cell.table[row], strict=True))
                    self.events[Event.EVALUATIONS] += 1
                    level = 1 + max(depth.get(name, 0) for name in inputs)
                    depth.update((name, level) for name in outputs)
                case Write(track, source):
                    self.tracks[track][self.heads[track]] = self.signals[source]
                    self.events[Event.WRITES] += 1
                    busy.add(Phase.WRITE)
                case Latch(source, into):
                    latched[into] = self.signals[source]
                    self.events[Event.LATCH_UPDATES] += 1
                case Receive(wire):
                    self.signals[wire] = self.arriving[wire]
                    self.events[Event.BUS_BITS] += 1
                case Send(source, wire):
                    self.leaving[wire] = self.signals[source]
                    self.events[Event.BUS_BITS] += 1
        self.signals.update(latched)
        self._count_phases(busy, longest_shift, max(depth.values(), default=0))

    def _count_phases(self, busy: set[Phase], longest_shift: int, levels: int) -> None:
        self.phases.update(dict.fromkeys(busy, 1))
        if longest_shift:
            self.phases[Phase.SHIFT] += longest_shift
            self.events[Event.SHIFT_STEPS] += longest_shift
        if levels:
            self.phases[Phase.EVALUATE] += levels
