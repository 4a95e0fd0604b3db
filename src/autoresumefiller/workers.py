"""A few threads that run calls in the order they were given.

``concurrent.futures`` does the same; importing it costs a tenth of a small
export's whole time (it brings ``logging``), and its executor cannot drop what
is queued and wait for what runs in one step that an exception may interrupt.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")

MOST_WORKERS = 8
"""Above this, one thread that writes in order is the bottleneck."""


def default_workers() -> int:
    """Return how many threads suit this machine: the processors we may use, up to a bound."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_WORKERS)
    return min(os.cpu_count() or 1, MOST_WORKERS)


_SMALL_BYTES = 1 << 15


def workers_for(files: int, total_bytes: int) -> int:
    """Return how many threads suit reading or creating so many files.

    Of less than this on average they are the work of one: what they cost is calls of
    the system, which need the interpreter between each other, and creating files the
    kernel lets only one thread do in a directory at a time. 100,000 of 2 kB: unpacked in
    9.0 s with one thread, 10.7 s with two (9 and 14 s of processor); read and hashed
    in 1.6 and 2.5 s (1.6 and 3.6 s).
    """
    return 1 if total_bytes < _SMALL_BYTES * files else default_workers()


class StoppedError(Exception):
    """The call was dropped because its workers were stopped first."""


class Task(Generic[T]):
    """A call that runs on a worker."""

    __slots__ = ("_call", "_done", "_error", "_value")

    def __init__(self, call: Callable[[], T]) -> None:
        self._call: Callable[[], T] | None = call
        self._done = threading.Lock()
        self._done.acquire()
        self._value: T | None = None
        self._error: BaseException | None = None

    def run(self, *, stopped: bool) -> None:
        """Make the call and keep what it returns or raises; or drop it."""
        call, self._call = self._call, None
        if stopped or call is None:
            self._error = StoppedError()
        else:
            try:
                self._value = call()
            except BaseException as error:
                self._error = error  # raised again by `result`
        self._done.release()

    @property
    def done(self) -> bool:
        """Whether `result` would return or raise at once."""
        return not self._done.locked()

    def result(self) -> T:
        """Wait, then return what the call returned or raise what it raised."""
        with self._done:
            if self._error is not None:
                raise self._error
            return self._value  # type: ignore[return-value]  # set by run() before the release


class Workers:
    """Threads for calls that release the interpreter lock; a context manager.

    With a count of 0, and where no thread can be had, a call runs at once, on the
    thread that submits it.
    Leaving it waits for what runs and drops what only waits, so that no
    thread and nothing that a thread holds open outlives it.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.stopping = threading.Event()
        self._queue: SimpleQueue[Task[object] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def submit(self, call: Callable[[], T]) -> Task[T]:
        """Queue a call; calls start in the order they were submitted."""
        task = Task(call)
        if len(self._threads) < self.count and not self.stopping.is_set():
            self._start_one()
        if not self._threads:
            task.run(stopped=self.stopping.is_set())
            return task
        self._queue.put(task)  # type: ignore[arg-type]  # a Task of something is a Task
        return task

    def _start_one(self) -> None:
        # A daemon, for the moment between an interrupt and `stop`: one that nobody stops any
        # more would keep the program from ending. Whoever gets to `stop` waits for them all.
        thread = threading.Thread(target=self._serve, name="worker", daemon=True)
        self._threads.append(thread)  # before it starts: Ctrl-C may come in between
        try:
            thread.start()
        except RuntimeError as error:
            # Ctrl-C while `start` waits for the thread becomes this error too (Python 3.11:
            # a condition lets go of a lock that it does not hold).
            if isinstance(error.__context__, KeyboardInterrupt):
                raise error.__context__ from None
            self._threads.remove(thread)  # the account has as many as it may: fewer do the work

    def _serve(self) -> None:
        task = self._queue.get()
        while task is not None:
            task.run(stopped=self.stopping.is_set())
            # What it returned may be large: do not hold it while waiting.
            del task
            task = self._queue.get()
        self._queue.put(None)  # for the next: however many there are, one is enough

    def stop(self) -> None:
        """Drop what waits, wait for what runs, end the threads; safe to call twice."""
        self.stopping.set()
        self._queue.put(None)
        for thread in self._threads:
            # One that an interrupt left before it had started ends by itself.
            with suppress(RuntimeError):
                thread.join()
        self._threads.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
