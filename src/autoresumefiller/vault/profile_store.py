"""Reading and writing the profile, plain or encrypted.

An encrypted profile is decrypted in memory only: its plaintext is never
written anywhere.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autoresumefiller.errors import (
    AuthenticationFailedError,
    KeyNotFoundError,
    KeyStoreError,
    ProfileInvalidError,
    ProfileLockedError,
    ProfileNotFoundError,
    VaultLayoutError,
)
from autoresumefiller.model.profile_text import MAX_PROFILE_BYTES, format_profile, parse_profile
from autoresumefiller.vault.durable import is_there, read_regular_file, replace_file, storage
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.vault_keys import VaultKeys

if TYPE_CHECKING:
    from autoresumefiller.encryption.vault_key import VaultKey
    from autoresumefiller.model.profile import UserProfile


def read_profile(layout: VaultLayout, keys: VaultKeys | None = None) -> "UserProfile":
    """Read the profile; its ``last_updated`` stays as it is in the file.

    Args:
        layout: The vault.
        keys: Its keys, if they are at hand: keys that were read are kept there.

    Raises:
        ProfileNotFoundError: there is none.
        KeyNotFoundError: it is encrypted, and its key is not here.
        KeyStoreError: the place where the key lives fails.
        AuthenticationFailedError: it is encrypted, and damaged.
        ProfileLockedError: another program encrypted it.
        ProfileInvalidError: it is no JSON, or does not follow the schema.
        VaultLayoutError: there are two of them, or one is no regular file.
        StorageError: it cannot be read.

    """
    return parse_profile(read_profile_text(layout, keys))


def read_profile_text(layout: VaultLayout, keys: VaultKeys | None = None) -> bytes:
    """Return the profile's JSON as it is in the file, decrypted; errors as `read_profile`."""
    with storage("read", layout.profile):
        plain, encrypted = (is_there(path) for path in (layout.profile, layout.encrypted_profile))
    if plain and encrypted:
        raise VaultLayoutError(
            "The profile is there twice, plain and encrypted, and they may differ",
            hint="Move the one that is out of date out of data/: "
            "user_profile.json or user_profile.json.enc.",
        )
    if encrypted:
        return _decrypted(keys or VaultKeys(layout))
    if not plain:
        raise ProfileNotFoundError("There is no profile in this vault yet")
    return _read(layout.profile)


def _decrypted(keys: VaultKeys) -> bytes:
    from autoresumefiller.encryption.cipher import open_sealed

    sealed = keys.sealed_profile()
    if sealed is None:  # removed since we looked
        raise ProfileNotFoundError("There is no profile in this vault yet")
    return open_sealed(sealed, keys.find(sealed.key_id))


def profile_problems(layout: VaultLayout, keys: VaultKeys | None = None) -> list[str] | None:
    """Return what is wrong with the profile, one sentence each; empty if nothing is.

    None where there is no profile, or one that cannot be looked into.
    """
    try:
        read_profile(layout, keys)
    except ProfileInvalidError as error:
        return list(error.problems) or [error.message]
    except AuthenticationFailedError as error:
        return [error.message]
    except (
        ProfileNotFoundError,
        ProfileLockedError,
        KeyNotFoundError,
        KeyStoreError,
        VaultLayoutError,
    ):
        return None
    return []


def write_profile(
    layout: VaultLayout, profile: "UserProfile", now: datetime, *, key: "VaultKey | None" = None
) -> "UserProfile":
    """Save the profile with ``last_updated`` set to ``now``, and return it like that.

    The file is replaced in one step (`durable.replace_file`), mode 0600, and
    is the commit: no journal is needed for one file. Unknown fields are kept.

    Args:
        layout: The vault.
        profile: What to save.
        now: The time.
        key: Encrypt with this; the plain file must not be there then.

    Raises:
        ProfileInvalidError: it could not be read again afterwards.
        StorageError: the profile that was there is still there.

    """
    saved = profile.model_copy(update={"last_updated": now.astimezone(UTC)})
    data = format_profile(saved)
    if key is None:
        replace_file(layout.profile, data)
    else:
        replace_file(layout.encrypted_profile, encrypted(data, key))
    return saved


def encrypted(text: bytes, key: "VaultKey") -> bytes:
    """Return a profile's JSON as ``user_profile.json.enc`` holds it, for the recovery kit too."""
    from autoresumefiller.encryption import cipher
    from autoresumefiller.encryption.recovery import seal_key

    return cipher.encrypt(text, key, recovery_slot=seal_key(key))


def _read(path: Path) -> bytes:
    # One byte more than may be: then it is told as too large, and no more is read.
    with storage("read", path):
        return read_regular_file(path, MAX_PROFILE_BYTES + 1)
