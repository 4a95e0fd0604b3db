"""A file that a member is unpacked into; the system's errors become ours."""

import errno
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import BinaryIO, Self, cast

from autoresumefiller.archive.compression import Buffer
from autoresumefiller.errors import NotEnoughSpaceError, StorageError

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


@contextmanager
def unpacking() -> Iterator[None]:
    """Turn a system's refusal to create or write a file into an error of ours."""
    try:
        yield
    except OSError as error:
        raise _unwritable(error) from error


class Target(ABC):
    """Where one member's content goes."""

    @abstractmethod
    def open(self) -> BinaryIO:
        """Create the file; whoever asked for it closes it."""

    def put(self, content: Buffer) -> None:
        """Create the file with all of its content, as most are small enough for."""
        with self.open() as file:
            file.write(content)


class InPieces(Target):
    """In memory.

    Attributes:
        pieces: What was written, as it came; a file of its own to whoever writes.

    """

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def open(self) -> BinaryIO:
        """Return what puts its pieces here."""
        return cast("BinaryIO", self)

    def put(self, content: Buffer) -> None:
        """Remember all of it."""
        self.write(content)

    def write(self, piece: Buffer) -> None:
        """Remember a copy: the buffer is used again."""
        self.pieces.append(bytes(piece))

    def close(self) -> None:
        """Do nothing."""


class Output:
    """Opens on entering, closes on leaving, whatever happens in between."""

    def __init__(self, target: Target) -> None:
        with unpacking():
            self._file = target.open()

    def write(self, piece: Buffer) -> None:
        """Write all of a piece."""
        try:
            self._file.write(piece)
        except OSError as error:
            raise _unwritable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with unpacking():
            self._file.close()


def _unwritable(error: OSError) -> StorageError:
    kind = NotEnoughSpaceError if error.errno in _FULL else StorageError
    return kind(
        f"An unpacked file could not be written ({error.strerror or 'input/output error'})",
        errno=error.errno,
    )
