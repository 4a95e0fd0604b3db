"""The growing archive file: few large writes, and errors a person understands."""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Self

from autoresumefiller.archive.compression import Buffer
from autoresumefiller.errors import AccessDeniedError, NotEnoughSpaceError, StorageError

GATHER_BYTES = 1 << 20
"""So much is gathered before it is written: a call for every small file would add up."""

GATHER_PIECES = 512
"""Half of what Linux and macOS take in one call (IOV_MAX)."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


class Output:
    """Appends to a file that is empty at first; leaves its position alone until `flush`.

    Args:
        file: Seekable, open for writing.
        on_written: Called with the length of what the system has of it, whenever that grew.

    """

    def __init__(self, file: BinaryIO, on_written: Callable[[int], None] | None = None) -> None:
        self._file = file
        self._on_written = on_written or (lambda _length: None)
        self._scatter = _Vectored.of(file) or _Plain(file)
        self._gathered: list[Buffer] = []
        self._gathered_bytes = 0
        self._written = 0

    @property
    def position(self) -> int:
        """How long the file is, with what is still gathered."""
        return self._written + self._gathered_bytes

    def write(self, pieces: Iterable[Buffer]) -> None:
        """Append pieces; they must not change until `flush`."""
        views = False
        for piece in pieces:
            self._gathered.append(piece)
            self._gathered_bytes += len(piece)
            # A view keeps alive all of what it is a part of.
            views |= isinstance(piece, memoryview)
            if len(self._gathered) >= GATHER_PIECES:
                self._write_gathered()
        if views or self._gathered_bytes >= GATHER_BYTES:
            self._write_gathered()

    def patch(self, offset: int, data: bytes) -> None:
        """Replace bytes that were written before."""
        self._write_gathered()
        with _translated():
            self._scatter([data], offset)

    def rewind(self, offset: int) -> None:
        """Forget everything from ``offset`` on."""
        self._write_gathered()
        with _translated():
            self._file.truncate(offset)
        self._written = offset

    def flush(self) -> None:
        """Hand everything to the operating system (which is not yet the disk)."""
        self._write_gathered()
        with _translated():
            self._file.flush()
            self._file.seek(self._written)

    def _write_gathered(self) -> None:
        if self._gathered:
            with _translated():
                self._scatter(self._gathered, self._written)
            self._written += self._gathered_bytes
            self._gathered, self._gathered_bytes = [], 0
            self._on_written(self._written)


class _Vectored:
    """Writes pieces from where they are, in one call (Linux, macOS, BSD)."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def of(cls, file: BinaryIO) -> Self | None:
        """Return None for a file without a descriptor, or a system that cannot."""
        if not hasattr(os, "pwritev"):
            return None
        try:
            return cls(file.fileno())
        except OSError:
            return None

    def __call__(self, pieces: Sequence[Buffer], offset: int) -> None:
        missing = sum(map(len, pieces))
        while missing:
            written = os.pwritev(self._descriptor, pieces, offset)
            missing -= written
            if missing:
                # A full disk, a limit or a signal: what is left shows the reason.
                offset += written
                pieces = [memoryview(b"".join(pieces))[written:]]


class _Plain:
    """Writes pieces by the file's own methods."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __call__(self, pieces: Sequence[Buffer], offset: int) -> None:
        self._file.seek(offset)
        rest = memoryview(b"".join(pieces))
        while rest:
            # A raw file may take less than it was given; a buffered one never does.
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
