"""What the units of a layer did: added up over lanes, and as the sequence that one wave of the schedule follows."""

from collections.abc import Sequence
from dataclasses import dataclass

from trackmac.cost import NOTHING, Activity, Event, Phase, total
from trackmac.simulation.machine import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one layer cost: `lanes` in all its lanes together (events), `wave` in one of its waves (steps and phases)."""

    lanes: Activity
    wave: Activity

    def over(self, waves: int, mats: int) -> Activity:
        """Return the events of all lanes, and the sequencer steps and phases of so many waves in lockstep."""
        steps = self.wave.events.get(Event.SEQUENCER_STEPS, 0) * waves * mats
        events = {event: count for event, count in self.lanes.events.items() if event is not Event.SEQUENCER_STEPS}
        return Activity(events | ({Event.SEQUENCER_STEPS: steps} if steps else {}), self.wave.repeated(waves).phases)


def combined(parts: Sequence[Work]) -> Work:
    """Return the work of lanes simulated one part after another: they all follow the same sequence."""
    assert all(part.wave == parts[0].wave for part in parts)
    return Work(lanes=total(part.lanes for part in parts), wave=parts[0].wave)


class WorkLog:
    """Takes down what one layer's units do; a bus of `bus_width_bits` joins them to the buffer."""

    def __init__(self, bus_width_bits: int) -> None:
        self._bus_width_bits = bus_width_bits
        self._lanes = NOTHING
        self._wave = NOTHING

    def ran(self, activity: Activity, *, lanes: int, is_awaited: bool = True) -> None:
        """Note what each of `lanes` lanes did; `is_awaited` says whether the wave's sequence includes it."""
        self._lanes = self._lanes.then(Activity(activity.in_parallel(lanes).events))
        if is_awaited:
            self._wave = self._wave.then(activity)

    def transferred(self, bits_at_once: int, times: int = 1) -> None:
        """Note bus cycles in the wave: so many bits at once, `times` over."""
        cycles = -(-bits_at_once // self._bus_width_bits) * times
        self._wave = self._wave.then(Activity(phases={Phase.TRANSFER: cycles}))

    def buffered(self, bits: int) -> None:
        """Note bits read from or written to the buffer, for all lanes together."""
        self._lanes = self._lanes.then(Activity({Event.BUFFER_BITS: bits}))

    @property
    def work(self) -> Work:
        """What was noted so far."""
        return Work(lanes=self._lanes, wave=self._wave)


class Meter:
    """Reads what each lane of a machine did since the last reading."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._read = machine.activity

    def reading(self) -> Activity:
        """Return one lane's activity since the last reading."""
        before, self._read = self._read, self._machine.activity
        return Activity(
            {event: n - before.events.get(event, 0) for event, n in self._read.events.items()},
            {phase: n - before.phases.get(phase, 0) for phase, n in self._read.phases.items()},
        )
