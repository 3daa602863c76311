"""What can cost something: the registry of events, the phases that take time, and how both add up.

An *event* costs energy, wherever it happens. A *phase* costs time: what happens at once is one phase step, however
many tracks take part. Energy is the sum over events of count x unit cost, plus leakage x time; time is the sum over
phases of steps x duration. Nothing outside these two registries costs anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

import numpy as np

from trackmac.bits import IntArray


class Event(StrEnum):
    """Everything that costs energy when it happens once."""

    SHIFT_STEPS = "shift_steps"
    TRACK_SHIFTS = "track_shifts"
    SENSES = "senses"
    EVALUATIONS = "evaluations"
    WRITES = "writes"
    TRANSVERSE_READS = "transverse_reads"
    TRANSVERSE_WRITES = "transverse_writes"
    LATCH_UPDATES = "latch_updates"
    BUS_BITS = "bus_bits"
    BUFFER_BITS = "buffer_bits"
    SEQUENCER_STEPS = "sequencer_steps"
    CMOS_OPERATIONS = "cmos_operations"
    DRAM_BITS = "dram_bits"
    WAKE_UPS = "wake_ups"


EVENT_MEANING: Mapping[Event, str] = {
    Event.SHIFT_STEPS: "lockstep steps of a group of tracks; they take time, their energy is in the track shifts",
    Event.TRACK_SHIFTS: "steps times the tracks that moved",
    Event.SENSES: "bits read at a port by a pre-charge sense amplifier",
    Event.EVALUATIONS: "evaluations of a computing cell's logic",
    Event.WRITES: "bits written at a port; a write costs the same whether or not the bit flips",
    Event.TRANSVERSE_READS: "counts of the ones between two ports",
    Event.TRANSVERSE_WRITES: "writes of the domains between two ports at once",
    Event.LATCH_UPDATES: "bits taken over by a CMOS latch",
    Event.BUS_BITS: "bits moved over the H-tree, once for each unit that receives or sends them",
    Event.BUFFER_BITS: "bits read from or written to the input/output buffer",
    Event.SEQUENCER_STEPS: "steps issued by a mat's micro-program sequencer",
    Event.CMOS_OPERATIONS: "additions of one byte in CMOS logic outside the tracks",
    Event.DRAM_BITS: "bits moved to or from off-chip memory",
    Event.WAKE_UPS: "times that the chip was powered up",
}


class Phase(StrEnum):
    """Everything that takes time when it happens once; what happens together counts once."""

    SHIFT = "shift"
    SENSE = "sense"
    EVALUATE = "evaluate"
    WRITE = "write"
    TRANSVERSE_READ = "transverse_read"
    TRANSFER = "transfer"
    FETCH = "fetch"


PHASE_MEANING: Mapping[Phase, str] = {
    Phase.SHIFT: "shift steps, the longest of the groups that shift together",
    Phase.SENSE: "sense steps",
    Phase.EVALUATE: "levels of computing cells that a signal passes one after another",
    Phase.WRITE: "write steps",
    Phase.TRANSVERSE_READ: "transverse reads, all tracks that are read at once together",
    Phase.TRANSFER: "bus cycles between buffer and units",
    Phase.FETCH: "bits from off-chip memory, one after another",
}


EVENTS, PHASES = tuple(sorted(Event)), tuple(sorted(Phase))
"""Both registries by name, as arrays have them: the entries of `Activity.vector` are all events, then all phases."""


@dataclass(frozen=True)
class Activity:
    """What happened: how often each event, and how many steps of each phase. Zero counts are left out."""

    events: Mapping[Event, int] = field(default_factory=dict)
    phases: Mapping[Phase, int] = field(default_factory=dict)

    @cached_property
    def vector(self) -> IntArray:
        """Every count, zeros too, of `EVENTS` and then `PHASES`: int64 [events + phases]."""
        events = [self.events.get(event, 0) for event in EVENTS]
        return np.array(events + [self.phases.get(phase, 0) for phase in PHASES], dtype=np.int64)

    def then(self, after: "Activity") -> "Activity":
        """Return this activity followed by `after`: events add, phases add."""
        return Activity(_sum(self.events, after.events), _sum(self.phases, after.phases))

    def repeated(self, times: int) -> "Activity":
        """Return this activity `times` times in a row: events and phases scale."""
        return Activity(_scaled(self.events, times), _scaled(self.phases, times))

    def in_parallel(self, units: int) -> "Activity":
        """Return `units` units doing this in lockstep: events scale, phases do not."""
        return Activity(_scaled(self.events, units), dict(self.phases))


NOTHING = Activity()

K = TypeVar("K", bound=StrEnum)


def total(activities: Iterable[Activity]) -> Activity:
    """Return all `activities` one after another."""
    events: dict[Event, int] = {}
    phases: dict[Phase, int] = {}
    for activity in activities:
        _add(events, activity.events)
        _add(phases, activity.phases)
    return Activity(_scaled(events, 1), _scaled(phases, 1))


def _add(sums: dict[K, int], counts: Mapping[K, int]) -> None:
    for key, count in counts.items():
        sums[key] = sums.get(key, 0) + count


def _sum(first: Mapping[K, int], second: Mapping[K, int]) -> dict[K, int]:
    sums = {key: first.get(key, 0) + second.get(key, 0) for key in (*first, *(k for k in second if k not in first))}
    return {key: count for key, count in sums.items() if count}


def _scaled(counts: Mapping[K, int], factor: int) -> dict[K, int]:
    return {key: count * factor for key, count in counts.items() if count * factor}
