"""Opening an archive: all of it, or just its metadata for a list."""

import os
import stat
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.directory import (
    Entry,
    StructureError,
    find_directory,
    read_entry,
)
from autoresumefiller.archive.faults import Code, error, shown
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.metadata_fields import MetadataError
from autoresumefiller.archive.metadata_json import decode
from autoresumefiller.archive.names import METADATA
from autoresumefiller.archive.records import (
    CENTRAL,
    CENTRAL_SIGNATURE,
    LOCAL,
    LOCAL_SIGNATURE,
)
from autoresumefiller.errors import BackupValidationError, StorageError
from autoresumefiller.model.finding import Finding
from autoresumefiller.model.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autoresumefiller.archive.content import Demand, Outcome
    from autoresumefiller.archive.structure import Member, Structure

_LIST_LIMITS = Limits()


class ArchiveReader:
    """An archive whose structure was checked; content is checked as it is read.

    Attributes:
        structure: What was found; look at its findings before trusting it.
        file: The archive, for reading at positions.

    """

    def __init__(self, file: BinaryIO, limits: Limits | None = None) -> None:
        """Read the structure of ``file``, which stays the caller's to close."""
        from autoresumefiller.archive.structure import read_structure

        self.limits = limits or Limits()
        self.file = ArchiveFile(file)
        self.structure: Structure = read_structure(self.file, self.limits)

    @cached_property
    def members(self) -> "Mapping[str, Member]":
        """The members by name; of several with one name the first."""
        found: dict[str, Member] = {}
        for member in self.structure.members:
            found.setdefault(member.name, member)
        return found

    def known(self, name: str) -> str:
        """Return a text equal to ``name``: the one that is in memory already, if it is a member's.

        So that 100,000 names are not there twice.
        """
        member = self.members.get(name)
        return name if member is None else member.name

    def read(self, name: str, cap: int) -> tuple[bytes | None, list[Finding]]:
        """Return a member's content, or None and why not.

        Args:
            name: Of a member.
            cap: How many bytes it may have.

        """
        from autoresumefiller.archive.content import Demand

        outcome, findings = self._check(name, cap, Demand(hashing=False, keep=True))
        return (None if findings or outcome is None else outcome.data), findings

    def read_pieces(self, name: str, cap: int) -> tuple[list[bytes] | None, list[Finding]]:
        """Do what `read` does, for who can let go of one piece after the other."""
        from autoresumefiller.archive.content import Demand
        from autoresumefiller.archive.output_file import InPieces

        target = InPieces()
        outcome, findings = self._check(name, cap, Demand(hashing=False, target=target))
        return (None if findings or outcome is None else target.pieces), findings

    def _check(
        self, name: str, cap: int, demand: "Demand"
    ) -> tuple["Outcome | None", list[Finding]]:
        from autoresumefiller.archive.content import check_content

        member = self.members.get(name)
        if member is None:
            return None, [error(Code.MISSING_MEMBER, f"{shown(name)} is not in the backup", name)]
        if not member.readable:
            return None, []  # told with the structure
        if member.size > cap:
            message = f"{shown(name)} is larger than {cap:,} bytes"
            return None, [error(Code.TOO_LARGE, message, name)]
        outcome = check_content(self.file, member, demand)
        return outcome, [*outcome.findings]

    @cached_property
    def metadata(self) -> Metadata:
        """What the archive says of itself.

        Raises:
            BackupValidationError: it says nothing, or nothing that can be believed.

        """
        pieces, findings = self.read_pieces(METADATA, self.limits.max_metadata_bytes)
        if pieces is not None:
            try:
                return decode(pieces, self.limits, share=self.known)
            except MetadataError as fault:
                findings = fault.findings
        raise BackupValidationError(
            [finding.message for finding in findings] or ["Backup metadata is missing"],
            codes=[finding.code for finding in findings],
        )


def read_metadata(path: Path) -> Metadata | None:
    """Read what an archive says of itself, without checking anything else.

    For a list: a few reads, no matter how large the archive. Never raises for
    content; None where there is no metadata to be had.
    """
    try:
        with open(path, "rb", buffering=0, opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            pieces = _read_metadata_member(ArchiveFile(file))
            return None if pieces is None else decode(pieces, _LIST_LIMITS)
    except (StructureError, StorageError, ValueError, OSError):
        return None


def _open_at_once(path: str, flags: int) -> int:
    # Opening a FIFO would otherwise wait for somebody to write to it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _read_metadata_member(file: ArchiveFile) -> list[bytes] | None:
    """Find the member by its name in the directory; the rest of it is not looked at."""
    directory = find_directory(file)
    if directory.size > _LIST_LIMITS.max_central_bytes:
        return None
    headers = file.read(directory.offset, directory.size)
    name = METADATA.encode()
    at = headers.rfind(name)
    while at >= 0:
        start = at - CENTRAL.size
        if start >= 0 and headers.startswith(CENTRAL_SIGNATURE, start):
            entry, _ = read_entry(headers, start)
            if entry.name == name:
                return _read_content(file, entry)
        at = headers.rfind(name, 0, at)
    return None


def _read_content(file: ArchiveFile, entry: Entry) -> list[bytes] | None:
    from autoresumefiller.archive.content import Demand, check_content
    from autoresumefiller.archive.output_file import InPieces
    from autoresumefiller.archive.structure import Member

    if max(entry.size, entry.compressed_size) > _LIST_LIMITS.max_metadata_bytes:
        return None
    local = file.read(entry.offset, LOCAL.size)
    if len(local) != LOCAL.size or not local.startswith(LOCAL_SIGNATURE):
        return None
    name_length, extra_length = LOCAL.unpack(local)[9:]
    offset = entry.offset + LOCAL.size + name_length + extra_length
    member = Member(
        name=METADATA,
        method=entry.method,
        crc=entry.crc,
        size=entry.size,
        compressed_size=entry.compressed_size,
        offset=offset,
    )
    target = InPieces()
    outcome = check_content(file, member, Demand(hashing=False, target=target))
    return None if outcome.findings else target.pieces
