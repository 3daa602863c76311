"""What a circuit's walks over bit positions cost, and what its tracks' moves between them cost.

Every circuit visits bit positions in order, and at each position senses, then evaluates, then writes. The closed
forms say how often; here stands, once, how the two layouts turn that into steps:

- Words along tracks: a position is a sense step, an evaluate step and a write step, as far as it needs them. Between
  positions the tracks shift, and what the next position reads is kept in a latch, closed in the step that ends the
  position (or in one of its own where the position does nothing else).
- Words across tracks: all positions are one sense step, one evaluate step, through which the signals ripple, and one
  write step. Only what is read after the walk needs a latch, and nothing shifts.

Each step of any kind is one step of the sequencer.
"""

from dataclasses import dataclass, replace
from enum import Enum

from trackmac.circuits.circuit import Layout
from trackmac.cost import Activity, Event, Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What happens at the ports in one walk.

    `senses`, `evaluations`, `writes` and `bus_bits` count bits and cells in all; `sensing`, `evaluating` and `writing`
    count the positions at which any is sensed, evaluated or written, `only_latching` those at which a latch closes and
    nothing else happens. `depth` is the sum over the positions of the cells one behind the other; `ripple` is how many
    stand one behind the other when all positions evaluate at once. `latches` close on the way, `kept` of them are read
    after the walk.
    """

    senses: int = 0
    evaluations: int = 0
    writes: int = 0
    bus_bits: int = 0
    sensing: int = 0
    evaluating: int = 0
    writing: int = 0
    only_latching: int = 0
    depth: int = 0
    ripple: int = 0
    latches: int = 0
    kept: int = 0

    def activity(self, layout: Layout) -> Activity:
        """Return what the walk costs without its moves."""
        steps = (self.sensing, self.evaluating, self.writing, self.only_latching)
        levels, latches = self.depth, self.latches
        if layout is Layout.ACROSS:
            steps = (min(self.sensing, 1), min(self.evaluating, 1), min(self.writing, 1), 0)
            levels, latches = self.ripple, self.kept
        sensing, _, writing, _ = steps
        events = {
            Event.SENSES: self.senses,
            Event.EVALUATIONS: self.evaluations,
            Event.WRITES: self.writes,
            Event.LATCH_UPDATES: latches,
            Event.BUS_BITS: self.bus_bits,
            Event.SEQUENCER_STEPS: sum(steps),
        }
        phases = {Phase.SENSE: sensing, Phase.EVALUATE: levels, Phase.WRITE: writing}
        return _without_zeros(events, phases)


class Carry(Enum):
    """Where an adder keeps its carry from one position to the next."""

    LATCH = "latch"
    MTJ = "mtj"


def with_carry(walk: Walk, positions: int, carry: Carry) -> Walk:
    """Return `walk` with a carry handed on through all its `positions`: positions - 1 times.

    Each time, a latch closes; or an MTJ is written and, at the next position, sensed. Then every position senses: the
    first its operands, each later one the carry at least.
    """
    times = positions - 1
    if carry is Carry.LATCH:
        return replace(walk, latches=walk.latches + times)
    return replace(walk, senses=walk.senses + times, writes=walk.writes + times, sensing=positions)


def walked(*distances: int) -> Activity:
    """Return the moves within a walk: domain by domain, tracks in lockstep, each until it has gone its distance."""
    return _shifts(moves=max(distances), steps=max(distances), track_shifts=sum(distances))


def moved(*distances: int) -> Activity:
    """Return one move of several tracks at once, each by so many domains (either way): the farthest takes the time."""
    return _shifts(moves=min(max(distances), 1), steps=max(distances), track_shifts=sum(distances))


def _shifts(*, moves: int, steps: int, track_shifts: int) -> Activity:
    events = {Event.SHIFT_STEPS: steps, Event.TRACK_SHIFTS: track_shifts, Event.SEQUENCER_STEPS: moves}
    return _without_zeros(events, {Phase.SHIFT: steps})


def _without_zeros(events: dict[Event, int], phases: dict[Phase, int]) -> Activity:
    return Activity(
        {event: count for event, count in events.items() if count},
        {phase: count for phase, count in phases.items() if count},
    )
