"""What one entry may be: its method, its kind, its name, and its neighbours' names."""

import stat
from collections.abc import Iterator
from zlib import crc32

from autoresumefiller.archive.directory import Entry
from autoresumefiller.archive.faults import Code, broken, error, shown
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.names import name_fault, place_fault
from autoresumefiller.archive.records import DEFLATED, DOS_DIRECTORY, FLAG_UTF8, STORED
from autoresumefiller.model.finding import Finding

FLAG_DESCRIPTOR = 1 << 3

# Compression options of deflate (1, 2), data descriptor (3) and UTF-8 (11) are
# all that a deflated or stored entry can need (APPNOTE 4.4.4).
_FLAGS_READ = 1 << 1 | 1 << 2 | FLAG_DESCRIPTOR | FLAG_UTF8
_FLAGS_ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13
_DOS_VOLUME = 0x08
_DOS_REPARSE_POINT = 0x400  # how Windows marks symbolic links and junctions
_REGULAR_FILE = stat.S_IFREG << 16
_UNUSUAL_ATTRIBUTES = 0xF000 << 16 | _DOS_VOLUME | _DOS_REPARSE_POINT | DOS_DIRECTORY
_NEWEST_VERSION = 63  # of ZIP, times ten (APPNOTE 4.4.3.2): readers refuse what needs a newer one
_FOLDER_COMPRESSED_MOST = 2  # an empty deflate stream

UNREADABLE = frozenset(
    {
        Code.ENCRYPTED,
        Code.UNSUPPORTED_FLAG,
        Code.UNSUPPORTED_METHOD,
        Code.COMPRESSION_RATIO,
        Code.FOLDER_WITH_CONTENT,
        Code.DATA_LENGTH,
    }
)
"""Members with one of these are not decompressed."""

_ADVICE = {
    "__MACOSX": "delete it with 'zip -d ARCHIVE \"__MACOSX/*\"', or zip with 'ditto' or 'zip -X'",
    ".DS_Store": "delete it with 'zip -d ARCHIVE .DS_Store'",
}


def decode_name(entry: Entry) -> str | None:
    """Return the name as text; None where its bytes are not UTF-8.

    Without the UTF-8 flag a name is formally in code page 437. Tools on Linux
    and macOS write UTF-8 all the same, and hardly any cp437 text is valid
    UTF-8 by chance; what such a name says is believed only if the metadata
    lists it.
    """
    try:
        return entry.name.decode("utf-8")
    except UnicodeDecodeError:
        return None


def entry_faults(entry: Entry, name: str, limits: Limits) -> Iterator[Finding]:
    """Yield everything that is wrong with an entry on its own."""
    if _is_usual(entry, name, limits):
        return
    yield from _method_faults(entry, name)
    yield from _kind_faults(entry, name)
    yield from _name_faults(entry, name, limits)
    yield from _size_faults(entry, name, limits)


def _is_usual(entry: Entry, name: str, limits: Limits) -> bool:
    """Tell in one go that a file has none of the faults below, as 100,000 have not."""
    return (
        entry.flags in {0, FLAG_UTF8}
        and entry.method in {STORED, DEFLATED}
        and entry.version_needed <= _NEWEST_VERSION
        and entry.external_attributes & _UNUSUAL_ATTRIBUTES == _REGULAR_FILE
        and len(entry.name) <= limits.max_name_bytes
        and entry.unicode_path is None
        and entry.size <= limits.ratio_floor_bytes
        and (entry.method != STORED or entry.size == entry.compressed_size)
        and name_fault(name) is None
        and place_fault(name, is_directory=False) is None
    )


def _method_faults(entry: Entry, name: str) -> Iterator[Finding]:
    if entry.flags & _FLAGS_ENCRYPTED:
        yield broken(Code.ENCRYPTED, f"{shown(name)} is encrypted with a ZIP password", name)
    elif entry.flags & ~_FLAGS_READ:
        yield broken(Code.UNSUPPORTED_FLAG, f"{shown(name)} has flags that are not in use", name)
    if entry.method not in {STORED, DEFLATED}:
        detail = f"{shown(name)} is compressed by method {entry.method}; only deflate is read"
        yield broken(Code.UNSUPPORTED_METHOD, detail, name)
    if entry.version_needed > _NEWEST_VERSION:
        detail = f"{shown(name)} claims to need a version of ZIP that does not exist"
        yield broken(Code.UNSUPPORTED_VERSION, detail, name)


def _kind_faults(entry: Entry, name: str) -> Iterator[Finding]:
    # The upper half holds a Unix mode whatever the host field says: tools look.
    attributes = entry.external_attributes
    kind = stat.S_IFMT(attributes >> 16)
    is_folder = name.endswith("/")
    if attributes & (_DOS_VOLUME | _DOS_REPARSE_POINT) or kind not in {
        0,
        stat.S_IFREG,
        stat.S_IFDIR,
    }:
        what = _KINDS.get(kind, "special file")
        message = f"Unsafe entry in backup: {shown(name)} is a {what}, neither a file nor a folder"
        yield error(Code.SPECIAL_FILE, message, name)
    elif kind == (stat.S_IFREG if is_folder else stat.S_IFDIR) or (
        attributes & DOS_DIRECTORY and not is_folder
    ):
        message = f"Unsafe entry in backup: {shown(name)} is a file and a folder at once"
        yield error(Code.FILE_AND_FOLDER, message, name)


_KINDS = {
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


def _name_faults(entry: Entry, name: str, limits: Limits) -> Iterator[Finding]:
    if len(entry.name) > limits.max_name_bytes:
        fault: str | None = f"it is longer than {limits.max_name_bytes} bytes"
    else:
        fault = name_fault(name.removesuffix("/"))
    if fault:
        yield error(Code.UNSAFE_NAME, f"Unsafe name in backup: {shown(name)}: {fault}", name)
        return
    place = place_fault(name.removesuffix("/"), is_directory=name.endswith("/"))
    if place:
        advice = _ADVICE.get(name.partition("/")[0])
        more = f"; {advice}" if advice else ""
        message = f"Unexpected entry in backup: {shown(name)}: {place}{more}"
        yield error(Code.UNEXPECTED_PLACE, message, name)
    if entry.unicode_path is not None and not unicode_path_agrees(entry.unicode_path, entry.name):
        detail = f"{shown(name)} has a second name in its Unicode path field"
        yield broken(Code.UNICODE_PATH, detail, name)


def unicode_path_agrees(block: bytes, name: bytes) -> bool:
    """Tell whether an Info-ZIP Unicode path field says what the name says (APPNOTE 4.6.9)."""
    return (
        block[:1] == b"\x01"
        and block[1:5] == crc32(name).to_bytes(4, "little")
        and (block[5:] == name)
    )


def _size_faults(entry: Entry, name: str, limits: Limits) -> Iterator[Finding]:
    if name.endswith("/"):
        if entry.size or entry.crc or entry.compressed_size > _FOLDER_COMPRESSED_MOST:
            detail = f"the folder {shown(name)} has content of its own"
            yield broken(Code.FOLDER_WITH_CONTENT, detail, name)
    elif entry.method == STORED and entry.size != entry.compressed_size:
        detail = f"{shown(name)} is not compressed, but has two different sizes"
        yield broken(Code.DATA_LENGTH, detail, name)
    elif entry.size > limits.ratio_floor_bytes and (
        entry.size > limits.max_ratio * entry.compressed_size
    ):
        message = (
            f"Unsafe entry in backup: {shown(name)} claims to have shrunk more than "
            f"{limits.max_ratio}:1, as a decompression bomb does"
        )
        yield error(Code.COMPRESSION_RATIO, message, name)
