"""Keys that a vault did not have before: made here, or found where only the person can put them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from autoresumefiller.backup.context import Vault
from autoresumefiller.encryption.recovery import RecoveryKit, make_kit
from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import (
    AuthenticationFailedError,
    InvalidArgumentError,
    KeyNotFoundError,
    KeyStoreError,
    ProfileLockedError,
)

if TYPE_CHECKING:
    from autoresumefiller.encryption.key_places import KeyPlace

Deliver = Callable[[RecoveryKit], None]
"""Hands a kit to the person before the profile changes; an exception stops everything."""


def key_for_import(vault: Vault, *, archived: VaultKey | None, recovery: str) -> VaultKey:
    """Return the key to encrypt an imported profile with; a new one is stored first.

    Args:
        vault: The vault; locked by the caller.
        archived: The key that the archive's profile was encrypted with, if it is here.
        recovery: The recipient of the kit that opened it, or "".

    Raises:
        KeyNotFoundError: the vault has no key here, and no kit is known that
            could recover a new one.
        KeyStoreError: a new key cannot be kept.

    """
    try:
        return vault.keys.for_writing()
    except (KeyNotFoundError, AuthenticationFailedError, ProfileLockedError):
        # Its own profile cannot be read: that is when an import is needed most.
        if archived is not None:
            vault.keys.store(archived)
            return archived
        if not recovery:
            raise
    place = vault.keys.place()
    if place.can_add:
        key = VaultKey.generate(recovery=recovery)
    else:
        key = _newest(place, vault.keys.listed().ids)
    vault.keys.store(key)
    return key


def next_key(
    vault: Vault,
    *,
    passphrase: str | None,
    deliver: Deliver | None,
    key_file: Path | None = None,
    recovery: str = "",
) -> VaultKey:
    """Store and return the key to use from now on.

    A new kit is made if there is a passphrase, or if there was none yet; else
    the new key keeps the kit of the old one.
    """
    place = vault.keys.place()
    if key_file is None and not place.can_add:
        key = _newest(place, vault.keys.listed().ids)
        vault.keys.store(key)
        return key
    if passphrase is None and recovery:
        key = VaultKey.generate(recovery=recovery)
        vault.keys.store(key, key_file=key_file)
        return key
    if passphrase is None or deliver is None:
        raise InvalidArgumentError("The recovery kit needs a passphrase")
    kit = make_kit(passphrase, now=vault.now())
    key = VaultKey.generate(recovery=kit.recipient)
    # Never the other way round: a key whose kit reached nobody would be used by
    # the next save or encrypted backup, and only this machine could open that.
    vault.keys.store(key, key_file=key_file, when_kept=lambda: deliver(kit))
    return key


def _newest(place: "KeyPlace", known: tuple[str, ...]) -> VaultKey:
    newest = place.newest()
    if newest is None or newest.key_id in known:
        place.add(VaultKey.generate(recovery=""))  # it cannot, and says what to do
        raise AssertionError("a place that takes no keys took one")
    if not newest.recovery:
        raise KeyStoreError(
            f"The key of {place.name} has no recovery kit",
            hint="Make key and kit together: 'arf key new' prints one and saves the other.",
        )
    return newest
