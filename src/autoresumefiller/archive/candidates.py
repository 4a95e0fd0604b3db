"""Local headers in a damaged archive: where they are, and where what follows them ends.

Everything here may be hostile. Every fourth byte can begin a header, and each
of them claim the rest of the file: what comes to nothing is counted, and at
some point the search is given up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.compression import CodecError, InflateStream, crc32
from autoresumefiller.archive.directory import Entry, StructureError
from autoresumefiller.archive.directory import split_extra as split
from autoresumefiller.archive.entry_policy import FLAG_DESCRIPTOR
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.local_headers import DESCRIPTOR_SIGNATURE
from autoresumefiller.archive.records import (
    DEFLATED,
    EXTRA_ZIP64,
    LOCAL,
    LOCAL_SIGNATURE,
    MAX_32,
)
from autoresumefiller.archive.signature_search import SignatureSearch

_CHUNK_BYTES = 1 << 18
# A damaged archive is read about once, plus what false starts cost.
_WORK_FACTOR = 32
_WORK_FLOOR = 256 << 20
_FALSE_START = 1 << 9  # looking at one takes as long as decompressing so many bytes


class Effort:
    """How many bytes may still be read and decompressed in vain."""

    def __init__(self, file_size: int) -> None:
        self._left = _WORK_FACTOR * file_size + _WORK_FLOOR

    def spend(self, amount: int) -> None:
        """Count bytes that came to nothing."""
        self._left -= amount

    def affords(self, amount: int = 0) -> bool:
        """Whether so many more may come to nothing."""
        return self._left >= amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A local header: perhaps a member.

    Attributes:
        entry: What it says.
        data_offset: Where the content would begin.

    """

    entry: Entry
    data_offset: int

    @classmethod
    def read(cls, file: ArchiveFile, at: int, limits: Limits, effort: Effort) -> Self | None:
        """Return what stands there, None if it is no local header."""
        effort.spend(_FALSE_START)
        head = file.read(at, LOCAL.size)
        if len(head) < LOCAL.size:
            return None
        _, _, flags, method, time, date, crc, compressed, size, name_length, extra_length = (
            LOCAL.unpack(head)
        )
        if not 0 < name_length <= limits.max_name_bytes:
            return None
        effort.spend(name_length + extra_length)
        rest = file.read(at + LOCAL.size, name_length + extra_length)
        if len(rest) < name_length + extra_length:
            return None
        try:
            extra = split(rest[name_length:])
        except StructureError:
            return None
        block = extra.get(EXTRA_ZIP64, b"")
        if MAX_32 in {size, compressed} and len(block) >= 2 * 8:
            size = int.from_bytes(block[:8], "little")
            compressed = int.from_bytes(block[8:16], "little")
        entry = Entry(
            name=rest[:name_length],
            unicode_path=None,
            flags=flags,
            method=method,
            dos_time=time,
            dos_date=date,
            crc=crc,
            compressed_size=compressed,
            size=size,
            external_attributes=0,
            offset=at,
            twice_told=b"",
        )
        return cls(entry=entry, data_offset=at + LOCAL.size + name_length + extra_length)


class Candidates:
    """The candidates of a file, from front to back.

    Args:
        file: The archive.
        limits: How long a name may be, and how much may come out of how little.

    Attributes:
        effort: What the search may still cost.

    """

    def __init__(self, file: ArchiveFile, limits: Limits) -> None:
        self.effort = Effort(file.size)
        self._file = file
        self._limits = limits
        self._headers = SignatureSearch(file)
        self._descriptors = SignatureSearch(file)

    def after(self, position: int) -> tuple[int, Candidate | None] | None:
        """Return where the next signature is and what stands there; None at the end."""
        at = self._headers.find(LOCAL_SIGNATURE, position)
        if at is None:
            return None
        return at, Candidate.read(self._file, at, self._limits, self.effort)

    def completed(self, candidate: Candidate, known: Entry | None) -> Entry | None:
        """Return the entry with the sizes that stand elsewhere; None if they cannot be had.

        Args:
            candidate: A local header.
            known: What the directory says of its name.

        """
        entry = candidate.entry
        if known is not None:
            entry = entry._replace(external_attributes=known.external_attributes)
        if not entry.flags & FLAG_DESCRIPTOR or (entry.compressed_size and entry.crc):
            return entry
        if known is not None:
            return entry._replace(
                crc=known.crc, compressed_size=known.compressed_size, size=known.size
            )
        if entry.method == DEFLATED:
            return self._measured(entry, candidate.data_offset)
        return self._delimited(entry, candidate.data_offset)

    def _delimited(self, entry: Entry, offset: int) -> Entry | None:
        """Find the descriptor behind stored data: the first that gives its distance as size."""
        at = self._descriptors.find(DESCRIPTOR_SIGNATURE, offset)
        while at is not None and self.effort.affords():
            found = self._file.read(at + len(DESCRIPTOR_SIGNATURE), 20)
            size = at - offset
            said = size.to_bytes(8, "little")
            if found[4:12] == 2 * said[:4] or found[4:] == 2 * said:
                crc = int.from_bytes(found[:4], "little")
                return entry._replace(crc=crc, compressed_size=size, size=size)
            self.effort.spend(_FALSE_START)
            at = self._descriptors.find(DESCRIPTOR_SIGNATURE, at + 1)
        self.effort.spend(self._file.size - offset)
        return None

    def _measured(self, entry: Entry, offset: int) -> Entry | None:
        """Decompress up to the end of the stream and believe the descriptor that follows."""
        stream = _Stream(self._file, offset)
        try:
            for consumed, size in stream.run():
                if not self.effort.affords(consumed + size) or size > max(
                    self._limits.ratio_floor_bytes, self._limits.max_ratio * consumed
                ):
                    break
            else:
                tail = self._file.read(offset + stream.consumed, 16)
                compressed = stream.consumed.to_bytes(8, "little")[:4]
                plain = stream.crc.to_bytes(4, "little") + compressed
                if stream.ended and tail.removeprefix(DESCRIPTOR_SIGNATURE).startswith(plain):
                    return entry._replace(
                        crc=stream.crc, compressed_size=stream.consumed, size=stream.size
                    )
        except CodecError:
            pass
        self.effort.spend(stream.consumed + stream.size)
        return None


class _Stream:
    """A deflate stream of unknown length."""

    def __init__(self, file: ArchiveFile, offset: int) -> None:
        self._file = file
        self._offset = offset
        self.consumed = self.size = self.crc = 0
        self.ended = False

    def run(self) -> Iterator[tuple[int, int]]:
        """Decompress; yield now and then how much went in and came out so far.

        Raises:
            CodecError: it is damaged.

        """
        stream = InflateStream()
        chunk = self._next()
        while chunk or not stream.needs_input:
            output = stream.feed(chunk, _CHUNK_BYTES)
            self.crc, self.size = crc32(output, self.crc), self.size + len(output)
            yield self.consumed, self.size
            if stream.eof:
                break
            chunk = self._next() if stream.needs_input else b""
        self.ended = stream.eof
        self.consumed -= stream.leftover

    def _next(self) -> bytes:
        chunk = self._file.read(self._offset + self.consumed, _CHUNK_BYTES)
        self.consumed += len(chunk)
        return chunk
