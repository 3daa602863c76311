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


@dataclass(slots=True)
class Tally:
    """The events and phases of one layer so far.

    A program runs in every working unit (its events) and is issued to every active mat in each wave (its sequencer
    steps and its time): `waves` follow one another in `mats` mats.
    """

    points: int
    waves: IntArray
    mats: IntArray
    events: dict[Event, IntArray] = field(default_factory=dict)
    phases: dict[Phase, IntArray] = field(default_factory=dict)

    def run(self, program: Activity, *, runs: Count, in_wave: Count = 1) -> None:
        """Count a program that runs `runs` times in all units together and `in_wave` times in each wave."""
        for event, count in program.events.items():
            if event is Event.SEQUENCER_STEPS:
                self.event(event, count * in_wave * self.waves * self.mats)
            else:
                self.event(event, count * runs)
        for phase, count in program.phases.items():
            self.phase(phase, count * in_wave * self.waves)

    def event(self, event: Event, count: Count) -> None:
        """Count an event so many times."""
        self.events[event] = self.events.get(event, self._zeros()) + count

    def phase(self, phase: Phase, steps: Count) -> None:
        """Add so many steps of a phase."""
        self.phases[phase] = self.phases.get(phase, self._zeros()) + steps

    def bus(self, bits_at_once: Count, width_bits: int, times: Count = 1) -> None:
        """Add bus cycles: so many bits at once, over a bus of that width, `times` in each wave."""
        cycles = -(-np.asarray(bits_at_once, dtype=np.int64) // width_bits)
        self.phase(Phase.TRANSFER, cycles * times * self.waves)

    def counts(self, name: str) -> LayerCounts:
        """Return the counts so far as those of layer `name`."""
        return LayerCounts(
            name,
            {event: count for event, count in self.events.items() if count.any()},
            {phase: steps for phase, steps in self.phases.items() if steps.any()},
        )

    def _zeros(self) -> IntArray:
        return np.zeros(self.points, dtype=np.int64)
