"""From a file to the bytes of its member: read once, hashed, compressed where that helps."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from autoresumefiller.archive.blocks import deflate_mixed
from autoresumefiller.archive.compression import (
    DEFLATED,
    STORED,
    WHOLE_LIMIT_BYTES,
    Buffer,
    crc32,
    deflate_whole,
    total_length,
)
from autoresumefiller.archive.records import Entry, encode_name
from autoresumefiller.archive.reuse import EarlierArchive
from autoresumefiller.archive.sampling import runs, shrinking_bytes
from autoresumefiller.archive.source import Lost, OpenSource, Source, UnreadableError, iso_time
from autoresumefiller.model.metadata import FileRecord

LEAST_BYTES = 32
"""Nothing so short shrinks by more than its own bookkeeping."""

SAMPLE_FROM_BYTES = 8 << 10
"""Below this, trying costs no more than sampling."""

MIXED_BELOW = 0.5
"""With less than this share that shrinks, a file is compressed run by run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """A file whose bytes are in the archive.

    Attributes:
        record: For the metadata.
        changed: Whether the file was written to while it was read.

    """

    record: FileRecord
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A member, ready to be written.

    Attributes:
        entry: For its headers.
        pieces: Its bytes in the archive, in order.
        read: What its file was.

    """

    entry: Entry
    pieces: Sequence[Buffer]
    read: FileRead


@dataclass(frozen=True, slots=True, kw_only=True)
class TooLarge:
    """A file that has grown too large for one buffer since it was listed."""

    source: Source


def compress(data: Buffer) -> tuple[int, Sequence[Buffer]]:
    """Return the method and the bytes that suit a whole buffer; never more than it has."""
    size = len(data)
    if size >= LEAST_BYTES:
        found = runs(data) if size >= SAMPLE_FROM_BYTES else None
        share = 1.0 if found is None else shrinking_bytes(found) / size
        if share:
            pieces = [deflate_whole(data)] if share >= MIXED_BELOW else deflate_mixed(data)
            if total_length(pieces) < size:
                return DEFLATED, pieces
    return STORED, (data,)


def pack(
    source: Source,
    *,
    whole_limit: int = WHOLE_LIMIT_BYTES,
    earlier: EarlierArchive | None = None,
) -> Packed | Lost | TooLarge:
    """Read a file of up to ``whole_limit`` bytes and make its member.

    ``earlier`` may have it compressed already.
    """
    try:
        file = OpenSource(source.path)
    except UnreadableError as error:
        return Lost(member=source.member, reason=str(error))
    try:
        if file.size > whole_limit:
            return TooLarge(source=source)
        data = file.read(file.size)
        changed = file.changed()
    except UnreadableError as error:
        return Lost(member=source.member, reason=str(error))
    finally:
        file.close()
    digest = hashlib.sha256(data).hexdigest()
    record = file_record(source, size=len(data), digest=digest, mtime_ns=file.mtime_ns)
    method, pieces = _kept(source, data, digest, earlier) or compress(data)
    return Packed(
        entry=Entry(
            name=encode_name(source.member),
            method=method,
            crc=crc32(data),
            size=len(data),
            compressed_size=total_length(pieces),
            mtime=file.mtime_ns // 1_000_000_000,
        ),
        pieces=pieces,
        read=FileRead(record=record, changed=changed),
    )


def _kept(
    source: Source, data: bytes, digest: str, earlier: EarlierArchive | None
) -> tuple[int, Sequence[Buffer]] | None:
    kept = earlier and earlier.find(source.member, size=len(data), sha256=digest)
    compressed = kept.of(data) if kept else None
    return None if compressed is None else (DEFLATED, (compressed,))


def file_record(source: Source, *, size: int, digest: str, mtime_ns: int) -> FileRecord:
    """Describe a file for the metadata."""
    return FileRecord(
        path=source.member,
        size_bytes=size,
        checksum_sha256=digest,
        modified=iso_time(mtime_ns),
        original_path=source.original_path,
    )
