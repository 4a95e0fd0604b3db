"""Writing an archive: one ZIP file, each source read once, the same bytes on any machine."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from types import TracebackType
from typing import BinaryIO, Self

from autoresumefiller.archive.blocks import BLOCK_BYTES
from autoresumefiller.archive.compression import (
    STORED,
    WHOLE_LIMIT_BYTES,
    Buffer,
)
from autoresumefiller.archive.effort import Effort
from autoresumefiller.archive.output import Output
from autoresumefiller.archive.packing import Packed, file_record, pack_member
from autoresumefiller.archive.pipeline import INLINE_FILES, Large, pack_in_order, suits_no_threads
from autoresumefiller.archive.process_pool import Pool
from autoresumefiller.archive.records import (
    MODE_DIRECTORY,
    MODE_FILE,
    encode_name,
    pack_central,
    pack_end,
    pack_local,
)
from autoresumefiller.archive.reuse import EarlierArchive
from autoresumefiller.archive.small_files import PACK, SmallFilePackers, are_many, count_small
from autoresumefiller.archive.source import Lost, OpenSource, Source, UnreadableError, iso_time
from autoresumefiller.archive.streaming import Streamed, Streamer
from autoresumefiller.model.metadata import FileRecord
from autoresumefiller.workers import Workers, default_workers

__all__ = ["ArchiveWriter", "Batch", "Lost", "Source"]

ProgressCallback = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What became of the files of one `ArchiveWriter.add_files`.

    Attributes:
        records: Of what is in the archive, in the order of the sources.
        lost: What is not.
        changed: Members whose file was written to while it was read: the
            archive has the bytes that were read, and their checksums.

    """

    records: tuple[FileRecord, ...]
    lost: tuple[Lost, ...]
    changed: tuple[str, ...]


class ArchiveWriter:
    """Writes members one after the other; `close` completes the archive.

    A context manager: leaving it without `close` leaves an incomplete file,
    to be thrown away, but no thread and no open file. After an exception it
    takes nothing more.

    Args:
        file: Seekable, opened "w+b", empty. Stays open.
        workers: Threads that read and compress; None for as many as suit the
            machine. The archive is the same for any number.
        earlier: An archive of the same vault: what did not change is taken
            from it compressed, once that is proven to be the same.
        whole_limit: Up to how many bytes a file is compressed as one buffer.
        block_bytes: How much of a larger one is compressed at a time.
        on_written: Called on the writing thread with the file's length, whenever
            it grew: who wants it on the disk can begin.

    """

    def __init__(
        self,
        file: BinaryIO,
        *,
        workers: int | None = None,
        earlier: EarlierArchive | None = None,
        whole_limit: int = WHOLE_LIMIT_BYTES,
        block_bytes: int = BLOCK_BYTES,
        on_written: Callable[[int], None] | None = None,
    ) -> None:
        self._output = Output(file, on_written)
        self._earlier = earlier
        self._whole_limit = whole_limit
        self._block_bytes = block_bytes
        self._workers = default_workers() if workers is None else max(1, workers)
        # Where one core has to do it all, they would only take turns. And what an
        # earlier archive holds is not at hand in another process.
        self._pool = Pool(PACK, 0 if earlier or self._workers == 1 else self._workers)
        self._expected = 0
        self._central = bytearray()
        self._entries = 0
        self._open = True

    def expect(self, sizes: Iterable[int]) -> None:
        """Take note of how many bytes the files have that will be added.

        If many of them are small, processes get ready already.
        """
        self._expected = count_small(sizes)
        if are_many(self._expected):
            self._pool.start()

    def add_files(
        self,
        sources: Iterable[Source],
        on_progress: ProgressCallback | None = None,
        *,
        effort: Effort = Effort.SMALLEST,
    ) -> Batch:
        """Read every source and write its member; return when all of them are written.

        Args:
            sources: In the order of their members, which all have other names;
                taken one by one, so that many need not exist at once.
            on_progress: Called on this thread with a member and how many of
                its bytes have been dealt with: at least once for each source,
                several times for a large one. What it raises ends the writing
                and propagates unchanged.
            effort: What is sought: the smallest archive, or one that is nearly so and soon there.

        Raises:
            StorageError: The archive cannot be written.

        """
        report = on_progress or (lambda _member, _bytes: None)
        records: list[FileRecord] = []
        lost: list[Lost] = []
        changed: list[str] = []
        rest = iter(sources)
        first = [*islice(rest, INLINE_FILES + 1)]
        threads = 0 if suits_no_threads(first) else self._workers
        packers = SmallFilePackers(
            self._pool, expected=self._expected, whole_limit=self._whole_limit, effort=effort
        )
        with self._all_or_nothing(), Workers(threads) as workers:
            packing = pack_in_order(
                chain(first, rest),
                workers,
                packers,
                whole_limit=self._whole_limit,
                effort=effort,
                earlier=self._earlier,
            )
            for source, packed in packing:
                if isinstance(packed, Packed):
                    self._append(packed.local, packed.pieces)
                    record, is_changed = packed.record, packed.changed
                    del packed  # the next may need its memory
                    report(source.member, record.size_bytes)
                elif isinstance(packed, Large):
                    try:
                        record, is_changed = self._stream(source, workers, report)
                    except UnreadableError as error:
                        lost.append(Lost(member=source.member, reason=str(error)))
                        report(source.member, 0)
                        continue
                else:
                    lost.append(packed)
                    report(source.member, 0)
                    continue
                records.append(record)
                if is_changed:
                    changed.append(source.member)
            packers.finish()
        return Batch(records=tuple(records), lost=tuple(lost), changed=tuple(changed))

    def add_bytes(self, member: str, data: bytes, *, modified: datetime) -> FileRecord:
        """Write a member from memory; ``modified`` is aware.

        Raises:
            StorageError: The archive cannot be written.

        """
        if len(data) > self._whole_limit:
            view = memoryview(data)
            starts = range(0, len(data), self._block_bytes)
            blocks = (view[start : start + self._block_bytes] for start in starts)
            return self._add_blocks(member, blocks, modified)
        mtime_ns = _nanoseconds(modified)
        with self._all_or_nothing():
            self._append(*pack_member(member, data, mtime_ns // 1_000_000_000))
        return FileRecord(
            path=member,
            size_bytes=len(data),
            checksum_sha256=hashlib.sha256(data).hexdigest(),
            modified=iso_time(mtime_ns),
        )

    def add_pieces(self, member: str, pieces: Iterable[bytes], *, modified: datetime) -> FileRecord:
        """Write a member that is made piece by piece and need not exist as a whole.

        Raises:
            StorageError: The archive cannot be written.

        """
        blocks = _regrouped(pieces, self._block_bytes)
        first, second = next(blocks, b""), next(blocks, None)
        if second is None:
            return self.add_bytes(member, first, modified=modified)
        return self._add_blocks(member, chain((first, second), blocks), modified)

    def _add_blocks(self, member: str, blocks: Iterable[Buffer], modified: datetime) -> FileRecord:
        mtime_ns = _nanoseconds(modified)
        with self._all_or_nothing(), Workers(self._workers) as workers:
            streamed = self._streamer(workers).write_blocks(
                blocks, name=encode_name(member), mtime=mtime_ns // 1_000_000_000
            )
            self._list(streamed.local, streamed.offset)
        return FileRecord(
            path=member,
            size_bytes=streamed.size,
            checksum_sha256=streamed.digest,
            modified=iso_time(mtime_ns),
        )

    def add_directory(self, member: str, *, modified: datetime) -> None:
        """Write an entry for a directory; ``member`` ends with a slash, ``modified`` is aware."""
        if not member.endswith("/"):
            raise ValueError("the name of a directory ends with a slash")
        local = pack_local(
            encode_name(member),
            method=STORED,
            crc=0,
            size=0,
            compressed_size=0,
            mtime=_nanoseconds(modified) // 1_000_000_000,
        )
        with self._all_or_nothing():
            self._append(local, (local,), mode=MODE_DIRECTORY)

    def close(self) -> int:
        """Complete the archive and return its size; fsync is up to the caller.

        Raises:
            StorageError: The archive cannot be written.

        """
        with self._all_or_nothing():
            directory = self._output.position
            end = pack_end(self._entries, directory, len(self._central))
            self._output.write([self._central, end])
            self._output.flush()
        self._end()
        return self._output.position

    def _end(self) -> None:
        """Take nothing more; what is incomplete stays, for the caller to throw away."""
        self._open = False
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        if not self._open:
            raise ValueError("the archive is complete, or its writing has failed")
        try:
            yield
        except BaseException:
            self._end()
            raise

    def _streamer(self, workers: Workers) -> Streamer:
        return Streamer(self._output, workers, block_bytes=self._block_bytes)

    def _list(self, local: bytes, offset: int, *, mode: int = MODE_FILE) -> None:
        self._central += pack_central(local, offset, mode=mode)
        self._entries += 1

    def _append(self, local: bytes, pieces: Sequence[Buffer], *, mode: int = MODE_FILE) -> None:
        self._list(local, self._output.position, mode=mode)
        self._output.write(pieces)

    def _stream(
        self, source: Source, workers: Workers, report: ProgressCallback
    ) -> tuple[FileRecord, bool]:
        """Write a large file; return its record and whether it changed meanwhile.

        Raises:
            UnreadableError: Nothing of it is in the archive.

        """
        name = encode_name(source.member)
        start = self._output.position
        file: OpenSource | None = None
        try:
            file = OpenSource(source.path)
            streamed = self._stream_open(file, source, name, workers, report)
            changed = file.changed()
        except UnreadableError:
            self._output.rewind(start)
            raise
        finally:
            if file is not None:
                file.close()
        self._list(streamed.local, streamed.offset)
        record = file_record(
            source, size=streamed.size, digest=streamed.digest, mtime_ns=file.mtime_ns
        )
        return record, changed

    def _stream_open(
        self,
        file: OpenSource,
        source: Source,
        name: bytes,
        workers: Workers,
        report: ProgressCallback,
    ) -> Streamed:
        streamer = self._streamer(workers)
        mtime = file.mtime_ns // 1_000_000_000

        def progress(done: int) -> None:
            report(source.member, done)

        kept = self._earlier and self._earlier.likely(source.member, size=file.size, mtime=mtime)
        copied = kept and streamer.copy(file, kept, name=name, mtime=mtime, progress=progress)
        return copied or streamer.write(file, name=name, mtime=mtime, progress=progress)


def _regrouped(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Join pieces until they have at least ``size`` bytes."""
    waiting: list[bytes] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= size:
            yield b"".join(waiting)
            waiting, length = [], 0
    if waiting:
        yield b"".join(waiting)


def _nanoseconds(moment: datetime) -> int:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000
