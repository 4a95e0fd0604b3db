"""Keys, and what they protect."""

from autoresumefiller.errors.base import AutoResumeFillerError


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
