"""Does an archive that was just written read back? Told fast, of what our own writer writes.

What an export pays for its proof is this: of 100,000 small files, taking the
records apart one by one costs more than decompressing what they hold. Here a
local header is compared, as bytes, with what the central directory makes
expect; where anything is other than our writer makes it, the answer is "not
proven", and `validation.read_back` says what is wrong, if anything is.
"""

import struct
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import BinaryIO, NamedTuple

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.buffers import Buffers
from autoresumefiller.archive.compression import INFLATE_WHOLE_BYTES
from autoresumefiller.archive.content import Demand, check_content
from autoresumefiller.archive.directory import Directory, StructureError, find_directory
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.names import name_fault, place_fault
from autoresumefiller.archive.neighbours import CHECK, Neighbour, are_right
from autoresumefiller.archive.process import GoneError
from autoresumefiller.archive.process_pool import Asked, Pool
from autoresumefiller.archive.records import (
    CENTRAL,
    CENTRAL_SIGNATURE,
    DEFLATED,
    DOS_DIRECTORY,
    EXTRA_ZIP64,
    FLAG_UTF8,
    LOCAL_SIGNATURE,
    MADE_BY_UNIX,
    MAX_32,
    MODE_DIRECTORY,
    MODE_FILE,
    STORED,
    VERSION_DEFLATED,
    VERSION_STORED,
    VERSION_ZIP64,
    pack_end,
    timestamp_extra,
)
from autoresumefiller.archive.small_files import are_many
from autoresumefiller.archive.structure import Member
from autoresumefiller.archive.twins import Twins
from autoresumefiller.workers import Task, Workers, default_workers

_BATCH_BYTES = 1 << 20
_BATCH_MEMBERS = 256
_SMALL_MEMBERS = 64
"""So many in a batch are checked at once: threads would wait for each other most of the time."""

_SHARES = 4
"""All but one of so many batches are for another process: this one takes the directory apart."""

_MOST_ASKED = 32
"""Batches that wait for an answer; each has 50 kB of what is expected of it."""

_PIECE_BYTES = 1 << 20
_LONGEST_HEADER = CENTRAL.size + 3 * 0xFFFF

_STORED_BYTES = 1 << 17
"""Larger ones go through a small buffer that stays in the processor's cache."""

_INLINE_BYTES = 1 << 18  # so little is done before a thread has started

# Of a central header: versions made by and needed, flags, method; crc, both sizes; lengths of
# name, extra and comment, disk; attributes, internal and external, offset (APPNOTE 4.3.12).
_FIELDS = struct.Struct("<4s4H4x3L5HLL")
_LENGTH = struct.Struct("<H")
_ZIP64_OFFSET = struct.Struct("<HHQ")
_TIMESTAMP = timestamp_extra(0)[:4]
_TIMESTAMP_BYTES = len(timestamp_extra(0))
_LIMITS = Limits()
_FILE = MODE_FILE << 16
_FOLDER = MODE_DIRECTORY << 16 | DOS_DIRECTORY


class _UnprovenError(Exception):
    """Something is other than our writer makes it."""


class _Expected(NamedTuple):
    """A member as the central directory describes it.

    Attributes:
        offset: Of its local header.
        head: What that has to be.

    """

    name: str
    method: int
    crc: int
    size: int
    compressed_size: int
    offset: int
    head: bytes

    @property
    def length(self) -> int:
        """Of header and data together."""
        return len(self.head) + self.compressed_size


def reads_back(file: BinaryIO, *, workers: int | None = None) -> bool:
    """Whether structure, names, content and CRC-32 of an archive are proven to be right.

    False means "not proven": `validation.read_back` has to be asked.

    Raises:
        StorageError: the archive cannot be read.

    """
    archive = ArchiveFile(file)
    try:
        directory = find_directory(archive)
        _refuse_excess(directory)
        _check_end(archive, directory)
        if archive.size >= MAX_32:
            # Not found out after minutes of reading.
            deque(_expected(archive, directory), maxlen=0)
        count = default_workers() if workers is None else workers
        check = partial(_check_batch, archive, buffers=Buffers())
        with (
            Workers(0 if archive.size <= _INLINE_BYTES else count) as threads,
            _sharing(archive, directory, check, count) as sharing,
        ):
            tasks: deque[Task[None]] = deque()
            for batch in _batches(_expected(archive, directory)):
                if len(batch) >= _SMALL_MEMBERS:
                    sharing.check(batch)
                    continue
                tasks.append(threads.submit(partial(check, batch)))
                while len(tasks) > 4 * count or (tasks and tasks[0].done):
                    tasks.popleft().result()
            sharing.finish()
            for task in tasks:
                task.result()
    except (StructureError, _UnprovenError):
        return False
    return True


def _refuse_excess(directory: Directory) -> None:
    if directory.entries > _LIMITS.max_entries or directory.size > _LIMITS.max_central_bytes:
        raise _UnprovenError


def _check_end(archive: ArchiveFile, directory: Directory) -> None:
    end = pack_end(directory.entries, directory.offset, directory.size)
    if archive.read(directory.offset + directory.size, len(end) + 1) != end:
        raise _UnprovenError


def _expected(archive: ArchiveFile, directory: Directory) -> Iterator[_Expected]:
    """Yield the members; together they have to be all of the file before the directory."""
    twins = Twins()
    offset = count = 0
    # Piece by piece: of 100,000 it would be a tenth of the memory that an export may take.
    piece, begin, position = b"", 0, 0
    while position < directory.size:
        if position + _LONGEST_HEADER > begin + len(piece) < directory.size:
            begin = position
            length = min(_PIECE_BYTES, directory.size - begin)
            piece = archive.read(directory.offset + begin, length)
        member, after = _next(piece, position - begin)
        position = begin + after
        if member.offset != offset or twins.may_have(member.name):
            raise _UnprovenError
        offset += member.length
        count += 1
        yield member
    if offset != directory.offset or count != directory.entries or position != directory.size:
        raise _UnprovenError


def _next(headers: bytes, position: int) -> tuple[_Expected, int]:
    if len(headers) - position < CENTRAL.size:
        raise _UnprovenError
    (
        signature,
        made_by,
        version,
        flags,
        method,
        crc,
        compressed_size,
        size,
        name_length,
        extra_length,
        comment_length,
        disk,
        internal,
        attributes,
        offset,
    ) = _FIELDS.unpack_from(headers, position)
    name_at = position + CENTRAL.size
    extra_at = name_at + name_length
    end = extra_at + extra_length
    raw, extra = headers[name_at:extra_at], headers[extra_at:end]
    if (
        signature != CENTRAL_SIGNATURE
        or comment_length
        or disk
        or internal
        or end > len(headers)
        or max(size, compressed_size) == MAX_32
        or flags != (0 if raw.isascii() else FLAG_UTF8)
        or (method != DEFLATED and (method != STORED or size != compressed_size))
        or (size > _LIMITS.ratio_floor_bytes and size > _LIMITS.max_ratio * compressed_size)
        or name_length > _LIMITS.max_name_bytes
    ):
        raise _UnprovenError
    needed = _version(method, raw)
    if offset == MAX_32:
        offset, extra = _wide_offset(extra)
        expected = VERSION_ZIP64
    else:
        expected = needed
    if version != expected or made_by != MADE_BY_UNIX | expected:
        raise _UnprovenError
    if extra and not (len(extra) == _TIMESTAMP_BYTES and extra.startswith(_TIMESTAMP)):
        raise _UnprovenError
    is_folder = raw.endswith(b"/")
    if attributes != (_FOLDER if is_folder else _FILE) or (is_folder and (size or crc)):
        raise _UnprovenError
    name = _checked_name(raw, is_folder=is_folder)
    # Of an offset in 64 bits only the directory knows, and so of the version that it needs.
    head = b"".join(
        (
            LOCAL_SIGNATURE,
            _LENGTH.pack(needed),
            headers[position + 8 : position + 30],
            _LENGTH.pack(len(extra)),
            raw,
            extra,
        )
    )
    return _Expected(name, method, crc, size, compressed_size, offset, head), end


def _version(method: int, name: bytes) -> int:
    return VERSION_DEFLATED if method == DEFLATED or name.endswith(b"/") else VERSION_STORED


def _wide_offset(extra: bytes) -> tuple[int, bytes]:
    """Return the offset that stands in a zip64 field, and what follows that."""
    if len(extra) < _ZIP64_OFFSET.size:
        raise _UnprovenError
    kind, length, offset = _ZIP64_OFFSET.unpack_from(extra)
    if (kind, length) != (EXTRA_ZIP64, 8) or offset < MAX_32:
        raise _UnprovenError
    return offset, extra[_ZIP64_OFFSET.size :]


def _checked_name(raw: bytes, *, is_folder: bool) -> str:
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise _UnprovenError from None
    path = name.removesuffix("/") if is_folder else name
    if name_fault(path) or place_fault(path, is_directory=is_folder):
        raise _UnprovenError
    return name


def _batches(members: Iterator[_Expected]) -> Iterator[list[_Expected]]:
    """Group members that are read in one piece; one that suits no buffer comes alone."""
    batch: list[_Expected] = []
    held = 0
    for member in members:
        length = max(member.length, member.size)
        if batch and (len(batch) == _BATCH_MEMBERS or held + length > _BATCH_BYTES):
            yield batch
            batch, held = [], 0
        if _comes_in_pieces(member):
            if batch:
                yield batch
            yield [member]
            batch, held = [], 0
            continue
        batch.append(member)
        held += length
    if batch:
        yield batch


def _comes_in_pieces(member: _Expected) -> bool:
    return member.size > (_STORED_BYTES if member.method == STORED else INFLATE_WHOLE_BYTES)


def _check_batch(archive: ArchiveFile, members: list[_Expected], buffers: Buffers) -> None:
    """Check members that lie next to each other, or one that is read piece by piece."""
    first = members[0]
    if _comes_in_pieces(first):
        _check_pieces(archive, first)
        return
    view = buffers.take(_span(members))
    try:
        filled = archive.read_into(first.offset, view)
        if not are_right(view[:filled], _neighbours(members)):
            raise _UnprovenError
    finally:
        buffers.give(view)


def _neighbours(members: list[_Expected]) -> Iterator[Neighbour]:
    start = members[0].offset
    for _, method, crc, size, compressed_size, offset, head in members:
        yield method, crc, size, compressed_size, offset - start, head


def _span(members: list[_Expected]) -> int:
    first, last = members[0], members[-1]
    return last.offset + last.length - first.offset


class _Sharing:
    """Has many small members checked by another process too; see `small_files` for why."""

    def __init__(
        self, pool: Pool, descriptor: int, check_here: Callable[[list[_Expected]], None]
    ) -> None:
        self._pool = pool
        self._descriptor = descriptor
        self._check_here = check_here
        self._asked: deque[tuple[Asked, list[_Expected]]] = deque()
        self._turn = 0

    def check(self, batch: list[_Expected]) -> None:
        """Check a batch, here or there; perhaps an earlier one is found to be wrong."""
        self._turn = (self._turn + 1) % _SHARES
        if not self._turn or not self._pool:
            self._check_here(batch)
            return
        if len(self._asked) == _MOST_ASKED:
            self._finish_first()
        sent = (self._descriptor, batch[0].offset, _span(batch), [*_neighbours(batch)])
        self._asked.append((self._pool.submit(sent), batch))

    def finish(self) -> None:
        """Wait for all batches."""
        while self._asked:
            self._finish_first()

    def _finish_first(self) -> None:
        asked, batch = self._asked.popleft()
        try:
            if asked.result() is True:
                return
        except GoneError:
            pass
        self._check_here(batch)


@contextmanager
def _sharing(
    archive: ArchiveFile,
    directory: Directory,
    check_here: Callable[[list[_Expected]], None],
    count: int,
) -> Iterator[_Sharing]:
    descriptor = -1 if archive.descriptor is None else archive.descriptor
    suits = count > 1 and descriptor >= 0 and are_many(directory.entries)
    with closing(Pool(CHECK, 1 if suits else 0, (descriptor,))) as pool:
        yield _Sharing(pool, descriptor, check_here)


def _check_pieces(archive: ArchiveFile, expected: _Expected) -> None:
    if archive.read(expected.offset, len(expected.head)) != expected.head:
        raise _UnprovenError
    member = Member(
        name=expected.name,
        method=expected.method,
        crc=expected.crc,
        size=expected.size,
        compressed_size=expected.compressed_size,
        offset=expected.offset + len(expected.head),
    )
    if check_content(archive, member, Demand(hashing=False)).findings:
        raise _UnprovenError
