"""The processes that an export starts, counted."""

from collections.abc import Callable, Sequence

import pytest

from autoresumefiller.archive import process_pool
from autoresumefiller.archive.process import Process


def count_processes(
    monkeypatch: pytest.MonkeyPatch, on_start: Callable[[int], object] = lambda _pid: None
) -> list[int]:
    """Return a list that gets the number of each process that is started from now on."""
    pids: list[int] = []

    class Counted(Process):
        def __init__(self, function: str, descriptors: Sequence[int] = ()) -> None:
            super().__init__(function, descriptors)
            assert self._child is not None
            pids.append(self._child.pid)
            on_start(self._child.pid)

    monkeypatch.setattr(process_pool, "Process", Counted)
    return pids
