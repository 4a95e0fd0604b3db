"""For whom a backup of a vault can be encrypted, and whether the settings want that."""

from dataclasses import dataclass

from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.encrypting import is_encrypted
from autoresumefiller.backup.settings_file import settings_and_warnings
from autoresumefiller.errors import VaultLayoutError


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionChoice:
    """What can be had without a passphrase.

    Attributes:
        profile: Whether the profile is kept encrypted.
        own_key: Whether the vault has a key of its own, and so a device and a kit to open it.
        recipients: Public keys of the settings.
        by_default: Whether automatic backups are encrypted.

    """

    profile: bool
    own_key: bool
    recipients: tuple[str, ...]
    by_default: bool


def encryption_choice(vault: Vault) -> EncryptionChoice:
    """Look which there is; asks no keyring, so it may be asked often.

    Raises:
        StorageError: the vault cannot be looked at.

    """
    settings, _ = settings_and_warnings(vault)
    profile = is_encrypted(vault)
    try:
        own_key = profile or bool(vault.keys.listed().ids)
    except VaultLayoutError:  # the list of keys is broken: making the backup will say so
        own_key = profile
    return EncryptionChoice(
        profile=profile,
        own_key=own_key,
        recipients=settings.encryption.recipients,
        by_default=profile and settings.encryption.encrypt_auto_backups,
    )
