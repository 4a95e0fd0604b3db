"""From a file to the bytes of its member: read once, hashed, compressed where that helps."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import NamedTuple

from autoresumefiller.archive.blocks import deflate_mixed
from autoresumefiller.archive.buffers import Buffers
from autoresumefiller.archive.compression import (
    DEFLATED,
    STORED,
    WHOLE_LIMIT_BYTES,
    Buffer,
    crc32,
    deflate_whole,
    total_length,
)
from autoresumefiller.archive.effort import Effort
from autoresumefiller.archive.records import encode_name, pack_local
from autoresumefiller.archive.reuse import EarlierArchive
from autoresumefiller.archive.sampling import LEAST_GAIN, runs, shrinking_bytes
from autoresumefiller.archive.source import Lost, Source, UnreadableError, iso_time, read_whole
from autoresumefiller.model.metadata import FileRecord

LEAST_BYTES = 32
"""Nothing so short shrinks by more than its own bookkeeping."""

SAMPLE_FROM_BYTES = 8 << 10
"""Below this, trying costs no more than sampling."""

JOIN_BELOW = 16 << 10
"""One piece is handled sooner than two; copying so little costs next to nothing."""

MIXED_FROM_BYTES = 64 << 10
"""In a smaller file, text is too scattered to be found, and noise costs little."""

MIXED_BELOW = 0.5
"""With less than this share that shrinks, a file is compressed run by run."""


class Packed(NamedTuple):
    """A member, ready to be written.

    Attributes:
        local: Its local header, which `pack_central` repeats.
        pieces: All of its bytes in the archive, in order, the header among them.
        record: For the metadata.
        changed: Whether the file was written to while it was read.
        lent: The buffer that pieces are parts of, to be given back when they are written.

    """

    local: bytes
    pieces: Sequence[Buffer]
    record: FileRecord
    changed: bool
    lent: memoryview | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TooLarge:
    """A file that has grown too large for one buffer since it was listed."""

    source: Source


def codecs() -> tuple[str, ...]:
    """Return where the codecs come from; where one is missing, another does its work."""
    return tuple(map(_place, ("deflate", "zlib_ng.zlib_ng", "isal.igzip_lib")))


def _place(module: str) -> str:
    try:
        return str(import_module(module).__file__)
    except ImportError:
        return ""


def compress(data: Buffer, effort: Effort = Effort.SMALLEST) -> tuple[int, Sequence[Buffer]]:
    """Return the method and the bytes that suit a whole buffer; never more than it has."""
    size = len(data)
    if size < SAMPLE_FROM_BYTES:
        if size >= LEAST_BYTES and len(deflated := deflate_whole(data)) < size:
            return DEFLATED, (deflated,)
        return STORED, (data,)
    found = runs(data)
    share = shrinking_bytes(found) / size
    if share:
        whole = share >= MIXED_BELOW or size < MIXED_FROM_BYTES
        pieces = [deflate_whole(data, effort)] if whole else deflate_mixed(data, found)
        if total_length(pieces) < size - size // LEAST_GAIN:
            return DEFLATED, pieces
    return STORED, (data,)


def pack(
    source: Source,
    *,
    buffers: Buffers,
    whole_limit: int = WHOLE_LIMIT_BYTES,
    effort: Effort = Effort.SMALLEST,
    earlier: EarlierArchive | None = None,
) -> Packed | Lost | TooLarge:
    """Read a file of up to ``whole_limit`` bytes and make its member.

    ``earlier`` may have it compressed already.
    """
    try:
        content = read_whole(source.path, whole_limit, buffers)
    except UnreadableError as error:
        return Lost(member=source.member, reason=str(error))
    if content is None:
        return TooLarge(source=source)
    data, mtime_ns, changed = content
    size = len(data)
    digest = hashlib.sha256(data).hexdigest()
    local, pieces = pack_member(
        source.member, data, mtime_ns // 1_000_000_000, effort=effort, earlier=earlier
    )
    record = file_record(source, size=size, digest=digest, mtime_ns=mtime_ns)
    lent = data if isinstance(data, memoryview) else None
    if lent is not None and not any(
        isinstance(piece, memoryview) and piece.obj is lent.obj for piece in pieces
    ):
        buffers.give(lent)
        lent = None
    return Packed(local, pieces, record, changed, lent)


def pack_member(
    member: str,
    data: Buffer,
    mtime: int,
    *,
    effort: Effort = Effort.SMALLEST,
    earlier: EarlierArchive | None = None,
) -> tuple[bytes, Sequence[Buffer]]:
    """Return a member's local header, and all of its bytes with the header among them.

    ``earlier`` may have what the data is when compressed; it is not believed.
    """
    crc = crc32(data)
    kept = earlier.find(member, size=len(data), crc=crc) if earlier else None
    compressed = kept.of(data, crc=crc) if kept else None
    method, pieces = (DEFLATED, (compressed,)) if compressed else compress(data, effort)
    compressed_size = total_length(pieces)
    local = pack_local(
        encode_name(member),
        method=method,
        crc=crc,
        size=len(data),
        compressed_size=compressed_size,
        mtime=mtime,
    )
    if compressed_size < JOIN_BELOW:
        return local, (b"".join((local, *pieces)),)
    return local, (local, *pieces)


def file_record(source: Source, *, size: int, digest: str, mtime_ns: int) -> FileRecord:
    """Describe a file for the metadata."""
    return FileRecord(
        path=source.member,
        size_bytes=size,
        checksum_sha256=digest,
        modified=iso_time(mtime_ns),
        original_path=source.original_path,
    )
