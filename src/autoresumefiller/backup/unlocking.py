"""What opens an archive, or the profile in it: the keys that are here, or the person."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from autoresumefiller.backup.context import Vault
from autoresumefiller.errors import (
    AuthenticationFailedError,
    KeyStoreError,
    ProfileLockedError,
)


class Need(StrEnum):
    """What is asked for."""

    KIT = "kit"
    """The recovery kit: the key is not on this machine."""
    PASSPHRASE = "passphrase"  # noqa: S105 - a word, not a secret
    """The passphrase that the backup was encrypted with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocking:
    """What the person gave.

    Attributes:
        kit: The text of the recovery kit, or None.
        passphrase: The kit's or the backup's, or None.

    """

    kit: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)


UnlockCallback = Callable[[Need], Unlocking | None]
"""Asks the person; None if there is nothing to give. Called once for each need."""


class Unlocker:
    """Opens what is locked; asks the person at most once for each thing.

    Attributes:
        trouble: Why this machine's own keys could not be looked at, or "".

    """

    def __init__(self, vault: Vault | None, callback: UnlockCallback | None) -> None:
        self.trouble = ""
        self._vault = vault
        self._callback = callback
        self._kit: str | None = None
        self._asked: set[Need] = set()

    def device_identities(self) -> tuple[str, ...]:
        """Return the age identities that follow from the keys of this vault."""
        if self._vault is None:
            return ()
        found = []
        try:
            for key_id in self._key_ids(self._vault):
                key = self._vault.keys.look_for(key_id)
                if key is not None:
                    found.append(key.device_identity)
        except KeyStoreError as error:
            self.trouble = error.message
        return tuple(found)

    def _key_ids(self, vault: Vault) -> list[str]:
        """Return the ids of the vault's keys, the newest first, the profile's own in any case."""
        ids = [*reversed(vault.keys.listed().ids)]
        try:
            sealed = vault.keys.sealed_profile()
        except (AuthenticationFailedError, ProfileLockedError):
            return ids
        return ids if sealed is None else list(dict.fromkeys([*ids, sealed.key_id]))

    def kit_identity(self) -> str | None:
        """Ask for the kit and return its age identity, or None if there is no kit.

        Raises:
            RecoveryKitError, WrongKeyError, PassphraseRequiredError: see `open_kit`.

        """
        if self._kit is None:
            given = self._ask(Need.KIT)
            if given is not None and given.kit is not None:
                from autoresumefiller.encryption.recovery import open_kit

                self._kit = open_kit(given.kit, given.passphrase)
        return self._kit

    def passphrase(self) -> str | None:
        """Ask for the passphrase of a backup."""
        given = self._ask(Need.PASSPHRASE)
        return None if given is None else given.passphrase

    def _ask(self, need: Need) -> Unlocking | None:
        if self._callback is None or need in self._asked:
            return None
        self._asked.add(need)
        return self._callback(need)
