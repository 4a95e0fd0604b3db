"""Finding members in a damaged archive: by their local headers, believing only what verifies."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from sys import getsizeof

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.compression import CodecError, InflateStream, crc32
from autoresumefiller.archive.content import Demand, check_content
from autoresumefiller.archive.directory import (
    Directory,
    Entry,
    StructureError,
    find_directory,
    read_entries,
)
from autoresumefiller.archive.directory import split_extra as split
from autoresumefiller.archive.entry_policy import FLAG_DESCRIPTOR, decode_name, entry_faults
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.local_headers import DESCRIPTOR_SIGNATURE
from autoresumefiller.archive.records import (
    DEFLATED,
    END,
    END_SIGNATURE,
    EXTRA_ZIP64,
    LOCAL,
    LOCAL_SIGNATURE,
    MAX_16,
    MAX_32,
)
from autoresumefiller.archive.structure import Member

_SCAN_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 18
# A damaged archive is read about once, plus what false starts cost. A hostile
# one could make every fourth byte a false start over all the rest.
_WORK_FACTOR = 32
_WORK_FLOOR = 256 << 20
_MOST_LOST = 10_000


@dataclass(slots=True, kw_only=True)
class Survey:
    """What was found.

    Attributes:
        members: Those whose content has the length and CRC-32 that was claimed.
        lost: The others, by name, and why.
        complete: False if the search was given up because of its cost.
        text_left: Memory that more names may take.

    """

    text_left: int
    members: list[Member] = field(default_factory=list)
    lost: dict[str, str] = field(default_factory=dict)
    complete: bool = True

    def find(self, member: Member, limits: Limits) -> None:
        """Note a member that verifies."""
        if len(self.members) == limits.max_entries:
            self.complete = False
        elif self._affords(member.name):
            self.members.append(member)

    def lose(self, name: bytes, reason: str) -> None:
        """Note what is lost and the first reason; false beginnings could be endless."""
        text = name.decode("utf-8", "backslashreplace")
        if text in self.lost:
            return
        if len(self.lost) < _MOST_LOST and self._affords(text):
            self.lost[text] = reason
        else:
            self.complete = False

    def _affords(self, name: str) -> bool:
        self.text_left -= getsizeof(name)
        self.complete = self.complete and self.text_left >= 0
        return self.text_left >= 0


def survey(file: ArchiveFile, limits: Limits) -> Survey:
    """Search a whole file for members that verify.

    Raises:
        StorageError: the system cannot read it.

    """
    directory = _surviving_directory(file, limits)
    by_name = {entry.name: entry for entry in directory}
    result = Survey(text_left=limits.max_text_bytes)
    budget = _WORK_FACTOR * file.size + _WORK_FLOOR
    position = 0
    while (at := _find(file, LOCAL_SIGNATURE, position)) is not None:
        position = at + len(LOCAL_SIGNATURE)
        candidate = _Candidate.read(file, at, limits)
        budget -= LOCAL.size if candidate is None else candidate.data_offset - at
        if candidate is None or (by_name and candidate.entry.name not in by_name):
            continue  # chance bytes, or a member of an archive within this one
        known = by_name.get(candidate.entry.name)
        entry = candidate.completed(file, known, limits)
        if known is not None and entry is not None and not _same(entry, known):
            continue  # such a member too
        budget -= file.size - at if entry is None else entry.size + entry.compressed_size
        if budget < 0 or result.text_left < 0:
            result.complete = False
            break
        if entry is None:
            result.lose(candidate.entry.name, "where it ends is not known any more")
            continue
        member = _verified(file, entry, candidate.data_offset, limits, result)
        if member is not None:
            position = member.offset + member.compressed_size
    for entry in directory:
        result.lose(entry.name, "it is not in what is left of the file")
    for member in result.members:
        result.lost.pop(member.name, None)
    return result


def _same(found: Entry, known: Entry) -> bool:
    """Tell whether a record is the one that the directory means: by its place, or its content."""
    return found.offset == known.offset or (found.crc, found.size) == (known.crc, known.size)


def _verified(
    file: ArchiveFile, entry: Entry, offset: int, limits: Limits, result: Survey
) -> Member | None:
    name = decode_name(entry)
    if name is None:
        result.lose(entry.name, "its name is not UTF-8")
        return None
    if any(entry_faults(entry, name, limits)):
        result.lose(entry.name, "its name or kind is not one that a backup holds")
        return None
    member = Member(
        name=name,
        method=entry.method,
        crc=entry.crc,
        size=entry.size,
        compressed_size=entry.compressed_size,
        offset=offset,
    )
    outcome = check_content(file, member, Demand(hashing=False))
    if outcome.findings:
        cut_off = offset + entry.compressed_size > file.size
        reason = "it is cut off" if cut_off else "its content is damaged"
        result.lose(entry.name, reason)
        return None
    result.find(member, limits)
    return member


def _find(file: ArchiveFile, signature: bytes, position: int) -> int | None:
    while position < file.size:
        data = file.read(position, _SCAN_BYTES)
        at = data.find(signature)
        if at >= 0:
            return position + at
        if len(data) < _SCAN_BYTES:
            return None
        position += len(data) - len(signature) + 1
    return None


def _surviving_directory(file: ArchiveFile, limits: Limits) -> list[Entry]:
    """Return the central directory if all of it is there.

    It may have moved towards the beginning, which is then lost. One that moved
    the other way belongs to an archive within this one: a stored DOCX, say, at
    the end of what is left.
    """
    try:  # where it says, as in a file that is damaged elsewhere, zip64 or not
        return [*read_entries(file, find_directory(file), limits)]
    except StructureError:
        pass
    start = max(0, file.size - END.size - MAX_16)
    tail = file.read(start, file.size - start)
    at = tail.rfind(END_SIGNATURE)
    if at < 0 or len(tail) - at < END.size:
        return []
    _, _, _, _, entries, size, claimed, _ = END.unpack_from(tail, at)
    offset = start + at - size
    if entries == MAX_16 or size == MAX_32 or not 0 <= offset <= claimed:
        return []
    try:
        return [*read_entries(file, Directory(offset=offset, size=size, entries=entries), limits)]
    except StructureError:
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A local header: perhaps a member."""

    entry: Entry
    data_offset: int

    @classmethod
    def read(cls, file: ArchiveFile, at: int, limits: Limits) -> "_Candidate | None":
        head = file.read(at, LOCAL.size)
        if len(head) < LOCAL.size:
            return None
        _, _, flags, method, time, date, crc, compressed, size, name_length, extra_length = (
            LOCAL.unpack(head)
        )
        if not 0 < name_length <= limits.max_name_bytes:
            return None
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

    def completed(self, file: ArchiveFile, known: Entry | None, limits: Limits) -> Entry | None:
        """Return the entry with the sizes that stand elsewhere; None if they cannot be had."""
        entry = self.entry
        if known is not None:
            entry = entry._replace(external_attributes=known.external_attributes)
        if not entry.flags & FLAG_DESCRIPTOR or (entry.compressed_size and entry.crc):
            return entry
        if known is not None:
            return entry._replace(
                crc=known.crc, compressed_size=known.compressed_size, size=known.size
            )
        if entry.method == DEFLATED:
            return _measured(file, entry, self.data_offset, limits)
        return _delimited(file, entry, self.data_offset)


def _delimited(file: ArchiveFile, entry: Entry, offset: int) -> Entry | None:
    """Find the descriptor behind stored data: the first that gives its own distance as size."""
    at = _find(file, DESCRIPTOR_SIGNATURE, offset)
    while at is not None:
        found = file.read(at + len(DESCRIPTOR_SIGNATURE), 12)
        size = at - offset
        if found[4:] == 2 * size.to_bytes(8, "little")[:4]:
            crc = int.from_bytes(found[:4], "little")
            return entry._replace(crc=crc, compressed_size=size, size=size)
        at = _find(file, DESCRIPTOR_SIGNATURE, at + 1)
    return None


def _measured(file: ArchiveFile, entry: Entry, offset: int, limits: Limits) -> Entry | None:
    """Decompress up to the end of the stream and believe the descriptor that follows."""
    stream = InflateStream()
    consumed = size = crc = 0
    try:
        for chunk in _chunks(file, offset):
            consumed += len(chunk)
            feed = chunk
            while True:
                output = stream.feed(feed, _CHUNK_BYTES)
                crc, size, feed = crc32(output, crc), size + len(output), b""
                if size > max(limits.ratio_floor_bytes, limits.max_ratio * consumed):
                    return None
                if stream.eof or stream.needs_input:
                    break
            if stream.eof:
                break
    except CodecError:
        return None
    if not stream.eof:
        return None
    compressed = consumed - stream.leftover
    tail = file.read(offset + compressed, 16)
    plain = crc.to_bytes(4, "little") + compressed.to_bytes(8, "little")[:4]
    if not tail.removeprefix(DESCRIPTOR_SIGNATURE).startswith(plain):
        return None
    return entry._replace(crc=crc, compressed_size=compressed, size=size)


def _chunks(file: ArchiveFile, offset: int) -> Iterator[bytes]:
    while chunk := file.read(offset, _CHUNK_BYTES):
        yield chunk
        offset += len(chunk)
