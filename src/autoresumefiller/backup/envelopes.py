"""For whom a backup of a vault is encrypted, and whether the settings want that."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from autoresumefiller.backup.encrypting import is_encrypted
from autoresumefiller.backup.settings_file import read_recipients, settings_and_warnings
from autoresumefiller.errors import (
    ConfigError,
    EncryptionError,
    InvalidArgumentError,
    ProfileLockedError,
    VaultLayoutError,
)

if TYPE_CHECKING:
    from autoresumefiller.backup.context import Vault
    from autoresumefiller.encryption.envelope import Keys, Passphrase, Recipients
    from autoresumefiller.model.settings import Settings

logger = logging.getLogger(__name__)

NOT_MADE: Final = "No file was made."


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """How an archive is encrypted.

    Attributes:
        lock: For recipients, or for a passphrase.
        proof: What can open it again here, to prove it; None if nothing can.
        include_secrets: Whether API keys go in, which they never do in clear.

    """

    lock: "Recipients | Passphrase"
    proof: "Keys | None"
    include_secrets: bool = False


def envelope_for(
    vault: "Vault",
    *,
    passphrase: str | None = None,
    recipients: Iterable[str] = (),
    include_secrets: bool = False,
) -> Envelope:
    """Return how to encrypt: with the passphrase, or for the vault and these recipients.

    Without a passphrase the recipients are this device and the recovery kit,
    if the vault has a key, those of the settings, and the ones given.

    Raises:
        InvalidArgumentError: there is nobody to encrypt for, or both are given.
        ConfigError: the settings do not say who their recipients are.
        KeyNotFoundError, KeyStoreError: the vault's key is not here.

    """
    from autoresumefiller.encryption.envelope import (
        Keys,
        Passphrase,
        Recipients,
        check_recipients,
    )
    from autoresumefiller.encryption.passphrases import require_usable

    given = tuple(recipients)
    if passphrase is not None:
        if given:
            raise InvalidArgumentError(
                "A backup is encrypted with a passphrase or for recipients, not both",
                consequence=NOT_MADE,
            )
        require_usable(passphrase, consequence=NOT_MADE)
        return Envelope(
            lock=Passphrase(passphrase=passphrase),
            proof=Keys(passphrase=passphrase),
            include_secrets=include_secrets,
        )
    own, proof = _own(vault)
    lock = Recipients(recipients=check_recipients([*own, *read_recipients(vault), *given]))
    return Envelope(lock=lock, proof=proof, include_secrets=include_secrets)


def envelope_for_automatic(vault: "Vault", settings: "Settings") -> Envelope | None:
    """Return how to encrypt a backup that we make unasked, None if it is not to be encrypted.

    It is encrypted where the profile is, unless the settings say otherwise. Not
    while the key is away: settings can be set then, and an import may be what
    brings the key. And recipients that are none must not keep the person from
    saving: it is for the vault alone then.
    """
    from autoresumefiller.encryption.envelope import Recipients

    if not (settings.encryption.encrypt_auto_backups and is_encrypted(vault)):
        return None
    try:
        own, proof = _own(vault)
    except (EncryptionError, ProfileLockedError):
        return None
    if not own:
        return None
    try:
        return envelope_for(vault)
    except (ConfigError, InvalidArgumentError) as error:
        logger.warning("An automatic backup is for this vault only: %s", error.message)
    return Envelope(lock=Recipients(recipients=own), proof=proof)


def _own(vault: "Vault") -> "tuple[tuple[str, ...], Keys | None]":
    """Return the recipients of the vault, and what opens a file for them here."""
    from autoresumefiller.encryption.envelope import Keys

    if not vault.keys.were_made():
        return (), None
    key = vault.keys.for_writing()
    own = tuple(recipient for recipient in (key.device_recipient, key.recovery) if recipient)
    return own, Keys(identities=(key.device_identity,))


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


def encryption_choice(vault: "Vault") -> EncryptionChoice:
    """Look what `envelope_for` could do; asks no keyring, so it may be asked often.

    Raises:
        StorageError: the vault cannot be looked at.

    """
    settings, _ = settings_and_warnings(vault)
    profile = is_encrypted(vault)
    try:
        own_key = vault.keys.were_made()
    except VaultLayoutError:  # the list of keys is broken: making the backup will say so
        own_key = profile
    return EncryptionChoice(
        profile=profile,
        own_key=own_key,
        recipients=settings.encryption.recipients,
        by_default=profile and settings.encryption.encrypt_auto_backups,
    )
