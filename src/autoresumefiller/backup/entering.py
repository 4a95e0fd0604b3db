"""Context managers that let what a caller's callback raises through unchanged."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import TypeVar

_Entered = TypeVar("_Entered")


class Entering(AbstractContextManager[_Entered]):
    """Calls a function on entering, with a stack that is unwound on leaving.

    Not a generator: what a callback raises must pass unchanged, and a
    generator turns a StopIteration into a RuntimeError.
    """

    def __init__(self, enter: Callable[[ExitStack], _Entered]) -> None:
        self._enter = enter
        self._stack = ExitStack()

    def __enter__(self) -> _Entered:
        with ExitStack() as stack:
            entered = self._enter(stack)
            self._stack = stack.pop_all()
        return entered

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        return self._stack.__exit__(kind, error, trace)


class Unchanged:
    """A callback whose exceptions come out as they were, whoever translates them on the way.

    `vault.durable.storage` would take an OSError of it for one of our files.
    """

    def __init__(self, callback: Callable[[int], None]) -> None:
        self._callback = callback
        self._raised: BaseException | None = None

    def __call__(self, count: int) -> None:
        """Call it."""
        try:
            self._callback(count)
        except BaseException as error:
            self._raised = error
            raise

    def __enter__(self) -> "Unchanged":
        return self

    def __exit__(self, *_: object) -> None:
        if self._raised is not None:
            raise self._raised
