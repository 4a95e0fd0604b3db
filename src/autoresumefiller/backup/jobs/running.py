"""A job from within (its worker reports and asks) and from without (others answer and cancel).

Cancelling works through the callbacks of the core: each looks whether it is
wanted and raises, which the core passes on after it has cleaned up. The last
chance is the moment before the commit point: ``enter(COMMITTING)`` either
raises or makes every later attempt to cancel too late, under one lock.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from autoresumefiller.backup.confirmation import Answer
from autoresumefiller.backup.jobs.events import EventLog
from autoresumefiller.backup.jobs.job import Job, JobEvent, JobFault, JobKind, JobState
from autoresumefiller.errors import (
    ConfirmationExpiredError,
    JobNotAwaitingError,
    JobTooLateError,
    PlanChangedError,
)
from autoresumefiller.model.printable import printable
from autoresumefiller.model.progress import Stage

QUESTION_SECONDS = 15 * 60.0


@dataclass(frozen=True, slots=True)
class NewMode:
    """What may be said instead of yes or no: make the plan for this mode and ask again."""

    mode: str


class JobCancelledError(Exception):
    """Travels from a callback through the core to the job's end; nobody outside sees it.

    Attributes:
        fault: Why, unless the person simply wanted it.
        result: What is reported besides.

    """

    def __init__(
        self, fault: JobFault | None = None, result: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__("cancelled")
        self.fault = fault
        self.result = result


class RunningJob:
    """One job; every method may be called from any thread.

    Args:
        job_id: Its id.
        kind: What it does.
        subject: The name of the file that it is about, or "".
        changed: Guards this job and its siblings, and is notified of every change.
        clock: Seconds, monotonic.
        question_seconds: How long a question stands.

    """

    def __init__(
        self,
        job_id: str,
        kind: JobKind,
        *,
        subject: str = "",
        changed: threading.Condition,
        clock: Callable[[], float],
        question_seconds: float,
    ) -> None:
        self._changed = changed
        self._clock = clock
        self._question_seconds = question_seconds
        self._log = EventLog(clock)
        self._answer: Answer | NewMode | None = None
        self._cancelled = False
        self._committing = False
        self._revision = 0
        self._job = self._log.add(Job(id=job_id, kind=kind, subject=subject))

    # --- for anybody ---------------------------------------------------------

    @property
    def job(self) -> Job:
        """The job now."""
        return self._job

    @property
    def awaiting(self) -> bool:
        """Whether the job asks a question that can still be answered."""
        asks = self._job.state is JobState.AWAITING_CONFIRMATION
        return asks and self._answer is None and not self._cancelled

    def events(self, after: int = 0) -> list[JobEvent]:
        """Return what happened after an event, oldest first."""
        with self._changed:
            return self._log.after(after)

    @contextmanager
    def watched(self, wake: Callable[[], None]) -> Iterator[None]:
        """Have ``wake`` called on each event while the block runs; it must not call back."""
        watching = self._log.watched(wake)
        with self._changed:
            watching.__enter__()
        try:
            yield
        finally:
            with self._changed:
                watching.__exit__(None, None, None)

    def cancel(self) -> Job:
        """Stop the job at its next step.

        Raises:
            JobTooLateError: it has ended, or is past its commit point.

        """
        with self._changed:
            if self._job.state.final:
                raise JobTooLateError(
                    f"The job has ended already: {self._job.state.value}", consequence=""
                )
            if self._committing:
                raise JobTooLateError("It is too late to cancel this job")
            self._cancelled = True
            self._changed.notify_all()
            return self._job

    def answer(self, answer: Answer, *, revision: int | None = None) -> Job:
        """Answer the question that the job asks.

        Args:
            answer: Yes or no, and whether to back up first.
            revision: That of the plan that was looked at, if the caller knows it.

        Raises:
            JobNotAwaitingError: it asks nothing.
            PlanChangedError: the plan that it asks about is another one.

        """
        with self._changed:
            self._take(answer, revision)
            if answer.proceed:
                # At once, not when the worker wakes: from now on the job keeps others out.
                self._update(state=JobState.RUNNING, error=None)
            return self._job

    def choose(self, mode: str, *, revision: int | None = None) -> Job:
        """Have the plan made anew for another mode, and the question put again.

        Raises:
            JobNotAwaitingError: it asks nothing.
            PlanChangedError: the plan that it asks about is another one.

        """
        with self._changed:
            self._take(NewMode(mode), revision)
            return self._job

    def _take(self, said: Answer | NewMode, revision: int | None) -> None:
        if not self.awaiting:
            raise JobNotAwaitingError("The job does not wait for an answer")
        if revision not in {None, self._revision}:
            raise PlanChangedError("This is the answer to an earlier plan")
        self._answer = said
        self._changed.notify_all()

    # --- for the worker ------------------------------------------------------

    def begin(self) -> None:
        """Leave the queue."""
        with self._changed:
            self._stop_if_cancelled()
            self._update(state=JobState.RUNNING, stage=Stage.PREPARING)

    def progress(self, current_bytes: int, total_bytes: int, current_file: str) -> None:
        """Take in progress: a `ProgressCallback`."""
        with self._changed:
            self._stop_if_cancelled()
            self._job = replace(
                self._job,
                current_bytes=current_bytes,
                total_bytes=total_bytes,
                current_file=printable(current_file),
            )
            if self._log.due:
                self._update()

    def enter(self, stage: Stage) -> None:
        """Take in a stage: a `StageCallback`."""
        with self._changed:
            self._stop_if_cancelled()
            self._committing = self._committing or stage is Stage.COMMITTING
            self._update(stage=stage)

    def commit(self) -> None:
        """Pass the point of no return, in work that has no finer stages."""
        self.enter(Stage.COMMITTING)

    def conclude(self) -> None:
        """See for the last time whether it was cancelled: from here on it is too late."""
        with self._changed:
            self._stop_if_cancelled()
            self._committing = True

    def about(self, subject: str) -> None:
        """Say what the file is called that the job is about."""
        with self._changed:
            self._update(subject=subject)

    def ask(self, plan: Mapping[str, Any], *, again: JobFault | None = None) -> Answer | NewMode:
        """Put a plan to whoever is there and wait for the answer; no lock of the vault is held.

        Instead of an answer, the wish for a plan of another mode may come back.

        Raises:
            JobCancelledError: the job was cancelled, or nobody answered in time.

        """
        with self._changed:
            self._stop_if_cancelled()
            self._answer = None
            self._revision += 1
            self._update(
                state=JobState.AWAITING_CONFIRMATION,
                stage=Stage.AWAITING_CONFIRMATION,
                plan={**plan, "revision": self._revision},
                error=again,
            )
            deadline = self._clock() + self._question_seconds
            while self._answer is None:
                remaining = deadline - self._clock()
                if remaining <= 0:
                    self._cancelled = True  # an answer that comes now finds no question
                    raise JobCancelledError(fault=_expired(self._question_seconds))
                self._changed.wait(remaining)
                self._stop_if_cancelled()
            return self._answer

    def end(
        self,
        state: JobState,
        *,
        result: Mapping[str, Any] | None = None,
        error: JobFault | None = None,
    ) -> None:
        """Come to an end."""
        with self._changed:
            stage = Stage.DONE if state is JobState.SUCCEEDED else self._job.stage
            self._update(state=state, stage=stage, result=result, error=error)

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait, in the queue, until ``ready()``; it is asked on every change of any job.

        Raises:
            JobCancelledError: the job was cancelled.

        """
        with self._changed:
            self._changed.wait_for(lambda: self._cancelled or ready())
            self._stop_if_cancelled()

    def _stop_if_cancelled(self) -> None:
        if self._cancelled:
            raise JobCancelledError

    def _update(self, **changes: Any) -> None:
        self._job = self._log.add(replace(self._job, **changes))
        self._log.wake()
        self._changed.notify_all()


def _expired(seconds: float) -> JobFault:
    return JobFault.of(ConfirmationExpiredError(f"Nobody answered within {seconds / 60:g} minutes"))
