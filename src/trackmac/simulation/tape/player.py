"""Plays a tape on all processors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trackmac.bits import IntArray
from trackmac.simulation.lane_words import SharedWords
from trackmac.simulation.packing import WordArray, narrowest
from trackmac.simulation.processors import on_all_processors, processors
from trackmac.simulation.rows import LINE_WORDS
from trackmac.simulation.tape.plan import Plan, plan_of
from trackmac.simulation.tape.steps import constant_tracks, receivers_of, unrolled
from trackmac.simulation.tape.tape import Reading, SentWord, Tape

SHARES = 4
"""Ranges of blocks for each processor, which takes the next one when it is done."""


@dataclass(frozen=True, slots=True, eq=False)
class Cue:
    """A tape of so many entries, ready to be played; where received words lie stays the same."""

    entries: int
    plan: Plan
    steps: IntArray
    inputs: IntArray
    kinds: IntArray
    sent: tuple[SentWord, ...]
    readings: tuple[Reading, ...]


def play(tape: Tape) -> None:
    """Do what the tape took down, with what the words that it receives hold now; give its readings their values."""
    from trackmac.simulation.tape import kernel

    cue = tape.cue
    if cue is None or cue.entries != len(tape.entries):
        cue = tape.cue = _cue(tape)
    for word in cue.sent:
        word.receive()
    for reading in cue.readings:
        reading.values = np.empty(tape.lanes, narrowest(reading.format))
    plan, blocks = cue.plan, cue.plan.blocks
    readings = plan.readings.copy()
    readings[:, -1] = [reading.__array__().ctypes.data for reading in cue.readings]
    inputs = cue.steps, plan.programs, cue.inputs, cue.kinds, plan.constants
    tables = plan.rows.ravel(), plan.bounds, *inputs, readings, plan.places, plan.masks
    sizes = plan.planes, plan.given, plan.received, tape.words, blocks.words, blocks.units

    def share(part: range) -> None:
        kernel.play(*tables, *sizes, part.start, part.stop, _aligned(plan.slots * blocks.words))

    each = max(1, -(-blocks.number // (processors() * SHARES)))
    starts = range(0, blocks.number, each)
    on_all_processors(share, [range(start, min(start + each, blocks.number)) for start in starts])


def _cue(tape: Tape) -> Cue:
    is_constant = constant_tracks(tape)
    entries = unrolled(tape, is_constant)
    plan = plan_of(tape, entries, is_constant)
    receivers = list(receivers_of(entries))
    received = _Received(tape.units, len(plan.programs))
    for receiver, numbers in plan.receivers:
        received.add(numbers, [words for words in receivers[receiver].received if isinstance(words, SharedWords)])
    constants = np.stack([plan.first_constants[:-1], np.diff(plan.first_constants)], axis=1)
    return Cue(
        entries=len(tape.entries),
        plan=plan,
        steps=np.concatenate([received.steps, constants], axis=1),
        inputs=np.concatenate(received.inputs),
        kinds=np.array(received.kinds),
        sent=tuple(tape.sent),
        readings=tuple(entry for entry in tape.entries if isinstance(entry, Reading)),
    )


class _Received:
    """Where the words lie that steps receive.

    Attributes:
        steps: of each, the first of the inputs and their number, and which of `kinds` says how units share them.
        inputs: [bits, 2] each, see `trackmac.simulation.tape.kernel.play`.
        kinds: [units] each.
    """

    def __init__(self, units: int, steps: int) -> None:
        self.steps = np.zeros((steps, 3), np.int64)
        self.inputs = [np.empty((0, 2), np.int64)]
        self.kinds = [np.zeros(units, np.int64)]
        self._bits = 0

    def add(self, numbers: IntArray, words: Sequence[SharedWords]) -> None:
        """Note that the steps of these numbers receive words, one after another."""
        if not words:
            return
        if words[0].kind_of_unit is not self.kinds[-1]:
            self.kinds.append(words[0].kind_of_unit)
        addresses = np.concatenate([_addresses(word.planes) for word in words], axis=1)
        rounds, bits, _ = addresses.shape
        self.steps[numbers, 0] = self._bits + bits * np.arange(rounds)
        self.steps[numbers, 1:] = bits, len(self.kinds) - 1
        self.inputs.append(addresses.reshape(-1, 2))
        self._bits += rounds * bits


def _addresses(planes: WordArray) -> IntArray:
    """Return the address of every bit's plane and the distance of kinds in words, [rounds, bits, 2]."""
    per_round, per_bit, per_kind, _ = planes.strides
    rounds, bits = np.ogrid[: planes.shape[0], : planes.shape[1]]
    addresses = planes.ctypes.data + rounds * per_round + bits * per_bit
    return np.stack([addresses, np.full_like(addresses, per_kind // 8)], axis=-1)


def _aligned(words: int) -> WordArray:
    """Return so many words, from the start of a cache line on."""
    room = np.empty(words + LINE_WORDS, np.uint64)
    first = -(room.ctypes.data // 8) % LINE_WORDS
    return room[first : first + words]
