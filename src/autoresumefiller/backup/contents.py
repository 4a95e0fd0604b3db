"""What goes into an archive: files, redacted settings, and the lists that prove them."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autoresumefiller.archive import checksums, metadata_json
from autoresumefiller.archive.effort import effort_for
from autoresumefiller.archive.escaping import escaped_names
from autoresumefiller.archive.extent import is_usual
from autoresumefiller.archive.limits import DEFAULT_LIMITS
from autoresumefiller.archive.names import CHECKSUMS, METADATA
from autoresumefiller.archive.writer import ArchiveWriter, Batch, Source
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.meter import Meter
from autoresumefiller.backup.space import require_space_for_copies
from autoresumefiller.errors import StorageError, VaultLayoutError
from autoresumefiller.model import moments
from autoresumefiller.model.backup_name import BackupType
from autoresumefiller.model.metadata import (
    FORMAT_VERSION,
    FileRecord,
    Metadata,
    Scope,
    SkippedFile,
)
from autoresumefiller.model.printable import printable
from autoresumefiller.model.progress import Stage, StageCallback
from autoresumefiller.redaction.redact import redact
from autoresumefiller.redaction.tree import MAX_BYTES
from autoresumefiller.vault.durable import open_regular_file
from autoresumefiller.vault.inventory import Inventory, VaultFile, take_inventory
from autoresumefiller.vault.layout import CONFIG, DATA, ENCRYPTED_PROFILE_PATH, PROFILE_PATH
from autoresumefiller.vault.profile_store import profile_problems

# metadata.json must stay within what a reader takes; the warnings name the rest.
_MOST_SKIPPED = 10_000

_IN_DATA = f"{DATA}/"
_OTHERWISE = (_IN_DATA, CONFIG)
"""What does not come with the documents; nothing else begins with the settings' name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentsRequest:
    """What is to be archived, and how.

    Attributes:
        backup_type, scope: As the metadata says.
        created: The time of the export, aware.
        include_secrets: Whether config.yaml goes in as it is: only into an
            archive that will be encrypted.
        hold_data: Keeps saves out of ``data/`` and the settings while they are read.
        written_to: The directories whose disks must have the space, for one archive each.

    """

    backup_type: BackupType
    scope: Scope
    created: datetime
    include_secrets: bool = False
    hold_data: Callable[[], AbstractContextManager[object]] = nullcontext
    written_to: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What went into an archive, and what there is to say about it.

    Attributes:
        usual: Whether it is far from every limit of an import.

    """

    metadata: Metadata
    warnings: tuple[str, ...]
    usual: bool


@dataclass(slots=True, kw_only=True)
class _Written:
    """What is in the archive so far."""

    records: list[FileRecord] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    missing_directories: tuple[str, ...] = ()
    redacted: tuple[str, ...] = ()
    profile_valid: bool | None = None
    notes: str = "API keys redacted for security"
    usual: bool = True

    def add(self, batch: Batch) -> None:
        self.records.extend(batch.records)
        for lost in batch.lost:
            self.skip(lost.member, lost.reason)
        for member in batch.changed:
            self.changed(member)

    def changed(self, path: str) -> None:
        self.warnings.append(
            f"{printable(path)} changed while it was being read; the archive holds what was read"
        )

    def skip(self, path: str, reason: str) -> None:
        self.skipped.append(SkippedFile(path=printable(path), reason=reason))
        self.warnings.append(f"{printable(path)} was skipped: {reason}")


def write_contents(
    vault: Vault,
    writer: ArchiveWriter,
    request: ContentsRequest,
    *,
    meter: Meter,
    enter: StageCallback,
) -> Contents:
    """Write every member of an archive; closing it is the caller's.

    Raises:
        NotEnoughSpaceError: the archive may not fit.
        StorageError: the vault cannot be looked at, or the archive not written.

    """
    # What was planned is gone when the lists are written: of 100,000 files,
    # names and sizes alone take as much memory as everything else.
    written = _write_files(vault, writer, request, meter=meter, enter=enter)
    metadata = _describe(vault, written, request)
    enter(Stage.WRITING)
    record = writer.add_pieces(
        METADATA, metadata_json.encode_lines(metadata), modified=request.created
    )
    sums = checksums.encode_lines((*metadata.files, record))
    listed = writer.add_pieces(CHECKSUMS, sums, modified=request.created)
    lists = max(record.size_bytes, listed.size_bytes)
    return Contents(
        metadata=metadata,
        warnings=tuple(written.warnings),
        usual=written.usual and lists <= DEFAULT_LIMITS.max_metadata_bytes,
    )


def _write_files(
    vault: Vault,
    writer: ArchiveWriter,
    request: ContentsRequest,
    *,
    meter: Meter,
    enter: StageCallback,
) -> _Written:
    with request.hold_data():
        inventory = take_inventory(vault.layout, request.scope)
        writer.expect(file.size for file in inventory.files)
        total = sum(file.size for file in inventory.files)
        require_space_for_copies(request.written_to, total, "The archive")
        folders = [f"{directory}/" for directory in inventory.empty_directories]
        names = escaped_names([*(file.path for file in inventory.files), *folders])
        meter.plan(
            lambda: ((names.get(file.path, file.path), file.size) for file in inventory.files)
        )
        effort = effort_for((file.path, file.size) for file in inventory.files)
        written = _begin(vault, inventory, request)
        paths = (*(file.path for file in inventory.files), *folders)
        written.usual = is_usual((names.get(path, path), path) for path in paths)
        enter(Stage.READING)
        held = (file for file in inventory.files if file.path.startswith(_IN_DATA))
        written.add(writer.add_files(_sources(held, names), meter, effort=effort))
        _add_config(writer, inventory, written, request, meter)
    rest = (file for file in inventory.files if not file.path.startswith(_OTHERWISE))
    written.add(writer.add_files(_sources(rest, names), meter, effort=effort))
    for folder in folders:
        writer.add_directory(names.get(folder, folder), modified=request.created)
    return written


def _begin(vault: Vault, inventory: Inventory, request: ContentsRequest) -> _Written:
    skipped = (f"{file.path} was skipped: {file.reason}" for file in inventory.skipped)
    written = _Written(
        skipped=list(inventory.skipped),
        warnings=[*inventory.warnings, *skipped],
        missing_directories=inventory.missing_directories,
    )
    problems = _profile_problems(vault, request)
    if problems is not None:
        written.profile_valid = not problems
    twins = {PROFILE_PATH, ENCRYPTED_PROFILE_PATH}
    if twins.issubset(file.path for file in inventory.files):
        written.profile_valid = False
        written.warnings.append(
            "The profile is there twice, plain and encrypted, and they may differ: both are in "
            "the archive, but it cannot be imported. Move the one that is out of date out of data/"
        )
    if problems:
        written.warnings.append(
            "The profile does not follow the schema: it is in the archive as it is, "
            f"but the archive cannot be imported. {'; '.join(problems[:3])}"
        )
    return written


def _profile_problems(vault: Vault, request: ContentsRequest) -> list[str] | None:
    """Return what is wrong with the profile; None also where it cannot be read.

    The rest is worth an export when the disk begins to fail; the profile itself
    will be told as skipped. But what is made before a save or an import is
    there for the profile's sake: without it neither may go on.

    Raises:
        StorageError: it cannot be read, and nobody asked for this backup.

    """
    try:
        return profile_problems(vault.layout, vault.keys)
    except StorageError:
        if request.backup_type is not BackupType.MANUAL:
            raise
        return None


def _sources(files: Iterable[VaultFile], names: Mapping[str, str]) -> Iterator[Source]:
    for file in files:
        path = file.path
        member = names.get(path, path)
        original = None if member == path else path
        yield Source(member, file.location, file.size, original)


def _add_config(
    writer: ArchiveWriter,
    inventory: Inventory,
    written: _Written,
    request: ContentsRequest,
    meter: Meter,
) -> None:
    config = next((file for file in inventory.files if file.path == CONFIG), None)
    if config is None:
        return
    # Only where secrets are hidden in it: then it is too large to be looked through.
    limit = -1 if request.include_secrets else MAX_BYTES + 1
    try:
        text, mtime_ns, changed = _read(config.absolute, limit)
    except VaultLayoutError:
        written.skip(CONFIG, "not a regular file")
        return
    except OSError as error:
        vanished = isinstance(error, FileNotFoundError)
        written.skip(CONFIG, "it vanished" if vanished else "not readable")
        return
    if request.include_secrets:
        written.notes = "API keys included: keep this archive encrypted"
    else:
        redacted = redact(text)
        text, written.redacted = redacted.text, redacted.paths
        if not redacted.readable:
            # What stands there in its place says so too, but nobody would look.
            written.skip(
                CONFIG, "not readable as YAML, so secrets in it could not be found and hidden"
            )
    if changed:
        written.changed(CONFIG)
    modified = moments.of_file(mtime_ns)
    written.records.append(writer.add_bytes(CONFIG, text, modified=modified))
    meter(CONFIG, config.size)


def _read(path: Path, limit: int) -> tuple[bytes, int, bool]:
    """Return a file's content, its time, and whether it was written to meanwhile."""
    with os.fdopen(open_regular_file(path), "rb") as file:
        before = os.fstat(file.fileno())
        text = file.read(limit)
        after = os.fstat(file.fileno())
    now = (after.st_size, after.st_mtime_ns)
    return text, before.st_mtime_ns, now != (before.st_size, before.st_mtime_ns)


def _describe(vault: Vault, written: _Written, request: ContentsRequest) -> Metadata:
    return Metadata(
        format_version=FORMAT_VERSION,
        export_timestamp=request.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        app_version=vault.app_version,
        backup_type=request.backup_type.value,
        scope=request.scope,
        profile_valid=written.profile_valid,
        total_size_bytes=sum(record.size_bytes for record in written.records),
        files=tuple(written.records),
        missing_directories=written.missing_directories,
        redacted=written.redacted,
        skipped=tuple(written.skipped[:_MOST_SKIPPED]),
        notes=written.notes,
    )
