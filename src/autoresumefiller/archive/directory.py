"""The end records and the central directory: what an archive says it holds.

A ZIP file is read from its end. That is where most ways to make one file mean
two things begin, so exactly one end record may be found there, and everything
it says has to be true. Sources: PKWARE APPNOTE 6.3.10, sections 4.3.12 to
4.3.16 and 4.5.3; "Where's the Zip?" style confusion is what it is written
against (two end records, counts and offsets that lie, zip64 beside classic).
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.faults import Code, broken
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.records import (
    CENTRAL,
    CENTRAL_SIGNATURE,
    END,
    END_SIGNATURE,
    EXTRA_HEADER,
    EXTRA_ZIP64,
    LOCAL_SIGNATURE,
    MAX_16,
    MAX_32,
    ZIP64_END,
    ZIP64_END_SIGNATURE,
    ZIP64_LOCATOR,
    ZIP64_LOCATOR_SIGNATURE,
)

EXTRA_UNICODE_PATH = 0x7075

_ZIP64_FIXED = ZIP64_END.size - 12
_TAIL_BYTES = ZIP64_LOCATOR.size + END.size + MAX_16


class StructureError(ValueError):
    """The container cannot be read in one way only; there is nothing more to find out.

    Attributes:
        finding: Why.

    """

    def __init__(self, code: Code, detail: str) -> None:
        self.finding = broken(code, detail)
        super().__init__(detail)


class Directory(NamedTuple):
    """Where the central directory is.

    Attributes:
        offset, size: Of the headers, in bytes.
        entries: Their number, as the end record has it.

    """

    offset: int
    size: int
    entries: int


class Entry(NamedTuple):
    """A central directory header, zip64 values put in their places.

    ``unicode_path`` is the content of the extra field 0x7075, or None;
    ``twice_told`` the bytes that the local header has to repeat (all up to the
    length of the name).
    """

    name: bytes
    unicode_path: bytes | None
    flags: int
    method: int
    dos_time: int
    dos_date: int
    crc: int
    compressed_size: int
    size: int
    external_attributes: int
    offset: int
    twice_told: bytes

    @property
    def version_needed(self) -> int:
        """What a reader must understand, times ten; 0 if only a local header told."""
        return self.twice_told[0] if self.twice_told else 0


def find_directory(file: ArchiveFile) -> Directory:
    """Find the one end record, and the directory it tells of.

    Raises:
        StructureError: there is none, or more than one reading, or it lies.

    """
    start = max(0, file.size - _TAIL_BYTES)
    tail = file.read(start, file.size - start)
    position = _find_end(file, tail)
    (_, disk, central_disk, here, entries, size, offset, _) = END.unpack_from(tail, position)
    end_offset = start + position
    locator_at = position - ZIP64_LOCATOR.size
    # Where a locator can stand, its signature decides: some readers look for it
    # always, others only when a field is full, and both have to find the same.
    if locator_at >= 0 and tail.startswith(ZIP64_LOCATOR_SIGNATURE, locator_at):
        wide, end_offset = _read_zip64(file, start + locator_at)
        if not _agree((disk, central_disk, here, entries, size, offset), wide):
            raise StructureError(Code.ZIP64, "its two end records contradict each other")
        disk, central_disk, here, entries, size, offset = wide
    if disk or central_disk:
        raise StructureError(Code.MULTI_DISK, "it is one part of an archive in several files")
    if here != entries:
        raise StructureError(Code.ENTRY_COUNT, "its end record gives two numbers of entries")
    if offset + size != end_offset:
        _explain_offset(file, offset + size, end_offset)
    return Directory(offset=offset, size=size, entries=entries)


def _find_end(file: ArchiveFile, tail: bytes) -> int:
    """Return where in the tail the end record is."""
    position = tail.rfind(END_SIGNATURE)
    if position < 0 or len(tail) - position < END.size:
        if file.size == 0:
            raise StructureError(Code.NOT_A_ZIP, "the file is empty")
        if file.read(0, 4) == LOCAL_SIGNATURE:
            raise StructureError(
                Code.TRUNCATED,
                "its end is missing; it was probably not copied or downloaded completely. "
                "'arf salvage' recovers what is left",
            )
        raise StructureError(Code.NOT_A_ZIP, "the file is not a ZIP archive")
    if not _fills(tail, position):
        raise StructureError(Code.TRAILER, "bytes follow its end record, or its end is cut off")
    earlier = tail.find(END_SIGNATURE, 0, position)
    while earlier >= 0:
        # A ZIP file kept inside ours has an end record too; only one that claims
        # everything up to the end of the file is a second reading of it.
        if _fills(tail, earlier):
            raise StructureError(Code.END_RECORD, "it has more than one end record")
        earlier = tail.find(END_SIGNATURE, earlier + 1, position)
    return position


def _fills(tail: bytes, position: int) -> bool:
    if len(tail) - position < END.size:
        return False
    comment_length: int = END.unpack_from(tail, position)[-1]
    return position + END.size + comment_length == len(tail)


_Counts = tuple[int, int, int, int, int, int]


def _read_zip64(file: ArchiveFile, locator_offset: int) -> tuple[_Counts, int]:
    _, disk, offset, disks = ZIP64_LOCATOR.unpack(_all(file, locator_offset, ZIP64_LOCATOR.size))
    if disk or disks != 1:
        raise StructureError(Code.MULTI_DISK, "it is one part of an archive in several files")
    if offset + ZIP64_END.size != locator_offset:
        raise StructureError(Code.ZIP64, "its zip64 end record is not where it should be")
    signature, length, _, _, *counts = ZIP64_END.unpack(_all(file, offset, ZIP64_END.size))
    if signature != ZIP64_END_SIGNATURE or length != _ZIP64_FIXED:
        raise StructureError(Code.ZIP64, "its zip64 end record is damaged")
    first, second, third, fourth, fifth, sixth = counts
    return (first, second, third, fourth, fifth, sixth), offset


def _all(file: ArchiveFile, offset: int, length: int) -> bytes:
    data = file.read(offset, length)
    if len(data) != length:
        raise StructureError(Code.TRUNCATED, "it became shorter while it was read")
    return data


def _agree(classic: _Counts, wide: _Counts) -> bool:
    full = (MAX_16, MAX_16, MAX_16, MAX_16, MAX_32, MAX_32)
    return all(
        narrow in {limit, value} for narrow, value, limit in zip(classic, wide, full, strict=True)
    )


def _explain_offset(file: ArchiveFile, claimed_end: int, end: int) -> None:
    if claimed_end > end:
        raise StructureError(
            Code.TRUNCATED, "its directory reaches past its end; bytes are missing from the file"
        )
    if file.read(0, 4) != LOCAL_SIGNATURE:
        raise StructureError(Code.PREFIX, "something stands before its first entry")
    raise StructureError(Code.GAP, "bytes that belong to no entry stand before its end record")


def read_entries(file: ArchiveFile, directory: Directory, limits: Limits) -> Iterator[Entry]:
    """Yield the headers of the central directory.

    Raises:
        StructureError: there are more than allowed, or not exactly as many as
            were said, or one is damaged.

    """
    if directory.entries > limits.max_entries:
        raise StructureError(
            Code.TOO_MANY_ENTRIES,
            f"it has {directory.entries:,} entries; at most {limits.max_entries:,} are read",
        )
    if directory.size > limits.max_central_bytes:
        raise StructureError(
            Code.TOO_LARGE, f"its directory is larger than {limits.max_central_bytes:,} bytes"
        )
    data = _all(file, directory.offset, directory.size)
    position = count = 0
    while position < len(data):
        entry, position = read_entry(data, position)
        count += 1
        if count > directory.entries:
            break
        yield entry
    if count != directory.entries:
        raise StructureError(
            Code.ENTRY_COUNT, f"it says it has {directory.entries} entries, which is not true"
        )


def read_entry(data: bytes, position: int) -> tuple[Entry, int]:
    """Return the header at a position, and where it ends.

    Raises:
        StructureError: there is none, or it is damaged.

    """
    if len(data) - position < CENTRAL.size or not data.startswith(CENTRAL_SIGNATURE, position):
        raise StructureError(Code.CENTRAL_DIRECTORY, "its directory is damaged")
    (
        _,
        _,
        _,
        flags,
        method,
        dos_time,
        dos_date,
        crc,
        compressed_size,
        size,
        name_length,
        extra_length,
        comment_length,
        disk,
        _,
        attributes,
        offset,
    ) = CENTRAL.unpack_from(data, position)
    name_at = position + CENTRAL.size
    extra_at = name_at + name_length
    end = extra_at + extra_length + comment_length
    if end > len(data):
        raise StructureError(Code.CENTRAL_DIRECTORY, "its directory is damaged")
    if disk:
        raise StructureError(Code.MULTI_DISK, "it is one part of an archive in several files")
    extra = split_extra(data[extra_at : extra_at + extra_length])
    if EXTRA_ZIP64 in extra or MAX_32 in {size, compressed_size, offset}:
        size, compressed_size, offset = _widen(extra, size, compressed_size, offset)
    entry = Entry(
        name=data[name_at:extra_at],
        unicode_path=extra.get(EXTRA_UNICODE_PATH),
        flags=flags,
        method=method,
        dos_time=_same(dos_time),
        dos_date=_same(dos_date),
        crc=crc,
        compressed_size=compressed_size,
        size=size,
        external_attributes=_same(attributes),
        offset=offset,
        twice_told=data[position + 6 : position + 30],
    )
    return entry, end


@lru_cache(maxsize=256)
def _same(number: int) -> int:
    """Return a number that is in memory already: there may be 200,000 that are equal."""
    return number


def _widen(extra: dict[int, bytes], *fields: int) -> tuple[int, int, int]:
    """Put zip64 values where the 32-bit fields are full, in APPNOTE's order (4.5.3)."""
    block = extra.get(EXTRA_ZIP64)
    full = sum(field == MAX_32 for field in fields)
    if block is None:
        if full:
            raise StructureError(Code.ZIP64, "an entry lacks the zip64 values it refers to")
    elif len(block) != 8 * full:
        raise StructureError(Code.ZIP64, "an entry has zip64 values that it does not refer to")
    else:
        values = iter([int.from_bytes(block[i : i + 8], "little") for i in range(0, 8 * full, 8)])
        fields = tuple(next(values) if field == MAX_32 else field for field in fields)
    size, compressed_size, offset = fields
    return size, compressed_size, offset


def split_extra(data: bytes) -> dict[int, bytes]:
    """Split an extra field into its blocks, by header id.

    Raises:
        StructureError: a block reaches past the end, or an id occurs twice.

    """
    blocks: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        if len(data) - position < EXTRA_HEADER.size:
            raise StructureError(Code.EXTRA_FIELD, "an extra field is cut off")
        kind, length = EXTRA_HEADER.unpack_from(data, position)
        position += EXTRA_HEADER.size
        if position + length > len(data):
            raise StructureError(Code.EXTRA_FIELD, "an extra field is cut off")
        if kind in blocks:
            raise StructureError(Code.EXTRA_FIELD, f"extra field 0x{kind:04x} occurs twice")
        blocks[kind] = data[position : position + length]
        position += length
    return blocks
