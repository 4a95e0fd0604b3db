"""Starts jobs, one thread each, and keeps them until they are of no interest any more."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from secrets import token_hex
from time import monotonic
from typing import Any, TypeAlias

from autoresumefiller.backup.confirmation import Answer
from autoresumefiller.backup.jobs.job import INTERNAL_FAULT, Job, JobFault, JobKind, JobState
from autoresumefiller.backup.jobs.running import QUESTION_SECONDS, JobCancelledError, RunningJob
from autoresumefiller.errors import (
    AutoResumeFillerError,
    JobConflictError,
    JobNotFoundError,
    JobTooLateError,
)

logger = logging.getLogger(__name__)

KEPT_FINISHED_JOBS = 50
MAX_WAITING_JOBS = 16
# Reading is bound by the processor: more at a time would only slow each down.
READERS_AT_A_TIME = 2

Work: TypeAlias = Callable[[RunningJob], Mapping[str, Any]]
"""What a job does, on its own thread; reports to the `RunningJob` and returns the result."""


def _new_id() -> str:
    return token_hex(8)


class JobManager:
    """The jobs of one process.

    Of the jobs that change the vault one runs at a time; one that waits for a
    person's answer does not count, so that an unanswered question blocks
    nothing. Jobs that only read wait for one another in the queue.

    Args:
        clock: Seconds, monotonic.
        new_id: Makes the ids.
        question_seconds: How long an import waits for an answer.

    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = monotonic,
        new_id: Callable[[], str] = _new_id,
        question_seconds: float = QUESTION_SECONDS,
    ) -> None:
        self._clock = clock
        self._new_id = new_id
        self._question_seconds = question_seconds
        self._changed = threading.Condition(threading.RLock())
        self._jobs: dict[str, RunningJob] = {}
        self._threads: list[threading.Thread] = []
        self._closed = False

    def start(
        self,
        kind: JobKind,
        work: Work,
        *,
        subject: str = "",
        resources: ExitStack | None = None,
    ) -> Job:
        """Start a job and return it.

        ``subject`` is the name of the file that it is about. ``resources`` is
        what the work uses: closed when the job ends, before its end is told,
        or at once if the job cannot start.

        Raises:
            JobConflictError: another job is changing the vault, or too many wait.

        """
        with ExitStack() as unless_started:
            held = unless_started.enter_context(resources or ExitStack())
            with self._changed:
                self._require_room()
                if kind.changing:
                    self.require_free()
                running = RunningJob(
                    self._new_id(),
                    kind,
                    subject=subject,
                    changed=self._changed,
                    clock=self._clock,
                    question_seconds=self._question_seconds,
                )
                thread = threading.Thread(
                    target=self._run,
                    args=(running, work, held),
                    name=f"job-{kind.value}-{running.job.id}",
                    # Should the process have to end at once, it may: the core survives that.
                    daemon=True,
                )
                thread.start()  # it waits for the lock that is held here
                unless_started.pop_all()
                self._jobs[running.job.id] = running
                self._threads = [*(t for t in self._threads if t.is_alive()), thread]
                return running.job

    def get(self, job_id: str) -> RunningJob:
        """Return a job.

        Raises:
            JobNotFoundError: there is none of that id.

        """
        with self._changed:
            try:
                return self._jobs[job_id]
            except KeyError:
                raise JobNotFoundError("There is no such job") from None

    def all(self) -> list[Job]:
        """Return the jobs that are known, newest first."""
        with self._changed:
            return [running.job for running in reversed(self._jobs.values())]

    def require_free(self, *, besides: RunningJob | None = None) -> None:
        """Make sure that no other job is changing the vault.

        Raises:
            JobConflictError: one is.

        """
        with self._changed:
            for running in self._jobs.values():
                job = running.job
                if (
                    running is not besides
                    and job.kind.changing
                    and job.state in {JobState.QUEUED, JobState.RUNNING}
                ):
                    raise JobConflictError(f"{job.kind.under_way} already (job {job.id})")

    def confirm(self, job_id: str, answer: Answer, *, revision: int | None = None) -> Job:
        """Answer the question that a job asks.

        Raises:
            JobNotFoundError: there is no such job.
            JobNotAwaitingError: it asks nothing.
            PlanChangedError: the plan that it asks about is not the one of ``revision``.
            JobConflictError: yes, but another job is changing the vault; the question stands.

        """
        with self._changed:
            running = self.get(job_id)
            if answer.proceed and running.awaiting:
                self.require_free(besides=running)
            return running.answer(answer, revision=revision)

    def choose(self, job_id: str, mode: str, *, revision: int | None = None) -> Job:
        """Have an import's plan made anew for another mode; it asks again.

        Raises:
            JobNotFoundError: there is no such job.
            JobNotAwaitingError: it asks nothing.
            PlanChangedError: the plan that it asks about is not the one of ``revision``.

        """
        return self.get(job_id).choose(mode, revision=revision)

    def look_at_clock(self) -> None:
        """Have every question see whether its time is over; for clocks that jump."""
        with self._changed:
            self._changed.notify_all()

    def close(self, timeout_seconds: float = 30.0) -> None:
        """Cancel what can be cancelled, let the rest end, and take no more."""
        with self._changed:
            self._closed = True
            for running in self._jobs.values():
                try:
                    running.cancel()
                except JobTooLateError:
                    continue
            threads = list(self._threads)
        deadline = monotonic() + timeout_seconds
        for thread in threads:
            thread.join(max(0.0, deadline - monotonic()))

    # --- on the job's thread -------------------------------------------------

    def _run(self, running: RunningJob, work: Work, resources: ExitStack) -> None:
        with self._changed:
            pass  # until `start` has made the job known
        state, result, fault = self._outcome(running, work, resources)
        with self._changed:
            running.end(state, result=result, error=fault)
            self._forget_old()

    def _outcome(
        self, running: RunningJob, work: Work, resources: ExitStack
    ) -> tuple[JobState, Mapping[str, Any] | None, JobFault | None]:
        try:
            with resources:  # closed before the end is told: who sees that finds nothing left
                if not running.job.kind.changing:
                    running.wait_until(lambda: self._is_my_turn(running))
                running.begin()
                result = work(running)
                running.conclude()
                return JobState.SUCCEEDED, result, None
        except JobCancelledError as cancelled:
            return JobState.CANCELLED, cancelled.result, cancelled.fault
        except AutoResumeFillerError as error:
            return JobState.FAILED, None, JobFault.of(error)
        except Exception:
            logger.exception("job %s (%s) broke", running.job.id, running.job.kind.value)
            return JobState.FAILED, None, INTERNAL_FAULT

    def _is_my_turn(self, running: RunningJob) -> bool:
        readers = [other for other in self._unfinished() if not other.job.kind.changing]
        return running in readers[:READERS_AT_A_TIME]

    def _unfinished(self) -> Iterator[RunningJob]:
        return (running for running in self._jobs.values() if not running.job.state.final)

    def _require_room(self) -> None:
        if self._closed:
            raise JobConflictError("The server is stopping", hint="Start it again.")
        if sum(1 for _ in self._unfinished()) >= MAX_WAITING_JOBS:
            raise JobConflictError(f"{MAX_WAITING_JOBS} jobs are waiting already")

    def _forget_old(self) -> None:
        finished = [key for key, running in self._jobs.items() if running.job.state.final]
        for key in finished[:-KEPT_FINISHED_JOBS]:
            del self._jobs[key]
