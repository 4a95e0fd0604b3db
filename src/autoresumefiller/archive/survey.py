"""Finding members in a damaged archive: by their local headers, believing only what verifies.

Where the directory survives, it says which headers are the archive's own and
not those of an archive within it; and a member whose local header is damaged
is found through it.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct
from sys import getsizeof

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.candidates import Candidate, Candidates
from autoresumefiller.archive.content import Demand, check_content
from autoresumefiller.archive.directory import (
    Directory,
    Entry,
    StructureError,
    find_directory,
    read_entries,
)
from autoresumefiller.archive.entry_policy import FLAG_DESCRIPTOR, decode_name, entry_faults
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.records import (
    END,
    END_SIGNATURE,
    LOCAL,
    LOCAL_SIGNATURE,
    MAX_16,
    MAX_32,
)
from autoresumefiller.archive.structure import Member

_MOST_LOST = 10_000
_EXTRA_LENGTH = Struct("<H")
_DESCRIPTORS = (16, 24, 12, 20)  # with a signature or without, of 32 or 64 bits


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
    return _Search(file, limits).run()


class _Search:
    def __init__(self, file: ArchiveFile, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self._candidates = Candidates(file, limits)
        self._known, self._end = _surviving_directory(file, limits)
        # A damaged name is wrong in one of two places; which, the metadata knows.
        self._places = {entry.offset for entry in self._known.values() if self._end is not None}
        self._found: set[bytes] = set()
        self._survey = Survey(text_left=limits.max_text_bytes)

    def run(self) -> Survey:
        self._by_local_headers()
        if self._end is not None:
            self._by_directory(self._end)
        for name in self._known:
            if name not in self._found:
                self._survey.lose(name, "it is not in what is left of the file")
        for member in self._survey.members:
            self._survey.lost.pop(member.name, None)
        return self._survey

    def _by_local_headers(self) -> None:
        position = ended = 0
        while (there := self._candidates.after(position)) is not None:
            at, candidate = there
            position = at + len(LOCAL_SIGNATURE)
            if self._gives_up():
                return
            if candidate is None:
                continue  # chance bytes
            known = self._known.get(candidate.entry.name)
            follows = at - ended in {0, *_DESCRIPTORS}  # the directory is damaged in this place
            if known is None and self._known and at not in self._places and not follows:
                continue  # chance bytes, or a member of an archive within this one
            # What the directory says of it may be what is damaged.
            for told in (None,) if known is None else (known, None):
                member = self._completed(candidate, told, known)
                if member is not None:
                    position = ended = member.offset + member.compressed_size
                    break

    def _completed(
        self, candidate: Candidate, told: Entry | None, known: Entry | None
    ) -> Member | None:
        """Return the member that a local header begins, with what the directory has ``told``."""
        entry = self._candidates.completed(candidate, told)
        if entry is None:
            self._survey.lose(candidate.entry.name, "where it ends is not known any more")
            return None
        if known is not None and not _same(entry, known):
            return None  # a member of an archive within this one as well
        member, work = self._verified(entry, candidate.data_offset)
        if member is None:
            # Members follow one another, so reading each takes no longer than
            # unpacking the archive; what counts is what comes to nothing.
            self._candidates.effort.spend(work)
        return member

    def _by_directory(self, directory_offset: int) -> None:
        """Look for what is missing where the directory says that it begins.

        All of it counts here: any number of entries may name one place.
        """
        places = sorted(self._places)
        for name, entry in self._known.items():
            if name in self._found:
                continue
            following = bisect_right(places, entry.offset)
            end = places[following] if following < len(places) else directory_offset
            for offset in self._contents(entry, end):
                if self._gives_up():
                    return
                member, work = self._verified(entry, offset)
                self._candidates.effort.spend(work)
                if member is not None:
                    break

    def _contents(self, entry: Entry, end: int) -> Iterator[int]:
        """Yield where the content of an entry can begin.

        Behind the local header, unless the length of that is damaged; else its
        size before the next one, or before the data descriptor in between.
        """
        head = self._file.read(entry.offset, LOCAL.size)
        if len(head) == LOCAL.size:
            (extra_length,) = _EXTRA_LENGTH.unpack_from(head, LOCAL.size - _EXTRA_LENGTH.size)
            yield entry.offset + LOCAL.size + len(entry.name) + extra_length
        least = entry.offset + LOCAL.size + len(entry.name)
        for descriptor in _DESCRIPTORS if entry.flags & FLAG_DESCRIPTOR else (0,):
            offset = end - descriptor - entry.compressed_size
            if offset >= least:
                yield offset

    def _gives_up(self) -> bool:
        if self._candidates.effort.affords() and self._survey.text_left >= 0:
            return False
        self._survey.complete = False
        return True

    def _verified(self, entry: Entry, offset: int) -> tuple[Member | None, int]:
        """Return the member if its content is what was claimed, and how many bytes that took."""
        name = decode_name(entry)
        if name is None:
            self._survey.lose(entry.name, "its name is not UTF-8")
            return None, 0
        if offset + entry.compressed_size > self._file.size:
            self._survey.lose(entry.name, "it is cut off")
            return None, 0
        if any(entry_faults(entry, name, self._limits)):
            self._survey.lose(entry.name, "its name or kind is not one that a backup holds")
            return None, 0
        member = Member(
            name=name,
            method=entry.method,
            crc=entry.crc,
            size=entry.size,
            compressed_size=entry.compressed_size,
            offset=offset,
        )
        came_out = 0

        def note(size: int) -> None:
            nonlocal came_out
            came_out = size

        demand = Demand(hashing=False, on_bytes=note)
        if check_content(self._file, member, demand).findings:
            self._survey.lose(entry.name, "its content is damaged")
            return None, entry.compressed_size + came_out
        listed = self._known.get(entry.name)
        if listed is not None:
            self._found.add(listed.name)  # not an equal one: there may be 200,000
        self._survey.find(member, self._limits)
        return member, entry.compressed_size + came_out


def _same(found: Entry, known: Entry) -> bool:
    """Tell whether a record is the one that the directory means: by its place, or its content."""
    return found.offset == known.offset or (found.crc, found.size) == (known.crc, known.size)


def _surviving_directory(
    file: ArchiveFile, limits: Limits
) -> tuple[dict[bytes, Entry], int | None]:
    """Return the central directory if all of it is there, and where it is if it was there always.

    It may have moved towards the beginning, which is then lost. One that moved
    the other way belongs to an archive within this one: a stored DOCX, say, at
    the end of what is left.
    """
    try:  # where it says, as in a file that is damaged elsewhere, zip64 or not
        directory = find_directory(file)
        return _by_name(file, directory, limits), directory.offset
    except StructureError:
        pass
    start = max(0, file.size - END.size - MAX_16)
    tail = file.read(start, file.size - start)
    at = tail.rfind(END_SIGNATURE)
    if at < 0 or len(tail) - at < END.size:
        return {}, None
    _, _, _, _, entries, size, claimed, _ = END.unpack_from(tail, at)
    offset = start + at - size
    if entries == MAX_16 or size == MAX_32 or not 0 <= offset <= claimed:
        return {}, None
    directory = Directory(offset=offset, size=size, entries=entries)
    try:
        return _by_name(file, directory, limits), offset if offset == claimed else None
    except StructureError:
        return {}, None


def _by_name(file: ArchiveFile, directory: Directory, limits: Limits) -> dict[bytes, Entry]:
    """Return what is needed of each entry: of 200,000 every byte counts."""
    return {
        entry.name: entry._replace(twice_told=b"", dos_time=0, dos_date=0)
        for entry in read_entries(file, directory, limits)
    }
