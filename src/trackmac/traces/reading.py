"""Reads NVMain traces, plain or .gz: hostile until checked, in chunks of one size however long the trace is.

The first line is `NVMV<n>`. Each line behind it is one access, `CYCLE OP ADDR DATA THREAD`, with OLDDATA before THREAD
where n is not 0; one space stands between two fields, cycles never decrease, and blank lines at the end are nothing.
NVMain, and so RTSim, takes any first line for the header.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import FileFormatError
from trackmac.traces.unpacking import MAGIC, Unpacker

CHUNK_BYTES = 1 << 20
"""Read at once; no line may be longer."""

SHORTEST_LINE = len("0 R 0 0 0\n")
HEADER = b"NVMV"
MAX_VERSION_DIGITS = 9
BLANK = b"\r\n"
MAX_SHOWN = 40

FIELDS = {
    "CYCLE": "must be a decimal number of at most 64 bits",
    "OP": "must be R or W",
    "ADDR": "must be a hexadecimal number of at most 64 bits",
    "DATA": "must be hexadecimal digits, as many as in the first access",
    "OLDDATA": "must be hexadecimal digits, as many as DATA",
    "THREAD": "must be a decimal number of at most 64 bits",
}


@dataclass(frozen=True, slots=True)
class Accesses:
    """Some accesses of a trace, in its order: byte addresses, and whether each writes; `bytes_read` of the file."""

    addresses: NDArray[np.uint64]
    writes: NDArray[np.bool_]
    bytes_read: int


@dataclass(slots=True)
class _Place:
    """How far a trace has been read, and the form that its lines have."""

    path: Path
    lines: int = 0
    has_old_data: bool = False
    data_digits: int = 0
    latest_cycle: int = 0
    is_behind_blank_lines: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields of a line."""
        return tuple(name for name in FIELDS if self.has_old_data or name != "OLDDATA")

    def error(self, problem: str) -> FileFormatError:
        """Return the error for the line behind those that were read."""
        return FileFormatError(f"{self.path}: line {self.lines + 1}: {problem}")


def read_trace(path: Path) -> Iterator[Accesses]:
    """Yield the accesses of a trace, chunk by chunk; the next chunk overwrites the arrays of the last one.

    Raises:
        FileFormatError: missing, without accesses, damaged, or a line is not an access. What lies before that line may
            have been yielded.
    """
    place = _Place(path)
    addresses = np.empty(CHUNK_BYTES // SHORTEST_LINE + 1, np.uint64)
    writes = np.empty(addresses.size, np.bool_)
    try:
        with path.open("rb") as raw:
            is_compressed = raw.peek(len(MAGIC)).startswith(MAGIC)
            for text, end in _whole_lines(Unpacker(raw) if is_compressed else raw, place):
                start = 0 if place.lines else _read_header(text, end, place)
                count = _parse(np.frombuffer(text, np.uint8)[start:end], place, addresses, writes)
                yield Accesses(addresses[:count], writes[:count], raw.tell() if raw.seekable() else 0)
    except (EOFError, zlib.error) as error:
        raise FileFormatError(
            f"{path}: line {place.lines + 1} or behind: cannot be unpacked ({error}); get the file anew"
        ) from None
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({error.strerror}); check its path and permissions") from None
    if place.lines == 0:
        raise place.error("must be the header NVMV0 or NVMV1, but the file is empty; is it the right file?")
    if place.lines == 1:
        raise place.error("must be an access, but the file ends; give a trace of one access or more")


def _whole_lines(file: BufferedReader | Unpacker, place: _Place) -> Iterator[tuple[bytearray, int]]:
    """Yield a buffer and where the last whole line in it ends; a line that is cut moves to the front of the next."""
    buffer = bytearray(CHUNK_BYTES + 1)  # one more, for a line break that the last line lacks
    view = memoryview(buffer)
    filled = 0
    while size := file.readinto(view[filled:CHUNK_BYTES]):
        filled += size
        end = buffer.rfind(b"\n", 0, filled) + 1
        if end:
            yield buffer, end
            view[: filled - end] = view[end:filled].tobytes()
            filled -= end
        elif filled == CHUNK_BYTES:
            raise place.error(f"must be at most {CHUNK_BYTES} characters, but is longer; is it a trace?")
    if filled:
        buffer[filled] = ord("\n")
        yield buffer, filled + 1


def _read_header(text: bytearray, end: int, place: _Place) -> int:
    """Read the first line and return where the second one starts."""
    start = text.index(b"\n", 0, end) + 1
    line = bytes(text[: start - 1]).removesuffix(b"\r")
    version = line.removeprefix(HEADER)
    if not line.startswith(HEADER) or not version.isdigit() or len(version) > MAX_VERSION_DIGITS:
        raise place.error(
            f"must be the header NVMV0 or NVMV1, but it is {_shown(line)}; put NVMV0 before the first access "
            "(NVMV1 where each line has OLDDATA)"
        )
    place.has_old_data = int(version) != 0
    place.lines = 1
    return start


def _parse(text: NDArray[np.uint8], place: _Place, addresses: NDArray[np.uint64], writes: NDArray[np.bool_]) -> int:
    """Read the accesses of whole lines and return how many they are."""
    from trackmac.traces.kernel import NOTHING, ORDER, parse_lines

    if place.is_behind_blank_lines and text.tobytes().strip(BLANK):
        raise _wrong_line(b"", "CYCLE", place)
    count, problem, at, digits, latest = parse_lines(
        text,
        np.uint64(text.size),
        place.has_old_data,
        np.uint64(place.data_digits),
        np.uint64(place.latest_cycle),
        addresses,
        writes,
    )
    place.lines += count
    place.data_digits, place.latest_cycle = int(digits), int(latest)
    if problem == NOTHING:
        return int(count)
    rest = text[int(at) :].tobytes()
    place.is_behind_blank_lines = not rest.strip(BLANK)
    if place.is_behind_blank_lines:
        return int(count)
    line, _, _ = rest.partition(b"\n")
    if problem == ORDER:
        raise _early_line(line, place)
    raise _wrong_line(line, list(FIELDS)[problem], place)


def _early_line(line: bytes, place: _Place) -> FileFormatError:
    cycle, _, _ = line.partition(b" ")
    return place.error(
        f"CYCLE: must be no less than the cycle before it, {place.latest_cycle}, but it is {int(cycle)}; sort the "
        "trace by cycle"
    )


def _wrong_line(line: bytes, field: str, place: _Place) -> FileFormatError:
    values = line.removesuffix(b"\r").split(b" ")
    if len(values) != len(place.fields):
        return place.error(
            f"must have {len(place.fields)} fields, {' '.join(place.fields)}, one space between them, but has "
            f"{len(values)}: {_shown(line)}; is the file cut off?"
        )
    value = values[place.fields.index(field)]
    length = f" ({len(value)} characters)" if len(value) > MAX_SHOWN else ""
    return place.error(f"{field}: {FIELDS[field]}, but it is {_shown(value)}{length}; correct the line")


def _shown(value: bytes) -> str:
    text = value[: MAX_SHOWN + 1].decode("latin-1")
    return repr(text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "...")
