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

from autoresumefiller.errors.backups import (
    BackupError,
    BackupNotFoundError,
    BackupValidationError,
    ConfirmationExpiredError,
    ConfirmationRequiredError,
    ImportRefusedError,
    PlanChangedError,
    SafetyBackupError,
)
from autoresumefiller.errors.base import (
    UNTOUCHED,
    AutoResumeFillerError,
    InvalidArgumentError,
)
from autoresumefiller.errors.contents import (
    ConfigError,
    ProfileError,
    ProfileInvalidError,
    ProfileLockedError,
    ProfileNotFoundError,
)
from autoresumefiller.errors.encryption import (
    AuthenticationFailedError,
    EncryptedFileDamagedError,
    EncryptedFileTruncatedError,
    EncryptionError,
    KeyNotFoundError,
    KeyStoreError,
    NotEncryptedError,
    PassphraseRequiredError,
    RecoveryKitError,
    WrongKeyError,
)
from autoresumefiller.errors.jobs import (
    JobConflictError,
    JobError,
    JobNotAwaitingError,
    JobNotFoundError,
    JobTooLateError,
)
from autoresumefiller.errors.storage import (
    AccessDeniedError,
    NotEnoughSpaceError,
    OutputExistsError,
    StorageError,
)
from autoresumefiller.errors.vault import (
    NothingToUndoError,
    RecoveryError,
    VaultBusyError,
    VaultError,
    VaultLayoutError,
    VaultNotFoundError,
)

__all__ = [
    "UNTOUCHED",
    "AccessDeniedError",
    "AuthenticationFailedError",
    "AutoResumeFillerError",
    "BackupError",
    "BackupNotFoundError",
    "BackupValidationError",
    "ConfigError",
    "ConfirmationExpiredError",
    "ConfirmationRequiredError",
    "EncryptedFileDamagedError",
    "EncryptedFileTruncatedError",
    "EncryptionError",
    "ImportRefusedError",
    "InvalidArgumentError",
    "JobConflictError",
    "JobError",
    "JobNotAwaitingError",
    "JobNotFoundError",
    "JobTooLateError",
    "KeyNotFoundError",
    "KeyStoreError",
    "NotEncryptedError",
    "NotEnoughSpaceError",
    "NothingToUndoError",
    "OutputExistsError",
    "PassphraseRequiredError",
    "PlanChangedError",
    "ProfileError",
    "ProfileInvalidError",
    "ProfileLockedError",
    "ProfileNotFoundError",
    "RecoveryError",
    "RecoveryKitError",
    "SafetyBackupError",
    "StorageError",
    "VaultBusyError",
    "VaultError",
    "VaultLayoutError",
    "VaultNotFoundError",
    "WrongKeyError",
]
