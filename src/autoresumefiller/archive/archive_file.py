"""Reading an archive at any position from several threads at once."""

import io
import os
import threading
from typing import BinaryIO

from autoresumefiller.errors import StorageError


class ArchiveFile:
    """One open file, read by position: nothing depends on where another thread reads.

    Never memory-mapped: a mapped file that somebody truncates ends the whole
    process with SIGBUS.

    Attributes:
        size: Bytes, as the file was when it was opened here.
        descriptor: Of the file; None where it has none.

    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.descriptor = _descriptor(file)
        with self._lock:
            if self.descriptor is None:
                self.size = file.seek(0, io.SEEK_END)
            else:
                try:
                    file.flush()
                    self.size = os.fstat(self.descriptor).st_size
                except OSError as error:
                    raise _unreadable(error) from error

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes there; fewer than ``length`` only where the file ends.

        An offset may be any number that an archive claims.

        Raises:
            StorageError: the system cannot read it.

        """
        if offset >= self.size:  # the system takes no more than 63 bits
            return b""
        pieces = []
        try:
            while length > 0:
                piece = self._read_some(offset, length)
                if not piece:
                    break
                pieces.append(piece)
                offset += len(piece)
                length -= len(piece)
        except OSError as error:
            raise _unreadable(error) from error
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill a buffer from there; return how many bytes that were, fewer only at the end.

        An offset may be any number that an archive claims.

        Raises:
            StorageError: the system cannot read it.

        """
        if offset >= self.size:
            return 0
        if self.descriptor is None or not hasattr(os, "preadv"):
            data = self.read(offset, len(buffer))
            buffer[: len(data)] = data
            return len(data)
        filled = 0
        try:
            while filled < len(buffer):
                count = os.preadv(self.descriptor, [buffer[filled:]], offset + filled)
                if not count:
                    break
                filled += count
        except OSError as error:
            raise _unreadable(error) from error
        return filled

    def _read_some(self, offset: int, length: int) -> bytes:
        if self.descriptor is not None:
            return os.pread(self.descriptor, length, offset)
        with self._lock:
            self._file.seek(offset)
            return self._file.read(length)


def _descriptor(file: BinaryIO) -> int | None:
    if not hasattr(os, "pread"):  # Windows
        return None
    try:
        return file.fileno()
    except OSError:  # an archive in memory
        return None


def _unreadable(error: OSError) -> StorageError:
    return StorageError(
        f"The archive could not be read ({error.strerror or 'input/output error'})",
        errno=error.errno,
        hint="Check the disk or the network drive it is on, then try again.",
    )
