"""Files of the vault as the writer sees them: opened once, read once, told when they change."""

import errno
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to be put into an archive.

    Attributes:
        member: Its name in the archive.
        path: Where it is read from; as text where there are many of them.
        size: In bytes, as it was when the directory was listed.
        original_path: Its name in the vault where ``member`` had to differ.

    """

    member: str
    path: Path | str
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

_REASONS = {
    errno.ENOENT: "it vanished before it could be read",
    errno.ENOTDIR: "it vanished before it could be read",
    errno.ELOOP: "it has become a symbolic link",
    errno.EACCES: "it is not readable by this account",
    errno.EPERM: "it is not readable by this account",
    # What opening a socket or a device without its driver says.
    errno.ENXIO: "it is no longer a regular file",
}


def _unreadable(error: OSError) -> UnreadableError:
    known = _REASONS.get(error.errno or 0)
    return UnreadableError(known or f"it is not readable: {os.strerror(error.errno or errno.EIO)}")


class OpenSource:
    """An open regular file. Close it; every method raises only `UnreadableError`."""

    __slots__ = ("_before", "_fd", "mtime_ns", "size")

    def __init__(self, path: Path | str) -> None:
        try:
            self._fd = os.open(path, _FLAGS)
            status = os.fstat(self._fd)
        except OSError as error:
            raise _unreadable(error) from None
        if not stat.S_ISREG(status.st_mode):
            os.close(self._fd)
            raise UnreadableError("it is no longer a regular file")
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
    seconds, nanoseconds = divmod(mtime_ns, 1_000_000_000)
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    text = moment.isoformat()[:19]
    microseconds = nanoseconds // 1000
    return f"{text}.{microseconds:06d}Z" if microseconds else f"{text}Z"
