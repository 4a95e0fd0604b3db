"""The face of the package: one method for each thing a caller can do, one delegation each."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autoresumefiller.encryption_face import EncryptionFace
from autoresumefiller.model.progress import ProgressCallback, StageCallback
from autoresumefiller.model.results import (
    BackupEntry,
    DeleteResult,
    ExportResult,
    ImportDeclined,
    ImportDone,
    UndoResult,
    ValidationResult,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autoresumefiller.backup.confirmation import ConfirmCallback
    from autoresumefiller.backup.context import Vault
    from autoresumefiller.backup.unlocking import UnlockCallback
    from autoresumefiller.model.profile import UserProfile
    from autoresumefiller.model.reports import DoctorReport, UndoPlan, VaultStatus, Verdict

# A library does not write to a program's stderr unless the program wants it to.
logging.getLogger("autoresumefiller").addHandler(logging.NullHandler())

# Every use case is imported by the method that needs it: `arf list` must not
# wait for the codecs, nor `import autoresumefiller` for pydantic.


class UserDataManager(EncryptionFace):
    """One vault: the live directory with a person's profile, documents and settings.

    Creates a vault that does not exist yet. In one that exists it first
    finishes or undoes whatever was interrupted; it never re-creates a folder
    that the person removed.

    Safe to use from several threads and processes at once: readers share the
    vault, a change waits for its turn (at most ten seconds, then
    `VaultBusyError` says who holds it).

    Args:
        data_dir: The vault; None looks at ``AUTORESUMEFILLER_HOME``, then
            ``~/.autoresumefiller``, then the platform's place for such data.

    Raises:
        VaultLayoutError: the place holds something that is no vault.
        RecoveryError: an interrupted change could be neither finished nor undone.
        StorageError: the system refused.

    """

    def __init__(self, data_dir: Path | str | None = None) -> None:
        from autoresumefiller.backup.opening import open_vault

        self._vault = open_vault(data_dir)

    @property
    def data_dir(self) -> Path:
        """The vault's directory."""
        return self._vault.layout.root

    @property
    def vault(self) -> "Vault":
        """The open vault, for callers that put use cases together themselves."""
        return self._vault

    # --- export and import ---------------------------------------------------

    def export_all(
        self,
        output_path: Path | str | None = None,
        progress_callback: ProgressCallback | None = None,
        *,
        stage_callback: StageCallback | None = None,
        encrypt: bool = False,
        passphrase: str | None = None,
        recipients: "Sequence[str]" = (),
        include_secrets: bool = False,
    ) -> ExportResult:
        """Export the whole vault to one archive that proves itself.

        Args:
            output_path: None for ``backups/``; an existing directory for a
                generated name in it; else the exact file, which must not exist.
            progress_callback: See `ProgressCallback`; an exception cancels.
            stage_callback: Told of each stage; an exception cancels.
            encrypt: Make an age file, ``<name>.zip.age``, for this vault's
                device and recovery kit and the recipients of the settings.
            passphrase: Encrypt with this instead; implies ``encrypt``.
            recipients: Encrypt for these as well (``age1...`` or SSH public
                keys); implies ``encrypt``.
            include_secrets: Put API keys in, which an import fills in where a
                machine has none; only with encryption.

        Raises:
            InvalidArgumentError: nobody to encrypt for, or secrets without encryption.
            KeyNotFoundError, KeyStoreError: the vault's key is not here.
            OutputExistsError: the exact file is there already.
            NotEnoughSpaceError: the archive may not fit.
            VaultBusyError: an import holds the vault.
            StorageError: reading, writing or reading back failed.

        """
        from autoresumefiller.backup.envelopes import envelope_for
        from autoresumefiller.backup.export import export
        from autoresumefiller.backup.target import target_for
        from autoresumefiller.errors import InvalidArgumentError
        from autoresumefiller.model.backup_name import BackupName, BackupType

        envelope = None
        if encrypt or passphrase is not None or recipients:
            envelope = envelope_for(
                self._vault,
                passphrase=passphrase,
                recipients=recipients,
                include_secrets=include_secrets,
            )
        elif include_secrets:
            raise InvalidArgumentError(
                "API keys go into an encrypted backup only", consequence="No file was made."
            )
        name = BackupName.of(BackupType.MANUAL, self._vault.now())
        return export(
            self._vault,
            target_for(self._vault, output_path, name=name),
            envelope=envelope,
            on_progress=progress_callback,
            on_stage=stage_callback,
        )

    def backup_data(self, backup_name: str = "manual") -> Path:
        """Export into ``backups/`` as ``<backup_name>_backup_<time>.zip`` and return the path.

        Raises:
            InvalidArgumentError: the name is not made of letters, digits, - and _.
            StorageError: as for `export_all`.

        """
        from autoresumefiller.backup.export import export
        from autoresumefiller.backup.target import named, target_for

        name = named(backup_name, self._vault.now())
        target = target_for(self._vault, None, name=name)
        return export(self._vault, target, backup_type=name.type)["output_path"]

    def validate_backup(
        self,
        zip_path: Path | str,
        *,
        progress_callback: ProgressCallback | None = None,
        unlock_callback: "UnlockCallback | None" = None,
    ) -> ValidationResult:
        """Check an archive as an import would, and collect every fault.

        Never raises for bad content, only if the file cannot be read, or is
        encrypted and neither this machine nor ``unlock_callback`` has what opens it.
        """
        from autoresumefiller.backup.checking import check_backup

        return check_backup(
            self._vault, zip_path, unlock=unlock_callback, on_progress=progress_callback
        )

    def import_from_backup(
        self,
        zip_path: Path | str,
        confirm: bool = True,
        backup_existing: bool = True,
        *,
        confirm_callback: "ConfirmCallback | None" = None,
        progress_callback: ProgressCallback | None = None,
        stage_callback: StageCallback | None = None,
        mode: str = "overwrite",
        unlock_callback: "UnlockCallback | None" = None,
        carry_locked: bool = False,
    ) -> ImportDone | ImportDeclined:
        """Import an archive, completely or not at all.

        Args:
            zip_path: The archive, or the file name of a listed backup.
            confirm: Ask before existing data is replaced.
            backup_existing: Back up existing data first.
            confirm_callback: Asked with the plan; without one the terminal is.
            progress_callback: See `ProgressCallback`; an exception cancels.
            stage_callback: Told of each stage; an exception cancels.
            mode: ``overwrite`` replaces what the archive has and keeps other
                files; ``mirror`` makes the directories equal to the archive.
            unlock_callback: Asked for the recovery kit or the passphrase where
                the archive needs one that is not on this machine.
            carry_locked: Take an encrypted profile that cannot be read here as
                it is, instead of refusing the archive.

        Raises:
            ProfileLockedError: the profile cannot be read here; nothing was touched.
            EncryptionError: of what ``unlock_callback`` gave.
            BackupNotFoundError: there is no such file.
            BackupValidationError: the archive is not importable.
            ConfirmationRequiredError: nobody is there to be asked.
            SafetyBackupError: the existing data could not be backed up.
            VaultBusyError: another process holds the vault.
            VaultLayoutError: a folder to be replaced is a link.
            StorageError: the system failed; everything is as it was.

        """
        from autoresumefiller.backup.importing import import_backup

        return import_backup(
            self._vault,
            zip_path,
            confirm=confirm,
            backup_existing=backup_existing,
            confirm_callback=confirm_callback,
            on_progress=progress_callback,
            on_stage=stage_callback,
            mode=mode,
            unlock=unlock_callback,
            carry_locked=carry_locked,
        )

    def undo_plan(self) -> "UndoPlan | None":
        """Say what `undo` would do, or None if no import is remembered."""
        from autoresumefiller.backup.undoing import plan_undo

        return plan_undo(self._vault)

    def undo(self) -> UndoResult:
        """Put back exactly what the last import replaced.

        What is live now is kept in its place: a second undo brings it back.

        Raises:
            NothingToUndoError: no import is remembered.
            VaultBusyError: another process holds the vault.
            StorageError: the system failed; everything is as it was.

        """
        from autoresumefiller.backup.undoing import undo_import

        return undo_import(self._vault)

    # --- the backups there are -----------------------------------------------

    def list_backups(self) -> list[BackupEntry]:
        """List the backups, newest first; each one's metadata is read when first touched."""
        from autoresumefiller.backup.catalog import list_backups

        return list_backups(self._vault.layout)

    def find_backup(self, path_or_filename: Path | str) -> Path:
        """Return the path of a listed backup.

        Raises:
            BackupNotFoundError: it is not in the list.

        """
        from autoresumefiller.backup.catalog import find_backup

        return find_backup(self._vault.layout, path_or_filename)

    def delete_backup(self, path_or_filename: Path | str) -> DeleteResult:
        """Delete a listed backup. This cannot be undone.

        Raises:
            BackupNotFoundError: it is not in the list.
            StorageError: the system refused.

        """
        from autoresumefiller.backup.housekeeping import delete

        return delete(self._vault, path_or_filename)

    def plan_cleanup(self, max_backups: int = 10, keep_manual: bool = True) -> "list[Verdict]":
        """Say of each backup, newest first, whether a clean-up would keep it, and why."""
        from autoresumefiller.backup.housekeeping import plan_cleanup

        return plan_cleanup(self._vault, max_backups=max_backups, keep_manual=keep_manual)

    def cleanup_old_backups(self, max_backups: int = 10, keep_manual: bool = True) -> int:
        """Delete old backups by the rules of `backup.retention`; return how many went.

        Raises:
            InvalidArgumentError: ``max_backups`` is not a whole number from 0 up.
            StorageError: the system refused.

        """
        from autoresumefiller.backup.housekeeping import clean_up

        return clean_up(self._vault, max_backups=max_backups, keep_manual=keep_manual)

    # --- profile and settings ------------------------------------------------

    def load_user_profile(self) -> "UserProfile":
        """Load the profile; its ``last_updated`` is not changed by that.

        Raises:
            ProfileNotFoundError: there is none yet.
            ProfileInvalidError: it does not follow the schema.
            KeyNotFoundError: it is encrypted, and its key is not here.
            KeyStoreError: the place where the key lives fails.
            AuthenticationFailedError: it is encrypted, and damaged.

        """
        from autoresumefiller.backup.saving import load_profile

        return load_profile(self._vault)

    def save_user_profile(self, profile: "UserProfile | Mapping[str, Any]") -> None:
        """Save the profile atomically, after an automatic backup of what was there.

        Raises:
            ProfileInvalidError: it does not follow the schema.
            KeyNotFoundError: the profile is kept encrypted, and its key is not here.
            StorageError: the profile is the old one.

        """
        from autoresumefiller.backup.saving import save_profile

        save_profile(self._vault, profile)

    def show_config(self) -> str:
        """Return the text of config.yaml with every secret masked."""
        from autoresumefiller.backup.settings_file import read_config
        from autoresumefiller.vault.config_text import masked

        return masked(read_config(self._vault))

    def get_setting(self, name: str) -> object:
        """Return one setting by its dotted name.

        Raises:
            ConfigError: there is no such setting, or the file cannot be read.

        """
        from autoresumefiller.backup.settings_file import read_config
        from autoresumefiller.vault.config_text import get_value

        return get_value(read_config(self._vault), name)

    def set_setting(self, name: str, value: object) -> None:
        """Change one setting in config.yaml and leave the rest of its text as it is.

        Raises:
            ConfigError: the value does not fit, or the file cannot be read.
            StorageError: the file is the old one.

        """
        from autoresumefiller.backup.saving import save_setting

        save_setting(self._vault, name, value)

    # --- how it is doing -----------------------------------------------------

    def vault_status(self) -> "VaultStatus":
        """Say what is in the vault and when it was last backed up."""
        from autoresumefiller.backup.status import vault_status

        return vault_status(self._vault)

    def doctor(self, *, fix: bool = False) -> "DoctorReport":
        """Look the vault over; with ``fix``, mend what can be mended safely."""
        from autoresumefiller.backup.doctor import examine

        return examine(self._vault, fix=fix)
