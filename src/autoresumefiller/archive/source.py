"""Files of the vault as the writer sees them: opened once, read once, told when they change."""

import errno
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from autoresumefiller.archive.buffers import LEAST_BYTES, Buffers
from autoresumefiller.archive.compression import Buffer


class Source(NamedTuple):
    """A file to be put into an archive; a tuple because there may be 100,000.

    Attributes:
        member: Its name in the archive.
        path: Where it is read from; as text or bytes where there are many of them.
        size: In bytes, as it was when the directory was listed.
        original_path: Its name in the vault where ``member`` had to differ.

    """

    member: str
    path: Path | str | bytes
    size: int
    original_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A file that could not be read when its turn came.

    Attributes:
        member: The name it would have had.
        reason: A few words for a person.

    """

    member: str
    reason: str


class UnreadableError(Exception):
    """A source cannot be read; its text is the reason, in a few words."""


_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    # A file may have become a FIFO, whose opening would wait for a writer.
    | getattr(os, "O_NONBLOCK", 0)
)

_NOT_REGULAR = "it is no longer a regular file"
_REASONS = {
    errno.ENOENT: "it vanished before it could be read",
    errno.ENOTDIR: "it vanished before it could be read",
    errno.ELOOP: "it has become a symbolic link",
    errno.EACCES: "it is not readable by this account",
    errno.EPERM: "it is not readable by this account",
    # What opening a socket or a device without its driver says.
    errno.ENXIO: _NOT_REGULAR,
}


def _unreadable(error: OSError) -> UnreadableError:
    known = _REASONS.get(error.errno or 0)
    return UnreadableError(known or f"it is not readable: {os.strerror(error.errno or errno.EIO)}")


class Content(NamedTuple):
    """All of a file.

    Attributes:
        data: As many bytes as it had when it was opened; fewer if it shrank. A
            memoryview is of a buffer that was lent.
        mtime_ns: Nanoseconds since 1970, when it was opened.
        changed: Whether it was written to since.

    """

    data: Buffer
    mtime_ns: int
    changed: bool


def read_whole(path: Path | str | bytes, most: int, buffers: Buffers) -> Content | None:
    """Read a regular file; None, and nothing read, if it has more than ``most`` bytes.

    What is not small is read into one of ``buffers``. Does what `OpenSource`
    does in a third of its time, which is what counts for 100,000 small files.

    Raises:
        UnreadableError: it cannot be read.

    """
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        raise _unreadable(error) from None
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise UnreadableError(_NOT_REGULAR)
        size = before.st_size
        if size > most:
            return None
        data = _read_up_to(descriptor, size, buffers)
        after = os.fstat(descriptor)
    except OSError as error:
        raise _unreadable(error) from None
    finally:
        os.close(descriptor)
    mtime_ns = before.st_mtime_ns
    return Content(data, mtime_ns, mtime_ns != after.st_mtime_ns or size != after.st_size)


def _read_up_to(descriptor: int, size: int, buffers: Buffers) -> Buffer:
    if size < LEAST_BYTES or not hasattr(os, "readv"):
        data = os.read(descriptor, size)
        while len(data) < size and (more := os.read(descriptor, size - len(data))):
            data += more
        return data
    view = buffers.take(size)
    filled = 0
    while filled < size and (count := os.readv(descriptor, [view[filled:]])):
        filled += count
    return view[:filled]


class OpenSource:
    """An open regular file. Close it; every method raises only `UnreadableError`."""

    __slots__ = ("_before", "_fd", "mtime_ns", "size")

    def __init__(self, path: Path | str | bytes) -> None:
        try:
            self._fd = os.open(path, _FLAGS)
            status = os.fstat(self._fd)
        except OSError as error:
            raise _unreadable(error) from None
        if not stat.S_ISREG(status.st_mode):
            os.close(self._fd)
            raise UnreadableError(_NOT_REGULAR)
        self._before = (status.st_size, status.st_mtime_ns)
        self.size, self.mtime_ns = self._before

    def read(self, length: int) -> bytes:
        """Return the next ``length`` bytes; fewer only at the end of the file."""
        try:
            data = os.read(self._fd, length)
            if len(data) == length:
                return data
            pieces = [data]
            missing = length - len(data)
            while missing and data:
                data = os.read(self._fd, missing)
                pieces.append(data)
                missing -= len(data)
        except OSError as error:
            raise _unreadable(error) from None
        return b"".join(pieces)

    def peek(self, length: int, offset: int) -> bytes:
        """Return up to ``length`` bytes from elsewhere; `read` goes on where it was."""
        try:
            if hasattr(os, "pread"):
                return os.pread(self._fd, length, offset)
            here = os.lseek(self._fd, 0, os.SEEK_CUR)
            os.lseek(self._fd, offset, os.SEEK_SET)
            data = os.read(self._fd, length)
            os.lseek(self._fd, here, os.SEEK_SET)
        except OSError as error:
            raise _unreadable(error) from None
        return data

    def rewind(self) -> None:
        """Read from the beginning again."""
        try:
            os.lseek(self._fd, 0, os.SEEK_SET)
        except OSError as error:
            raise _unreadable(error) from None

    def changed(self) -> bool:
        """Whether the file was written to since it was opened."""
        try:
            status = os.fstat(self._fd)
        except OSError as error:
            raise _unreadable(error) from None
        return (status.st_size, status.st_mtime_ns) != self._before

    def close(self) -> None:
        """Give the file back."""
        os.close(self._fd)


def iso_time(mtime_ns: int) -> str | None:
    """Return a time as ISO 8601 UTC with Z, to the microsecond; None beyond the year 9999."""
    minute, rest = divmod(mtime_ns, 60_000_000_000)
    begin = _iso_minute(minute)
    if begin is None:
        return None
    seconds, microseconds = divmod(rest // 1000, 1_000_000)
    if microseconds:
        return f"{begin}{seconds:02d}.{microseconds:06d}Z"
    return f"{begin}{seconds:02d}Z"


@lru_cache(maxsize=1024)
def _iso_minute(minute: int) -> str | None:
    try:
        return datetime.fromtimestamp(minute * 60, UTC).isoformat()[:17]
    except (OverflowError, OSError, ValueError):
        return None
