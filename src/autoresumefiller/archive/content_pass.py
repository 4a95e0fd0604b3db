"""All members at once: threads over files, small ones in batches, in one pass.

What a file costs is hashing and decompression, which release the interpreter
lock; a hundred thousand small files cost mostly the calls, so that neighbours
are read together.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from queue import SimpleQueue

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.buffers import Buffers
from autoresumefiller.archive.content import Demand, Outcome, check_content
from autoresumefiller.archive.structure import Member
from autoresumefiller.model.finding import Finding
from autoresumefiller.workers import StoppedError, Task, Workers, workers_for

Progress = Callable[[str, int], None]
DemandFor = Callable[[Member], Demand]
Judge = Callable[[Member, Outcome], Iterable[Finding]]

_BATCH_BYTES = 1 << 20
_BATCH_MEMBERS = 256
_INLINE_BYTES = 1 << 18  # so little is done before a thread has started


def check_members(
    file: ArchiveFile,
    members: Sequence[Member],
    *,
    demand_for: DemandFor,
    judge: Judge,
    on_progress: Progress | None = None,
    workers: int | None = None,
) -> list[Finding]:
    """Check the content of members and return what is wrong with it, in their order.

    Args:
        file: The archive.
        members: In the order of the file.
        demand_for: What is wanted of a member; called on a worker. Its
            ``on_bytes`` and ``stopping`` are set here.
        judge: Says what is wrong with an outcome; called on a worker.
        on_progress: ``on_progress(member, bytes of it so far)`` on this thread.
        workers: Threads, by default one for each processor; 0 for none.

    Raises:
        StorageError: reading or writing failed.
        Exception: whatever ``on_progress`` raised; no thread is left, and
            every output is closed.

    """
    with Workers(_thread_count(members, workers)) as pool:
        run = _Run(file, pool, demand_for, judge)
        batches = _batches(members)
        # Lists, not generators: a StopIteration of the caller's must pass unchanged.
        if pool.count == 0:
            return [finding for batch in batches for finding in run.batch(batch, on_progress)]
        if on_progress is None:
            tasks = [pool.submit(partial(run.guarded, batch, None)) for batch in batches]
            return run.results(tasks)
        return run.watched([*batches], on_progress)


def _thread_count(members: Sequence[Member], workers: int | None) -> int:
    if workers is not None:
        return workers
    total = sum(member.size for member in members)
    if total <= _INLINE_BYTES:
        return 0
    return workers_for(len(members), total)


def _batches(members: Sequence[Member]) -> Iterator[Sequence[Member]]:
    """Cut the members into runs that are read in one piece."""
    start = 0
    for index in range(1, len(members) + 1):
        if index < len(members):
            first, member = members[start], members[index]
            end = member.offset + member.compressed_size
            if (
                index - start < _BATCH_MEMBERS
                and end - first.offset <= _BATCH_BYTES
                and member.size <= _BATCH_BYTES
                and first.size <= _BATCH_BYTES
            ):
                continue
        yield members[start:index]
        start = index


class _Run:
    """One call of `check_members`."""

    def __init__(
        self, file: ArchiveFile, pool: Workers, demand_for: DemandFor, judge: Judge
    ) -> None:
        self._file = file
        self._pool = pool
        self._demand_for = demand_for
        self._judge = judge
        self._buffers = Buffers()
        self._error: BaseException | None = None

    def batch(self, members: Sequence[Member], on_progress: Progress | None) -> list[Finding]:
        """Check members that lie next to each other."""
        if len(members) == 1:
            return self._batch(members, None, on_progress)
        first, last = members[0], members[-1]
        lent = self._buffers.take(last.offset + last.compressed_size - first.offset)
        try:
            data = lent[: self._file.read_into(first.offset, lent)]
            return self._batch(members, data, on_progress)
        finally:
            self._buffers.give(lent)

    def _batch(
        self, members: Sequence[Member], data: memoryview | None, on_progress: Progress | None
    ) -> list[Finding]:
        start = members[0].offset
        findings: list[Finding] = []
        for member in members:
            if self._pool.stopping.is_set():
                raise StoppedError
            demand = self._demand_for(member)
            demand.stopping = self._pool.stopping
            if on_progress is not None:
                demand.on_bytes = partial(on_progress, member.name)
            raw: memoryview | None = None
            if data is not None:
                at = member.offset - start
                raw = data[at : at + member.compressed_size]
                if len(raw) != member.compressed_size:
                    raw = None  # the file became shorter: reading it by itself tells so
            outcome = check_content(self._file, member, demand, raw=raw)
            findings.extend(self._judge(member, outcome))
        return findings

    def guarded(self, members: Sequence[Member], on_progress: Progress | None) -> list[Finding]:
        """Do that on a worker; the first failure (a full disk, say) stops the others."""
        try:
            return self.batch(members, on_progress)
        except StoppedError:
            raise
        except BaseException as error:
            self._error = self._error or error
            self._pool.stopping.set()
            raise

    def results(self, tasks: Sequence[Task[list[Finding]]]) -> list[Finding]:
        """Return what the batches found, or raise what went wrong first."""
        findings: list[Finding] = []
        for task in tasks:
            try:
                findings.extend(task.result())
            except StoppedError:
                raise self._error or StoppedError from None
        return findings

    def watched(self, batches: list[Sequence[Member]], on_progress: Progress) -> list[Finding]:
        """Run on the workers and pass their progress on from this thread."""
        events: SimpleQueue[tuple[str, int] | None] = SimpleQueue()

        def report(name: str, done: int) -> None:
            events.put((name, done))

        def run(members: Sequence[Member]) -> list[Finding]:
            try:
                return self.guarded(members, report)
            finally:
                events.put(None)

        tasks: list[Task[list[Finding]]] = [
            self._pool.submit(partial(run, members)) for members in batches
        ]
        running = len(tasks)
        # After a failure the workers drop what waits, and nothing tells of that.
        while running and not self._pool.stopping.is_set():
            event = events.get()
            if event is None:
                running -= 1
            else:
                on_progress(*event)
        return self.results(tasks)
