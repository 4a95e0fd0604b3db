"""Members too large for one buffer: read, hashed, compressed and written block by block."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Protocol

from autoresumefiller.archive.blocks import BLOCK_BYTES, deflate_block
from autoresumefiller.archive.compression import (
    DEFLATED,
    DICTIONARY_BYTES,
    LAST_BLOCK,
    STORED,
    Buffer,
    crc32,
)
from autoresumefiller.archive.output import Output
from autoresumefiller.archive.records import MAX_32, pack_local
from autoresumefiller.archive.reuse import Kept, UnprovenError
from autoresumefiller.archive.sampling import (
    LEAST_GAIN,
    PROBE_BYTES,
    SEGMENT_BYTES,
    probe_within,
    shrinks_or_is_text,
)
from autoresumefiller.workers import Task, Workers

PROBE_EVERY_BYTES = 2 * SEGMENT_BYTES
MOST_PROBES = 4096
"""Beyond half a gigabyte the samples lie further apart: each may have to be read from the disk."""

Progress = Callable[[int], None]


class Content(Protocol):
    """Where the bytes of a large member come from."""

    size: int

    def read(self, length: int) -> Buffer:
        """Return the next bytes; fewer than ``length`` only at the end."""

    def peek(self, length: int, offset: int) -> Buffer:
        """Return bytes from elsewhere without moving on."""

    def rewind(self) -> None:
        """Read from the beginning again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """What became of a large member.

    Attributes:
        local: Its local header.
        offset: Where that is.
        size: Of its content, in bytes.
        compressed_size: In the archive.
        digest: SHA-256 of its content, hexadecimal.

    """

    local: bytes
    offset: int
    size: int
    compressed_size: int
    digest: str


def _say(progress: Progress, done: int, _again: int) -> None:
    progress(done)


def worth_deflating(content: Content) -> bool:
    """Tell by sparse samples whether so much of a large file shrinks that it is worth it.

    As in a file of one buffer, to gain a fraction of 1/`LEAST_GAIN` is not. Text becomes less than
    half as long, so a file with twice that fraction of it is found to be worth it.
    """
    step = max(PROBE_EVERY_BYTES, -(-content.size // MOST_PROBES))
    starts = range(0, content.size, step)
    shrinking = (
        start
        for start in starts
        if shrinks_or_is_text(
            content.peek(PROBE_BYTES, probe_within(start, min(start + step, content.size)))
        )
    )
    enough = max(1, 2 * len(starts) // LEAST_GAIN)
    return len([*islice(shrinking, enough)]) == enough


class _Digest:
    """SHA-256 and CRC-32, updated block after block by whichever worker comes to it."""

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()
        self.crc = 0
        self.size = 0

    def update(self, block: Buffer, previous: Task[Any] | None) -> Buffer:
        if previous is not None:
            # It was started before this one, so it cannot be waiting for this worker.
            previous.result()
        self.sha256.update(block)
        self.crc = crc32(block, self.crc)
        self.size += len(block)
        return block


class Streamer:
    """Writes one large member at the end of ``output``."""

    def __init__(self, output: Output, workers: Workers, *, block_bytes: int = BLOCK_BYTES) -> None:
        self._output = output
        self._workers = workers
        self._block_bytes = block_bytes
        # Enough for every worker to have work while the next block is read.
        self._ahead = 2 * workers.count + 2

    def write(self, content: Content, *, name: bytes, mtime: int, progress: Progress) -> Streamed:
        """Write the member, deflated if that makes it noticeably smaller.

        Raises whatever ``content`` and ``progress`` raise: what was written of
        the member is still in the output then.
        """
        start = self._output.position
        # Nothing beyond the size at the opening is read, and no method makes it larger.
        zip64 = content.size >= MAX_32
        if worth_deflating(content):
            blocks = self._blocks(content)
            streamed = self._write(blocks, name, mtime, DEFLATED, progress, zip64=zip64)
            if streamed.compressed_size < streamed.size - streamed.size // LEAST_GAIN:
                return streamed
            # The samples were not like the rest: rare, so reading twice is fine.
            self._output.rewind(start)
            content.rewind()
            progress = partial(_say, progress, streamed.size)
        return self._write(self._blocks(content), name, mtime, STORED, progress, zip64=zip64)

    def copy(
        self, content: Content, kept: Kept, *, name: bytes, mtime: int, progress: Progress
    ) -> Streamed | None:
        """Write the member with bytes that are compressed already, if they are its own.

        Returns None, the output and the content as they were, if they are not.
        """
        digest = _Digest()
        for block in self._blocks(content):
            digest.update(block, None)
            progress(digest.size)
        content.rewind()
        entry, sha256 = kept.entry, digest.sha256.hexdigest()
        if (digest.size, digest.crc) != (entry.size, entry.crc):
            return None
        local = pack_local(
            name,
            method=DEFLATED,
            crc=digest.crc,
            size=digest.size,
            compressed_size=entry.compressed_size,
            mtime=mtime,
            zip64=content.size >= MAX_32,
        )
        start = self._output.position
        try:
            self._output.write([local])
            for piece in kept.pieces(size=digest.size, sha256=sha256):
                self._output.write([piece])
                progress(digest.size)
        except UnprovenError:
            self._output.rewind(start)
            return None
        return Streamed(
            local=local,
            offset=start,
            size=digest.size,
            compressed_size=entry.compressed_size,
            digest=sha256,
        )

    def write_blocks(self, blocks: Iterable[Buffer], *, name: bytes, mtime: int) -> Streamed:
        """Write a member of unknown size, less than 4 GiB, that is made for the archive."""
        return self._write(blocks, name, mtime, DEFLATED, lambda _: None)

    def _write(
        self,
        blocks: Iterable[Buffer],
        name: bytes,
        mtime: int,
        method: int,
        progress: Progress,
        *,
        zip64: bool = False,
    ) -> Streamed:
        start = self._output.position
        header = partial(pack_local, name, method=method, mtime=mtime, zip64=zip64)
        self._output.write([header(crc=0, size=0, compressed_size=0)])
        begin = self._output.position
        digest = _Digest()
        if method == DEFLATED:
            self._deflate(blocks, digest, progress)
        else:
            self._store(blocks, digest, progress)
        compressed_size = self._output.position - begin
        # Its length does not depend on what was not known before.
        local = header(crc=digest.crc, size=digest.size, compressed_size=compressed_size)
        self._output.patch(start, local)
        return Streamed(
            local=local,
            offset=start,
            size=digest.size,
            compressed_size=compressed_size,
            digest=digest.sha256.hexdigest(),
        )

    def _blocks(self, content: Content) -> Iterator[Buffer]:
        left = content.size
        while left:
            block = content.read(min(left, self._block_bytes))
            if not len(block):
                return
            yield block
            left -= len(block)

    def _store(self, blocks: Iterable[Buffer], digest: _Digest, progress: Progress) -> None:
        waiting: deque[Task[Buffer]] = deque()
        last: Task[Buffer] | None = None
        done = 0
        for block in blocks:
            if len(waiting) >= self._ahead:
                done = self._finish(waiting.popleft(), done, progress)
            last = self._workers.submit(partial(digest.update, block, last))
            waiting.append(last)
        while waiting:
            done = self._finish(waiting.popleft(), done, progress)

    def _finish(self, task: Task[Buffer], done: int, progress: Progress) -> int:
        block = task.result()
        self._output.write([block])
        progress(done + len(block))
        return done + len(block)

    def _deflate(self, blocks: Iterable[Buffer], digest: _Digest, progress: Progress) -> None:
        waiting: deque[tuple[Task[list[Buffer]], int]] = deque()
        last: Task[Buffer] | None = None
        before: Buffer = b""
        done = 0
        for block in blocks:
            if len(waiting) >= self._ahead:
                done = self._finish_deflated(waiting.popleft(), done, progress)
            last = self._workers.submit(partial(digest.update, block, last))
            task = self._workers.submit(partial(deflate_block, block, before=before))
            waiting.append((task, len(block)))
            before = memoryview(block)[-DICTIONARY_BYTES:]
        while waiting:
            done = self._finish_deflated(waiting.popleft(), done, progress)
        if last is not None:
            last.result()
        self._output.write([LAST_BLOCK])

    def _finish_deflated(
        self, waiting: tuple[Task[list[Buffer]], int], done: int, progress: Progress
    ) -> int:
        task, length = waiting
        self._output.write(task.result())
        progress(done + length)
        return done + length
