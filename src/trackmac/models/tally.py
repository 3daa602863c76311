"""Adds up what layers do at many hardware points: events of every unit, steps and time of the lockstep schedule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from trackmac.bits import IntArray
from trackmac.cost import EVENTS, PHASES, Activity, Event, Phase

STEPS = EVENTS.index(Event.SEQUENCER_STEPS)
ISSUED = [STEPS, *range(len(EVENTS), len(EVENTS) + len(PHASES))]
"""The entries of an activity's vector that a wave issues: the sequencer's steps, and all phases."""


@dataclass(frozen=True, slots=True)
class LayerCounts:
    """One layer, one image: `events[e]` and `phases[p]` have shape [points]; what never happens is left out."""

    name: str
    events: Mapping[Event, IntArray]
    phases: Mapping[Phase, IntArray]


@dataclass(frozen=True, slots=True)
class NetworkCounts:
    """All layers, one image: `events` [layers, EVENTS, points], `phases` [layers, PHASES, points], zeros too."""

    names: tuple[str, ...]
    events: IntArray
    phases: IntArray

    def then(self, after: "NetworkCounts") -> "NetworkCounts":
        """Return these layers and the ones `after` them."""
        return NetworkCounts(
            (*self.names, *after.names),
            np.concatenate([self.events, after.events]),
            np.concatenate([self.phases, after.phases]),
        )

    @property
    def layers(self) -> tuple[LayerCounts, ...]:
        """Each layer's own."""
        happens, lasts = (self.events != 0).any(axis=2), (self.phases != 0).any(axis=2)
        return tuple(
            LayerCounts(
                name,
                {event: self.events[layer, row] for row, event in enumerate(EVENTS) if happens[layer, row]},
                {phase: self.phases[layer, row] for row, phase in enumerate(PHASES) if lasts[layer, row]},
            )
            for layer, name in enumerate(self.names)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Programs:
    """A program for each of some layers, as counts of what happens in any of them: [layers, happening, 1].

    `event_rows` and `issued_rows` say which of a tally's rows these are.
    """

    events: IntArray
    event_rows: IntArray
    issued: IntArray
    issued_rows: IntArray

    @classmethod
    def of(cls, activities: Iterable[Activity]) -> Self:
        """Return these programs."""
        vectors = np.stack([activity.vector for activity in activities])
        events, issued = vectors[:, : len(EVENTS)], vectors[:, ISSUED]
        event_rows, issued_rows = (np.flatnonzero(counts.any(axis=0)) for counts in (events, issued))
        return cls(events[:, event_rows, np.newaxis], event_rows, issued[:, issued_rows, np.newaxis], issued_rows)


@dataclass(frozen=True, slots=True)
class Tally:
    """What layers do, so far: `events` in all units together, [layers, EVENTS, points]; `issued` in each wave.

    A program runs in every working unit (its events) and is issued to every active mat in each wave: its sequencer
    steps and its time, [layers, ISSUED, points]. Layers are given by number, each once; counts are [layers, points].
    """

    events: IntArray
    issued: IntArray

    @classmethod
    def nothing(cls, layers: int, points: int) -> Self:
        """Return the tally of layers that have done nothing yet."""
        return cls(np.zeros((layers, len(EVENTS), points), np.int64), np.zeros((layers, len(ISSUED), points), np.int64))

    def at(self, points: int) -> "Tally":
        """Return what is the same at all of so many points as a tally to go on with."""
        return Tally(np.repeat(self.events, points, axis=2), np.repeat(self.issued, points, axis=2))

    def run(self, layers: IntArray, programs: Programs, runs: IntArray) -> None:
        """Count the events of programs that run so often in all units together."""
        self.events[layers[:, np.newaxis], programs.event_rows] += programs.events * runs[:, np.newaxis]

    def issue(self, layers: IntArray, programs: Programs, times: IntArray) -> None:
        """Count the steps and the time of programs that run so often in each wave."""
        self.issued[layers[:, np.newaxis], programs.issued_rows] += programs.issued * times[:, np.newaxis]

    def event(self, layers: IntArray, event: Event, count: IntArray) -> None:
        """Count an event so many times, in all units together."""
        self.events[layers, EVENTS.index(event)] += count

    def steps(self, layers: IntArray, count: IntArray) -> None:
        """Add steps that the sequencer issues in each wave."""
        self.issued[layers, 0] += count

    def phase(self, layers: IntArray, phase: Phase, steps: IntArray) -> None:
        """Add steps of a phase in each wave."""
        self.issued[layers, 1 + PHASES.index(phase)] += steps

    def counted(self, names: tuple[str, ...], waves: IntArray, mats: IntArray) -> NetworkCounts:
        """Return the counts where `waves` follow one another in `mats` mats, [layers, points]."""
        issued = self.issued * waves[:, np.newaxis]
        self.events[:, STEPS] = issued[:, 0] * mats
        return NetworkCounts(names, self.events, issued[:, 1:])


def bus_cycles(bits_at_once: IntArray, width_bits: int) -> IntArray:
    """Return the cycles in which so many bits are sent over a bus of that width."""
    return -(-bits_at_once // width_bits)
