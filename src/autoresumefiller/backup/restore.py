"""Import: archive -> vault, completely or not at all.

The order, and what is live after a kill in each step:

1. Stage: the archive is proven and unpacked in one pass, into a private
   directory on the vault's own file system. Live: everything old.
2. Plan: compared with the live vault and shown. No lock is held. Live: old.
3. Lock, and look whether the plan still holds. Live: old.
4. Safety backup of what is there, proven like every export. Live: old.
5. Swap (`vault.transaction`): journal first, then renames, then every live
   file is hashed again, then one commit point. Live through us: old before
   the commit point, new after it; the next start finishes or undoes the rest.

What is unpacked in step 1 is what is installed in step 5: the archive is not
read a second time, so it cannot change in between.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from autoresumefiller.archive.names import METADATA
from autoresumefiller.archive.validation import Report
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.encrypting import settings_for_encrypted
from autoresumefiller.backup.envelopes import envelope_for_automatic
from autoresumefiller.backup.export import archive_vault
from autoresumefiller.backup.meter import Meter
from autoresumefiller.backup.planning import MIRROR, Work, draw_up, restored_path
from autoresumefiller.backup.profile_intake import InstalledProfile, ProfileIntake
from autoresumefiller.backup.rehash import Fresh, hash_again
from autoresumefiller.backup.settings_file import read_config, read_settings
from autoresumefiller.backup.target import target_for
from autoresumefiller.errors import (
    AutoResumeFillerError,
    ConfigError,
    PlanChangedError,
    SafetyBackupError,
)
from autoresumefiller.model.backup_name import BackupName, BackupType
from autoresumefiller.model.metadata import FileRecord, Scope
from autoresumefiller.model.plan import ImportPlan
from autoresumefiller.model.printable import printable
from autoresumefiller.model.progress import Stage, StageCallback
from autoresumefiller.model.results import ExportResult, ImportDone
from autoresumefiller.redaction.combine import ArchivedSecrets
from autoresumefiller.vault.durable import is_there, storage
from autoresumefiller.vault.layout import CONFIG, ENCRYPTED_PROFILE_PATH, PROFILE_PATH
from autoresumefiller.vault.profile_store import read_profile
from autoresumefiller.vault.staging import StagingArea
from autoresumefiller.vault.transaction import Change, apply
from autoresumefiller.workers import workers_for

_MOST_TOLD = 20


class PreparedImport:
    """A proven, unpacked archive that waits for a yes.

    Holds no lock. Belongs to `prepare_import`, which removes what was
    unpacked when its block ends.

    Attributes:
        can_be_undone: Whether `run` changed anything, so that an undo takes this
            import back; else it would take back an earlier one.

    """

    def __init__(
        self,
        vault: Vault,
        report: Report,
        staging: StagingArea,
        intake: ProfileIntake,
        *,
        archive: Path,
        archived_config: bytes | None,
        secrets: ArchivedSecrets,
        mode: str,
        meter: Meter,
        on_stage: StageCallback,
        started: float,
    ) -> None:
        self.can_be_undone = False
        self._vault = vault
        self._report = report
        self._staging = staging
        self._intake = intake
        self._archive = archive
        self._archived_config = archived_config
        self._secrets = secrets
        self._mode = mode
        self._meter = meter
        self._enter = on_stage
        self._started = started
        self._work = self._draw_up()

    @property
    def plan(self) -> ImportPlan:
        """What the import would do, as last worked out."""
        return self._work.plan

    @property
    def reenter(self) -> tuple[str, ...]:
        """Dotted names of the settings whose secrets must be typed in again afterwards."""
        return () if self._work.merged is None else self._work.merged.reenter

    @property
    def warnings(self) -> list[str]:
        """What is odd about the archive."""
        return list(self._report.warnings)

    def change_mode(self, mode: str) -> None:
        """Work the plan out anew, for the other mode."""
        self._mode = mode
        self._work = self._draw_up()

    def _draw_up(self) -> Work:
        return draw_up(
            self._vault,
            self._report,
            archive=self._archive.name,
            archived_config=self._archived_config,
            secrets=self._secrets,
            mode=self._mode,
            profile_path=self._intake.path,
        )

    def run(self, *, backup_existing: bool) -> ImportDone:
        """Make it live.

        Raises:
            PlanChangedError: the vault is not the one the plan was made for;
                `plan` is the new one.
            SafetyBackupError: the existing data could not be backed up.
            VaultBusyError: another process holds the vault.
            StorageError: the system failed; what had been swapped is back.

        """
        vault = self._vault
        with vault.lock.changing("import"):
            shown = self._work.fingerprint
            self._work = self._draw_up()
            if self._work.fingerprint != shown:
                raise PlanChangedError("The vault changed after the plan was made")
            backup: ExportResult | None = None
            if backup_existing and self.plan.existing_data:
                backup = self._back_up()
            self._enter(Stage.RESTORING)
            restored = self._swap()
        merged = self._work.merged
        self._enter(Stage.DONE)
        return {
            "success": True,
            "files_restored": restored,
            "backup_created": None if backup is None else f"backups/{backup['filename']}",
            "warnings": [
                *self.plan.warnings,
                *(merged.warnings if merged else ()),
                *_left_out_of(backup),
            ],
            "duration_ms": round((time.monotonic() - self._started) * 1000),
        }

    def _back_up(self) -> ExportResult:
        self._enter(Stage.BACKING_UP)
        name = BackupName.of(BackupType.PRE_IMPORT, self._vault.now())
        try:
            return archive_vault(
                self._vault,
                target_for(self._vault, None, name=name),
                backup_type=BackupType.PRE_IMPORT,
                scope=Scope.FULL,
                envelope=envelope_for_automatic(self._vault, read_settings(self._vault)),
                on_progress=lambda _current, _total, name: self._meter.alive(name),
            )
        except AutoResumeFillerError as error:
            raise SafetyBackupError(
                f"The existing data could not be backed up: {error.message}",
                hint=error.hint or None,
            ) from error

    def _swap(self) -> int:
        work, installed = self._work, list(self._work.installed)
        profile = self._intake.install()
        config = self._config_afterwards()
        if config is not None and not self._is_live(config):
            self._staging.write(CONFIG, config)
            installed.append(CONFIG)
        self._staging.sync()
        root = self._vault.layout.root
        with storage("look at", root):
            new_folders = any(not is_there(root / folder) for folder in work.directories)
        self.can_be_undone = bool(installed or work.removed or work.emptied or new_folders)

        def check() -> None:
            self._enter(Stage.VERIFYING)
            fresh = partial(self._fresh, profile, config if CONFIG in installed else None)
            self._meter.next_round(lambda: ((file.path, file.size) for file in fresh()))
            workers = workers_for(len(work.installed), work.plan.total_bytes)
            last = hash_again(self._vault.layout.root, fresh(), self._meter, workers=workers)
            if self._intake.encrypts:  # with the key as the next start will find it
                self._vault.keys.forget_memory()
                read_profile(self._vault.layout, self._vault.keys)
            self._meter.finish(last or METADATA)
            self._enter(Stage.COMMITTING)

        apply(
            self._vault.layout,
            Change(source=self._staging.tree, installed=installed, removed=work.removed),
            directories=work.directories,
            removable=work.emptied,
            prune=self._mode == MIRROR,
            description=f"import of {printable(self._archive.name)}",
            now=self._vault.now(),
            check=check,
        )
        return len(work.installed) + (work.merged is not None)

    def _fresh(self, profile: InstalledProfile | None, config: bytes | None) -> Iterator[Fresh]:
        """Yield what must be live after the swap."""
        for record in self._records():
            path = restored_path(record.path, record.original_path)
            if path not in {CONFIG, PROFILE_PATH, ENCRYPTED_PROFILE_PATH}:
                yield Fresh(path, record.size_bytes, record.checksum_sha256)
        if profile is not None:
            yield Fresh(profile.path, profile.size, profile.sha256)
        if config is not None:
            yield Fresh(CONFIG, len(config), hashlib.sha256(config).hexdigest())

    def _config_afterwards(self) -> bytes | None:
        """Return config.yaml as it is to be, None if the import does not touch it."""
        merged = self._work.merged
        if not self._intake.encrypts:
            return None if merged is None else merged.text
        before = read_config(self._vault) if merged is None else merged.text
        try:
            return settings_for_encrypted(before)
        except ConfigError:  # it cannot be read; the encrypted profile speaks for itself
            return None if merged is None else merged.text

    def _records(self) -> Sequence[FileRecord]:
        return () if self._report.metadata is None else self._report.metadata.files

    def _is_live(self, config: bytes) -> bool:
        path = self._vault.layout.config
        with storage("look at", path):
            return is_there(path) and read_config(self._vault) == config


def _left_out_of(backup: ExportResult | None) -> list[str]:
    skipped = [] if backup is None else backup["skipped"]
    return [
        f"The backup made before the import does not hold {each['path']}: {each['reason']}"
        for each in skipped[:_MOST_TOLD]
    ]
