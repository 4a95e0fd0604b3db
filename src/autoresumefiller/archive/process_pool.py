"""A few processes of our own that share the calls."""

import contextlib
from collections.abc import Sequence
from typing import Any

from autoresumefiller.archive.process import GoneError, Process, available

MOST_PROCESSES = 2
"""Each takes 12 MB of memory that it shares with nobody, and an export must stay within 150."""


class Pool:
    """Processes that are asked in turn. Close it.

    They start when something is submitted, if they were not started before.

    Args:
        function: See `Process`.
        count: How many, at most `MOST_PROCESSES`; none where they cannot be had.
        descriptors: Of files that they inherit.

    """

    def __init__(self, function: str, count: int, descriptors: Sequence[int] = ()) -> None:
        self._function = function
        self._count = min(count, MOST_PROCESSES) if count and available() else 0
        self._descriptors = descriptors
        self._processes: list[Process | None] = []
        self._closing = contextlib.ExitStack()
        self._turn = self._unanswered = 0

    def __bool__(self) -> bool:
        """Whether it is worth submitting anything."""
        return bool(self._count) and (not self._processes or any(self._processes))

    def start(self) -> None:
        """Start the processes; returns at once, while they get ready."""
        while len(self._processes) < self._count:
            self._processes.append(self._started())

    def submit(self, argument: Any) -> "Asked":
        """Have a call made; returns at once."""
        self.start()
        turn = self._turn
        self._turn = (turn + 1) % self._count
        self._unanswered += 1
        process = self._processes[turn]
        if process is not None:
            try:
                process.send(argument)
            except GoneError:
                self._end(turn)
        return Asked(self, turn)

    def receive(self, turn: int) -> Any:
        """Wait for the oldest answer of one process; see `Asked.result`."""
        self._unanswered -= 1
        process = self._processes[turn]
        if process is None:
            raise GoneError
        try:
            return process.receive()
        except GoneError:
            self._end(turn)
            raise

    def rest(self) -> None:
        """Give back the memory of processes with nothing to do; they start again if need be."""
        if not self._unanswered:
            self.close()

    def _end(self, turn: int) -> None:
        """Ask one process nothing more."""
        process = self._processes[turn]
        if process is not None:
            process.close()
        self._processes[turn] = None

    def _started(self) -> Process | None:
        try:
            process = Process(self._function, self._descriptors)
        except GoneError:
            return None
        self._closing.callback(process.close)
        return process

    def close(self) -> None:
        """End all of them, whatever they are doing; what is submitted later starts others."""
        self._closing.close()
        self._processes.clear()
        self._turn = self._unanswered = 0


class Asked:
    """A call that a process was asked for."""

    def __init__(self, pool: Pool, turn: int) -> None:
        self._pool = pool
        self._turn = turn

    def result(self) -> Any:
        """Wait for the answer. Those of a pool are asked for in the order of the calls.

        Raises:
            GoneError: the process is gone; do what it was to do here.

        """
        return self._pool.receive(self._turn)
