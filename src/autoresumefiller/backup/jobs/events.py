"""What happened to one job, to be replayed, and who wants to know of more.

An event is a whole picture of the job, so one that was cut away or skipped
loses a reader nothing but a step of the bar.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from autoresumefiller.backup.jobs.job import Job, JobEvent

KEPT_EVENTS = 256

# Eight a second of progress, and the dozen or so changes of state and stage
# that a job goes through, stay below the twenty a second that are promised.
PROGRESS_INTERVAL_SECONDS = 0.125


class EventLog:
    """The events of one job; not safe by itself: its owner holds a lock around every call."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._events: deque[JobEvent] = deque(maxlen=KEPT_EVENTS)
        self._next_id = 1
        self._last_at = float("-inf")
        self._watchers: list[Callable[[], None]] = []

    @property
    def due(self) -> bool:
        """Whether enough time has passed for another event of progress."""
        return self._clock() - self._last_at >= PROGRESS_INTERVAL_SECONDS

    def add(self, job: Job) -> Job:
        """Record an event and return the job with its id; nothing new is no event.

        `wake` is to follow, once the job that is returned can be seen.
        """
        if self._events and self._events[-1].job == job:
            return job
        job = replace(job, last_event_id=self._next_id)
        self._events.append(JobEvent(id=self._next_id, job=job))
        self._next_id += 1
        self._last_at = self._clock()
        return job

    def wake(self) -> None:
        """Wake whoever watches."""
        for wake in self._watchers:
            wake()

    def after(self, event_id: int) -> list[JobEvent]:
        """Return the kept events with a greater id, oldest first."""
        return [event for event in self._events if event.id > event_id]

    @contextmanager
    def watched(self, wake: Callable[[], None]) -> Iterator[None]:
        """Have ``wake`` called on each event while the block runs, from any thread.

        It must return at once and must not call back.
        """
        self._watchers.append(wake)
        try:
            yield
        finally:
            self._watchers.remove(wake)
