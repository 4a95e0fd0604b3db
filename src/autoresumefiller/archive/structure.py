"""The structure of an archive: accepted only if it can be read in one way.

Tools disagree about ZIP files because the format says everything twice: in
the central directory and in front of the data. Here both must say the same,
and the records, put side by side, must be the file: the first at byte 0, each
where the one before ends, the central directory after the last, the end
record at the very end. Nothing can hide between them, overlap, or be seen by
one reader and not by another.
"""

from dataclasses import dataclass
from sys import getsizeof

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.directory import (
    Directory,
    Entry,
    StructureError,
    find_directory,
    read_entries,
)
from autoresumefiller.archive.entry_policy import (
    UNREADABLE,
    decode_name,
    entry_faults,
)
from autoresumefiller.archive.faults import Code, Findings, broken, error, shown
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.local_headers import check_tiling
from autoresumefiller.archive.name_table import NameTable
from autoresumefiller.archive.records import FLAG_UTF8
from autoresumefiller.model.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An entry, checked on both sides if it is readable.

    Attributes:
        name: A folder's ends in a slash.
        method: STORED or DEFLATED.
        crc: CRC-32 that the content should have.
        size, compressed_size: In bytes, as claimed.
        offset: Of the compressed data.
        readable: Its record holds, and decompressing it is possible and safe.

    """

    name: str
    method: int
    crc: int
    size: int
    compressed_size: int
    offset: int
    readable: bool = True

    @property
    def is_folder(self) -> bool:
        """Whether this is the entry of a folder."""
        return self.name.endswith("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What an archive holds.

    Attributes:
        members: In the order of the file.
        unmarked: Names that were read as UTF-8 though not marked so.
        findings: What is wrong; the first of them.
        sound: The records tile the file, and the members' sizes are within
            the limits. If not, reading it all could take for ever.

    """

    members: list[Member]
    unmarked: frozenset[str]
    findings: list[Finding]
    sound: bool


def read_structure(file: ArchiveFile, limits: Limits) -> Structure:
    """Read and check the records of an archive, not its content.

    Raises:
        StorageError: the system cannot read it.

    """
    findings = Findings()
    try:
        directory = find_directory(file)
        entries: list[Entry | None] = [*read_entries(file, directory, limits)]
    except StructureError as fault:
        return _given_up([fault.finding])
    if not entries and directory.offset:
        findings.note(broken(Code.PREFIX, "something stands before its directory"))
    entries.sort(key=_by_offset)
    return _check_entries(file, directory, entries, limits, findings)


def _given_up(findings: list[Finding]) -> Structure:
    """Return the structure of an archive of which not even a part is to be used."""
    return Structure(members=[], unmarked=frozenset(), findings=findings, sound=False)


def _by_offset(entry: Entry | None) -> int:
    return entry.offset if entry else 0


def _check_entries(
    file: ArchiveFile,
    directory: Directory,
    entries: list[Entry | None],
    limits: Limits,
    findings: Findings,
) -> Structure:
    members: list[Member] = []
    unmarked: set[str] = set()
    names = NameTable(most=limits.max_entries + limits.max_folders, most_text=limits.max_text_bytes)
    sound = True
    total = 0
    text_left = limits.max_text_bytes
    for entry, offset in check_tiling(file, directory, entries, findings):
        name = decode_name(entry)
        if offset is None:
            sound = False
        if name is None:
            _note_encoding(entry, findings)
            continue
        text_left -= getsizeof(name)
        if text_left < 0:
            message = "The backup's names are longer than names are, as if to fill the memory"
            return _given_up([*findings, error(Code.TOO_LARGE, message)])
        if not entry.flags & FLAG_UTF8 and not name.isascii():
            unmarked.add(name)
        readable = offset is not None
        for finding in entry_faults(entry, name, limits):
            findings.note(finding)
            readable = readable and finding.code not in UNREADABLE
        clash = names.add(name)
        if clash:
            if names.full:
                return _given_up([*findings, clash])
            findings.note(clash)
        total += entry.size
        members.append(
            Member(
                name=name,
                method=entry.method,
                crc=entry.crc,
                size=entry.size,
                compressed_size=entry.compressed_size,
                offset=entry.offset if offset is None else offset,
                readable=readable,
            )
        )
    if limits.max_total_bytes is not None and total > limits.max_total_bytes:
        sound = False
        findings.note(
            error(
                Code.TOO_LARGE,
                f"The backup unpacks to {total:,} bytes, more than the {limits.max_total_bytes:,} "
                "that there is room for",
            )
        )
    return Structure(members=members, unmarked=frozenset(unmarked), findings=findings, sound=sound)


def _note_encoding(entry: Entry, findings: Findings) -> None:
    name = entry.name.decode("utf-8", "backslashreplace")
    marked = "is marked as UTF-8 and is not" if entry.flags & FLAG_UTF8 else "is not UTF-8"
    findings.note(
        error(
            Code.NAME_ENCODING,
            f"Unsafe name in backup: {shown(name)} {marked}; zip it again with a tool that "
            "writes UTF-8 names (7-Zip: -mcu=on)",
        )
    )
