"""Plays a tape on all processors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trackmac.bits import IntArray
from trackmac.simulation.lane_words import SharedWord
from trackmac.simulation.packing import WordArray, narrowest
from trackmac.simulation.processors import on_all_processors, processors
from trackmac.simulation.rows import LINE_WORDS
from trackmac.simulation.tape.plan import Plan, plan_of
from trackmac.simulation.tape.tape import Entry, Reading, SentWord, Tape

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
    plan = plan_of(tape)
    received = [() if index < 0 else _words(tape.entries[index]) for index in plan.entries]
    first = np.cumsum([0, *(sum(len(word.planes) for word in words) for words in received)])
    kinds = {id(word.kind_of_unit): word.kind_of_unit for words in received for word in words}
    number = {key: index for index, key in enumerate(kinds, start=1)}
    steps = np.zeros((len(received), 5), np.int64)
    steps[:, 0], steps[:, 1] = first[:-1], np.diff(first)
    steps[:, 2] = [number[id(words[0].kind_of_unit)] if words else 0 for words in received]
    steps[:, 3], steps[:, 4] = plan.first_constants[:-1], np.diff(plan.first_constants)
    return Cue(
        entries=len(tape.entries),
        plan=plan,
        steps=steps,
        inputs=_addresses([word.planes for words in received for word in words]),
        kinds=np.array([np.zeros(tape.units, np.int64), *kinds.values()]),
        sent=tuple(word for words in received for word in words if isinstance(word, SentWord)),
        readings=tuple(entry for entry in tape.entries if isinstance(entry, Reading)),
    )


def _words(entry: Entry) -> tuple[SharedWord, ...]:
    """Return the words that an entry receives and that are no constants."""
    received = () if isinstance(entry, Reading) else entry.received
    return tuple(word for word in received if isinstance(word, SharedWord))


def _addresses(words: Sequence[WordArray]) -> IntArray:
    """Return the address of every bit's plane and the distance of kinds in words, [bits of all words, 2]."""
    rows = [(planes.ctypes.data, *planes.strides[:2], len(planes)) for planes in words]
    table = np.array(rows, np.int64).reshape(-1, 4)
    bits = table[:, 3]
    bit = np.arange(bits.sum()) - np.repeat(np.cumsum(bits) - bits, bits)
    address, per_bit, per_kind, _ = np.repeat(table, bits, axis=0).T
    return np.stack([address + bit * per_bit, per_kind // 8], axis=1)


def _aligned(words: int) -> WordArray:
    """Return so many words, from the start of a cache line on."""
    room = np.empty(words + LINE_WORDS, np.uint64)
    first = -(room.ctypes.data // 8) % LINE_WORDS
    return room[first : first + words]
