"""What stands between age's streams and our files: counting, and errors that get through."""

from collections.abc import Callable

from autoresumefiller.encryption.age_header import Readable
from autoresumefiller.encryption.age_payload import Writable

OnBytes = Callable[[int], None]
"""Told how many bytes were read from the source so far; an exception cancels."""


class PyrageFailed(Exception):  # noqa: N818 - a signal for `envelope`, never shown
    """The library gave up for a reason of its own."""


class Counted:
    """A source that counts."""

    def __init__(self, source: Readable, on_bytes: OnBytes | None) -> None:
        self._source = source
        self._on_bytes = on_bytes
        self._count = 0

    def read(self, size: int = -1, /) -> bytes:
        """Read, and say how much was read so far."""
        data = self._source.read(size)
        self._count += len(data)
        if self._on_bytes is not None:
            self._on_bytes(self._count)
        return data


class Nowhere:
    """A target that keeps nothing."""

    def write(self, data: bytes, /) -> object:
        """Take all of ``data``."""
        return len(data)


class Guard:
    """Carries exceptions of our files through the library, which makes its own of any.

    That includes KeyboardInterrupt, and whatever a progress callback raises.
    """

    def __init__(self, source: Readable, target: Writable) -> None:
        self.reader = _GuardedReader(self, source)
        self.writer = _GuardedWriter(self, target)
        self.raised: BaseException | None = None

    def __enter__(self) -> "Guard":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self.raised is not None:
            raise self.raised
        if isinstance(error, Exception):
            raise PyrageFailed(str(error)) from None


class _GuardedReader:
    def __init__(self, guard: Guard, source: Readable) -> None:
        self._guard = guard
        self._source = source

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._source.read(size)
        except BaseException as error:
            self._guard.raised = error
            raise


class _GuardedWriter:
    def __init__(self, guard: Guard, target: Writable) -> None:
        self._guard = guard
        self._target = target

    def write(self, data: bytes, /) -> int:
        try:
            self._target.write(data)
        except BaseException as error:
            self._guard.raised = error
            raise
        return len(data)

    def flush(self) -> None:
        """Do nothing: whoever opened the file flushes it."""
