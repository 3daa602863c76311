"""What the units of a layer did: added up over lanes, and as the one sequence that all of them follow in lockstep."""

from collections.abc import Sequence
from dataclasses import dataclass

from trackmac.cost import NOTHING, Activity, Event, Phase, total
from trackmac.simulation import Lanes


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one layer cost: the events of all its lanes, and the steps and phases of the sequence that they follow."""

    lanes: Activity
    sequence: Activity

    def over(self, times: int, mats: int) -> Activity:
        """Return the events of all lanes, and the steps and phases of the sequence, `times` over in so many mats."""
        steps = self.sequence.events.get(Event.SEQUENCER_STEPS, 0) * times * mats
        events = {**self.lanes.events, Event.SEQUENCER_STEPS: steps}
        return Activity(events, self.sequence.repeated(times).phases)

    def repeated(self, times: int) -> "Work":
        """Return this work `times` times in a row."""
        return Work(lanes=self.lanes.repeated(times), sequence=self.sequence.repeated(times))


NO_WORK = Work(lanes=NOTHING, sequence=NOTHING)


def combined(parts: Sequence[Work]) -> Work:
    """Return the work of lanes simulated one part after another: they all follow the same sequence."""
    assert all(part.sequence == parts[0].sequence for part in parts)
    return Work(lanes=total(part.lanes for part in parts), sequence=parts[0].sequence)


class WorkLog:
    """Takes down what one layer's units do; a bus of `bus_width_bits` joins them to the buffer."""

    def __init__(self, bus_width_bits: int) -> None:
        self._bus_width_bits = bus_width_bits
        self._lanes = NOTHING
        self._sequence = NOTHING

    def ran(self, activity: Activity, *, lanes: int, is_awaited: bool = True) -> None:
        """Note what each of `lanes` lanes did; `is_awaited` says whether the sequence includes it."""
        self._lanes = self._lanes.then(Activity(activity.in_parallel(lanes).events))
        if is_awaited:
            self._sequence = self._sequence.then(activity)

    def transferred(self, bits_at_once: int, times: int = 1) -> None:
        """Note bus cycles in the sequence: so many bits at once, `times` over."""
        cycles = -(-bits_at_once // self._bus_width_bits) * times
        self._sequence = self._sequence.then(Activity(phases={Phase.TRANSFER: cycles}))

    def buffered(self, bits: int) -> None:
        """Note bits read from or written to the buffer, for all lanes together."""
        self._lanes = self._lanes.then(Activity({Event.BUFFER_BITS: bits}))

    def waited_for(self, activity: Activity) -> None:
        """Note what the sequence includes, whoever did it."""
        self._sequence = self._sequence.then(activity)

    def fetched(self, bits: int) -> None:
        """Note bits that come from off-chip memory, for all lanes together, one after another."""
        self._lanes = self._lanes.then(Activity({Event.DRAM_BITS: bits}))
        self._sequence = self._sequence.then(Activity(phases={Phase.FETCH: bits}))

    @property
    def work(self) -> Work:
        """What was noted so far."""
        return Work(lanes=self._lanes, sequence=self._sequence)


class Meter:
    """Reads what each lane of a machine did since the last reading."""

    def __init__(self, machine: Lanes) -> None:
        self._machine = machine
        self._read = machine.activity

    def reading(self) -> Activity:
        """Return one lane's activity since the last reading."""
        before, self._read = self._read, self._machine.activity
        return Activity(
            {event: n - before.events.get(event, 0) for event, n in self._read.events.items()},
            {phase: n - before.phases.get(phase, 0) for phase, n in self._read.phases.items()},
        )
