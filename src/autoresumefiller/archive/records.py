"""The records a ZIP file is made of, as bytes.

Layouts, signatures and sentinel values are those of PKWARE's APPNOTE 6.3.10,
section 4.3 (records) and 4.5 (extra fields); the extended timestamp is
Info-ZIP's extra field 0x5455.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

STORED = 0
DEFLATED = 8

LOCAL_SIGNATURE = b"PK\x03\x04"
CENTRAL_SIGNATURE = b"PK\x01\x02"
END_SIGNATURE = b"PK\x05\x06"
ZIP64_END_SIGNATURE = b"PK\x06\x06"
ZIP64_LOCATOR_SIGNATURE = b"PK\x06\x07"

FLAG_UTF8 = 0x800

EXTRA_ZIP64 = 0x0001
EXTRA_TIMESTAMP = 0x5455

MAX_16 = 0xFFFF
MAX_32 = 0xFFFFFFFF
"""In a 16 or 32 bit field: "look in the zip64 record instead" (APPNOTE 4.4.1.4)."""

# What a reader must understand (APPNOTE 4.4.3.2), times ten.
VERSION_STORED = 10
VERSION_DEFLATED = 20
VERSION_ZIP64 = 45

MADE_BY_UNIX = 3 << 8
MODE_FILE = 0o100600
MODE_DIRECTORY = 0o040700
DOS_DIRECTORY = 0x10

LOCAL = struct.Struct("<4sHHHHHLLLHH")
CENTRAL = struct.Struct("<4sHHHHHHLLLHHHHHLL")
END = struct.Struct("<4sHHHHLLH")
ZIP64_END = struct.Struct("<4sQHHLLQQQQ")
ZIP64_LOCATOR = struct.Struct("<4sLQL")
EXTRA_HEADER = struct.Struct("<HH")

_TIMESTAMP = struct.Struct("<HHBl")
_TIMESTAMP_MTIME = 1
_ZIP64_SIZES = struct.Struct("<HHQQ")
_ZIP64_OFFSET = struct.Struct("<HHQ")
_ZIP64_ALL = struct.Struct("<HHQQQ")

# From here on the 32 bit time of the extended timestamp means something else.
_TIMESTAMP_LIMIT = 1 << 31

_DOS_YEARS = range(1980, 2108)
_DOS_FIRST = (0, 1 << 5 | 1)
_DOS_LAST = (23 << 11 | 59 << 5 | 29, 127 << 9 | 12 << 5 | 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the records of one member say.

    Attributes:
        name: As in the archive; a directory ends with a slash.
        method: STORED or DEFLATED.
        crc: CRC-32 of the uncompressed bytes.
        size, compressed_size: In bytes.
        mtime: Seconds since 1970, UTC.
        zip64: Both sizes stand in zip64 extra fields. Decided before the
            sizes are known, for a member that is written as it is read.

    """

    name: bytes
    method: int
    crc: int
    size: int
    compressed_size: int
    mtime: int
    zip64: bool = False

    @property
    def is_directory(self) -> bool:
        """Whether the name is a directory's."""
        return self.name.endswith(b"/")


def encode_name(name: str) -> bytes:
    """Return the name's UTF-8; ValueError if it cannot stand in a record."""
    encoded = name.encode()
    if not 0 < len(encoded) <= MAX_16:
        raise ValueError(f"a member name has 1 to {MAX_16} bytes")
    return encoded


def dos_time(mtime: int) -> tuple[int, int]:
    """Return (time, date) as MS-DOS packs them: UTC, two-second steps, 1980 to 2107."""
    try:
        moment = datetime.fromtimestamp(mtime, UTC)
    except (OverflowError, OSError, ValueError):
        return _DOS_FIRST if mtime < 0 else _DOS_LAST
    if moment.year not in _DOS_YEARS:
        return _DOS_FIRST if moment.year < _DOS_YEARS.start else _DOS_LAST
    return (
        moment.hour << 11 | moment.minute << 5 | moment.second >> 1,
        moment.year - _DOS_YEARS.start << 9 | moment.month << 5 | moment.day,
    )


def timestamp_extra(mtime: int) -> bytes:
    """Pack the modification time as UTC, which the DOS fields cannot say; b"" after 2038."""
    if not -_TIMESTAMP_LIMIT <= mtime < _TIMESTAMP_LIMIT:
        return b""
    return _TIMESTAMP.pack(EXTRA_TIMESTAMP, _TIMESTAMP.size - 4, _TIMESTAMP_MTIME, mtime)


def pack_local(entry: Entry) -> bytes:
    """Pack a local file header with its name and extra fields."""
    extra = timestamp_extra(entry.mtime)
    size, compressed_size = entry.size, entry.compressed_size
    if entry.zip64:
        # A local header that needs one of the two has both (APPNOTE 4.5.3).
        extra = _ZIP64_SIZES.pack(EXTRA_ZIP64, 16, size, compressed_size) + extra
        size = compressed_size = MAX_32
    return b"".join(
        (
            LOCAL.pack(
                LOCAL_SIGNATURE,
                _version_needed(entry),
                _flags(entry.name),
                entry.method,
                *dos_time(entry.mtime),
                entry.crc,
                compressed_size,
                size,
                len(entry.name),
                len(extra),
            ),
            entry.name,
            extra,
        )
    )


def pack_central(entry: Entry, offset: int) -> bytes:
    """Pack a central directory header for a member whose local header is at ``offset``."""
    extra = timestamp_extra(entry.mtime)
    size, compressed_size = entry.size, entry.compressed_size
    version = _version_needed(entry)
    if entry.zip64 and offset >= MAX_32:
        extra = _ZIP64_ALL.pack(EXTRA_ZIP64, 24, size, compressed_size, offset) + extra
    elif entry.zip64:
        extra = _ZIP64_SIZES.pack(EXTRA_ZIP64, 16, size, compressed_size) + extra
    elif offset >= MAX_32:
        extra = _ZIP64_OFFSET.pack(EXTRA_ZIP64, 8, offset) + extra
        version = VERSION_ZIP64
    if entry.zip64:
        size = compressed_size = MAX_32
    mode = MODE_DIRECTORY << 16 | DOS_DIRECTORY if entry.is_directory else MODE_FILE << 16
    return b"".join(
        (
            CENTRAL.pack(
                CENTRAL_SIGNATURE,
                MADE_BY_UNIX | version,
                version,
                _flags(entry.name),
                entry.method,
                *dos_time(entry.mtime),
                entry.crc,
                compressed_size,
                size,
                len(entry.name),
                len(extra),
                0,  # comment
                0,  # disk
                0,  # internal attributes
                mode,
                min(offset, MAX_32),
            ),
            entry.name,
            extra,
        )
    )


def pack_end(entries: int, directory_offset: int, directory_size: int) -> bytes:
    """Pack the end record, with the zip64 end record and its locator where needed."""
    end = END.pack(
        END_SIGNATURE,
        0,  # this disk
        0,  # disk of the directory
        min(entries, MAX_16),
        min(entries, MAX_16),
        min(directory_size, MAX_32),
        min(directory_offset, MAX_32),
        0,  # comment
    )
    if entries < MAX_16 and directory_offset < MAX_32 and directory_size < MAX_32:
        return end
    zip64_end = ZIP64_END.pack(
        ZIP64_END_SIGNATURE,
        ZIP64_END.size - 12,  # without signature and this field (APPNOTE 4.3.14.1)
        MADE_BY_UNIX | VERSION_ZIP64,
        VERSION_ZIP64,
        0,
        0,
        entries,
        entries,
        directory_size,
        directory_offset,
    )
    at = directory_offset + directory_size
    return zip64_end + ZIP64_LOCATOR.pack(ZIP64_LOCATOR_SIGNATURE, 0, at, 1) + end


def _version_needed(entry: Entry) -> int:
    if entry.zip64:
        return VERSION_ZIP64
    if entry.method == DEFLATED or entry.is_directory:
        return VERSION_DEFLATED
    return VERSION_STORED


def _flags(name: bytes) -> int:
    # Only where it matters: an ASCII name reads the same either way, and the
    # records stay those that every other tool writes.
    return 0 if name.isascii() else FLAG_UTF8
