"""Recovery kits and keys, looked at: does this kit open this vault, is the key here."""

from datetime import datetime

from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.encrypting import wants_encryption
from autoresumefiller.backup.new_keys import Deliver
from autoresumefiller.encryption.recovery import make_kit, open_kit, recipient_of, recover_key
from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import (
    AuthenticationFailedError,
    KeyStoreError,
    ProfileLockedError,
    WrongKeyError,
)
from autoresumefiller.model.encryption import EncryptionStatus, KitProof
from autoresumefiller.vault.durable import is_there, storage


def new_key(*, passphrase: str, deliver: Deliver, now: datetime) -> str:
    """Make a key and its kit for a place that we cannot write to; return the key's line."""
    kit = make_kit(passphrase, now=now)
    deliver(kit)
    return VaultKey.generate(recovery=kit.recipient).to_text()


def verify_kit(vault: Vault, kit: str, passphrase: str | None) -> KitProof:
    """Prove that a kit opens this vault, without the key that is here.

    Raises:
        RecoveryKitError: that is no kit.
        WrongKeyError: the passphrase is wrong, or the kit is of another vault.
        PassphraseRequiredError: the kit needs one.
        AuthenticationFailedError: the profile is damaged.
        KeyNotFoundError: there is neither an encrypted profile nor a key.

    """
    identity = open_kit(kit, passphrase)
    recipient = recipient_of(identity)
    with vault.lock.reading("verify"), vault.lock.reading_data("verify"):
        sealed = vault.keys.sealed_profile()
        if sealed is not None:
            recover_key(sealed, identity)
            return KitProof(recipient=recipient, proven_on="profile")
        if vault.keys.for_writing().recovery != recipient:
            raise WrongKeyError("This is the recovery kit of another vault, or an earlier one")
        return KitProof(recipient=recipient, proven_on="key")


def encryption_status(vault: Vault) -> EncryptionStatus:
    """Say how the profile is kept and whether its key is here; asks the keyring."""
    key_id, problem, place, found = "", "", "", None
    with storage("look at", vault.layout.data):
        encrypted, in_clear = (
            is_there(vault.layout.encrypted_profile),
            is_there(vault.layout.profile),
        )
    try:
        place = vault.keys.place().name
        sealed = vault.keys.sealed_profile()
        if sealed is not None:
            key_id = sealed.key_id
            found = vault.keys.look_for(key_id) is not None
    except (KeyStoreError, AuthenticationFailedError, ProfileLockedError) as error:
        problem = error.message
    return EncryptionStatus(
        enabled=wants_encryption(vault),
        encrypted=encrypted,
        in_clear=in_clear,
        key_id=key_id,
        key_place=place,
        key_found=found,
        problem=problem,
    )
