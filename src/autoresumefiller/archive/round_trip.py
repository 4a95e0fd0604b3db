"""Does an archive that was just written read back? Told fast, of what our own writer writes.

What an export pays for its proof is this: of 100,000 small files, taking the
records apart one by one costs more than decompressing what they hold. Here a
local header is compared, as bytes, with what the central directory makes
expect; where anything is other than our writer makes it, the answer is "not
proven", and `validation.read_back` says what is wrong, if anything is.
"""

import struct
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, NamedTuple

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.buffers import Buffers
from autoresumefiller.archive.compression import CodecError, crc32, inflate_whole
from autoresumefiller.archive.content import WHOLE_BYTES, Demand, check_content
from autoresumefiller.archive.directory import Directory, StructureError, find_directory
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.names import name_fault, place_fault
from autoresumefiller.archive.records import (
    CENTRAL,
    CENTRAL_SIGNATURE,
    DEFLATED,
    DOS_DIRECTORY,
    EXTRA_ZIP64,
    FLAG_UTF8,
    LOCAL_SIGNATURE,
    MAX_32,
    MODE_DIRECTORY,
    MODE_FILE,
    STORED,
    VERSION_DEFLATED,
    VERSION_STORED,
    timestamp_extra,
)
from autoresumefiller.archive.structure import Member
from autoresumefiller.archive.twins import Twins
from autoresumefiller.archive.workers import Task, Workers, default_workers

_BATCH_BYTES = 1 << 20
_BATCH_MEMBERS = 256
_SMALL_MEMBERS = 64
"""So many in a batch are checked at once: threads would wait for each other most of the time."""

_STORED_BYTES = 1 << 17
"""Larger ones go through a small buffer that stays in the processor's cache."""

_INLINE_BYTES = 1 << 18  # so little is done before a thread has started

# Of a central header: flags, method; crc, both sizes; lengths of name, extra
# and comment, disk; attributes, offset (APPNOTE 4.3.12).
_FIELDS = struct.Struct("<4s4xHH4xLLLHHHH2xLL")
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
        headers = _read_headers(archive, directory)
        if archive.size >= MAX_32:
            # Not found out after minutes of reading.
            deque(_expected(headers, directory), maxlen=0)
        count = default_workers() if workers is None else workers
        check = partial(_check_batch, archive, buffers=Buffers())
        with Workers(0 if archive.size <= _INLINE_BYTES else count) as threads:
            tasks: deque[Task[None]] = deque()
            for batch in _batches(_expected(headers, directory)):
                if len(batch) >= _SMALL_MEMBERS:
                    check(batch)
                    continue
                tasks.append(threads.submit(partial(check, batch)))
                while len(tasks) > 4 * count or (tasks and tasks[0].done):
                    tasks.popleft().result()
            for task in tasks:
                task.result()
    except (StructureError, _UnprovenError):
        return False
    return True


def _read_headers(archive: ArchiveFile, directory: Directory) -> bytes:
    if directory.entries > _LIMITS.max_entries or directory.size > _LIMITS.max_central_bytes:
        raise _UnprovenError
    return archive.read(directory.offset, directory.size)


def _expected(headers: bytes, directory: Directory) -> Iterator[_Expected]:
    """Yield the members; together they have to be all of the file before the directory."""
    twins = Twins()
    position = offset = count = 0
    end = len(headers)
    while position < end:
        member, position = _next(headers, position)
        if member.offset != offset or twins.may_have(member.name):
            raise _UnprovenError
        offset += member.length
        count += 1
        yield member
    if offset != directory.offset or count != directory.entries or end != directory.size:
        raise _UnprovenError


def _next(headers: bytes, position: int) -> tuple[_Expected, int]:
    if len(headers) - position < CENTRAL.size:
        raise _UnprovenError
    (
        signature,
        flags,
        method,
        crc,
        compressed_size,
        size,
        name_length,
        extra_length,
        comment_length,
        disk,
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
        or end > len(headers)
        or max(size, compressed_size) == MAX_32
        or flags != (0 if raw.isascii() else FLAG_UTF8)
        or (method != DEFLATED and (method != STORED or size != compressed_size))
        or (size > _LIMITS.ratio_floor_bytes and size > _LIMITS.max_ratio * compressed_size)
        or name_length > _LIMITS.max_name_bytes
    ):
        raise _UnprovenError
    is_near = offset != MAX_32
    if not is_near:
        offset, extra = _wide_offset(extra)
    if extra and not (len(extra) == _TIMESTAMP_BYTES and extra.startswith(_TIMESTAMP)):
        raise _UnprovenError
    is_folder = raw.endswith(b"/")
    if attributes != (_FOLDER if is_folder else _FILE) or (is_folder and (size or crc)):
        raise _UnprovenError
    name = _checked_name(raw, is_folder=is_folder)
    # Of an offset in 64 bits only the directory knows, and so of that version.
    version = headers[position + 6 : position + 8] if is_near else _version(method, raw)
    repeated = headers[position + 8 : position + 30]
    head = b"".join((LOCAL_SIGNATURE, version, repeated, _LENGTH.pack(len(extra)), raw, extra))
    return _Expected(name, method, crc, size, compressed_size, offset, head), end


def _version(method: int, name: bytes) -> bytes:
    needed = VERSION_DEFLATED if method == DEFLATED or name.endswith(b"/") else VERSION_STORED
    return _LENGTH.pack(needed)


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
    return member.size > (_STORED_BYTES if member.method == STORED else WHOLE_BYTES)


def _check_batch(archive: ArchiveFile, members: list[_Expected], buffers: Buffers) -> None:
    """Check members that lie next to each other, or one that is read piece by piece."""
    first, last = members[0], members[-1]
    if _comes_in_pieces(first):
        _check_pieces(archive, first)
        return
    view = buffers.take(last.offset + last.length - first.offset)
    try:
        filled = archive.read_into(first.offset, view)
        _check_neighbours(view[:filled], members)
    finally:
        buffers.give(view)


def _check_neighbours(view: memoryview, members: list[_Expected]) -> None:
    start = members[0].offset
    for _, method, crc, size, compressed_size, offset, head in members:
        at = offset - start
        begin = at + len(head)
        if view[at:begin] != head:
            raise _UnprovenError
        compressed = view[begin : begin + compressed_size]
        if method == STORED:
            if len(compressed) != size or crc32(compressed) != crc:
                raise _UnprovenError
            continue
        try:
            inflate_whole(compressed, size, crc=crc)
        except CodecError:
            raise _UnprovenError from None


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
