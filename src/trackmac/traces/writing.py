"""Writes NVMain traces that RTSim can replay, plain or .gz."""

import gzip
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import InputError

WORD_BYTES = 64
"""NVMain's reader takes 64 bytes of data, whatever a word of the memory is."""

CYCLES_APART = 400
"""So far apart that RTSim has served a request before the next one comes, and its scheduler reorders none."""

LINES_AT_ONCE = 4096


def write_trace(path: Path, accesses: Iterable[tuple[NDArray[np.uint64], NDArray[np.bool_]]]) -> int:
    """Write a trace of (byte addresses, whether each writes), chunk by chunk, and return how many accesses it has.

    Data is all zeros, the thread 0. A path that ends in .gz is compressed, into the same bytes each time.

    Raises:
        InputError: the file cannot be written.
    """
    written = 0
    try:
        with path.open("wb") as raw:
            is_compressed = path.suffix == ".gz"
            with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if is_compressed else raw as file:
                file.write(b"NVMV0\n")
                for addresses, writes in accesses:
                    for start in range(0, addresses.size, LINES_AT_ONCE):
                        part = slice(start, start + LINES_AT_ONCE)
                        file.write(_lines(addresses[part], writes[part], written))
                        written += addresses[part].size
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another file") from None
    return written


def _lines(addresses: NDArray[np.uint64], writes: NDArray[np.bool_], before: int) -> bytes:
    from trackmac.traces.kernel import LONGEST_START, format_lines

    tail = np.frombuffer(b" " + b"00" * WORD_BYTES + b" 0\n", np.uint8)
    text = np.empty(addresses.size * (LONGEST_START + tail.size), np.uint8)
    size = format_lines(addresses, writes, (before + 1) * CYCLES_APART, CYCLES_APART, tail, text)
    return text[:size].tobytes()
