"""Whether metadata.json, SHA256SUMS and the members say the same, both ways."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePosixPath

from autoresumefiller.archive import checksums
from autoresumefiller.archive.faults import Code, error, shown
from autoresumefiller.archive.name_table import NameTable
from autoresumefiller.archive.names import (
    CHECKSUMS,
    CONFIG,
    ENCRYPTED_PROFILE,
    METADATA,
    PROFILE,
    unescape,
)
from autoresumefiller.archive.structure import Member
from autoresumefiller.model.finding import Finding
from autoresumefiller.model.metadata import FileRecord, Metadata

_OWN_LISTS = frozenset({METADATA, CHECKSUMS})
_MOST_FOLDERS = 200_000
_LONGEST_PART = 3 * 255  # NTFS and APFS count characters, of which each may take 3 bytes
_OWN_NAMES = frozenset({PROFILE, ENCRYPTED_PROFILE, CONFIG, METADATA, CHECKSUMS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is to be restored.

    Attributes:
        records: The file records by member name.
        paths: Member name to vault path, where that is another name.

    """

    records: Mapping[str, FileRecord]
    paths: Mapping[str, str]

    def path_of(self, name: str) -> str:
        """Return the vault path of a member, file or folder."""
        return self.paths.get(name) or name.removesuffix("/")


def base_name(path: str) -> str:
    """Return the last part of a name, as messages of the story begin with it."""
    return shown(PurePosixPath(path).name or path)


def list_files(metadata: Metadata, members: Mapping[str, Member]) -> Listing:
    """Work out which member becomes which file or folder of the vault.

    Folder names are unescaped only where the archive says that it is of our
    format: the metadata lists files, so nothing proves a folder's name.
    """
    records = {record.path: record for record in metadata.files}
    paths = {
        name: record.original_path
        for name, record in records.items()
        if record.original_path is not None and record.original_path != name
    }
    if metadata.format_version is not None:
        for name, member in members.items():
            if member.is_folder and "%" in name:
                paths[name] = unescape(name.removesuffix("/"))
    return Listing(records=records, paths=paths)


def listing_faults(
    metadata: Metadata, listing: Listing, members: Mapping[str, Member]
) -> Iterator[Finding]:
    """Compare the files that are listed with those that are there."""
    if len(listing.records) != len(metadata.files):
        yield _metadata_fault("it lists a file twice")
    for record in metadata.files:
        yield from _record_faults(record, members.get(record.path))
    for name, member in members.items():
        if not (member.is_folder or name in listing.records or name in _OWN_LISTS):
            yield error(
                Code.UNLISTED_MEMBER,
                f"Unexpected file in backup: {shown(name)} is not listed in metadata.json",
                name,
            )
    yield from path_faults(listing)


def _record_faults(record: FileRecord, member: Member | None) -> Iterator[Finding]:
    name = record.path
    if name in _OWN_LISTS:
        yield _metadata_fault(f"it lists {name}, which is not a file of the vault")
    elif member is None:
        yield error(
            Code.MISSING_MEMBER,
            f"Missing from backup: {shown(name)} is listed in metadata.json but is not there",
            name,
        )
    elif member.is_folder:
        yield _metadata_fault(f"it lists the folder {shown(name)} as a file")
    elif member.size != record.size_bytes:
        yield error(
            Code.SIZE_MISMATCH,
            f"Size mismatch for {base_name(name)} ({shown(name)}): metadata.json says "
            f"{record.size_bytes:,} bytes, the archive holds {member.size:,}",
            name,
        )


def _metadata_fault(what: str) -> Finding:
    return error(Code.METADATA_INVALID, f"Backup metadata is invalid: {what}", METADATA)


def path_faults(listing: Listing) -> Iterator[Finding]:
    """Check the names that files get in the vault, where those are not the members'."""
    if not listing.paths:
        return
    # Here only what is really one place counts: twins are what escaping is for.
    places = NameTable(most=2 * len(listing.records) + _MOST_FOLDERS, key=str)
    for name in sorted(listing.records.keys() | listing.paths.keys()):
        path = listing.path_of(name)
        fault = _original_fault(name, path)
        if fault is None and places.add(f"{path}/" if name.endswith("/") else path):
            fault = "another file or folder is restored to the same place"
        if fault:
            yield _original(name, path, fault)


def _original(name: str, path: str, fault: str) -> Finding:
    message = f"Unsafe name in backup: {shown(name)} stands for {shown(path)}: {fault}"
    return error(Code.ORIGINAL_PATH, message, name)


def _original_fault(name: str, path: str) -> str | None:
    """Say why an unescaped name may not be restored.

    It need not be portable (that is what escaping is for), but it has to
    be a name of its own in the same place.
    """
    plain = name.removesuffix("/")
    if path == plain:
        return None
    parts = path.split("/")
    if "\0" in path:
        return "it holds a NUL character"
    if any(len(part.encode("utf-8", "surrogatepass")) > _LONGEST_PART for part in parts):
        return "it is longer than any system allows"
    if any(part in {"", ".", ".."} for part in parts):
        return "it leads elsewhere"
    if parts[0] != plain.partition("/")[0]:
        return "it leads elsewhere"
    if len(parts) != plain.replace("%_/", "").count("/") + 1:
        return "it hides a folder in a name"
    if path in _OWN_NAMES:
        return f"it would stand in for {path}"
    return None


def profile_faults(listing: Listing) -> Iterator[Finding]:
    """Check that there is one profile at most."""
    if PROFILE in listing.records and ENCRYPTED_PROFILE in listing.records:
        yield error(
            Code.PROFILE_TWICE,
            "The backup holds two profiles, user_profile.json and user_profile.json.enc, "
            "and does not say which is the right one",
            ENCRYPTED_PROFILE,
        )


def checksum_faults(
    data: bytes, metadata: Metadata, metadata_sum: str, members: Mapping[str, Member]
) -> Iterator[Finding]:
    """Compare SHA256SUMS with metadata.json, and metadata.json with its own sum in there."""
    own = FileRecord(path=METADATA, size_bytes=0, checksum_sha256=metadata_sum)
    if checksums.says(data, chain(metadata.files, [own])):
        return  # as our own writer has it: 100,000 lines need not be taken apart
    expected = {record.path: record.checksum_sha256 for record in metadata.files}
    expected[METADATA] = metadata_sum
    try:
        sums = checksums.parse(data, expected=expected)
    except ValueError as fault:
        yield error(
            Code.CHECKSUM_LIST_INVALID, f"The list of checksums is invalid: {fault}", CHECKSUMS
        )
        return
    for name, value in expected.items():
        if sums.get(name, value) != value:
            yield error(
                Code.CHECKSUM_MISMATCH if name == METADATA else Code.CHECKSUM_LIST_MISMATCH,
                f"Checksum mismatch for {base_name(name)} ({shown(name)}): "
                "SHA256SUMS and metadata.json contradict each other",
                name,
            )
    missing = [name for name in sums if name not in members]
    unlisted = [name for name in expected if name not in sums]
    for name in missing:
        message = f"Missing from backup: {shown(name)} is listed in SHA256SUMS but is not there"
        yield error(Code.MISSING_MEMBER, message, name)
    if unlisted and metadata.format_version is not None:
        message = f"The list of checksums is incomplete: {shown(unlisted[0])} is not in SHA256SUMS"
        yield error(Code.CHECKSUM_LIST_MISMATCH, message, unlisted[0])
