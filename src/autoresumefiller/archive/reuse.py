"""Compressed members of an earlier archive, used again where the live file did not change.

Compressing is what an export costs. The live file is read and hashed all the
same; where an earlier archive has a member of that name, size and SHA-256, its
compressed bytes will do. Nothing about the earlier archive is believed: the
bytes that are copied are decompressed, and only if that gives the live file
again do they go into the new archive, the very bytes that were looked at. A
damaged or lying archive costs time, never content.

That is also why nothing is copied by the kernel (copy_file_range): what it
copies is read again, later than what was looked at.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Self

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.compression import (
    DEFLATED,
    Buffer,
    CodecError,
    InflateStream,
    inflate_whole,
)
from autoresumefiller.archive.reader import ArchiveReader
from autoresumefiller.archive.structure import Member
from autoresumefiller.errors import BackupValidationError, StorageError
from autoresumefiller.model.metadata import FileRecord

_CHUNK_BYTES = 1 << 20


class UnprovenError(Exception):
    """What was copied does not decompress to what was expected: it must not be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One compressed member of an earlier archive, and what that archive says of it."""

    file: ArchiveFile
    member: Member
    record: FileRecord

    def of(self, data: Buffer, *, crc: int) -> bytes | None:
        """Return the compressed bytes if they decompress to ``data``, else None.

        ``crc`` is the CRC-32 of ``data``; with it the fastest codec serves.
        """
        try:
            compressed = self.file.read(self.member.offset, self.member.compressed_size)
            content = inflate_whole(compressed, len(data), crc=crc)
        except (CodecError, StorageError):
            return None
        return compressed if content == data else None

    def pieces(self) -> Iterator[bytes]:
        """Yield the compressed bytes.

        Raises:
            UnprovenError: after the last of them, if together they do not
                decompress to content with the recorded SHA-256 and size.

        """
        stream = InflateStream()
        digest = hashlib.sha256()
        size = done = 0
        try:
            while done < self.member.compressed_size:
                wanted = min(_CHUNK_BYTES, self.member.compressed_size - done)
                piece = self.file.read(self.member.offset + done, wanted)
                if len(piece) != wanted:
                    raise UnprovenError
                done += wanted
                for content in _inflate(stream, piece, self.record.size_bytes - size + 1):
                    digest.update(content)
                    size += len(content)
                yield piece
        except (CodecError, StorageError) as error:
            raise UnprovenError from error
        proven = stream.eof and not stream.leftover and size == self.record.size_bytes
        if not proven or digest.hexdigest() != self.record.checksum_sha256:
            raise UnprovenError


def _inflate(stream: InflateStream, piece: bytes, most: int) -> Iterator[Buffer]:
    """Decompress a piece; a stream that gives more than ``most`` bytes is unproven."""
    while not stream.eof:
        content = stream.feed(piece, _CHUNK_BYTES)
        most -= len(content)
        if most < 0:
            raise UnprovenError
        yield content
        piece = b""
        if stream.needs_input:
            return
    if piece:
        raise UnprovenError


class EarlierArchive:
    """The compressed members of an archive that was made before, by name."""

    def __init__(self, kept: Mapping[str, Kept]) -> None:
        self._kept = kept

    @classmethod
    def open(cls, file: BinaryIO) -> Self | None:
        """Look into an archive; None if it is not one of ours or not sound.

        ``file`` must stay open for as long as the result is used.
        """
        try:
            reader = ArchiveReader(file)
            if reader.structure.findings or reader.metadata.format_version is None:
                return None
            records = {record.path: record for record in reader.metadata.files}
        except (BackupValidationError, StorageError):
            return None
        return cls(
            {
                member.name: Kept(file=reader.file, member=member, record=record)
                for member in reader.structure.members
                if member.method == DEFLATED
                and (record := records.get(member.name)) is not None
                and record.size_bytes == member.size
            }
        )

    def find(self, member: str, *, size: int, sha256: str) -> Kept | None:
        """Return the member of that name if its content is said to be the same."""
        kept = self._kept.get(member)
        same = kept and (kept.record.size_bytes, kept.record.checksum_sha256) == (size, sha256)
        return kept if same else None

    def likely(self, member: str, *, size: int, modified: str | None) -> Kept | None:
        """Return the member of that name if its size and time say that it may be the same.

        For a large file, which is read twice if this was wrong.
        """
        kept = self._kept.get(member)
        same = kept and (kept.record.size_bytes, kept.record.modified) == (size, modified)
        return kept if same else None
