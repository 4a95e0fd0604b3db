"""Export: vault -> archive.

What is on disk after a kill: nothing under the archive's name until the very
last step. The archive is written to a draft that has no name (or, where the
system has no such files, a temporary one), synced, read back, and only then
linked under the first free name. The vault is only ever read.
"""

import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast

from autoresumefiller.archive import checksums, metadata_json, validation
from autoresumefiller.archive.names import CHECKSUMS, METADATA, plan_member_names
from autoresumefiller.archive.writer import ArchiveWriter, Batch, Source
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.earlier import earlier_archive
from autoresumefiller.backup.envelopes import Envelope, refuse_misleading_name, seal
from autoresumefiller.backup.meter import Meter
from autoresumefiller.backup.space import require_space
from autoresumefiller.backup.target import Target
from autoresumefiller.errors import (
    StorageError,
)
from autoresumefiller.model.backup_name import BackupType
from autoresumefiller.model.metadata import (
    FORMAT_VERSION,
    FileRecord,
    Metadata,
    Scope,
    SkippedFile,
)
from autoresumefiller.model.printable import printable
from autoresumefiller.model.progress import ProgressCallback, Stage, StageCallback
from autoresumefiller.model.results import ExportResult
from autoresumefiller.redaction.redact import redact
from autoresumefiller.vault.draft import Draft, draft_in
from autoresumefiller.vault.durable import make_private_directory
from autoresumefiller.vault.inventory import Inventory, VaultFile, take_inventory
from autoresumefiller.vault.layout import CONFIG, DATA
from autoresumefiller.vault.profile_store import profile_problems

logger = logging.getLogger(__name__)


# metadata.json must stay within what a reader takes; the warnings name the rest.
_MOST_SKIPPED = 10_000

DataHold = Callable[[], AbstractContextManager[object]]


@dataclass(slots=True, kw_only=True)
class _Contents:
    """What went into an archive so far, and what there is to say about it."""

    records: list[FileRecord] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    redacted: tuple[str, ...] = ()
    profile_valid: bool | None = None
    notes: str = "API keys redacted for security"

    def add(self, batch: Batch) -> None:
        self.records.extend(batch.records)
        for lost in batch.lost:
            self.skipped.append(SkippedFile(path=printable(lost.member), reason=lost.reason))
            self.warnings.append(f"{printable(lost.member)} was skipped: {lost.reason}")
        for member in batch.changed:
            self.warnings.append(
                f"{printable(member)} changed while it was being read; "
                "the archive holds what was read"
            )


def export(
    vault: Vault,
    target: Target,
    *,
    backup_type: BackupType = BackupType.MANUAL,
    scope: Scope = Scope.FULL,
    envelope: Envelope | None = None,
    on_progress: ProgressCallback | None = None,
    on_stage: StageCallback | None = None,
) -> ExportResult:
    """Write an archive of the vault under the vault's lock.

    Imports are kept out until the end; saves only while ``data/`` and the
    settings are being read. With an ``envelope`` the archive is encrypted, and
    its name ends in ``.age``.

    Raises:
        VaultBusyError: an import holds the vault.
        StorageError: reading, writing or reading back failed; nothing is left behind.

    """
    with vault.lock.reading("export"):
        return archive_vault(
            vault,
            target,
            backup_type=backup_type,
            scope=scope,
            envelope=envelope,
            hold_data=lambda: vault.lock.reading_data("export"),
            on_progress=on_progress,
            on_stage=on_stage,
        )


def archive_vault(
    vault: Vault,
    target: Target,
    *,
    backup_type: BackupType,
    scope: Scope,
    envelope: Envelope | None = None,
    hold_data: DataHold = nullcontext,
    on_progress: ProgressCallback | None = None,
    on_stage: StageCallback | None = None,
) -> ExportResult:
    """Write an archive for a caller that holds the vault already; see `export`."""
    started = time.monotonic()
    enter = on_stage or (lambda _stage: None)
    enter(Stage.PREPARING)
    created = vault.now()
    directory = target.directory
    if envelope is None:
        refuse_misleading_name(target)
    else:  # in clear it is never where the encrypted one goes
        directory = vault.layout.decrypted
        make_private_directory(directory)
    with draft_in(directory) as draft:
        with (
            earlier_archive(vault, scope) as earlier,
            ArchiveWriter(draft.file, earlier=earlier) as writer,
        ):
            metadata, warnings, meter = _write_members(
                vault,
                writer,
                directory,
                backup_type=backup_type,
                scope=scope,
                include_secrets=envelope is not None and envelope.include_secrets,
                created=created,
                hold_data=hold_data,
                on_progress=on_progress,
                enter=enter,
            )
            size = writer.close()
        enter(Stage.VERIFYING)
        _sync_and_read_back(draft)
        meter.finish(METADATA)
        enter(Stage.COMMITTING)
        if envelope is None:
            path = draft.publish(target.names)
        else:
            path, size = seal(draft.file, target, envelope)
    for warning in warnings:
        logger.warning("%s", warning)
    enter(Stage.DONE)
    return cast(
        "ExportResult",
        {
            **metadata_json.as_dict(metadata),
            "output_path": path,
            "filename": path.name,
            "archive_size_bytes": size,
            "warnings": warnings,
            "duration_ms": round((time.monotonic() - started) * 1000),
        },
    )


def _write_members(
    vault: Vault,
    writer: ArchiveWriter,
    directory: Path,
    *,
    backup_type: BackupType,
    scope: Scope,
    include_secrets: bool,
    created: datetime,
    hold_data: DataHold,
    on_progress: ProgressCallback | None,
    enter: StageCallback,
) -> tuple[Metadata, list[str], Meter]:
    with hold_data():
        inventory = take_inventory(vault.layout, scope)
        require_space(directory, sum(file.size for file in inventory.files), "The archive")
        folders = [f"{directory}/" for directory in inventory.empty_directories]
        names = plan_member_names([*(file.path for file in inventory.files), *folders])
        meter = Meter(on_progress)
        meter.plan((names[file.path], file.size) for file in inventory.files)
        contents = _Contents(
            skipped=list(inventory.skipped), warnings=_inventory_warnings(inventory)
        )
        enter(Stage.READING)
        _check_profile(vault, contents)
        held = [file for file in inventory.files if _is_data(file)]
        contents.add(writer.add_files(_sources(held, names), meter))
        _add_config(writer, inventory, contents, meter, include_secrets=include_secrets)
    rest = [file for file in inventory.files if not _is_data(file) and file.path != CONFIG]
    contents.add(writer.add_files(_sources(rest, names), meter))
    for folder in folders:
        writer.add_directory(names[folder], modified=created)
    metadata = _describe(
        vault, contents, inventory, backup_type=backup_type, scope=scope, created=created
    )
    enter(Stage.WRITING)
    encoded = metadata_json.encode(metadata)
    record = writer.add_bytes(METADATA, encoded, modified=created)
    sums = checksums.encode((*metadata.files, record))
    writer.add_bytes(CHECKSUMS, sums, modified=created)
    return metadata, contents.warnings, meter


def _is_data(file: VaultFile) -> bool:
    return file.path.startswith(f"{DATA}/")


def _sources(files: Iterable[VaultFile], names: dict[str, str]) -> list[Source]:
    return [
        Source(
            member=names[file.path],
            path=file.absolute,
            size=file.size,
            original_path=None if names[file.path] == file.path else file.path,
        )
        for file in files
    ]


def _inventory_warnings(inventory: Inventory) -> list[str]:
    skipped = (f"{file.path} was skipped: {file.reason}" for file in inventory.skipped)
    return [*inventory.warnings, *skipped]


def _add_config(
    writer: ArchiveWriter,
    inventory: Inventory,
    contents: _Contents,
    meter: Meter,
    *,
    include_secrets: bool,
) -> None:
    config = next((file for file in inventory.files if file.path == CONFIG), None)
    if config is None:
        return
    try:
        text = config.absolute.read_bytes()
    except OSError as error:
        reason = "it vanished" if isinstance(error, FileNotFoundError) else "not readable"
        contents.skipped.append(SkippedFile(path=CONFIG, reason=reason))
        contents.warnings.append(f"{CONFIG} was skipped: {reason}")
        return
    modified = datetime.fromtimestamp(config.mtime_ns / 1e9).astimezone()
    if include_secrets:
        contents.notes = "API keys included: keep this archive encrypted"
        contents.records.append(writer.add_bytes(CONFIG, text, modified=modified))
        meter(CONFIG, config.size)
        return
    redacted = redact(text)
    if not redacted.readable:
        contents.warnings.append(
            f"{CONFIG} could not be read as YAML, so it was left out: "
            "secrets in it could not be found and hidden"
        )
    contents.redacted = redacted.paths
    contents.records.append(writer.add_bytes(CONFIG, redacted.text, modified=modified))
    meter(CONFIG, config.size)


def _check_profile(vault: Vault, contents: _Contents) -> None:
    problems = profile_problems(vault.layout, vault.keys)
    if problems is None:
        return
    contents.profile_valid = not problems
    if problems:
        contents.warnings.append(
            "The profile does not follow the schema: it is in the archive as it is, "
            f"but the archive cannot be imported. {'; '.join(problems[:3])}"
        )


def _describe(
    vault: Vault,
    contents: _Contents,
    inventory: Inventory,
    *,
    backup_type: BackupType,
    scope: Scope,
    created: datetime,
) -> Metadata:
    return Metadata(
        format_version=FORMAT_VERSION,
        export_timestamp=created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        app_version=vault.app_version,
        backup_type=backup_type.value,
        scope=scope,
        profile_valid=contents.profile_valid,
        total_size_bytes=sum(record.size_bytes for record in contents.records),
        files=tuple(contents.records),
        missing_directories=inventory.missing_directories,
        redacted=contents.redacted,
        skipped=tuple(contents.skipped[:_MOST_SKIPPED]),
        notes=contents.notes,
    )


def _sync_and_read_back(draft: Draft) -> None:
    """Sync the draft and prove that it reads back as it was written.

    The two overlap: waiting for the disk takes no processor time, and the
    check reads the same pages that are being written out.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sync") as pool:
        synced = pool.submit(draft.sync)
        faults = validation.read_back(draft.file)
        synced.result()
    if faults:
        raise StorageError(
            f"The archive did not read back as it was written: {faults[0].message}",
            consequence="No archive was made; your vault was only read.",
            hint="Check the disk, and the memory of this computer, then try again.",
        )
