"""Adds up what layers do at many hardware points: events of every unit, steps and time of the lockstep schedule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trackmac.bits import IntArray
from trackmac.cost import EVENTS, PHASES, Activity, Event, Phase

Count = IntArray | int
STEPS = EVENTS.index(Event.SEQUENCER_STEPS)
POINTS_AT_ONCE = 256  # of all rows of a network: bounds the memory
_ONCE: Mapping[Event | Phase, IntArray] = {
    **{event: Activity({event: 1}, {}).vector for event in EVENTS},
    **{phase: Activity({}, {phase: 1}).vector for phase in PHASES},
}


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


def counts_of(name: str, events: Mapping[Event, IntArray], phases: Mapping[Phase, IntArray]) -> LayerCounts:
    """Return the counts of layer `name`, without what never happens."""
    return LayerCounts(
        name,
        {event: count for event, count in events.items() if count.any()},
        {phase: steps for phase, steps in phases.items() if steps.any()},
    )


def arrayed(layers: Sequence[LayerCounts], points: int) -> NetworkCounts:
    """Return the counts of these layers as arrays."""
    events = np.zeros((len(layers), len(EVENTS), points), np.int64)
    phases = np.zeros((len(layers), len(PHASES), points), np.int64)
    for number, layer in enumerate(layers):
        for event, count in layer.events.items():
            events[number, EVENTS.index(event)] = count
        for phase, steps in layer.phases.items():
            phases[number, PHASES.index(phase)] = steps
    return NetworkCounts(tuple(layer.name for layer in layers), events, phases)


@dataclass(slots=True)
class Tally:
    """What one layer does, so far: rows of a program, its runs in all units together, and its runs in each wave.

    A program runs in every working unit (its events) and is issued to every active mat in each wave (its sequencer
    steps and its time): `waves` follow one another in `mats` mats. Counts are arrays [points], or integers where they
    are the same at all points. `counted` adds the rows up.
    """

    waves: IntArray
    mats: IntArray
    rows: list[tuple[IntArray, Count, Count]] = field(default_factory=list)

    def run(self, program: Activity, *, runs: Count, in_wave: Count = 1) -> None:
        """Count a program that runs `runs` times in all units together and `in_wave` times in each wave."""
        self.rows.append((program.vector, runs, in_wave))

    def event(self, event: Event, count: Count) -> None:
        """Count an event so many times, in all units together."""
        self.rows.append((_ONCE[event], count, 0))

    def steps(self, count: Count) -> None:
        """Add steps that the sequencer issues in each wave."""
        self.rows.append((_ONCE[Event.SEQUENCER_STEPS], 0, count))

    def phase(self, phase: Phase, steps: Count) -> None:
        """Add steps of a phase in each wave."""
        self.rows.append((_ONCE[phase], 0, steps))

    def bus(self, bits_at_once: Count, width_bits: int, times: Count = 1) -> None:
        """Add bus cycles: so many bits at once, over a bus of that width, `times` in each wave."""
        self.phase(Phase.TRANSFER, -(-bits_at_once // width_bits) * times)


def counted(tallies: Mapping[str, Tally]) -> NetworkCounts:
    """Return the counts of all layers, by their names."""
    points = len(next(iter(tallies.values())).waves)
    waves = np.concatenate([tally.waves for tally in tallies.values()]).reshape(-1, 1, points)
    mats = np.concatenate([tally.mats for tally in tallies.values()]).reshape(-1, points)
    in_units = [[(vector, runs) for vector, runs, _ in tally.rows] for tally in tallies.values()]
    in_waves = [[(vector, in_wave) for vector, _, in_wave in tally.rows] for tally in tallies.values()]
    events = _added(in_units, points)[:, : len(EVENTS)]
    issued = _added(in_waves, points)
    issued *= waves
    events[:, STEPS] = issued[:, STEPS] * mats
    return NetworkCounts(tuple(tallies), events, issued[:, len(EVENTS) :])


def _added(layers: Sequence[Sequence[tuple[IntArray, Count]]], points: int) -> IntArray:
    """Return the sum over each layer's rows of vector x count, [layers, EVENTS and PHASES, points].

    What is the same at all points is added up once; of other rows, only what their vectors have.
    """
    shape = (len(layers), len(EVENTS) + len(PHASES), points)
    rows = [(layer, *row) for layer, own in enumerate(layers) for row in own]
    same = [(layer, vector, count) for layer, vector, count in rows if isinstance(count, int) and count]
    differing = [(layer, vector, count) for layer, vector, count in rows if not isinstance(count, int)]
    total = np.zeros(shape[:2], np.int64)
    if same:
        where, vectors, counts = zip(*same, strict=True)
        starts = np.flatnonzero(np.diff(where, prepend=-1))
        products = np.concatenate(vectors).reshape(-1, shape[1]) * np.array(counts, np.int64)[:, np.newaxis]
        total[np.array(where)[starts]] = np.add.reduceat(products, starts, axis=0)
    everywhere = np.repeat(total, points).reshape(shape)
    if differing:
        _add_differing(everywhere.reshape(-1, points), differing, points)
    return everywhere


def _add_differing(total: IntArray, rows: Sequence[tuple[int, IntArray, IntArray]], points: int) -> None:
    """Add vector x count [points] of rows of layers to `total` [layers x (EVENTS and PHASES), points]."""
    where, vectors, counts = zip(*rows, strict=True)
    vector, table = np.concatenate(vectors).reshape(len(rows), -1), np.concatenate(counts).reshape(-1, points)
    row, column = np.nonzero(vector)
    to = np.array(where)[row] * vector.shape[1] + column
    order = np.argsort(to, kind="stable")
    row, column, to = row[order], column[order], to[order]
    starts, times = np.flatnonzero(np.diff(to, prepend=-1)), vector[row, column][:, np.newaxis]
    for start in range(0, points, POINTS_AT_ONCE):
        here = slice(start, start + POINTS_AT_ONCE)
        total[to[starts], here] += np.add.reduceat(times * table[row, here], starts, axis=0)
