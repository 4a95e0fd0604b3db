"""The record in front of each member's data, and the descriptor behind it.

They repeat what the central directory says. Readers that stream a file see
only these, others only the directory: both have to find the same.
"""

from collections.abc import Iterator
from struct import Struct, pack

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.directory import (
    EXTRA_UNICODE_PATH,
    Directory,
    Entry,
    StructureError,
    split_extra,
)
from autoresumefiller.archive.entry_policy import FLAG_DESCRIPTOR, unicode_path_agrees
from autoresumefiller.archive.faults import Code, Findings, shown
from autoresumefiller.archive.records import (
    EXTRA_HEADER,
    EXTRA_ZIP64,
    LOCAL,
    LOCAL_SIGNATURE,
    MAX_32,
    STORED,
)
from autoresumefiller.archive.signature_search import SignatureSearch

DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
EXTRA_ATTRIBUTES = 0x6C78
"""libarchive's: what the directory says of the kind of a file, for readers of streams."""

_WINDOW_BYTES = 1 << 16
_HEADER_BYTES = 1 << 9  # a local header with a usual name
_ZIP64_SIZES_BYTES = 16
_SPEAKING = frozenset({EXTRA_ZIP64, EXTRA_UNICODE_PATH, EXTRA_ATTRIBUTES})
_MOST_LOOKALIKES = 1 << 20  # more than an archive that is a member can have of its own
_LENGTHS = Struct("<HH")
_SIZES = slice(18, 26)
_FULL = b"\xff\xff\xff\xff"


def check_tiling(
    file: ArchiveFile, directory: Directory, entries: list[Entry | None], findings: Findings
) -> Iterator[tuple[Entry, int | None]]:
    """Yield each entry with the offset of its data, or None where its record is wrong.

    Uses ``entries`` up: 100,000 of them need not be there beside the members.
    """
    window = _Window(file)
    start = 0
    for index, entry in enumerate(entries):
        if entry is None:
            continue
        entries[index] = None
        following = entries[index + 1] if index + 1 < len(entries) else None
        end = following.offset if following else directory.offset
        try:
            if entry.offset != start:
                raise _misplaced(entry, start, file)
            offset = _check_local(window, entry, end)
        except StructureError as fault:
            findings.note(fault.finding)
            yield entry, None
        else:
            yield entry, offset
        start = end


def _misplaced(entry: Entry, start: int, file: ArchiveFile) -> StructureError:
    name = _name(entry)
    if start == 0 and file.read(0, 4) != LOCAL_SIGNATURE:
        return StructureError(Code.PREFIX, f"something stands before its first entry, {name}")
    return StructureError(Code.GAP, f"bytes that belong to no entry stand before {name}")


class _Window:
    """A stretch of the file that is at hand: small members share one read."""

    def __init__(self, file: ArchiveFile) -> None:
        self.search = SignatureSearch(file)
        self.lookalikes = 0
        self._file = file
        self._start = 0
        self._data = b""

    def read(self, offset: int, length: int, *, ahead: int) -> bytes:
        """Return the bytes there; ``ahead`` is how much to fetch if it must be fetched."""
        at = offset - self._start
        if at < 0 or at + length > len(self._data):
            self._data = self._file.read(offset, max(length, ahead))
            self._start = offset
            at = 0
        return self._data[at : at + length]


def _check_local(window: _Window, entry: Entry, end: int) -> int:
    """Check the record of an entry in front of its data and, if there is one, behind it.

    Args:
        window: The file.
        entry: What the central directory says.
        end: Where the next record begins.

    Returns:
        The offset of the data.

    Raises:
        StructureError: it differs, or does not end where the next one begins.

    """
    ahead = _WINDOW_BYTES if entry.compressed_size < _WINDOW_BYTES else _HEADER_BYTES
    head = window.read(entry.offset, LOCAL.size + len(entry.name), ahead=ahead)
    if len(head) < LOCAL.size + len(entry.name) or not head.startswith(LOCAL_SIGNATURE):
        raise StructureError(Code.LOCAL_HEADER, f"{_name(entry)} is not where the directory says")
    name_length, extra_length = _LENGTHS.unpack_from(head, LOCAL.size - _LENGTHS.size)
    if name_length != len(entry.name) or head[LOCAL.size :] != entry.name:
        raise _differs(entry)
    extra_at: int = entry.offset + LOCAL.size + name_length
    extra = _local_extra(window.read(extra_at, extra_length, ahead=extra_length), entry)
    # Most headers repeat the directory's bytes; the others may put off what
    # they did not know yet, or say it in 64 bits.
    if (
        extra
        or head[4:28] != entry.twice_told
        or entry.flags & FLAG_DESCRIPTOR
        or _FULL in head[_SIZES]  # the same bytes, and still they need a field that says more
    ):
        _check_fields(head, extra, entry)
    offset: int = extra_at + extra_length
    data_end = offset + entry.compressed_size
    if data_end > end:
        raise StructureError(Code.OVERLAP, f"{_name(entry)} reaches into what follows it")
    if entry.flags & FLAG_DESCRIPTOR:
        _check_descriptor(window, entry, data_end, end)
        if entry.method == STORED:
            _check_lookalikes(window, entry, offset, data_end)
    elif data_end != end:
        raise StructureError(Code.GAP, f"bytes that belong to no entry follow {_name(entry)}")
    return offset


def _check_fields(head: bytes, extra: dict[int, bytes], entry: Entry) -> None:
    _, _, flags, method, dos_time, dos_date, crc, compressed_size, size, _, _ = LOCAL.unpack_from(
        head
    )
    if (flags, method, dos_time, dos_date) != entry[2:6]:
        raise _differs(entry)
    if MAX_32 in {compressed_size, size} or EXTRA_ZIP64 in extra:
        size, compressed_size = _wide_sizes(extra, size, compressed_size, entry)
    said, true = (crc, compressed_size, size), (entry.crc, entry.compressed_size, entry.size)
    put_off = flags & FLAG_DESCRIPTOR and all(s in {0, t} for s, t in zip(said, true, strict=True))
    if said != true and not put_off:
        raise _differs(entry)


def _differs(entry: Entry) -> StructureError:
    return StructureError(Code.LOCAL_DIFFERS, f"{_name(entry)} is described in two different ways")


def _name(entry: Entry) -> str:
    return shown(entry.name.decode("utf-8", "backslashreplace"))


def _local_extra(data: bytes, entry: Entry) -> dict[int, bytes]:
    if not data:
        return {}
    if len(data) > EXTRA_HEADER.size:
        kind, length = EXTRA_HEADER.unpack_from(data)
        if length + EXTRA_HEADER.size == len(data) and kind not in _SPEAKING:
            return {}  # one block that says nothing about name, size or kind: the usual case
    extra = split_extra(data)
    if not _attributes_agree(extra.get(EXTRA_ATTRIBUTES, b""), entry):
        raise _differs(entry)
    path = extra.get(EXTRA_UNICODE_PATH)
    if path is not None and not unicode_path_agrees(path, entry.name):
        raise StructureError(
            Code.UNICODE_PATH, f"{_name(entry)} has a second name in front of its data"
        )
    return extra


def _attributes_agree(block: bytes, entry: Entry) -> bool:
    """Tell whether libarchive's field makes no link, say, of what the directory calls a file.

    Its first byte says what follows: versions (2 bytes), internal (2) and external attributes.
    """
    says = block[0] if block else 0
    at = 1 + 2 * (says & 1) + (says & 2)
    return says < 1 << 7 and (
        not says & 4 or block[at : at + 4] == entry.external_attributes.to_bytes(4, "little")
    )


def _wide_sizes(
    extra: dict[int, bytes], size: int, compressed_size: int, entry: Entry
) -> tuple[int, int]:
    """Return the sizes of a local header from its zip64 field, which has both (APPNOTE 4.5.3)."""
    block = extra.get(EXTRA_ZIP64)
    if block is None or len(block) != _ZIP64_SIZES_BYTES:
        raise StructureError(Code.ZIP64, f"{_name(entry)} lacks the zip64 sizes it refers to")
    wide = int.from_bytes(block[:8], "little")
    wide_compressed = int.from_bytes(block[8:16], "little")
    if size not in {MAX_32, wide} or compressed_size not in {MAX_32, wide_compressed}:
        raise StructureError(
            Code.ZIP64, f"{_name(entry)} has zip64 sizes that contradict the others"
        )
    return wide, wide_compressed


def _check_descriptor(window: _Window, entry: Entry, start: int, end: int) -> None:
    """Check the data descriptor, in any of its four forms (APPNOTE 4.3.9).

    Their lengths differ, so the place of the next record tells which it is.
    """
    length = end - start
    width = {12: 4, 16: 4, 20: 8, 24: 8}.get(length)
    if width is None:
        raise StructureError(Code.DATA_DESCRIPTOR, f"no data descriptor follows {_name(entry)}")
    expected = (
        (DESCRIPTOR_SIGNATURE if length in {16, 24} else b"")
        + entry.crc.to_bytes(4, "little")
        + entry.compressed_size.to_bytes(8, "little")[:width]
        + entry.size.to_bytes(8, "little")[:width]
    )
    if window.read(start, length, ahead=_HEADER_BYTES) != expected:
        raise StructureError(
            Code.DATA_DESCRIPTOR, f"the data descriptor of {_name(entry)} contradicts the directory"
        )


def _check_lookalikes(window: _Window, entry: Entry, start: int, end: int) -> None:
    """See that stored data holds nothing that who reads a stream takes for its descriptor.

    Data that is not compressed does not say where it ends. libarchive, for one, believes the
    first descriptor whose size is the distance to it, and then looks for another member.
    """
    at = window.search.find(DESCRIPTOR_SIGNATURE, start, end)
    while at is not None:
        size = at - start
        sizes = window.read(at + 8, 16, ahead=_HEADER_BYTES)
        window.lookalikes += 1
        if (
            sizes[:8] == pack("<LL", size & MAX_32, size & MAX_32)
            or sizes == pack("<QQ", size, size)
            or window.lookalikes > _MOST_LOOKALIKES
        ):
            raise StructureError(
                Code.DATA_DESCRIPTOR, f"{_name(entry)} seems to end before it does"
            )
        at = window.search.find(DESCRIPTOR_SIGNATURE, at + 1, end)
