"""What can be had from a damaged archive, and the names of what cannot.

Nothing is believed: a member is recovered if its content has the length and
CRC-32 that its header claims and, where the metadata survives, the SHA-256
that stands there. It never writes outside the folder it is given.
"""

import errno
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from autoresumefiller.archive import checksums
from autoresumefiller.archive.agreement import Listing, list_files, path_faults
from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.content import Demand, check_content
from autoresumefiller.archive.faults import shown
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.metadata_fields import MetadataError
from autoresumefiller.archive.metadata_json import decode
from autoresumefiller.archive.names import CHECKSUMS, METADATA
from autoresumefiller.archive.output_file import Target, unpacking
from autoresumefiller.archive.structure import Member
from autoresumefiller.archive.survey import Survey, survey
from autoresumefiller.errors import OutputExistsError
from autoresumefiller.model.metadata import Metadata

_OWN_LISTS = frozenset({METADATA, CHECKSUMS})
# About the disk or the folder, not about the name.
_GIVE_UP = frozenset(
    {
        errno.ENOSPC,
        getattr(errno, "EDQUOT", errno.ENOSPC),
        errno.EIO,
        errno.EROFS,
        errno.EMFILE,
        errno.ENFILE,
        # Windows calls some names forbidden; elsewhere it is the folder.
        *(() if sys.platform == "win32" else (errno.EACCES,)),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What became of a damaged archive.

    Attributes:
        recovered: Paths in the folder, POSIX separators.
        lost: One sentence for each file that is gone, safe to print.
        metadata: What the archive says of itself, if that survived.

    """

    recovered: tuple[str, ...]
    lost: tuple[str, ...]
    metadata: Metadata | None


def salvage(file: BinaryIO, directory: Path, *, limits: Limits | None = None) -> Salvaged:
    """Recover every member that still verifies into an empty or new folder.

    Files get mode 0600, folders 0700. Escaped names are unescaped if the
    metadata survives.

    Args:
        file: The archive, open for reading; any content will do.
        directory: Where to put the files.
        limits: See `Limits`.

    Raises:
        OutputExistsError: the folder is not empty, or is not a folder.
        StorageError: reading or writing failed.

    """
    limits = limits or Limits()
    archive = ArchiveFile(file)
    _require_empty(directory)
    found = survey(archive, limits)
    return _Salvage(archive, found, directory, limits).run()


def _require_empty(directory: Path) -> None:
    with unpacking():
        if directory.exists() and not directory.is_dir():
            raise OutputExistsError(f"{shown(str(directory))} is not a folder", path=str(directory))
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise OutputExistsError(
                f"The folder {shown(str(directory))} is not empty",
                path=str(directory),
                consequence="Nothing was written.",
                hint="Name a new or an empty folder.",
            )


class _Salvage:
    def __init__(
        self, archive: ArchiveFile, found: Survey, directory: Path, limits: Limits
    ) -> None:
        self._archive = archive
        self._found = found
        self._directory = directory
        self._limits = limits
        self._members: dict[str, list[Member]] = {}
        self._lost = found.lost
        self._folders_left = limits.max_entries + limits.max_folders
        self._recovered: list[str] = []

    def run(self) -> Salvaged:
        # Before the members are put in order: decoding it is where the memory peaks.
        metadata = self._metadata()
        for member in self._found.members:
            self._members.setdefault(member.name, []).append(member)
        listing = Listing(records={}, paths={})
        if metadata is not None:
            files = {name: members[0] for name, members in self._members.items()}
            listing = list_files(metadata, files)
            if any(path_faults(listing)):
                listing = Listing(records=listing.records, paths={})
        sums = self._sums(listing)
        for name, members in self._members.items():
            self._recover(name, members, listing, sums, listed=metadata is not None)
        for name in listing.records:
            if name not in self._members:
                self._lost.setdefault(name, "it is not in what is left of the file")
        lost = [f"{shown(name)}: {reason}" for name, reason in self._lost.items()]
        if metadata is None:
            lost.append(
                f"{METADATA}: the list of files did not survive, so there may have been more"
            )
        if not self._found.complete:
            lost.append(
                "The search was given up: "
                "the file holds more names, or more false beginnings, than a backup"
            )
        return Salvaged(recovered=tuple(self._recovered), lost=tuple(lost), metadata=metadata)

    def _metadata(self) -> Metadata | None:
        for member in self._found.members:
            data = self._read(member) if member.name == METADATA else None
            if data is None:
                continue
            try:
                return decode([data], self._limits)
            except MetadataError as fault:
                if fault.metadata is not None:
                    return fault.metadata
        return None

    def _sums(self, listing: Listing) -> Mapping[str, str]:
        """Return the SHA-256 of as many files as it is known of."""
        if listing.records:
            return {name: record.checksum_sha256 for name, record in listing.records.items()}
        for member in self._members.get(CHECKSUMS, []):
            data = self._read(member)
            if data is not None:
                try:
                    return checksums.parse(data)
                except ValueError:
                    continue
        return {}

    def _read(self, member: Member) -> bytes | None:
        if member.size > self._limits.max_metadata_bytes:
            return None
        return check_content(self._archive, member, Demand(hashing=False, keep=True)).data

    def _recover(
        self,
        name: str,
        members: list[Member],
        listing: Listing,
        sums: Mapping[str, str],
        *,
        listed: bool,
    ) -> None:
        path = listing.path_of(name)
        if name.endswith("/"):
            refused = self._try_folder(path)
            if refused:
                self._lost.setdefault(name, refused)
            return
        if listed and name not in listing.records and name not in _OWN_LISTS:
            self._lost.setdefault(name, "it is not one of the files that the backup lists")
            return
        for member in members:
            if sums.get(name) in {None, self._hash(member)}:
                reason = self._write(member, path)
                break
        else:
            reason = "its content is not what it was: the checksum differs"
        if reason:
            self._lost.setdefault(name, reason)
        else:
            self._recovered.append(path)
            self._date(path, listing.records[name].modified if name in listing.records else None)

    def _hash(self, member: Member) -> str | None:
        return check_content(self._archive, member, Demand()).sha256

    def _write(self, member: Member, path: str) -> str | None:
        """Write a file that must not be there yet; return why that was not possible."""
        target = self._directory / path
        try:
            self._make_folder(target.parent)
            # Never through a link, never over another: names that meet on this
            # file system must not replace each other.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            descriptor = os.open(target, flags, 0o600)
        except (OSError, ValueError) as error:
            return _refused(error)
        with os.fdopen(descriptor, "wb") as file:
            demand = Demand(hashing=False, target=_Opened(file))
            outcome = check_content(self._archive, member, demand)
        if outcome.findings:
            target.unlink(missing_ok=True)
            return "its content is damaged"
        return None

    def _try_folder(self, path: str) -> str | None:
        try:
            self._make_folder(self._directory / path)
        except (OSError, ValueError) as error:
            return _refused(error)
        return None

    def _make_folder(self, folder: Path) -> None:
        """Create a folder and those above it; ValueError if there are endless many.

        A path can be of 2,000 folders; those of 200,000 files would fill any disk.
        """
        missing = []
        while folder != self._directory and not folder.is_dir():
            if self._folders_left < 0:
                raise ValueError("more folders than a backup has")
            self._folders_left -= 1
            missing.append(folder)
            folder = folder.parent
        for each in reversed(missing):
            each.mkdir(mode=0o700)

    def _date(self, path: str, modified: str | None) -> None:
        if modified is None:
            return
        moment = datetime.fromisoformat(modified)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        try:
            os.utime(self._directory / path, (moment.timestamp(), moment.timestamp()))
        except (OSError, OverflowError, ValueError):
            return  # the content is what counts


def _refused(error: OSError | ValueError) -> str:
    """Return why a file or folder could not be made; StorageError if it is not about its name."""
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        return "another file of the same name was recovered already"
    if isinstance(error, OSError) and error.errno in _GIVE_UP:
        with unpacking():
            raise error
    return "this system does not allow its name"


class _Opened(Target):
    """A file that was created already."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def open(self) -> BinaryIO:
        return self._file
