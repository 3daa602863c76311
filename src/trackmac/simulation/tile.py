"""A circuit's planes for a block of words: what the packed simulator packs into, executes in and unpacks from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit
from trackmac.cost import Activity
from trackmac.simulation.adjoining import OperandBlock, points_of
from trackmac.simulation.lowering import Same, lower
from trackmac.simulation.memory import UNKNOWN
from trackmac.simulation.packing import WordArray, result_places
from trackmac.simulation.rows import FILL, LINE_WORDS, SLOT_COLUMNS, table_of

MAX_WORDS = 64
"""Words of a block: enough that a row's dispatch costs little."""

CACHE_BYTES = 1 << 18
"""What the planes of a block take at most where that is possible: half of a usual second-level cache."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tile:
    """Planes and scratch registers of `words` words each, one behind another, and the program on them.

    Attributes:
        rows: as `trackmac.simulation.rows` has them, but with a slot's first word; the first rows fill with ones what
            is read and holds no operand.
        first: where an operand's places begin in `offsets`, by name.
        offsets: the first words of the planes of all operands' bits and, in 16s, of the result's.
        masks: which of the result's bits count, see `trackmac.simulation.packing.result_places`.
        activity: what one execution costs one lane.
    """

    words: int
    planes: int
    rows: WordArray
    first: Mapping[str, int]
    offsets: IntArray
    masks: WordArray
    activity: Activity

    def memory(self) -> WordArray:
        """Return room for the planes and registers, from the start of a cache line on; all bits are ones."""
        room = np.full(self.planes * self.words + LINE_WORDS, UNKNOWN)
        first = -(room.ctypes.data // room.itemsize) % LINE_WORDS
        return room[first : first + self.planes * self.words]

    def sources(self, blocks: Sequence[OperandBlock], lane: int) -> IntArray:
        """Return the operands from a lane on as the kernel takes them, see `trackmac.simulation.kernel.simulate`."""
        table = [
            (
                block.address + lane * block.pitch * 8,
                block.pitch,
                self.first[block.words[0].name],
                len(block.words),
                len(points_of(block.words[0])),
                block.words[0].format.bits,
                block.words[0].format.minimum,
            )
            for block in blocks
        ]
        return np.array(table, np.int64).reshape(-1, 7)


def tile(circuit: Circuit) -> Tile:
    """Return the tile of `circuit`; those made before are remembered."""
    return _tile(Same(circuit))


@lru_cache(maxsize=256)
def _tile(key: Same) -> Tile:
    circuit = key.circuit
    program = lower(circuit)
    operands = {word.name: points_of(word) for word in circuit.operands if word.known is None}
    result = points_of(circuit.result)[: circuit.result.format.bits]
    loaded = list(chain.from_iterable(operands.values()))
    slot_of = {point: slot for slot, point in enumerate(program.points)}
    for point in (*loaded, *result):
        slot_of.setdefault(point, len(slot_of) + program.scratch)
    planes = len(slot_of) + program.scratch
    unknown = program.found.difference(loaded)
    fills = table_of([(FILL, slot_of[point], 0, 0, 0, 0, 0, 1) for point in program.points if point in unknown])
    words = _words(planes)
    rows = np.concatenate([fills, program.rows])
    rows[:, SLOT_COLUMNS] *= words
    ends = np.cumsum([0, *(len(points) for points in operands.values())])
    places, masks = result_places(
        np.array([slot_of[point] for point in result]) * words, is_signed=circuit.result.format.is_signed
    )
    return Tile(
        words=words,
        planes=planes,
        rows=rows.view(np.uint64),
        first=dict(zip(operands, ends.tolist(), strict=False)),
        offsets=np.concatenate([np.array([slot_of[point] for point in loaded], np.int64) * words, places]),
        masks=masks,
        activity=program.activity,
    )


def _words(planes: int) -> int:
    """Return how many words of so many planes go together."""
    fitting = CACHE_BYTES // (8 * planes) // LINE_WORDS * LINE_WORDS
    return min(max(fitting, LINE_WORDS), MAX_WORDS)
