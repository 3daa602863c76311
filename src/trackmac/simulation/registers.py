"""Gives every signal of a program a slot: a plane on a track or a wire, or a scratch register while it is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from trackmac.bits import IntArray
from trackmac.simulation.logic import ONE, ZERO, Signal
from trackmac.simulation.rows import FILL, MOVE, table_of
from trackmac.simulation.selection import SelectedRow

Slot = int


@dataclass(slots=True)
class _Allocation:
    """Slots handed out so far. `home[s]` is where signal `s` is; `planes` slots lie on tracks and wires."""

    planes: int
    home: dict[Signal, Slot]
    scratch: int = 0
    free: list[Slot] = field(default_factory=list)
    rows: list[tuple[int, ...]] = field(default_factory=list)

    def take(self) -> Slot:
        if self.free:
            return self.free.pop()
        self.scratch += 1
        return self.planes + self.scratch - 1

    def put(self, signal: Signal) -> None:
        if self.home[signal] >= self.planes:
            self.free.append(self.home[signal])

    def emit(self, operation: int, made: Sequence[Slot], read: Sequence[Slot], parameter: int) -> None:
        assert not set(made) & set(read), "a row must not write what it reads"
        destinations = (*made, 0, 0)[:2]
        self.rows.append((operation, *destinations, *(*read, 0, 0, 0, 0)[:4], parameter))


def allocate(
    rows: Sequence[SelectedRow], planes: int, found: Mapping[Slot, Signal], left: Mapping[Slot, Signal]
) -> tuple[IntArray, int]:
    """Return the rows with slots for signals, and how many scratch registers they use.

    Slots below `planes` are planes: `found[p]` is the signal in plane `p` before the program, `left[p]` the one that
    has to be there after it. Scratch registers follow.
    """
    state = _Allocation(planes=planes, home={signal: slot for slot, signal in found.items()})
    made_by = {signal: number for number, row in enumerate(rows) for signal in row.made if signal is not None}
    last_read = {signal: number for number, row in enumerate(rows) for signal in row.read}
    copies = _settle(found, left, made_by, last_read, state.home, end=len(rows))
    if ZERO in last_read:
        last_read[ZERO] = len(rows)
        state.home[ZERO] = state.take()
        state.emit(FILL, (state.home[ZERO],), (), 0)
    nowhere = state.take() if any(None in row.made for row in rows) else 0
    for number, row in enumerate(rows):
        for signal in row.made:
            if signal is not None and signal not in state.home:
                state.home[signal] = state.take()
        made = tuple(nowhere if signal is None else state.home[signal] for signal in row.made)
        state.emit(row.operation, made, tuple(state.home[signal] for signal in row.read), row.parameter)
        for signal in set(row.read):
            if last_read[signal] == number:
                state.put(signal)
    _copy_at_end(state, copies)
    return table_of(state.rows), state.scratch


def _settle(
    found: Mapping[Slot, Signal],
    left: Mapping[Slot, Signal],
    made_by: Mapping[Signal, int],
    last_read: dict[Signal, int],
    home: dict[Signal, Slot],
    *,
    end: int,
) -> dict[Slot, Signal]:
    """Let signals be made in the planes where they stay, if what was there is no longer read; return the other planes.

    Enters homes, and that the signals of the other planes are read at the end.
    """
    from_outside = {slot: signal for slot, signal in left.items() if signal not in made_by}
    last_read.update(dict.fromkeys(from_outside.values(), end))
    copies = dict(from_outside)
    for slot, signal in left.items():
        if slot in from_outside:
            continue
        before = found.get(slot)
        if signal in home or (before is not None and last_read.get(before, -1) >= made_by[signal]):
            copies[slot] = signal
            last_read[signal] = end
        else:
            home[signal] = slot
    return copies


def _copy_at_end(state: _Allocation, copies: Mapping[Slot, Signal]) -> None:
    """Fill the planes `copies`; a plane that is both source and destination is saved first."""
    for signal in sorted(set(copies.values()) - {ZERO, ONE}):
        if state.home[signal] in copies:
            saved = state.take()
            state.emit(MOVE, (saved,), (state.home[signal],), 0)
            state.home[signal] = saved
    for slot, signal in copies.items():
        if signal in {ZERO, ONE}:
            state.emit(FILL, (slot,), (), signal)
        else:
            state.emit(MOVE, (slot,), (state.home[signal],), 0)
