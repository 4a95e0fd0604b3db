"""Export: vault -> archive.

What is on disk after a kill: nothing under the archive's name until the very
last step. The archive is written to a draft that has no name (or, where the
system has no such files, a temporary one), synced, read back, and only then
linked under the first free name. The vault is only ever read.
"""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import cast

from autoresumefiller.archive import metadata_json, validation
from autoresumefiller.archive.faults import OF_SIZE
from autoresumefiller.archive.names import METADATA
from autoresumefiller.archive.writer import ArchiveWriter
from autoresumefiller.backup.collecting import rarely_collecting
from autoresumefiller.backup.contents import ContentsRequest, write_contents
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.earlier import earlier_archive
from autoresumefiller.backup.envelopes import Envelope
from autoresumefiller.backup.meter import Meter
from autoresumefiller.backup.sealing import refuse_misleading_name, seal
from autoresumefiller.backup.target import Target
from autoresumefiller.errors import StorageError, VaultLayoutError
from autoresumefiller.model.backup_name import BackupType
from autoresumefiller.model.finding import Finding
from autoresumefiller.model.metadata import Scope
from autoresumefiller.model.progress import ProgressCallback, Stage, StageCallback
from autoresumefiller.model.results import ExportResult
from autoresumefiller.vault.draft import Draft, draft_in
from autoresumefiller.vault.durable import make_private_directory
from autoresumefiller.workers import Workers

logger = logging.getLogger(__name__)


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
        VaultLayoutError: it is more than an archive may hold.
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


@rarely_collecting()
def archive_vault(
    vault: Vault,
    target: Target,
    *,
    backup_type: BackupType,
    scope: Scope,
    envelope: Envelope | None = None,
    hold_data: Callable[[], AbstractContextManager[object]] = nullcontext,
    on_progress: ProgressCallback | None = None,
    on_stage: StageCallback | None = None,
) -> ExportResult:
    """Write an archive for a caller that holds the vault already; see `export`."""
    started = time.monotonic()
    enter = on_stage or (lambda _stage: None)
    enter(Stage.PREPARING)
    meter = Meter(on_progress)
    directory = target.directory
    if envelope is None:
        refuse_misleading_name(target)
    else:  # in clear it is never where the encrypted one goes
        directory = vault.layout.decrypted
        make_private_directory(directory)
    request = ContentsRequest(
        backup_type=backup_type,
        scope=scope,
        created=vault.now(),
        include_secrets=envelope is not None and envelope.include_secrets,
        hold_data=hold_data,
        # What is in clear stays until all of it is encrypted.
        written_to=(directory,) if envelope is None else (directory, target.directory),
    )
    with draft_in(directory) as draft:
        # What is in clear only for being encrypted had better not reach the disk.
        on_written = draft.wrote if envelope is None else None
        with (
            earlier_archive(vault, scope) as earlier,
            ArchiveWriter(draft.file, earlier=earlier, on_written=on_written) as writer,
        ):
            written = write_contents(vault, writer, request, meter=meter, enter=enter)
            size = writer.close()
        enter(Stage.VERIFYING)
        prove = _read_back if written.usual else partial(_read_all, app_version=vault.app_version)
        if envelope is None:
            _sync_beside(draft, prove)
        else:
            prove(draft)

        def ready() -> None:
            meter.finish(METADATA)
            enter(Stage.COMMITTING)

        if envelope is None:
            ready()
            path = draft.publish(target.names)
        else:
            path, size = seal(
                draft.file, target, envelope, alive=lambda: meter.alive(METADATA), ready=ready
            )
    for warning in written.warnings:
        logger.warning("%s", warning)
    enter(Stage.DONE)
    return cast(
        "ExportResult",
        {
            **metadata_json.as_dict(written.metadata),
            "output_path": path,
            "filename": path.name,
            "archive_size_bytes": size,
            "warnings": [*written.warnings],
            "duration_ms": round((time.monotonic() - started) * 1000),
        },
    )


def _sync_beside(draft: Draft, prove: Callable[[Draft], None]) -> None:
    """Sync the draft, and prove that it reads back as it was written.

    The two overlap: waiting for the disk takes no processor time, and the
    check reads the same pages that are being written out.
    """
    with Workers(1) as workers:
        synced = workers.submit(draft.sync)
        prove(draft)
        synced.result()


def _read_all(draft: Draft, *, app_version: str) -> None:
    """Prove that a large vault's archive can be imported, whatever the limits of an import."""
    faults = validation.refused(draft.file, app_version=app_version)
    excess = [fault for fault in faults if fault.code in OF_SIZE]
    if excess:
        raise VaultLayoutError(
            f"The vault is more than an archive may hold: {excess[0].message}",
            consequence="No archive was made; your vault was only read.",
            hint="Move folders that do not belong to it out of the vault, then try again.",
        )
    _refuse(faults)


def _read_back(draft: Draft) -> None:
    _refuse(validation.read_back(draft.file))


def _refuse(faults: Sequence[Finding]) -> None:
    if faults:
        raise StorageError(
            f"The archive did not read back as it was written: {faults[0].message}",
            consequence="No archive was made; your vault was only read.",
            hint="Check the disk, and the memory of this computer, then try again.",
        )
