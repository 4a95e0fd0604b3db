"""Everything that can go wrong, in one tree.

::

    AutoResumeFillerError
    ├── InvalidArgumentError           invalid_argument
    ├── VaultError
    │   ├── VaultNotFoundError         vault_not_found
    │   ├── VaultBusyError             vault_busy
    │   ├── VaultLayoutError           vault_layout
    │   ├── RecoveryError              recovery_failed
    │   └── NothingToUndoError         nothing_to_undo
    ├── StorageError                   storage_failed
    │   ├── NotEnoughSpaceError        not_enough_space
    │   ├── AccessDeniedError          access_denied
    │   └── OutputExistsError          output_exists
    ├── ProfileError
    │   ├── ProfileNotFoundError       profile_not_found
    │   ├── ProfileInvalidError        profile_invalid
    │   └── ProfileLockedError         profile_locked
    ├── ConfigError                    config_invalid
    ├── EncryptionError
    │   ├── KeyNotFoundError           key_not_found
    │   ├── KeyStoreError              key_store_failed
    │   ├── AuthenticationFailedError  authentication_failed
    │   ├── WrongKeyError              wrong_key
    │   ├── PassphraseRequiredError    passphrase_required
    │   ├── RecoveryKitError           recovery_kit_invalid
    │   ├── NotEncryptedError          not_encrypted
    │   ├── EncryptedFileDamagedError  encrypted_file_damaged
    │   └── EncryptedFileTruncatedError  encrypted_file_truncated
    ├── BackupError
    │   ├── BackupValidationError      backup_invalid
    │   ├── BackupNotFoundError        backup_not_found
    │   └── SafetyBackupError          safety_backup_failed
    ├── ImportRefusedError
    │   ├── ConfirmationRequiredError  confirmation_required
    │   ├── ConfirmationExpiredError   confirmation_expired
    │   └── PlanChangedError           plan_changed
    └── JobError
        ├── JobNotFoundError           job_not_found
        ├── JobConflictError           job_conflict
        ├── JobNotAwaitingError        job_not_awaiting
        └── JobTooLateError            job_too_late

An error speaks to a person in three parts: what happened (``message``), what
that means for their data (``consequence``), what to do next (``hint``). Its
``code`` never changes once released: the command line maps it to an exit
status, the API to an HTTP status and a problem type.

Checks that look for several faults collect `Finding` values
(``model.finding``) and raise one error that carries them all.
"""

from collections.abc import Sequence
from typing import ClassVar

UNTOUCHED = "Nothing in your vault was changed."


class AutoResumeFillerError(Exception):
    """The root: whatever this package raises on purpose is one of these.

    Attributes:
        message: What happened, one sentence without a full stop at the end.
        consequence: What it means for the person's data; a sentence.
        hint: What to do next; a sentence, or "" where nothing helps.

    """

    code: ClassVar[str] = "error"
    default_consequence: ClassVar[str] = UNTOUCHED
    default_hint: ClassVar[str] = ""

    def __init__(
        self, message: str, *, consequence: str | None = None, hint: str | None = None
    ) -> None:
        self.message = message
        self.consequence = self.default_consequence if consequence is None else consequence
        self.hint = self.default_hint if hint is None else hint
        super().__init__(message)

    def __str__(self) -> str:
        first = self.message if self.message.endswith((".", "?", "!")) else f"{self.message}."
        return " ".join(part for part in (first, self.consequence, self.hint) if part)


class InvalidArgumentError(AutoResumeFillerError, ValueError):
    """A caller passed a value that the operation cannot take."""

    code = "invalid_argument"


# --- the vault ---------------------------------------------------------------


class VaultError(AutoResumeFillerError):
    """Something about the vault as a whole."""


class VaultNotFoundError(VaultError):
    """There is no vault at the place that was named."""

    code = "vault_not_found"
    default_hint = "Run 'arf init' to create one, or name another with --vault."


class VaultBusyError(VaultError):
    """Another process holds the vault, and waiting for it took too long."""

    code = "vault_busy"
    default_hint = "Wait until it has finished and try again."


class VaultLayoutError(VaultError):
    """The vault has something of the wrong kind in a place that we rely on."""

    code = "vault_layout"


class RecoveryError(VaultError):
    """An interrupted change could be neither finished nor undone."""

    code = "recovery_failed"
    default_consequence = (
        "Both versions of your files are still there: nothing was deleted, "
        "and nothing more will be changed."
    )
    default_hint = "Run 'arf doctor' to see what is where."


class NothingToUndoError(VaultError):
    """No import is remembered that could be undone."""

    code = "nothing_to_undo"


# --- the disk ----------------------------------------------------------------


class StorageError(AutoResumeFillerError):
    """The operating system refused or failed to read or write.

    Attributes:
        path: The path the operation was about, as text for people.
        errno: The system's error number, or None.

    """

    code = "storage_failed"

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        errno: int | None = None,
        consequence: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, consequence=consequence, hint=hint)
        self.path = path
        self.errno = errno


class NotEnoughSpaceError(StorageError):
    """The disk, or this account's share of it, is full or would become so."""

    code = "not_enough_space"
    default_hint = "Free some space and try again."


class AccessDeniedError(StorageError):
    """The system does not let this account read or write there."""

    code = "access_denied"
    default_hint = "Check who owns the file and its permissions, then try again."


class OutputExistsError(StorageError):
    """The file to be written is there already; nothing is ever overwritten."""

    code = "output_exists"
    default_consequence = "The existing file was not changed."
    default_hint = "Choose another name, or move that file away first."


# --- profile and settings ----------------------------------------------------


class ProfileError(AutoResumeFillerError):
    """Something about the profile."""


class ProfileNotFoundError(ProfileError):
    """The vault holds no profile yet."""

    code = "profile_not_found"
    default_hint = "Import a backup, or a profile with 'arf profile import FILE'."


class ProfileInvalidError(ProfileError):
    """A profile does not follow the schema.

    Attributes:
        problems: One sentence for each field that is wrong.

    """

    code = "profile_invalid"

    def __init__(
        self,
        message: str,
        *,
        problems: Sequence[str] = (),
        consequence: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, consequence=consequence, hint=hint)
        self.problems = tuple(problems)


class ProfileLockedError(ProfileError):
    """The profile is encrypted and cannot be read here."""

    code = "profile_locked"


class ConfigError(AutoResumeFillerError):
    """config.yaml cannot be read, or a value does not fit its setting."""

    code = "config_invalid"


# --- encryption --------------------------------------------------------------


class EncryptionError(AutoResumeFillerError):
    """Something about keys, or about what they protect."""


class KeyNotFoundError(EncryptionError):
    """The profile is encrypted with a key that is not on this machine."""

    code = "key_not_found"
    default_hint = (
        "Open the vault where it was encrypted, unlock the system's keyring, set "
        "AUTORESUMEFILLER_KEY_FILE, or import a backup with your recovery kit."
    )


class KeyStoreError(EncryptionError):
    """The place where the key lives cannot be used: locked, absent, not private, or broken."""

    code = "key_store_failed"


class AuthenticationFailedError(EncryptionError):
    """What is encrypted is not what was encrypted: its proof of authenticity does not hold."""

    code = "authentication_failed"
    default_hint = "Import a backup with 'arf import'; 'arf list' shows those there are."


class WrongKeyError(EncryptionError):
    """The key, the recovery kit or the passphrase does not open this file."""

    code = "wrong_key"
    default_hint = "Try the other key, kit or passphrase that you have."


class PassphraseRequiredError(EncryptionError):
    """A passphrase or the recovery kit is needed, and nobody is there to be asked."""

    code = "passphrase_required"
    default_hint = "Give the recovery kit with --kit, or the passphrase in a file."


class RecoveryKitError(EncryptionError):
    """A text is no recovery kit, or not one of this vault."""

    code = "recovery_kit_invalid"


class NotEncryptedError(EncryptionError):
    """A file that should be an age file is none."""

    code = "not_encrypted"
    default_hint = "Check that it is the right file; a plain backup ends in .zip."


class EncryptedFileDamagedError(EncryptionError):
    """An age file was changed after it was written, or claims what we do not accept."""

    code = "encrypted_file_damaged"
    default_hint = "Try another copy of the file, or another backup."


class EncryptedFileTruncatedError(EncryptionError):
    """An age file ends too early."""

    code = "encrypted_file_truncated"
    default_hint = "Copy the file again: the copy was probably interrupted."


# --- backups -----------------------------------------------------------------


class BackupError(AutoResumeFillerError):
    """Something about a backup or an archive."""


class BackupValidationError(BackupError):
    """An archive is not one that can be imported.

    Attributes:
        errors: Every fault found, as sentences; never empty.
        codes: The stable code of each fault, in the same order.
        warnings: What is odd but would not have stopped an import.

    """

    code = "backup_invalid"
    default_hint = "Try another backup; 'arf verify FILE' explains each fault."

    def __init__(
        self,
        errors: Sequence[str],
        *,
        codes: Sequence[str] = (),
        warnings: Sequence[str] = (),
        hint: str | None = None,
    ) -> None:
        self.errors = list(errors)
        self.codes = list(codes)
        self.warnings = list(warnings)
        more = f" (and {len(self.errors) - 1} more)" if len(self.errors) > 1 else ""
        super().__init__(f"{self.errors[0].rstrip('.')}{more}", hint=hint)


class BackupNotFoundError(BackupError):
    """No backup of that name is listed."""

    code = "backup_not_found"
    default_hint = "Run 'arf list' to see the backups there are."


class SafetyBackupError(BackupError):
    """The backup that protects an import could not be made, so nothing was imported."""

    code = "safety_backup_failed"
    default_hint = "Mend the cause below, or import without a safety backup."


class ImportRefusedError(AutoResumeFillerError):
    """An import stopped before it changed anything."""


class ConfirmationRequiredError(ImportRefusedError):
    """Existing data would be replaced and nobody is there to be asked."""

    code = "confirmation_required"
    default_hint = "Pass confirm=False (on the command line: --yes) to go ahead without asking."


class ConfirmationExpiredError(ImportRefusedError):
    """Nobody answered the question in time."""

    code = "confirmation_expired"
    default_hint = "Start the import again when you are ready to answer."


class PlanChangedError(ImportRefusedError):
    """The vault changed between the question and the answer."""

    code = "plan_changed"
    default_hint = "Look at the new plan and confirm it again."


# --- jobs --------------------------------------------------------------------


class JobError(AutoResumeFillerError):
    """Something about an operation that runs in the background."""


class JobNotFoundError(JobError):
    """There is no job of that id: it never was, or it ended before a restart."""

    code = "job_not_found"
    default_consequence = ""
    default_hint = (
        "Jobs are forgotten when the server restarts, and an interrupted import is then "
        "finished or undone: look at the vault and the list of backups."
    )


class JobConflictError(JobError):
    """Another job is changing the vault; there is only ever one."""

    code = "job_conflict"
    default_hint = "Wait until the other job has ended, or cancel it, then try again."


class JobNotAwaitingError(JobError):
    """The job does not wait for an answer."""

    code = "job_not_awaiting"
    default_consequence = "Your answer changed nothing."
    default_hint = "Look at the job: it goes on, or it has ended."


class JobTooLateError(JobError):
    """The job has passed the point up to which it could be cancelled."""

    code = "job_too_late"
    default_consequence = "It will be, or was, carried out in full."
    default_hint = "An import can be taken back with an undo."
