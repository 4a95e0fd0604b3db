"""The records a ZIP file is made of, as bytes.

Layouts, signatures and sentinel values are those of PKWARE's APPNOTE 6.3.10,
section 4.3 (records) and 4.5 (extra fields); the extended timestamp is
Info-ZIP's extra field 0x5455.
"""

import struct
from datetime import UTC, datetime
from functools import lru_cache

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
_ZIP64_SIZES_HEADER = EXTRA_HEADER.pack(EXTRA_ZIP64, 16)
_OFFSET = struct.Struct("<Q")

# The fields that a central header has in common with its local header, and what is around them.
_REPEATED = slice(4, LOCAL.size)
_CENTRAL_AROUND = struct.Struct("<4sH26sHHHLL")

# From here on the 32 bit time of the extended timestamp means something else.
_TIMESTAMP_LIMIT = 1 << 31

_DOS_FIRST_YEAR = 1980
_DOS_FIRST = (0, 1 << 5 | 1)
_DOS_LAST = (23 << 11 | 59 << 5 | 29, 127 << 9 | 12 << 5 | 31)


def encode_name(name: str) -> bytes:
    """Return the name's UTF-8; ValueError if it cannot stand in a record."""
    encoded = name.encode()
    if not 0 < len(encoded) <= MAX_16:
        raise ValueError(f"a member name has 1 to {MAX_16} bytes")
    return encoded


def dos_time(mtime: int) -> tuple[int, int]:
    """Return (time, date) as MS-DOS packs them: UTC, two-second steps, 1980 to 2107."""
    minute, seconds = divmod(mtime, 60)
    begin = _dos_minute(minute)
    if begin is None:
        return _DOS_FIRST if mtime < 0 else _DOS_LAST
    time, date = begin
    if not 0 <= date <= MAX_16:
        return _DOS_FIRST if date < 0 else _DOS_LAST
    return time | seconds >> 1, date


@lru_cache(maxsize=1024)
def _dos_minute(minute: int) -> tuple[int, int] | None:
    """Return (time, date) at the beginning of a minute since 1970; None if no calendar has it."""
    try:
        moment = datetime.fromtimestamp(minute * 60, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    date = (moment.year - _DOS_FIRST_YEAR) << 9 | moment.month << 5 | moment.day
    return moment.hour << 11 | moment.minute << 5, date


def timestamp_extra(mtime: int) -> bytes:
    """Pack the modification time as UTC, which the DOS fields cannot say; b"" after 2038."""
    if not -_TIMESTAMP_LIMIT <= mtime < _TIMESTAMP_LIMIT:
        return b""
    return _TIMESTAMP.pack(EXTRA_TIMESTAMP, _TIMESTAMP.size - 4, _TIMESTAMP_MTIME, mtime)


def pack_local(
    name: bytes,
    *,
    method: int,
    crc: int,
    size: int,
    compressed_size: int,
    mtime: int,
    zip64: bool = False,
) -> bytes:
    """Pack a local file header with its name and extra fields.

    Args:
        name: As in the archive; a directory ends with a slash.
        method: STORED or DEFLATED.
        crc: CRC-32 of the uncompressed bytes.
        size: Of the uncompressed bytes.
        compressed_size: Of what follows the header.
        mtime: Seconds since 1970, UTC.
        zip64: Put both sizes into a zip64 extra field. Decided before the
            sizes are known, for a member that is written as it is read.

    """
    extra = timestamp_extra(mtime)
    if zip64:
        # A local header that needs one of the two has both (APPNOTE 4.5.3).
        extra = _ZIP64_SIZES.pack(EXTRA_ZIP64, 16, size, compressed_size) + extra
        size = compressed_size = MAX_32
        version = VERSION_ZIP64
    elif method == DEFLATED or name.endswith(b"/"):
        version = VERSION_DEFLATED
    else:
        version = VERSION_STORED
    time, date = dos_time(mtime)
    # The flag only where it matters: an ASCII name reads the same either way,
    # and the records stay those that every other tool writes.
    flags = 0 if name.isascii() else FLAG_UTF8
    fixed = LOCAL.pack(
        LOCAL_SIGNATURE,
        version,
        flags,
        method,
        time,
        date,
        crc,
        compressed_size,
        size,
        len(name),
        len(extra),
    )
    return fixed + name + extra


def pack_central(local: bytes, offset: int, *, mode: int = MODE_FILE) -> bytes:
    """Pack the central directory header that repeats a local header at ``offset``.

    Args:
        local: What `pack_local` made.
        offset: Where it is in the archive.
        mode: MODE_FILE or MODE_DIRECTORY.

    """
    repeated, rest = local[_REPEATED], local[LOCAL.size :]
    if offset >= MAX_32:
        repeated, rest = _with_offset(local, offset)
        offset = MAX_32
    attributes = mode << 16 | (DOS_DIRECTORY if mode == MODE_DIRECTORY else 0)
    made_by = MADE_BY_UNIX | repeated[0]
    # No comment, the only disk, no internal attributes.
    fixed = _CENTRAL_AROUND.pack(CENTRAL_SIGNATURE, made_by, repeated, 0, 0, 0, attributes, offset)
    return fixed + rest


def _with_offset(local: bytes, offset: int) -> tuple[bytes, bytes]:
    """Return the repeated fields, and name and extra fields, with a zip64 offset among them."""
    name_length, _ = EXTRA_HEADER.unpack_from(local, LOCAL.size - EXTRA_HEADER.size)
    name = local[LOCAL.size : LOCAL.size + name_length]
    extra = local[LOCAL.size + name_length :]
    if extra.startswith(_ZIP64_SIZES_HEADER):
        sizes = extra[EXTRA_HEADER.size : _ZIP64_SIZES.size]
        zip64 = EXTRA_HEADER.pack(EXTRA_ZIP64, 24) + sizes + _OFFSET.pack(offset)
        extra = extra[_ZIP64_SIZES.size :]
    else:
        zip64 = EXTRA_HEADER.pack(EXTRA_ZIP64, 8) + _OFFSET.pack(offset)
    between = local[_REPEATED][2 : -EXTRA_HEADER.size]
    lengths = EXTRA_HEADER.pack(name_length, len(zip64) + len(extra))
    repeated = VERSION_ZIP64.to_bytes(2, "little") + between + lengths
    return repeated, name + zip64 + extra


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
