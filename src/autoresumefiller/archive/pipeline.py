"""Many files at once, in order, with a bound on what is in memory."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from autoresumefiller.archive.buffers import Buffers
from autoresumefiller.archive.compression import WHOLE_LIMIT_BYTES
from autoresumefiller.archive.effort import Effort
from autoresumefiller.archive.packing import Packed, TooLarge, pack
from autoresumefiller.archive.reuse import EarlierArchive
from autoresumefiller.archive.small_files import (
    BATCH_BYTES,
    BATCH_FILES,
    Outcome,
    SmallFilePackers,
    pack_batch,
)
from autoresumefiller.archive.source import Lost, Source
from autoresumefiller.workers import StoppedError, Workers

IN_FLIGHT_BYTES = 40 << 20
"""Source bytes being read, compressed or waiting to be written, and their results."""

IN_FLIGHT_FILES = 2048
"""Each takes a kilobyte or two of objects besides its bytes."""

INLINE_BYTES = 256 << 10
INLINE_FILES = 16
"""So little is done before threads have started."""


class _Asked(Protocol):
    def result(self) -> list[Outcome]: ...


@dataclass(frozen=True, slots=True)
class Large:
    """A file that is written as it is read, because it does not fit into a buffer."""

    source: Source


def suits_no_threads(first: Sequence[Source]) -> bool:
    """Tell from the first INLINE_FILES + 1 files whether they are packed sooner without workers."""
    return len(first) <= INLINE_FILES and sum(s.size for s in first) <= INLINE_BYTES


def pack_in_order(
    sources: Iterable[Source],
    workers: Workers,
    packers: SmallFilePackers,
    *,
    whole_limit: int = WHOLE_LIMIT_BYTES,
    effort: Effort = Effort.SMALLEST,
    earlier: EarlierArchive | None = None,
) -> Iterator[tuple[Source, Packed | Lost | Large]]:
    """Pack files and yield them in the order they were given.

    Many small ones are for the packers, all others for the workers.
    Whoever takes a `Large` may use the workers before asking for the next. Whoever
    asks for the next has written what there was before: its memory is used again.
    """
    waiting: deque[tuple[list[Source], _Asked, int]] = deque()
    in_flight = files = packed_files = 0

    def finish_first() -> Iterator[tuple[Source, Packed | Lost | Large]]:
        nonlocal in_flight, files, packed_files
        batch, asked, cost = waiting.popleft()
        yield from _written(batch, asked.result(), buffers)
        del asked  # and with it what came of it
        in_flight -= cost
        files -= len(batch)
        packed_files += len(batch)

    buffers = Buffers()

    def pack_one(source: Source, limit: int) -> Outcome:
        if workers.stopping.is_set():
            raise StoppedError
        limit = min(limit, whole_limit)
        return pack(source, buffers=buffers, whole_limit=limit, effort=effort, earlier=earlier)

    def submit(batch: list[Source]) -> _Asked:
        return workers.submit(lambda: [*pack_batch(batch, pack_one)])

    for batch in _batches(sources, whole_limit):
        large = batch[0].size > whole_limit
        # A buffer and what it is compressed into.
        cost = 2 * sum(source.size for source in batch)
        while waiting and (large or in_flight + cost > IN_FLIGHT_BYTES or files > IN_FLIGHT_FILES):
            yield from finish_first()
        small = packers.suit(batch, packed_files)
        if large:
            yield batch[0], Large(batch[0])
            continue
        in_flight += cost
        files += len(batch)
        # No name for what is asked: it would keep the results in memory.
        waiting.append((batch, packers.submit(batch) if small else submit(batch), cost))
    while waiting:
        yield from finish_first()


def _written(
    batch: list[Source], outcomes: list[Outcome], buffers: Buffers
) -> Iterator[tuple[Source, Packed | Lost | Large]]:
    """Yield what became of files, and take back their buffers when it is written."""
    outcomes.reverse()
    for source in batch:
        packed = outcomes.pop()
        lent = packed.lent if isinstance(packed, Packed) else None
        yield source, Large(source) if isinstance(packed, TooLarge) else packed
        del packed
        if lent is not None:
            buffers.give(lent)


def _batches(sources: Iterable[Source], whole_limit: int) -> Iterator[list[Source]]:
    """Group consecutive small files; one that is too large for a buffer comes alone."""
    batch: list[Source] = []
    held = 0
    most = min(BATCH_BYTES, whole_limit)
    for source in sources:
        if batch and (len(batch) == BATCH_FILES or held + source.size > most):
            yield batch
            batch, held = [], 0
        batch.append(source)
        held += source.size
    if batch:
        yield batch
