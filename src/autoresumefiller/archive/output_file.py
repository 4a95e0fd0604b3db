"""A file that a member is unpacked into; the system's errors become ours."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import BinaryIO, Self

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


class Output:
    """Opens on entering, closes on leaving, whatever happens in between."""

    def __init__(self, open_file: Callable[[], BinaryIO]) -> None:
        with unpacking():
            self._file = open_file()

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
