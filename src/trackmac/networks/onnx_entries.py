"""Counts what an ONNX file's graph holds without decoding it: a file of a million nodes is refused in no time.

A protobuf message is a row of fields, each a key (number * 8 + wire type) and a value that tells its own length:
https://protobuf.dev/programming-guides/encoding/.
"""

from collections.abc import Iterator
from itertools import islice

GRAPH_FIELD = 7  # of a ModelProto; numbers as in onnx.proto
VARINT, FIXED64, LENGTH_DELIMITED, FIXED32 = 0, 1, 2, 5
FIXED_BYTES = {FIXED64: 8, FIXED32: 4}
MAX_VARINT_BYTES = 10


def graph_entries(content: bytes, most: int) -> int:
    """Return how many nodes, constants and other entries the graphs of a model hold, counting to `most` at most.

    What is no protobuf message ends the count; decoding refuses it.
    """
    fields = islice(_fields(content, 0, len(content)), most)
    entries = (entry for key, start, end in fields if key == GRAPH_FIELD for entry in _fields(content, start, end))
    return sum(1 for _ in islice(entries, most))


def _fields(content: bytes, position: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield each field's number, and where its value starts and ends."""
    while position < end:
        key, start = _varint(content, position)
        wire_type = key & 7
        if wire_type == LENGTH_DELIMITED:
            length, start = _varint(content, start)
            position = start + length
        elif wire_type == VARINT:
            _, position = _varint(content, start)
        elif wire_type in FIXED_BYTES:
            position = start + FIXED_BYTES[wire_type]
        else:
            return
        if position > end:
            return
        yield key >> 3, start, position


def _varint(content: bytes, position: int) -> tuple[int, int]:
    """Return a number of 7 bits a byte, least first, and the position behind it."""
    value = 0
    for place, byte in enumerate(content[position : position + MAX_VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, position + place + 1
    return value, len(content) + 1
