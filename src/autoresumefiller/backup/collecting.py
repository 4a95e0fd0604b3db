"""Fewer searches for garbage while very many values are made that all stay.

Python looks for cycles after every 700 values that are made and not gone again.
An export makes several for each file and keeps them to the end: of 100,000 small
files, a tenth of the time went into looking, and there is nothing to find.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_VALUES = 50_000
_lock = threading.Lock()
_users = 0
_before = gc.get_threshold()


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Look for garbage after more values; as before when the last user has left.

    Where collecting is switched off, or rarer already, nothing changes.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _users, _before  # noqa: PLW0603 - as the threshold: there is one for all threads
    with _lock:
        _users += 1
        if _users == 1:
            _before = gc.get_threshold()
            if 0 < _before[0] < _VALUES:
                gc.set_threshold(_VALUES, *_before[1:])


def _leave() -> None:
    global _users  # noqa: PLW0603
    with _lock:
        _users -= 1
        # Somebody else may have set it meanwhile.
        if not _users and gc.get_threshold() == (_VALUES, *_before[1:]):
            gc.set_threshold(*_before)
