"""The growing archive file: few large writes, and errors a person understands."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from autoresumefiller.archive.compression import Buffer
from autoresumefiller.errors import AccessDeniedError, NotEnoughSpaceError, StorageError

COALESCE_BELOW = 64 << 10
"""Pieces smaller than this are gathered; larger ones are written from where they are."""

GATHER_BYTES = 1 << 20

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


class Output:
    """Appends to a seekable file that is empty at first."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._gathered: list[Buffer] = []
        self._gathered_bytes = 0
        self.position = 0

    def write(self, piece: Buffer) -> None:
        """Append bytes; they must not change until `flush`."""
        length = len(piece)
        self.position += length
        self._gathered.append(piece)
        self._gathered_bytes += length
        if length >= COALESCE_BELOW or self._gathered_bytes >= GATHER_BYTES:
            self._write_gathered()

    def flush(self) -> None:
        """Hand everything to the operating system (which is not yet the disk)."""
        self._write_gathered()
        with _translated():
            self._file.flush()

    def patch(self, offset: int, data: bytes) -> None:
        """Replace bytes that were written before."""
        self._write_gathered()
        with _translated():
            self._file.seek(offset)
            self._write(data)
            self._file.seek(self.position)

    def rewind(self, offset: int) -> None:
        """Forget everything from ``offset`` on."""
        self._write_gathered()
        with _translated():
            self._file.seek(offset)
            self._file.truncate()
        self.position = offset

    def _write_gathered(self) -> None:
        pieces, self._gathered, self._gathered_bytes = self._gathered, [], 0
        with _translated():
            small: list[Buffer] = []
            for piece in pieces:
                if len(piece) < COALESCE_BELOW:
                    small.append(piece)
                    continue
                if small:
                    self._write(b"".join(small))
                    small = []
                self._write(piece)
            if small:
                self._write(b"".join(small))

    def _write(self, data: Buffer) -> None:
        # A raw file may take less than it was given; a buffered one never does.
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        message = f"The archive could not be written: {reason}"
        kind: type[StorageError] = StorageError
        if error.errno in _FULL:
            kind = NotEnoughSpaceError
        elif error.errno in _DENIED:
            kind = AccessDeniedError
        raise kind(message, errno=error.errno) from error
