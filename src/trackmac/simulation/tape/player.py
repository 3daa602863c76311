"""Plays a tape on all processors."""

from dataclasses import dataclass

import numpy as np

from trackmac.bits import IntArray
from trackmac.simulation.lane_words import SharedWords
from trackmac.simulation.packing import WordArray
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
        reading.values = np.empty(tape.lanes, np.int64)
    plan, blocks = cue.plan, cue.plan.blocks
    readings = plan.readings.copy()
    readings[:, -1] = [reading.__array__().ctypes.data for reading in cue.readings]
    inputs = cue.steps, plan.programs, cue.inputs, cue.kinds, plan.constants
    tables = plan.rows, plan.bounds, *inputs, readings, plan.places, plan.masks
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
    kinds = [np.zeros(tape.units, np.int64)]
    steps, inputs, first = np.zeros((len(plan.programs), 5), np.int64), [np.empty((0, 2), np.int64)], 0
    for receiver, numbers in plan.receivers:
        words = [words for words in receivers[receiver].received if isinstance(words, SharedWords)]
        if words:
            if words[0].kind_of_unit is not kinds[-1]:
                kinds.append(words[0].kind_of_unit)
            addresses = np.concatenate([_addresses(word.planes) for word in words], axis=1)
            rounds, bits, _ = addresses.shape
            steps[numbers, 0], steps[numbers, 1], steps[numbers, 2] = first + bits * np.arange(rounds), bits, len(kinds) - 1
            inputs.append(addresses.reshape(-1, 2))
            first += rounds * bits
    steps[:, 3], steps[:, 4] = plan.first_constants[:-1], np.diff(plan.first_constants)
    return Cue(
        entries=len(tape.entries),
        plan=plan,
        steps=steps,
        inputs=np.concatenate(inputs),
        kinds=np.array(kinds),
        sent=tuple(tape.sent),
        readings=tuple(entry for entry in tape.entries if isinstance(entry, Reading)),
    )


def _addresses(planes: WordArray) -> IntArray:
    """Return the address of every bit's plane and the distance of kinds in words, [rounds, bits, 2]."""
    rounds, bits = (stride * np.arange(count) for stride, count in zip(planes.strides[:2], planes.shape[:2], strict=True))
    addresses = planes.ctypes.data + rounds[:, np.newaxis] + bits
    return np.stack([addresses, np.full_like(addresses, planes.strides[2] // 8)], axis=-1)


def _aligned(words: int) -> WordArray:
    """Return so many words, from the start of a cache line on."""
    room = np.empty(words + LINE_WORDS, np.uint64)
    first = -(room.ctypes.data // 8) % LINE_WORDS
    return room[first : first + words]
