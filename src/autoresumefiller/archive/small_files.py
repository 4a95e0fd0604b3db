"""Many small files, packed in processes: see `process` for why threads will not do."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from autoresumefiller.archive.buffers import Buffers
from autoresumefiller.archive.compression import WHOLE_LIMIT_BYTES
from autoresumefiller.archive.effort import Effort
from autoresumefiller.archive.packing import Packed, TooLarge, pack
from autoresumefiller.archive.process import GoneError
from autoresumefiller.archive.process_pool import Asked, Pool
from autoresumefiller.archive.source import Lost, Source
from autoresumefiller.model.metadata import FileRecord

BATCH_BYTES = 512 << 10
BATCH_FILES = 64
"""So many travel together: asking costs as much as packing two small files."""

LEAST_FILES = 32
"""A batch of fewer is one of larger files, for which threads serve as well."""

MANY_FILES = 4096
"""Packing so many takes longer than starting processes, several times."""

REST_BYTES = 32 << 20
"""After so much of other files, the processes are not kept any longer."""

Outcome: TypeAlias = Packed | Lost | TooLarge
_Sent: TypeAlias = tuple[int, str, list[tuple[str, bytes, int, str | None]]]
# What a file becomes: how its member begins, all of its bytes, size, SHA-256, time, changed;
# or None for one that had better be packed here: it has grown, or cannot be read there, and
# a process may read less than this program (a capability, say, does not go on to it).
_Answer: TypeAlias = tuple[bytes, bytes, int, str, str | None, bool] | None

PACK = f"{__name__}:pack_sent"
"""What the processes are for."""


def count_small(sizes: Iterable[int]) -> int:
    """Return how many files there are that would make a batch for a process."""
    return sum(size <= BATCH_BYTES // LEAST_FILES for size in sizes)


def are_many(files: int) -> bool:
    """Whether with so many files, or entries, starting processes pays."""
    return files >= MANY_FILES


def pack_batch(
    batch: Sequence[Source], pack_one: Callable[[Source, int], Outcome]
) -> Iterator[Outcome]:
    """Pack files that will be in memory together; ``pack_one`` is told what a file may take.

    That is what they had when they were listed, and as much again as a batch of small ones.
    A folder that is being copied here grows meanwhile: what is beyond is `TooLarge`.
    """
    left = BATCH_BYTES + sum(source.size for source in batch)
    for source in batch:
        outcome = pack_one(source, max(left, 0))
        left -= outcome.record.size_bytes if isinstance(outcome, Packed) else 0
        yield outcome


def pack_sent(sent: _Sent) -> list[_Answer]:
    """Pack files in a process, but for those that have grown too large."""
    most, chosen, files = sent
    effort = Effort(chosen)
    buffers = Buffers()

    def pack_one(source: Source, limit: int) -> Outcome:
        return pack(source, buffers=buffers, whole_limit=min(most, limit), effort=effort)

    batch = [Source(*file) for file in files]
    return [_answer(outcome, buffers) for outcome in pack_batch(batch, pack_one)]


def _answer(outcome: Outcome, buffers: Buffers) -> _Answer:
    if isinstance(outcome, TooLarge | Lost):
        return None
    local, pieces, record, changed, lent = outcome
    data = pieces[0] if len(pieces) == 1 and isinstance(pieces[0], bytes) else b"".join(pieces)
    if lent is not None:
        buffers.give(lent)
    return local, data, record.size_bytes, record.checksum_sha256, record.modified, changed


class SmallFilePackers:
    """Have batches packed by processes; should one be gone, its batches are packed here.

    Args:
        pool: Of `PACK`; closed by whoever made it.
        expected: How many small files there will be, as far as is known.
        whole_limit, effort: See `pack`.

    """

    def __init__(
        self,
        pool: Pool,
        *,
        expected: int = 0,
        whole_limit: int = WHOLE_LIMIT_BYTES,
        effort: Effort = Effort.SMALLEST,
    ) -> None:
        self._pool = pool
        self._expected = expected
        self._not_for_them = 0
        self._used = False
        self._most = min(BATCH_BYTES, whole_limit)
        self._effort = effort
        self._whole_limit = whole_limit
        self._buffers = Buffers()

    def suit(self, batch: Sequence[Source], packed: int) -> bool:
        """Whether a batch is for them, after ``packed`` files; to be asked of every batch."""
        if are_many(max(packed, self._expected)) and len(batch) >= LEAST_FILES and self._pool:
            self._not_for_them = 0
            return True
        self._not_for_them += sum(source.size for source in batch)
        if self._not_for_them > REST_BYTES:
            self._pool.rest()
        return False

    def submit(self, batch: Sequence[Source]) -> "Sent":
        """Have a batch packed; returns at once."""
        self._used = True
        files = [(member, os.fsencode(path), size, old) for member, path, size, old in batch]
        asked = self._pool.submit((self._most, self._effort.value, files))
        return Sent(asked, batch, self._pack_here)

    def _pack_here(self, source: Source, limit: int) -> Outcome:
        limit = min(limit, self._whole_limit)
        return pack(source, buffers=self._buffers, whole_limit=limit, effort=self._effort)

    def finish(self) -> None:
        """End the processes, if these files were for them; for others to come they stay ready."""
        if self._used:
            self._pool.close()


class Sent:
    """A batch that a process was sent."""

    def __init__(
        self, asked: Asked, batch: Sequence[Source], pack_here: Callable[[Source, int], Outcome]
    ) -> None:
        self._asked = asked
        self._batch = batch
        self._pack_here = pack_here

    def result(self) -> list[Outcome]:
        """Wait until the batch is packed; batches are asked for in the order they were sent."""
        try:
            answers = self._asked.result()
            if len(answers) == len(self._batch):
                rest = iter(answers)
                return [*pack_batch(self._batch, lambda *one: self._outcome(next(rest), *one))]
        except (GoneError, TypeError, ValueError):
            pass
        return [*pack_batch(self._batch, self._pack_here)]

    def _outcome(self, answer: _Answer, source: Source, limit: int) -> Outcome:
        if answer is None or answer[2] > limit:
            return self._pack_here(source, limit)
        local, data, size, digest, modified, changed = answer
        record = FileRecord(
            path=source.member,
            size_bytes=size,
            checksum_sha256=digest,
            modified=modified,
            original_path=source.original_path,
        )
        return Packed(local, (data,), record, changed, None)
