"""Many small files, packed in processes: see `process` for why threads will not do."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Self, TypeAlias

from autoresumefiller.archive.buffers import Buffers
from autoresumefiller.archive.compression import WHOLE_LIMIT_BYTES
from autoresumefiller.archive.effort import Effort
from autoresumefiller.archive.packing import Packed, TooLarge, pack
from autoresumefiller.archive.process import GoneError, Process, available
from autoresumefiller.archive.source import Lost, Source
from autoresumefiller.model.metadata import FileRecord

BATCH_BYTES = 512 << 10
BATCH_FILES = 64
"""So many travel together: asking costs as much as packing two small files."""

LEAST_FILES = 32
"""A batch of fewer is one of larger files, for which threads serve as well."""

MANY_FILES = 4096
"""Once so many were packed there may be many more, and starting processes pays."""

MOST_PROCESSES = 2
"""Each takes 19 MB of memory, and of that an export must stay within 150."""

Outcome: TypeAlias = Packed | Lost | TooLarge
_Sent: TypeAlias = tuple[int, str, list[tuple[str, bytes, int, str | None]]]
# What a file becomes: how its member begins, all of its bytes, size, SHA-256, time, changed;
# or why there is none; or None for one that has grown, and had better be packed here.
_Answer: TypeAlias = tuple[bytes, bytes, int, str, str | None, bool] | str | None

_PACK = f"{__name__}:pack_sent"


def pack_sent(sent: _Sent) -> list[_Answer]:
    """Pack files in a process, unless together they have grown far beyond a batch."""
    most, effort, files = sent
    buffers = Buffers()
    answers: list[_Answer] = []
    left = 2 * most
    for file in files:
        outcome = pack(
            Source(*file), buffers=buffers, whole_limit=min(most, left), effort=Effort(effort)
        )
        answers.append(_answer(outcome, buffers))
        left -= 0 if isinstance(outcome, Lost | TooLarge) else outcome.record.size_bytes
    return answers


def _answer(outcome: Outcome, buffers: Buffers) -> _Answer:
    if isinstance(outcome, TooLarge):
        return None
    if isinstance(outcome, Lost):
        return outcome.reason
    local, pieces, record, changed, lent = outcome
    data = pieces[0] if len(pieces) == 1 and isinstance(pieces[0], bytes) else b"".join(pieces)
    if lent is not None:
        buffers.give(lent)
    return local, data, record.size_bytes, record.checksum_sha256, record.modified, changed


class _Asked:
    """A batch that a process was sent."""

    def __init__(self, packers: "SmallFilePackers", turn: int, batch: Sequence[Source]) -> None:
        self._packers = packers
        self._turn = turn
        self._batch = batch

    def result(self) -> list[Outcome]:
        """Wait until the batch is packed; batches are asked for in the order they were sent."""
        return self._packers.answer(self._turn, self._batch)


class SmallFilePackers:
    """Processes that pack batches in turn; a context manager, which ends them.

    They start with the first batch. Should one be gone, its batches are packed here.

    Args:
        count: How many at most; none where one core has to do it all.
        whole_limit, effort: See `pack`.

    """

    def __init__(
        self, count: int, *, whole_limit: int = WHOLE_LIMIT_BYTES, effort: Effort = Effort.SMALLEST
    ) -> None:
        self._count = min(count, MOST_PROCESSES) if count > 1 and available() else 0
        self._most = min(BATCH_BYTES, whole_limit)
        self._effort = effort
        self._pack_here = partial(pack, buffers=Buffers(), whole_limit=whole_limit, effort=effort)
        self._processes: list[Process | None] = []
        self._closing = ExitStack()
        self._turn = 0

    def suit(self, batch: Sequence[Source], packed: int) -> bool:
        """Whether a batch is for them, after ``packed`` files."""
        if not self._count or packed < MANY_FILES or len(batch) < LEAST_FILES:
            return False
        return not self._processes or any(self._processes)

    def submit(self, batch: Sequence[Source]) -> _Asked:
        """Have a batch packed; returns at once."""
        while len(self._processes) < self._count:
            self._processes.append(self._started())
        turn = self._turn
        self._turn = (turn + 1) % self._count
        process = self._processes[turn]
        if process is not None:
            files = [(member, os.fsencode(path), size, old) for member, path, size, old in batch]
            try:
                process.send((self._most, self._effort.value, files))
            except GoneError:
                self._end(turn)
        return _Asked(self, turn, batch)

    def answer(self, turn: int, batch: Sequence[Source]) -> list[Outcome]:
        """Return what became of the oldest batch that a process was sent."""
        process = self._processes[turn]
        if process is not None:
            try:
                answers = process.receive()
                return [self._outcome(*pair) for pair in zip(batch, answers, strict=True)]
            except (GoneError, TypeError, ValueError):
                self._end(turn)
        return [*map(self._pack_here, batch)]

    def _outcome(self, source: Source, answer: _Answer) -> Outcome:
        if answer is None:
            return self._pack_here(source)
        if isinstance(answer, str):
            return Lost(member=source.member, reason=answer)
        local, data, size, digest, modified, changed = answer
        record = FileRecord(
            path=source.member,
            size_bytes=size,
            checksum_sha256=digest,
            modified=modified,
            original_path=source.original_path,
        )
        return Packed(local, (data,), record, changed, None)

    def _started(self) -> Process | None:
        try:
            process = Process(_PACK)
        except GoneError:
            return None
        self._closing.callback(process.close)
        return process

    def _end(self, turn: int) -> None:
        process = self._processes[turn]
        if process is not None:
            process.close()
        self._processes[turn] = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()
