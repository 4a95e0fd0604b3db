"""Jobs: one change at a time, cancelled up to the commit point, asked, forgotten, never lost."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from autoresumefiller.backup.confirmation import Answer
from autoresumefiller.backup.jobs.job import Job, JobKind, JobState
from autoresumefiller.backup.jobs.manager import KEPT_FINISHED_JOBS, MAX_WAITING_JOBS, JobManager
from autoresumefiller.backup.jobs.running import RunningJob
from autoresumefiller.errors import (
    BackupValidationError,
    JobConflictError,
    JobNotAwaitingError,
    JobNotFoundError,
    JobTooLateError,
    PlanChangedError,
)
from autoresumefiller.model.progress import Stage

YES = Answer(proceed=True, backup_existing=True)
NO = Answer(proceed=False, backup_existing=True)
PATIENCE_SECONDS = 120


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def manager(clock: Clock) -> Iterator[JobManager]:
    ids = (f"job-{number}" for number in itertools.count(1))
    manager = JobManager(clock=clock, new_id=lambda: next(ids), question_seconds=900.0)
    yield manager
    manager.close()


def until(running: RunningJob, ready: Callable[[Job], bool]) -> Job:
    """Wait for a job without polling."""
    happened = threading.Event()
    with running.watched(happened.set):
        while not ready(running.job):
            assert happened.wait(PATIENCE_SECONDS), running.job
            happened.clear()
    return running.job


def ended(manager: JobManager, job: Job) -> Job:
    return until(manager.get(job.id), lambda now: now.state.final)


def asked(manager: JobManager, job: Job, *, revision: int = 1) -> Job:
    return until(
        manager.get(job.id),
        lambda now: (
            now.state is JobState.AWAITING_CONFIRMATION
            and now.plan is not None
            and now.plan["revision"] == revision
        ),
    )


class Gate:
    """Work that reports progress until it is let go."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.go = threading.Event()

    def __call__(self, job: RunningJob) -> dict[str, Any]:
        self.started.set()
        while not self.go.wait(0.001):
            job.progress(1, 2, "a.pdf")
        return {"done": True}


def test_a_job_runs_to_its_result_on_a_thread_of_its_own(manager: JobManager) -> None:
    threads: list[str] = []

    def work(job: RunningJob) -> dict[str, Any]:
        threads.append(threading.current_thread().name)
        job.enter(Stage.READING)
        job.progress(5, 10, "resumes/cv.pdf")
        return {"filename": "x.zip"}

    done = ended(manager, manager.start(JobKind.CREATE, work))
    assert (done.id, done.state, done.stage) == ("job-1", JobState.SUCCEEDED, Stage.DONE)
    assert (done.current_bytes, done.total_bytes, done.current_file) == (5, 10, "resumes/cv.pdf")
    assert done.result == {"filename": "x.zip"}
    assert threads == ["job-create-job-1"]


def test_a_file_name_that_repaints_a_terminal_is_made_printable(manager: JobManager) -> None:
    def work(job: RunningJob) -> dict[str, Any]:
        job.progress(1, 2, "resumes/\x1b[2J\u202egnp.exe")
        return {}

    done = ended(manager, manager.start(JobKind.CREATE, work))
    assert done.current_file == "resumes/\\x1b[2J\\u202egnp.exe"


def test_a_second_change_is_refused_while_one_runs(manager: JobManager) -> None:
    gate = Gate()
    first = manager.start(JobKind.CREATE, gate)
    with pytest.raises(JobConflictError, match=r"A backup is being made already \(job job-1\)"):
        manager.start(JobKind.IMPORT, gate)
    gate.go.set()
    ended(manager, first)
    ended(manager, manager.start(JobKind.IMPORT, gate))


def test_what_a_refused_job_would_have_used_is_closed_at_once(manager: JobManager) -> None:
    gate = Gate()
    manager.start(JobKind.CREATE, gate)
    closed: list[str] = []
    resources = ExitStack()
    resources.callback(closed.append, "closed")
    with pytest.raises(JobConflictError):
        manager.start(JobKind.IMPORT, gate, resources=resources)
    assert closed == ["closed"]
    gate.go.set()


def test_a_job_that_waits_for_an_answer_keeps_nobody_out(manager: JobManager) -> None:
    def asks(job: RunningJob) -> dict[str, Any]:
        return {"proceed": job.ask({"text": "?"}).proceed}

    question = asked(manager, manager.start(JobKind.IMPORT, asks))
    gate = Gate()
    other = manager.start(JobKind.CREATE, gate)
    with pytest.raises(JobConflictError):
        manager.confirm(question.id, YES)
    assert manager.get(question.id).awaiting
    gate.go.set()
    ended(manager, other)
    assert manager.confirm(question.id, YES).state is JobState.RUNNING
    assert ended(manager, question).result == {"proceed": True}


def test_a_no_is_taken_even_while_another_job_runs(manager: JobManager) -> None:
    def asks(job: RunningJob) -> dict[str, Any]:
        return {"proceed": job.ask({}).proceed}

    question = asked(manager, manager.start(JobKind.IMPORT, asks))
    gate = Gate()
    other = manager.start(JobKind.CREATE, gate)
    manager.confirm(question.id, NO)
    assert ended(manager, question).result == {"proceed": False}
    gate.go.set()
    ended(manager, other)


def test_a_question_is_answered_once(manager: JobManager) -> None:
    go = threading.Event()

    def asks(job: RunningJob) -> dict[str, Any]:
        job.ask({})
        go.wait(PATIENCE_SECONDS)
        return {}

    question = asked(manager, manager.start(JobKind.IMPORT, asks))
    manager.confirm(question.id, YES)
    with pytest.raises(JobNotAwaitingError):
        manager.confirm(question.id, YES)
    go.set()
    ended(manager, question)


def test_an_answer_to_an_earlier_plan_is_refused(manager: JobManager) -> None:
    def asks(job: RunningJob) -> dict[str, Any]:
        job.ask({"n": 1})
        job.ask({"n": 2})
        return {}

    question = asked(manager, manager.start(JobKind.IMPORT, asks))
    manager.confirm(question.id, YES, revision=1)
    assert asked(manager, question, revision=2).plan == {"n": 2, "revision": 2}
    with pytest.raises(PlanChangedError):
        manager.confirm(question.id, YES, revision=1)
    manager.confirm(question.id, YES, revision=2)
    assert ended(manager, question).state is JobState.SUCCEEDED


def test_a_question_nobody_answers_ends_after_its_time(manager: JobManager, clock: Clock) -> None:
    closed = threading.Event()
    resources = ExitStack()
    resources.callback(closed.set)
    question = asked(
        manager, manager.start(JobKind.IMPORT, lambda job: {"a": job.ask({})}, resources=resources)
    )
    clock.seconds += 899.9
    manager.look_at_clock()
    assert manager.get(question.id).awaiting
    clock.seconds += 0.2
    manager.look_at_clock()
    done = ended(manager, question)
    assert done.state is JobState.CANCELLED
    assert done.error is not None
    assert done.error.code == "confirmation_expired"
    assert "15 minutes" in done.error.message
    assert closed.is_set()
    with pytest.raises(JobNotAwaitingError):
        manager.confirm(question.id, YES)


def test_cancelling_stops_at_the_next_callback_and_cleans_up_first(manager: JobManager) -> None:
    gate = Gate()
    seen: list[JobState] = []
    resources = ExitStack()
    job = manager.start(JobKind.CREATE, gate, resources=resources)
    resources.callback(lambda: seen.append(manager.get(job.id).job.state))
    assert gate.started.wait(PATIENCE_SECONDS)
    manager.get(job.id).cancel()
    done = ended(manager, job)
    assert (done.state, done.error, done.result) == (JobState.CANCELLED, None, None)
    assert seen == [JobState.RUNNING]  # closed before the end was told


def test_cancelling_a_question_ends_it(manager: JobManager) -> None:
    question = asked(manager, manager.start(JobKind.IMPORT, lambda job: {"a": job.ask({})}))
    manager.get(question.id).cancel()
    assert ended(manager, question).state is JobState.CANCELLED


@pytest.mark.parametrize("stage", [s for s in Stage if s not in {Stage.COMMITTING, Stage.DONE}])
def test_every_stage_before_the_commit_point_can_be_cancelled(
    manager: JobManager, stage: Stage
) -> None:
    reached, go = threading.Event(), threading.Event()
    committed: list[bool] = []

    def work(job: RunningJob) -> dict[str, Any]:
        job.enter(stage)
        reached.set()
        go.wait(PATIENCE_SECONDS)
        job.enter(Stage.COMMITTING)
        committed.append(True)
        return {}

    job = manager.start(JobKind.CREATE, work)
    assert reached.wait(PATIENCE_SECONDS)
    manager.get(job.id).cancel()
    go.set()
    assert ended(manager, job).state is JobState.CANCELLED
    assert committed == []


def test_after_the_commit_point_it_is_too_late(manager: JobManager) -> None:
    reached, go = threading.Event(), threading.Event()

    def work(job: RunningJob) -> dict[str, Any]:
        job.enter(Stage.COMMITTING)
        reached.set()
        go.wait(PATIENCE_SECONDS)
        job.progress(2, 2, "x")  # must not cancel either
        return {"done": True}

    job = manager.start(JobKind.IMPORT, work)
    assert reached.wait(PATIENCE_SECONDS)
    with pytest.raises(JobTooLateError, match="too late"):
        manager.get(job.id).cancel()
    go.set()
    assert ended(manager, job).result == {"done": True}
    with pytest.raises(JobTooLateError, match="ended already"):
        manager.get(job.id).cancel()


def test_an_error_of_ours_is_told_with_all_its_parts(manager: JobManager) -> None:
    def work(_job: RunningJob) -> dict[str, Any]:
        raise BackupValidationError(["Checksum mismatch for a", "b"], warnings=["odd"])

    done = ended(manager, manager.start(JobKind.IMPORT, work))
    assert done.state is JobState.FAILED
    assert done.error is not None
    assert done.error.code == "backup_invalid"
    assert done.error.errors == ("Checksum mismatch for a", "b")
    assert done.error.warnings == ("odd",)
    assert done.error.consequence


def test_a_fault_of_ours_is_logged_and_told_without_details(
    manager: JobManager, caplog: pytest.LogCaptureFixture
) -> None:
    def work(_job: RunningJob) -> dict[str, Any]:
        raise RuntimeError("secret detail")

    done = ended(manager, manager.start(JobKind.IMPORT, work))
    assert done.error is not None
    assert done.error.code == "internal_error"
    assert "secret detail" not in repr(done)
    assert "secret detail" in caplog.text


def test_events_count_up_replay_and_end_with_the_final_one(
    manager: JobManager, clock: Clock
) -> None:
    def work(job: RunningJob) -> dict[str, Any]:
        for step in range(100):
            clock.seconds += 0.01
            job.progress(step, 100, "x")
        return {}

    job = manager.start(JobKind.CREATE, work)
    ended(manager, job)
    running = manager.get(job.id)
    events = running.events()
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert [event.job.state for event in events][:2] == [JobState.QUEUED, JobState.RUNNING]
    assert events[-1].job.state is JobState.SUCCEEDED
    assert running.events(after=3) == events[3:]
    progressed = [event for event in events if event.job.total_bytes == 100]
    # One second of work: eight reports and the final event, of a hundred.
    assert 5 <= len(progressed) <= 10


def test_old_events_are_cut_and_the_final_one_is_there_all_the_same(
    manager: JobManager, clock: Clock
) -> None:
    def work(job: RunningJob) -> dict[str, Any]:
        for step in range(1000):
            clock.seconds += 1
            job.progress(step, 1000, "x")
        return {}

    job = manager.start(JobKind.CREATE, work)
    ended(manager, job)
    events = manager.get(job.id).events()
    assert len(events) < 300
    assert events[-1].id > 1000
    assert events[-1].job.state is JobState.SUCCEEDED


def test_readers_wait_for_one_another_and_not_for_changes(manager: JobManager) -> None:
    gates = [Gate() for _ in range(3)]
    change = Gate()
    changing = manager.start(JobKind.CREATE, change)
    jobs = [manager.start(JobKind.VERIFY, gate) for gate in gates]
    assert gates[0].started.wait(PATIENCE_SECONDS)
    assert gates[1].started.wait(PATIENCE_SECONDS)
    assert manager.get(jobs[2].id).job.state is JobState.QUEUED
    gates[0].go.set()
    assert gates[2].started.wait(PATIENCE_SECONDS)
    for gate in [*gates, change]:
        gate.go.set()
    for job in [*jobs, changing]:
        assert ended(manager, job).state is JobState.SUCCEEDED


def test_a_queued_job_can_be_cancelled(manager: JobManager) -> None:
    gates = [Gate() for _ in range(3)]
    jobs = [manager.start(JobKind.VERIFY, gate) for gate in gates]
    manager.get(jobs[2].id).cancel()
    assert ended(manager, jobs[2]).state is JobState.CANCELLED
    assert not gates[2].started.is_set()
    for gate in gates:
        gate.go.set()


def test_only_so_many_jobs_may_wait(manager: JobManager) -> None:
    def asks(job: RunningJob) -> dict[str, Any]:
        job.ask({})
        return {}

    for _ in range(MAX_WAITING_JOBS):
        asked(manager, manager.start(JobKind.IMPORT, asks))
    with pytest.raises(JobConflictError, match="waiting"):
        manager.start(JobKind.IMPORT, asks)


def test_finished_jobs_are_forgotten_oldest_first(manager: JobManager) -> None:
    jobs = []
    for _ in range(KEPT_FINISHED_JOBS + 3):
        jobs.append(manager.start(JobKind.UNDO, lambda _job: {}))
        ended(manager, jobs[-1])
    assert len(manager.all()) == KEPT_FINISHED_JOBS
    assert manager.all()[0].id == jobs[-1].id
    with pytest.raises(JobNotFoundError):
        manager.get(jobs[0].id)


def test_closing_cancels_what_can_be_and_waits_for_the_rest(clock: Clock) -> None:
    manager = JobManager(clock=clock)
    question = asked(manager, manager.start(JobKind.IMPORT, lambda job: {"a": job.ask({})}))
    committing, go = threading.Event(), threading.Event()

    def past(job: RunningJob) -> dict[str, Any]:
        job.commit()
        committing.set()
        go.wait(PATIENCE_SECONDS)
        return {"done": True}

    late = manager.start(JobKind.UNDO, past)
    assert committing.wait(PATIENCE_SECONDS)
    closing = threading.Thread(target=manager.close)
    closing.start()
    ended(manager, question)
    go.set()
    closing.join(PATIENCE_SECONDS)
    assert not closing.is_alive()
    assert manager.get(question.id).job.state is JobState.CANCELLED
    assert manager.get(late.id).job.result == {"done": True}
    with pytest.raises(JobConflictError, match="stopping"):
        manager.start(JobKind.CREATE, lambda _job: {})
