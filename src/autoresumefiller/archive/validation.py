"""Everything that is checked before an archive may be imported, in one pass.

What is validated is what is installed: with a sink, the bytes that were
hashed are the bytes that are written, from the same open file.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from autoresumefiller.archive.agreement import (
    Listing,
    base_name,
    checksum_faults,
    list_files,
    listing_faults,
    profile_faults,
)
from autoresumefiller.archive.compression import Buffer
from autoresumefiller.archive.content import Demand, Outcome
from autoresumefiller.archive.content_pass import Progress, check_members
from autoresumefiller.archive.faults import (
    NOT_ABOUT_INTEGRITY,
    Code,
    Findings,
    error,
    shown,
    warning,
)
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.metadata_fields import MetadataError
from autoresumefiller.archive.metadata_json import decode
from autoresumefiller.archive.names import CHECKSUMS, ENCRYPTED_PROFILE, METADATA, PROFILE
from autoresumefiller.archive.output_file import Target, unpacking
from autoresumefiller.archive.profile_check import check_profile
from autoresumefiller.archive.reader import ArchiveReader
from autoresumefiller.archive.report import Report, Sink
from autoresumefiller.archive.round_trip import reads_back
from autoresumefiller.archive.structure import Member
from autoresumefiller.archive.versions import version_faults
from autoresumefiller.model.finding import Finding, Severity
from autoresumefiller.model.metadata import FileRecord, Metadata

if TYPE_CHECKING:
    from autoresumefiller.model.profile import UserProfile

__all__ = ["Report", "Sink", "read_back", "refused", "validate"]

_OF_THE_PROFILE = frozenset({*NOT_ABOUT_INTEGRITY, Code.PROFILE_TWICE})


def validate(
    file: BinaryIO,
    *,
    app_version: str,
    limits: Limits | None = None,
    sink: Sink | None = None,
    on_plan: Callable[[Sequence[Member]], None] | None = None,
    on_progress: Progress | None = None,
    workers: int | None = None,
) -> Report:
    """Check everything about an archive and report every fault that can be known.

    Args:
        file: Open for reading; stays open. Any content will do.
        app_version: This application's, PEP 440.
        limits: See `Limits`.
        sink: Where to write the files while they are checked; used only if
            nothing was found wrong before. What it holds is worth nothing
            unless the report has no errors.
        on_plan: Told once, before the first progress, which members will be
            read, in order.
        on_progress: ``on_progress(member, bytes of it so far)``, on this
            thread, at least once for each file of the vault.
        workers: Threads, by default one for each processor.

    Raises:
        StorageError: the archive cannot be read or the sink cannot be written.
        Exception: whatever ``on_progress`` raises cancels and is passed on;
            no thread is left and every file the sink opened is closed.

    """
    return _Validation(
        ArchiveReader(file, limits),
        app_version=app_version,
        sink=sink,
        on_plan=on_plan,
        on_progress=on_progress,
        workers=workers,
    ).report()


def refused(file: BinaryIO, *, app_version: str) -> list[Finding]:
    """Return why an archive would be refused by an import, apart from its profile.

    What an export asks instead of `read_back` where a limit may be met.

    Raises:
        StorageError: the archive cannot be read.

    """
    report = validate(file, app_version=app_version)
    errors = (found for found in report.findings if found.severity is Severity.ERROR)
    return [found for found in errors if found.code not in _OF_THE_PROFILE]


def read_back(file: BinaryIO, *, workers: int | None = None) -> list[Finding]:
    """Check that an archive reads back: structure, decompression, CRC-32.

    What an export does before the archive gets its name; SHA-256 and the
    metadata are for `validate`.

    Raises:
        StorageError: the archive cannot be read.

    """
    if reads_back(file, workers=workers):
        return []
    reader = ArchiveReader(file)
    findings = [*reader.structure.findings]
    if reader.structure.sound:
        findings += check_members(
            reader.file,
            [member for member in reader.structure.members if member.readable],
            demand_for=lambda _: Demand(hashing=False),
            judge=lambda _, outcome: outcome.findings,
            workers=workers,
        )
    return findings


class _Validation:
    """One run of `validate`."""

    def __init__(
        self,
        reader: ArchiveReader,
        *,
        app_version: str,
        sink: Sink | None,
        on_plan: Callable[[Sequence[Member]], None] | None,
        on_progress: Progress | None,
        workers: int | None,
    ) -> None:
        self._reader = reader
        self._app_version = app_version
        self._sink = sink
        self._on_plan = on_plan
        self._on_progress = on_progress
        self._workers = workers
        self._findings = Findings()
        self._listing = Listing(records={}, paths={})
        self._profile_data: bytes | None = None

    def report(self) -> Report:
        self._note(*self._reader.structure.findings)
        metadata = self._check_metadata()
        profile = None
        if self._reader.structure.sound:
            self._check_contents()
            profile = self._check_profile(metadata)
        folders = [name for name, member in self._members.items() if member.is_folder]
        return Report(
            findings=tuple(self._findings),
            metadata=metadata,
            profile=profile,
            directories=tuple(map(self._listing.path_of, folders)),
        )

    @property
    def _members(self) -> Mapping[str, Member]:
        return self._reader.members

    def _note(self, *findings: Finding) -> None:
        for finding in findings:
            self._findings.note(finding)

    def _failed(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self._findings)

    # --- what the archive says ---

    def _check_metadata(self) -> Metadata | None:
        if METADATA not in self._members:
            if self._members or self._reader.structure.sound:
                message = "Backup metadata is missing: metadata.json is not in the archive"
                self._note(error(Code.METADATA_MISSING, message, METADATA))
            return None
        cap = self._reader.limits.max_metadata_bytes
        pieces, findings = self._reader.read_pieces(METADATA, cap)
        self._note(*findings)
        if pieces is None:
            return None
        digest = _sha256(pieces)
        try:
            metadata = decode(pieces, self._reader.limits, share=self._reader.known)
        except MetadataError as fault:
            self._note(*fault.findings)
            if fault.metadata is None:
                return None
            metadata = fault.metadata
        if metadata.app_version:
            self._note(*version_faults(metadata, self._app_version))
        self._listing = list_files(metadata, self._members)
        self._note(*listing_faults(metadata, self._listing, self._members))
        self._note(*profile_faults(self._listing))
        self._check_unmarked()
        if CHECKSUMS in self._members:
            sums, findings = self._reader.read(CHECKSUMS, cap)
            self._note(*findings)
            if sums is not None:
                self._note(*checksum_faults(sums, metadata, digest, self._members))
        return metadata

    def _check_unmarked(self) -> None:
        """Take a folder's name without the UTF-8 flag as UTF-8 only if a listed file is in it."""
        folders = sorted(name for name in self._reader.structure.unmarked if name.endswith("/"))
        listed = sorted(self._listing.records) if folders else []
        for name in folders:
            following = bisect_left(listed, name)
            if following == len(listed) or not listed[following].startswith(name):
                message = f"Unsafe name in backup: nothing says that {shown(name)} is UTF-8"
                self._note(error(Code.NAME_ENCODING, message, name))

    # --- what it holds ---

    def _check_contents(self) -> None:
        sink = None if self._failed() else self._sink
        if sink is not None:
            with unpacking():
                for name, member in self._members.items():
                    if member.is_folder:
                        sink.make_directory(self._listing.path_of(name))
        members = [
            member
            for member in self._reader.structure.members
            if member.readable and member.name not in {METADATA, CHECKSUMS}
        ]
        if self._on_plan is not None:
            self._on_plan(members)
        self._note(
            *check_members(
                self._reader.file,
                members,
                demand_for=partial(self._demand, sink),
                judge=self._judge,
                on_progress=self._on_progress,
                workers=self._workers,
            )
        )

    def _demand(self, sink: Sink | None, member: Member) -> Demand:
        name = member.name
        record = self._listing.records.get(name)
        keep = name == PROFILE and member.size <= self._reader.limits.max_profile_bytes
        demand = Demand(hashing=record is not None, keep=keep)
        if sink is not None and record is not None:
            demand.target = _InSink(sink, record, self._listing.path_of(name))
        return demand

    def _judge(self, member: Member, outcome: Outcome) -> Iterator[Finding]:
        yield from outcome.findings
        name = member.name
        if outcome.data is not None:
            self._profile_data = outcome.data
        record = self._listing.records.get(name)
        if record is not None and outcome.sha256 not in {None, record.checksum_sha256}:
            message = (
                f"Checksum mismatch for {base_name(name)} ({shown(name)}): "
                "its content is not what metadata.json says"
            )
            yield error(Code.CHECKSUM_MISMATCH, message, name)

    def _check_profile(self, metadata: Metadata | None) -> "UserProfile | None":
        if PROFILE in self._members:
            if self._profile_data is None:
                size = self._members[PROFILE].size
                if size > self._reader.limits.max_profile_bytes:
                    message = f"Invalid user profile schema: it has {size:,} bytes"
                    self._note(error(Code.PROFILE_INVALID, message, PROFILE))
                return None
            exported_valid = None if metadata is None else metadata.profile_valid
            profile, finding = check_profile(self._profile_data, exported_valid=exported_valid)
            if finding:
                self._note(finding)
            return profile
        if ENCRYPTED_PROFILE in self._members:
            message = "The profile is encrypted: whether it follows the schema was not checked"
            self._note(warning(Code.PROFILE_NOT_CHECKED, message, ENCRYPTED_PROFILE))
        else:
            self._note(warning(Code.PROFILE_MISSING, "The backup holds no profile"))
        return None


def _sha256(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


class _InSink(Target):
    """The place of one file in a sink."""

    __slots__ = ("_path", "_record", "_sink")

    def __init__(self, sink: Sink, record: FileRecord, path: str) -> None:
        self._sink = sink
        self._record = record
        self._path = path

    def open(self) -> BinaryIO:
        return self._sink.open(self._record, self._path)

    def put(self, content: Buffer) -> None:
        self._sink.put(self._record, self._path, content)
