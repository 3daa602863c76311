"""Unpacks gzip archives into a buffer, without the copies of Python's gzip, which take as long as reading a trace."""

import zlib
from io import BufferedReader

MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 31  # zlib's sign for: with gzip's header, checksum and size
PACKED_BYTES = 1 << 13
"""Few, since what they unpack to should still be in a cache when it is read."""


class Unpacker:
    """A gzip archive that is read once, from its start: one member or several, padded with zeros or not."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self._member = zlib.decompressobj(GZIP_WINDOW)
        self._packed = b""

    def readinto(self, buffer: memoryview) -> int:
        """Unpack into `buffer` as much as is there or fits, and return how much; 0 at the end.

        Raises:
            EOFError: the archive is cut off.
            zlib.error: it is damaged, or its checksum or size is not that of its content.
        """
        size = 0
        while size < len(buffer) and self._has_more():
            content = self._member.decompress(self._packed, len(buffer) - size)
            buffer[size : size + len(content)] = content
            size += len(content)
            self._packed = self._member.unconsumed_tail
        return size

    def _has_more(self) -> bool:
        """Have the next packed bytes at hand, or return that there are none."""
        if self._member.eof:
            self._packed = self._member.unused_data.lstrip(b"\0")
            while not self._packed and (more := self._file.read(PACKED_BYTES)):
                self._packed = more.lstrip(b"\0")
            self._member = zlib.decompressobj(GZIP_WINDOW) if self._packed else self._member
            return bool(self._packed)
        self._packed = self._packed or self._file.read(PACKED_BYTES)
        if not self._packed:
            raise EOFError("the archive is cut off")
        return True
