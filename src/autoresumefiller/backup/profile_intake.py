"""The profile of an archive on its way into the vault.

It never touches the disk on the way: it is kept in memory, opened if it is
encrypted, and written once, in the form in which this vault keeps it.

==================  ==========================  ===================================
in the archive      the vault                   what is installed
==================  ==========================  ===================================
plain               plain                       the same bytes
plain               encrypted                   encrypted with the vault's key
encrypted           either                      encrypted with this vault's key; a
                                                vault in clear is encrypted from
                                                then on, for nobody asked for less
encrypted, locked   either                      nothing: the import is refused,
                                                unless told to carry it as it is
encrypted by        either                      the same bytes
another program
==================  ==========================  ===================================

Where this machine has no key yet, it gets one of its own, with the kit that
opened the profile as its recovery kit.
"""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, cast

from autoresumefiller.archive.faults import Code
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.encrypting import wants_encryption
from autoresumefiller.backup.new_keys import key_for_import
from autoresumefiller.backup.unlocking import Unlocker
from autoresumefiller.errors import (
    AuthenticationFailedError,
    BackupValidationError,
    KeyStoreError,
    ProfileInvalidError,
    ProfileLockedError,
)
from autoresumefiller.model.profile_text import parse_profile
from autoresumefiller.vault.layout import ENCRYPTED_PROFILE_PATH, PROFILE_PATH
from autoresumefiller.vault.profile_store import encrypted
from autoresumefiller.vault.staging import StagingArea
from autoresumefiller.vault.vault_keys import parse_sealed

if TYPE_CHECKING:
    from autoresumefiller.archive.compression import Buffer
    from autoresumefiller.encryption.cipher import Sealed
    from autoresumefiller.encryption.vault_key import VaultKey
    from autoresumefiller.model.metadata import FileRecord

_PROFILES = frozenset({PROFILE_PATH, ENCRYPTED_PROFILE_PATH})


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledProfile:
    """What lies in staging, ready to be swapped in."""

    path: str
    size: int
    sha256: str


class ProfileIntake:
    """A sink for an archive's files that keeps the profile to itself.

    Attributes:
        opened: Whether an encrypted profile was decrypted.

    """

    def __init__(self, vault: Vault, staging: StagingArea) -> None:
        self.opened = False
        self._vault = vault
        self._staging = staging
        self._record: FileRecord | None = None
        self._data = b""
        self._arrived_encrypted = False
        self._text: bytes | None = None
        self._key: VaultKey | None = None
        self._recovery = ""

    # --- as a sink -------------------------------------------------------------

    def open(self, record: "FileRecord", path: str) -> BinaryIO:
        """Create a file in staging, or a place in memory for the profile."""
        if path not in _PROFILES:
            return self._staging.open(record, path)
        return cast("BinaryIO", _InMemory(partial(self._take, record, path)))

    def put(self, record: "FileRecord", path: str, content: "Buffer") -> None:
        """Create a file in staging, or remember the profile."""
        if path not in _PROFILES:
            self._staging.put(record, path, content)
        else:
            self._take(record, path, bytes(content))

    def make_directory(self, path: str) -> None:
        """Create a folder in staging."""
        self._staging.make_directory(path)

    def _take(self, record: "FileRecord", path: str, data: bytes) -> None:
        self._record = record
        self._arrived_encrypted = path == ENCRYPTED_PROFILE_PATH
        self._data = data

    # --- what becomes of it ------------------------------------------------------

    def unlock(self, unlocker: Unlocker, *, carry_locked: bool) -> None:
        """Get at the plaintext, if the profile is encrypted; asks for the kit if it must.

        Raises:
            ProfileLockedError: it cannot be opened here.
            RecoveryKitError, WrongKeyError, PassphraseRequiredError: of the kit.
            AuthenticationFailedError: it is damaged.
            BackupValidationError: what comes out is no valid profile.

        """
        if self._record is None:
            return
        if not self._arrived_encrypted:
            self._text = self._data
            return
        try:
            sealed = parse_sealed(self._data)
        except ProfileLockedError:  # another program's: as it is
            return
        self._text = self._opened(sealed, unlocker, carry_locked=carry_locked)
        if self._text is None:
            return
        self.opened = True
        try:
            parse_profile(self._text)
        except ProfileInvalidError as error:
            raise BackupValidationError([error.message], codes=[Code.PROFILE_INVALID]) from None

    def _opened(self, sealed: "Sealed", unlocker: Unlocker, *, carry_locked: bool) -> bytes | None:
        from autoresumefiller.encryption.cipher import open_sealed
        from autoresumefiller.encryption.recovery import recipient_of, recover_key

        trouble = unlocker.trouble
        try:
            self._key = self._vault.keys.look_for(sealed.key_id)
        except KeyStoreError as error:
            trouble = error.message
        if self._key is not None:
            return open_sealed(sealed, self._key)
        if carry_locked:
            return None
        identity = unlocker.kit_identity()
        if identity is None:
            raise ProfileLockedError(
                "The profile in this backup is encrypted, and its key is not on this machine"
                + (f" ({trouble})" if trouble else ""),
                hint="Give your recovery kit: --kit FILE. Or import it as it is, "
                "unreadable here: --locked.",
            )
        text = open_sealed(sealed, recover_key(sealed, identity))
        # The kit that the person holds, not what the archive says of it.
        self._recovery = recipient_of(identity)
        return text

    @property
    def path(self) -> str | None:
        """Where the profile will be in the vault as it is now; None if the archive has none."""
        if self._record is None:
            return None
        return ENCRYPTED_PROFILE_PATH if self._ends_encrypted() else PROFILE_PATH

    def _ends_encrypted(self) -> bool:
        return self._arrived_encrypted or _is_ours_and_encrypted(self._vault)

    @property
    def encrypts(self) -> bool:
        """Whether the vault is one with an encrypted profile, of ours, afterwards."""
        return self._text is not None and self._ends_encrypted()

    def install(self) -> InstalledProfile | None:
        """Write the profile into staging, in the form for the vault as it is now.

        Raises:
            KeyNotFoundError, KeyStoreError: there is no key to encrypt it with.
            StorageError: it cannot be written.

        """
        path = self.path
        if path is None or self._record is None:
            return None
        data = self._data
        if self._text is not None and path == ENCRYPTED_PROFILE_PATH:
            key = key_for_import(self._vault, archived=self._key, recovery=self._recovery)
            data = self._data if key == self._key else encrypted(self._text, key)
        self._staging.take(path, 0)  # of an attempt that the vault's change stopped
        self._staging.put(self._record, path, data)
        return InstalledProfile(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest())


class _InMemory(io.BytesIO):
    """Hands over what was written when it is closed."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        super().__init__()
        self._hand_over = take

    def close(self) -> None:
        if not self.closed:
            self._hand_over(self.getvalue())
        super().close()


def _is_ours_and_encrypted(vault: Vault) -> bool:
    try:
        if vault.keys.sealed_profile() is not None:
            return True
    except AuthenticationFailedError:
        return True
    except ProfileLockedError:  # another program's: it is replaced like any file
        pass
    return wants_encryption(vault)
