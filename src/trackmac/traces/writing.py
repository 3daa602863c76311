"""Writes NVMain traces that RTSim can replay, plain or .gz."""

import gzip
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import InputError

WORD_BYTES = 64
"""NVMain's reader takes 64 bytes of data, whatever a word of the memory is."""

CYCLES_APART = 400
"""So far apart that RTSim has served a request before the next one comes, and its scheduler reorders none."""

LINES_AT_ONCE = 4096

BYTES_AN_ACCESS = 155
"""About as long is a line: 128 digits of data, and some of cycle and address."""

GZIP_LEVEL = 3  # a tenth of the time of the best level, a sixth more bytes


def write_trace(path: Path, accesses: Iterable[tuple[NDArray[np.uint64], NDArray[np.bool_]]]) -> int:
    """Write a trace of (byte addresses, whether each writes), chunk by chunk, and return how many accesses it has.

    Data is all zeros, the thread 0. A path that ends in .gz is compressed, into the same bytes each time. The trace is
    written beside its place and moved there when it is whole.

    Raises:
        InputError: the file cannot be written.
    """
    written = 0
    try:
        with _replaced(path) as file:
            file.write(b"NVMV0\n")
            for addresses, writes in accesses:
                for start in range(0, addresses.size, LINES_AT_ONCE):
                    part = slice(start, start + LINES_AT_ONCE)
                    file.write(_lines(addresses[part], writes[part], written))
                    written += addresses[part].size
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another file") from None
    return written


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of `path` once all is written, and vanishes where something goes wrong."""
    if path.is_dir():
        raise IsADirectoryError(None, "it is a folder")
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile("", "wb", GZIP_LEVEL, raw, mtime=0) as file:
                    yield cast(BinaryIO, file)
            else:
                yield raw
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _lines(addresses: NDArray[np.uint64], writes: NDArray[np.bool_], before: int) -> bytes:
    from trackmac.traces.kernel import LONGEST_START, format_lines

    tail = np.frombuffer(b" " + b"00" * WORD_BYTES + b" 0\n", np.uint8)
    text = np.empty(addresses.size * (LONGEST_START + tail.size), np.uint8)
    size = format_lines(addresses, writes, (before + 1) * CYCLES_APART, CYCLES_APART, tail, text)
    return text[:size].tobytes()
