"""All members at once: threads over files, small ones in batches, in one pass.

What a file costs is hashing and decompression, which release the interpreter
lock; a hundred thousand small files cost mostly the calls, so that neighbours
are read together.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.content import Demand, Outcome, StoppedError, check_content
from autoresumefiller.archive.structure import Member
from autoresumefiller.archive.workers import Task, Workers, default_workers

Progress = Callable[[str, int], None]

_BATCH_BYTES = 1 << 20
_BATCH_MEMBERS = 256
_INLINE_BYTES = 1 << 18  # so little is done before a thread has started


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A member and what is wanted of it."""

    member: Member
    demand: Demand


class _Batch(list[Job]):
    """Jobs whose data is read in one piece, if there are several."""


def run_jobs(
    file: ArchiveFile,
    jobs: Sequence[Job],
    *,
    on_progress: Progress | None = None,
    workers: int | None = None,
) -> list[tuple[Job, Outcome]]:
    """Check the content of all members.

    Args:
        file: The archive.
        jobs: In the order of the file; each demand's ``on_bytes`` and
            ``stopping`` are set here.
        on_progress: ``on_progress(member, bytes of it so far)`` on this thread.
        workers: Threads, by default one for each processor.

    Returns:
        Every job with its outcome, in their order.

    Raises:
        StorageError: reading or writing failed.
        Exception: whatever ``on_progress`` raised; no thread is left, and
            every output is closed.

    """
    batches = [*_batches(jobs)]
    with Workers(_thread_count(jobs, workers)) as pool:
        for job in jobs:
            job.demand.stopping = pool.stopping
        if pool.count == 0:
            return [pair for batch in batches for pair in _run_here(file, batch, on_progress)]
        if on_progress is None:
            tasks = [pool.submit(partial(_run_batch, file, batch)) for batch in batches]
            return [pair for task in tasks for pair in task.result()]
        return _run_watched(file, batches, pool, on_progress)


def _thread_count(jobs: Sequence[Job], workers: int | None) -> int:
    if workers is None and sum(job.member.size for job in jobs) <= _INLINE_BYTES:
        return 0
    return default_workers() if workers is None else workers


def _batches(jobs: Sequence[Job]) -> Iterator[_Batch]:
    batch = _Batch()
    start = 0
    for job in jobs:
        member = job.member
        if batch and (
            len(batch) >= _BATCH_MEMBERS
            or member.offset + member.compressed_size - start > _BATCH_BYTES
            or member.size > _BATCH_BYTES
        ):
            yield batch
            batch = _Batch()
        if not batch:
            start = member.offset
        batch.append(job)
    if batch:
        yield batch


def _run_batch(file: ArchiveFile, batch: _Batch) -> list[tuple[Job, Outcome]]:
    if len(batch) == 1:
        return [(batch[0], check_content(file, batch[0].member, batch[0].demand))]
    start = batch[0].member.offset
    last = batch[-1].member
    data = memoryview(file.read(start, last.offset + last.compressed_size - start))
    results = []
    for job in batch:
        if job.demand.stopping.is_set():
            raise StoppedError
        at = job.member.offset - start
        raw = data[at : at + job.member.compressed_size]
        # Short where the file became shorter meanwhile: then it is read again, and told.
        whole = raw if len(raw) == job.member.compressed_size else None
        results.append((job, check_content(file, job.member, job.demand, raw=whole)))
    return results


def _run_here(
    file: ArchiveFile, batch: _Batch, on_progress: Progress | None
) -> list[tuple[Job, Outcome]]:
    if on_progress is not None:
        for job in batch:
            job.demand.on_bytes = partial(on_progress, job.member.name)
    return _run_batch(file, batch)


def _run_watched(
    file: ArchiveFile, batches: list[_Batch], pool: Workers, on_progress: Progress
) -> list[tuple[Job, Outcome]]:
    """Run on the workers, pass their progress on from this thread."""
    events: SimpleQueue[tuple[str, int] | None] = SimpleQueue()

    def run(batch: _Batch) -> list[tuple[Job, Outcome]]:
        try:
            for job in batch:
                name = job.member.name
                job.demand.on_bytes = partial(_put, events, name)
            return _run_batch(file, batch)
        finally:
            events.put(None)

    tasks: list[Task[list[tuple[Job, Outcome]]]] = [
        pool.submit(partial(run, batch)) for batch in batches
    ]
    running = len(tasks)
    while running:
        event = events.get()
        if event is None:
            running -= 1
        else:
            on_progress(*event)
    return [pair for task in tasks for pair in task.result()]


def _put(events: "SimpleQueue[tuple[str, int] | None]", name: str, done: int) -> None:
    events.put((name, done))
