"""The obvious simulator: one bit of one lane at a time, each event counted as it happens."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit, Place, Word
from trackmac.circuits.microops import Evaluate, Latch, Receive, Send, Sense, Shift, Step, TransverseRead, Write
from trackmac.cost import Activity, Event, Phase
from trackmac.simulation.operands import check_ranges, loaded_operands
from trackmac.simulation.outcome import CircuitResult


def run(circuit: Circuit, operands: Mapping[str, IntArray]) -> CircuitResult:
    """Run `circuit` once in each lane; operands and results are int64 [lanes].

    Domains that hold no operand start as ones, so that a program which relies on cleared tracks is found out.

    Raises:
        OperandError: an operand is missing, unknown, not integer, out of range, or not as long as the others.
    """
    given = loaded_operands(circuit, operands)
    check_ranges(circuit, given)
    lanes = next(iter(given.values())).size
    results: list[int] = []
    tally = _Unit(circuit, {}).run()
    for lane in range(lanes):
        unit = _Unit(circuit, {name: int(values[lane]) for name, values in given.items()})
        assert unit.run() == tally, "what happens depends on data"
        results.append(unit.result())
    return CircuitResult(values=np.array(results, np.int64), activity=tally.activity(), lanes=lanes)


class _Unit:
    """One unit: the bits on its tracks and wires, where its heads stand, what its signals are, and what happened."""

    def __init__(self, circuit: Circuit, operands: Mapping[str, int]) -> None:
        self.circuit = circuit
        self.tracks = {track.name: [1] * track.domains for track in circuit.tracks}
        self.ports = {track.name: track.ports for track in circuit.tracks}
        self.heads = {track.name: circuit.start.get(track.name, 0) for track in circuit.tracks}
        self.signals = {"0": 0, "1": 1}
        self.arriving: dict[str, int] = {}
        self.leaving: dict[str, int] = {}
        self.tally = _Tally()
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

    def run(self) -> "_Tally":
        """Run the program and return what happened."""
        for step in self.circuit.program:
            self._run(step)
        return self.tally

    def _run(self, step: Step) -> None:
        tally, signals = self.tally, self.signals
        tally.sequencer_steps += 1
        senses, counts, writes, longest_shift, deepest = False, False, False, 0, 0
        depth: dict[str, int] = {}
        latched: dict[str, int] = {}
        for op in step.ops:
            match op:
                case Sense():
                    signals[op.into] = self.tracks[op.track][self._domain_at(op.track, op.port)]
                    tally.senses += 1
                    senses = True
                case TransverseRead():
                    first, last = (self._domain_at(op.track, port) for port in op.ports)
                    ones = sum(self.tracks[op.track][first : last + 1])
                    signals.update({name: ones >> bit & 1 for bit, name in enumerate(op.into)})
                    tally.transverse_reads += 1
                    counts = True
                case Evaluate():
                    level = self._evaluate(op, depth)
                    tally.evaluations += 1
                    deepest = max(deepest, level)
                case Write():
                    self.tracks[op.track][self._domain_at(op.track, op.port)] = signals[op.source]
                    tally.writes += 1
                    writes = True
                case Shift():
                    for track in op.tracks:
                        self.heads[track] += op.steps
                        tally.track_shifts += abs(op.steps)
                    longest_shift = max(longest_shift, abs(op.steps))
                case Latch():
                    latched[op.into] = signals[op.source]
                    tally.latch_updates += 1
                case Receive():
                    signals[op.wire] = self.arriving[op.wire]
                    tally.bus_bits += 1
                case Send():
                    self.leaving[op.wire] = signals[op.source]
                    tally.bus_bits += 1
        signals.update(latched)
        tally.sense_phases += senses
        tally.transverse_read_phases += counts
        tally.write_phases += writes
        tally.shift_steps += longest_shift
        tally.evaluation_levels += deepest

    def _domain_at(self, track: str, port: int) -> int:
        return self.heads[track] + self.ports[track][port]

    def _evaluate(self, op: Evaluate, depth: dict[str, int]) -> int:
        """Set the cell's outputs and return how many cells the longest path to them passes in this step."""
        row, level = 0, 1
        for pin, name in enumerate(op.inputs):
            row += self.signals[name] << pin
            if name in depth:
                level = max(level, depth[name] + 1)
        for name, bit in zip(op.outputs, op.cell.table[row], strict=True):
            self.signals[name] = bit
            depth[name] = level
        return level


@dataclass(slots=True)
class _Tally:
    """How often each thing happened, and how many steps of each phase it took."""

    sequencer_steps: int = 0
    track_shifts: int = 0
    senses: int = 0
    transverse_reads: int = 0
    evaluations: int = 0
    writes: int = 0
    latch_updates: int = 0
    bus_bits: int = 0
    shift_steps: int = 0
    sense_phases: int = 0
    transverse_read_phases: int = 0
    evaluation_levels: int = 0
    write_phases: int = 0

    def activity(self) -> Activity:
        """Return the counts as events and phases, zeros left out."""
        events = {
            Event.SEQUENCER_STEPS: self.sequencer_steps,
            Event.SHIFT_STEPS: self.shift_steps,
            Event.TRACK_SHIFTS: self.track_shifts,
            Event.SENSES: self.senses,
            Event.TRANSVERSE_READS: self.transverse_reads,
            Event.EVALUATIONS: self.evaluations,
            Event.WRITES: self.writes,
            Event.LATCH_UPDATES: self.latch_updates,
            Event.BUS_BITS: self.bus_bits,
        }
        phases = {
            Phase.SHIFT: self.shift_steps,
            Phase.SENSE: self.sense_phases,
            Phase.TRANSVERSE_READ: self.transverse_read_phases,
            Phase.EVALUATE: self.evaluation_levels,
            Phase.WRITE: self.write_phases,
        }
        return Activity(
            {event: count for event, count in events.items() if count},
            {phase: count for phase, count in phases.items() if count},
        )
