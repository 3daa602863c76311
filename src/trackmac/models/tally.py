"""Adds up what a layer does at many hardware points: events of every unit, steps and time of the lockstep schedule."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from trackmac.bits import IntArray
from trackmac.cost import Activity, Event, Phase

Count = IntArray | int


@dataclass(frozen=True, slots=True)
class LayerCounts:
    """One layer, one image: `events[e]` and `phases[p]` have shape [points]; what never happens is left out."""

    name: str
    events: Mapping[Event, IntArray]
    phases: Mapping[Phase, IntArray]


def counts_of(name: str, events: Mapping[Event, IntArray], phases: Mapping[Phase, IntArray]) -> LayerCounts:
    """Return the counts of layer `name`, without what never happens."""
    return LayerCounts(
        name,
        {event: count for event, count in events.items() if count.any()},
        {phase: steps for phase, steps in phases.items() if steps.any()},
    )


@dataclass(slots=True)
class Tally:
    """The events and phases of one layer so far.

    A program runs in every working unit (its events) and is issued to every active mat in each wave (its sequencer
    steps and its time): `waves` follow one another in `mats` mats. Counts that are the same at all points stay plain
    integers until the end.
    """

    waves: IntArray
    mats: IntArray
    events: dict[Event, Count] = field(default_factory=dict)
    steps_in_wave: Count = 0
    phases_in_wave: dict[Phase, Count] = field(default_factory=dict)

    def run(self, program: Activity, *, runs: Count, in_wave: Count = 1) -> None:
        """Count a program that runs `runs` times in all units together and `in_wave` times in each wave."""
        for event, count in program.events.items():
            if event is Event.SEQUENCER_STEPS:
                self.steps(count * in_wave)
            else:
                self.event(event, count * runs)
        for phase, count in program.phases.items():
            self.phase(phase, count * in_wave)

    def event(self, event: Event, count: Count) -> None:
        """Count an event so many times, in all units together."""
        self.events[event] = self.events.get(event, 0) + count

    def steps(self, count: Count) -> None:
        """Add steps that the sequencer issues in each wave."""
        self.steps_in_wave = self.steps_in_wave + count

    def phase(self, phase: Phase, steps: Count) -> None:
        """Add steps of a phase in each wave."""
        self.phases_in_wave[phase] = self.phases_in_wave.get(phase, 0) + steps

    def bus(self, bits_at_once: Count, width_bits: int, times: Count = 1) -> None:
        """Add bus cycles: so many bits at once, over a bus of that width, `times` in each wave."""
        cycles = -(-np.asarray(bits_at_once, dtype=np.int64) // width_bits)
        self.phase(Phase.TRANSFER, cycles * times)

    def counts(self, name: str) -> LayerCounts:
        """Return the counts so far as those of layer `name`."""
        issued = self.steps_in_wave * self.waves * self.mats
        events = {event: self._at_all_points(count) for event, count in self.events.items()}
        events[Event.SEQUENCER_STEPS] = self._at_all_points(issued)
        phases = {phase: self._at_all_points(steps * self.waves) for phase, steps in self.phases_in_wave.items()}
        return counts_of(name, events, phases)

    def _at_all_points(self, count: Count) -> IntArray:
        return np.broadcast_to(np.asarray(count, dtype=np.int64), self.waves.shape)
