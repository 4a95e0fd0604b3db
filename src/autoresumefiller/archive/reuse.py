"""Compressed members of an earlier archive, used again where the live file did not change.

Compressing is what an export costs. The live file is read and hashed all the
same; where an earlier archive has a member of that name, size and CRC-32, its
compressed bytes will do. Nothing about the earlier archive is believed: the
bytes that are copied are decompressed, and only if that gives the live file
again do they go into the new archive, the very bytes that were looked at. A
damaged or lying archive costs time, never content.

That is also why nothing is copied by the kernel (copy_file_range): what it
copies is read again, later than what was looked at.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO, Self

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.buffers import fresh
from autoresumefiller.archive.compression import (
    DEFLATED,
    INFLATE_WHOLE_BYTES,
    Buffer,
    CodecError,
    InflateStream,
    inflate_whole,
)
from autoresumefiller.archive.directory import Entry, StructureError, find_directory, read_entry
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.names import METADATA
from autoresumefiller.archive.records import (
    CENTRAL,
    CENTRAL_SIGNATURE,
    EXTRA_HEADER,
    LOCAL,
    LOCAL_SIGNATURE,
    dos_time,
)
from autoresumefiller.errors import StorageError

_CHUNK_BYTES = 1 << 18
_COMPARED_BYTES = 1 << 16
_LENGTHS = Struct("<HHH")
_LENGTHS_AT = 28
_EXTRA_BYTES = 64
"""More than the extra fields of our own local headers."""


class UnprovenError(Exception):
    """What was copied does not decompress to what was expected: it must not be used."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One compressed member of an earlier archive, as that archive's directory has it."""

    file: ArchiveFile
    entry: Entry

    def of(self, data: Buffer, *, crc: int) -> Buffer | None:
        """Return the compressed bytes if they decompress to ``data``, else None.

        ``crc`` is the CRC-32 of ``data``; with it the fastest codec serves.
        """
        length = self.entry.compressed_size
        if length >= len(data):  # what our writer never writes, and a lie could be of any size
            return None
        try:
            # The header and what follows it in one go; not all of it is needed.
            most = LOCAL.size + len(self.entry.name) + _EXTRA_BYTES + length
            found = fresh(most)
            found = found[: self.file.read_into(self.entry.offset, found)]
            begin = _data_begin(found)
            compressed = found[begin : begin + length]
            if len(data) > INFLATE_WHOLE_BYTES:
                return compressed if _gives(compressed, memoryview(data)) else None
            content = inflate_whole(compressed, len(data), crc=crc)
        except (CodecError, StorageError, UnprovenError):
            return None
        return compressed if _are_same(content, data) else None

    def pieces(self, *, size: int, sha256: str) -> Iterator[bytes]:
        """Yield the compressed bytes.

        Raises:
            UnprovenError: after the last of them, if together they do not
                decompress to content of that size and SHA-256.

        """
        stream = InflateStream()
        digest = hashlib.sha256()
        inflated = done = 0
        try:
            begin = _data_begin(memoryview(self.file.read(self.entry.offset, LOCAL.size)))
            while done < self.entry.compressed_size:
                wanted = min(_CHUNK_BYTES, self.entry.compressed_size - done)
                piece = self.file.read(self.entry.offset + begin + done, wanted)
                if len(piece) != wanted:
                    raise UnprovenError
                done += wanted
                for content in _inflate(stream, piece, size - inflated + 1):
                    digest.update(content)
                    inflated += len(content)
                yield piece
        except (CodecError, StorageError) as error:
            raise UnprovenError from error
        proven = stream.eof and not stream.leftover and inflated == size
        if not proven or digest.hexdigest() != sha256:
            raise UnprovenError


def _data_begin(header: memoryview) -> int:
    """Return how far behind the beginning of a local header its data begins."""
    if len(header) < LOCAL.size or header[:4] != LOCAL_SIGNATURE:
        raise CodecError("there is no local header")
    lengths: tuple[int, int] = EXTRA_HEADER.unpack_from(header, LOCAL.size - EXTRA_HEADER.size)
    return LOCAL.size + sum(lengths)


def _are_same(content: bytes, data: Buffer) -> bool:
    # Python compares bytes with a memoryview one after the other, 1.4 GB/s: copied first it is
    # 30, and in pieces that fit into the nearest cache it costs next to nothing.
    return len(content) == len(data) and all(
        content.startswith(bytes(data[start : start + _COMPARED_BYTES]), start)
        for start in range(0, len(data), _COMPARED_BYTES)
    )


def _gives(compressed: memoryview, data: memoryview) -> bool:
    """Whether one stream fills ``compressed`` and decompresses to ``data``."""
    stream = InflateStream()
    done = 0
    for start in range(0, len(compressed), _CHUNK_BYTES):
        piece = compressed[start : start + _CHUNK_BYTES]
        for content in _inflate(stream, piece, len(data) - done):
            if not _are_same(content, data[done : done + len(content)]):
                return False
            done += len(content)
    return stream.eof and not stream.leftover and done == len(data)


def _inflate(stream: InflateStream, piece: Buffer, most: int) -> Iterator[bytes]:
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
    """The compressed members of an archive that was made before, by name.

    Of each only the place of its header in the central directory is kept:
    there may be 100,000, and most are asked for once.
    """

    def __init__(self, file: ArchiveFile, headers: bytes, places: dict[int, int]) -> None:
        self._file = file
        self._headers = headers
        self._places = places

    @classmethod
    def open(cls, file: BinaryIO) -> Self | None:
        """Look into an archive; None if it is not one of ours or its directory is damaged.

        ``file`` must stay open for as long as the result is used.
        """
        limits = Limits()
        try:
            archive = ArchiveFile(file)
            directory = find_directory(archive)
            if directory.size > limits.max_central_bytes or directory.entries > limits.max_entries:
                return None
            headers = archive.read(directory.offset, directory.size)
        except (StructureError, StorageError):
            return None
        places = _places(headers)
        return cls(archive, headers, places) if hash(METADATA.encode()) in places else None

    def find(self, member: str, *, size: int, crc: int) -> Kept | None:
        """Return the member of that name if its content is said to be the same."""
        entry = self._entry(member)
        return Kept(self._file, entry) if entry and (entry.size, entry.crc) == (size, crc) else None

    def likely(self, member: str, *, size: int, mtime: int) -> Kept | None:
        """Return the member of that name if its size and time say that it may be the same.

        For a large file, which is read twice if this was wrong.
        """
        entry = self._entry(member)
        if entry is None or entry.compressed_size >= size:
            return None
        same = (entry.size, entry.dos_time, entry.dos_date) == (size, *dos_time(mtime))
        return Kept(self._file, entry) if same else None

    def _entry(self, member: str) -> Entry | None:
        name = member.encode()
        place = self._places.get(hash(name))
        if place is None:
            return None
        try:
            entry, _ = read_entry(self._headers, place)
        except StructureError:
            return None
        return entry if entry.name == name and entry.method == DEFLATED else None


def _places(headers: bytes) -> dict[int, int]:
    """Return where in a central directory each name's header is, by the name's hash."""
    found: dict[int, int] = {}
    place, end = 0, len(headers) - CENTRAL.size
    while place <= end and headers.startswith(CENTRAL_SIGNATURE, place):
        name_length, extra_length, comment_length = _LENGTHS.unpack_from(
            headers, place + _LENGTHS_AT
        )
        name_at = place + CENTRAL.size
        found[hash(headers[name_at : name_at + name_length])] = place
        place = name_at + name_length + extra_length + comment_length
    return found
