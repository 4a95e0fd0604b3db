"""Turning the profile's encryption on and off, new keys, recovery kits.

The order, and what is live after a kill at each step:

1. The new key is stored in its place and read back. It opens nothing yet.
   Live: everything old.
2. The kit is handed to the person, and only then the key's id is remembered:
   no key is used whose kit reached nobody. Live: old.
3. One transaction swaps the profile's two forms and the setting; its check
   reads the live file with the key from its place. Live: old before its
   commit point, new after it, as for an import.

A key that a file was ever written with is never removed from its place: so at
no instant is there a profile, or a backup of it, without a key that opens it.
The plaintext is never written by this: only read from where it was, and moved
away to be deleted.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from autoresumefiller.backup.catalog import list_backups
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.new_keys import Deliver, next_key
from autoresumefiller.backup.settings_file import read_config, read_settings
from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import (
    AuthenticationFailedError,
    InvalidArgumentError,
    KeyStoreError,
    ProfileNotFoundError,
)
from autoresumefiller.model.encryption import EncryptionChange
from autoresumefiller.vault import config_text, undo
from autoresumefiller.vault.durable import is_there, storage
from autoresumefiller.vault.layout import CONFIG, ENCRYPTED_PROFILE_PATH, PROFILE_PATH
from autoresumefiller.vault.profile_store import encrypted, read_profile_text
from autoresumefiller.vault.staging import staging_area
from autoresumefiller.vault.transaction import Change, apply

SETTING = "encryption_enabled"


def is_encrypted(vault: Vault) -> bool:
    """Whether the profile is kept encrypted; what is on disk counts, then the setting.

    Raises:
        StorageError: that cannot be seen.

    """
    with storage("look at", vault.layout.data):
        if is_there(vault.layout.encrypted_profile):
            return True
    return wants_encryption(vault)


def wants_encryption(vault: Vault) -> bool:
    """Return what the setting says; False where the settings cannot be read."""
    return read_settings(vault).encryption_enabled


def turn_on(
    vault: Vault,
    *,
    passphrase: str | None,
    deliver: Deliver,
    key_file: Path | None = None,
) -> EncryptionChange:
    """Encrypt the profile from now on, with a new key and a new recovery kit.

    Where keys come from a command (`makes_kit` is False), key and kit were
    made before, by `kits.new_key`, and none are made here.

    Args:
        vault: The vault.
        passphrase: Of the kit.
        deliver: Gets the kit before the profile is encrypted.
        key_file: Keep the key in this file instead of the keyring.

    Raises:
        InvalidArgumentError: it is encrypted already; a passphrase too short.
        KeyStoreError: the key cannot be kept; nothing was changed.
        ConfigError: the settings cannot be read.
        StorageError: the system failed; everything is as it was.

    """
    with vault.lock.changing("encrypt"):
        _require_plain(vault)  # refuse while nothing was made yet
        key = next_key(vault, passphrase=passphrase, deliver=deliver, key_file=key_file)
        return _encrypt(vault, key)


def makes_kit(vault: Vault, *, key_file: Path | None = None) -> bool:
    """Whether `turn_on` makes a kit, and so needs a passphrase for it.

    Refuses what it would refuse, so that nobody thinks of a passphrase in vain.

    Raises:
        InvalidArgumentError: it is encrypted already.
        KeyStoreError: there is no place for the key.
        ConfigError: the settings cannot be read.

    """
    _require_plain(vault)
    place = vault.keys.usable_place(key_file)
    return key_file is not None or place.can_add


def _require_plain(vault: Vault) -> None:
    with storage("look at", vault.layout.data):
        if is_there(vault.layout.encrypted_profile):
            raise InvalidArgumentError(
                "The profile is encrypted already",
                hint="'arf key rotate' makes a new key, 'arf key kit' a new recovery kit.",
            )
    _settings_with(vault, enabled=True)


def encrypt_as_set(vault: Vault) -> None:
    """Do what ``encryption_enabled: true`` asks for, if the profile is plain still.

    Raises:
        KeyNotFoundError: no key was made for this vault yet.
        KeyStoreError: it cannot be read.

    """
    with storage("look at", vault.layout.data):
        plain = is_there(vault.layout.profile)
    if not (plain and wants_encryption(vault)):
        return
    with vault.lock.changing("encrypt"):
        _encrypt(vault, vault.keys.for_writing())


def settings_for_encrypted(config: bytes) -> bytes:
    """Return the text of config.yaml with the setting on; ConfigError if that cannot be."""
    return config_text.set_value(config, SETTING, value=True)


def turn_off(vault: Vault) -> EncryptionChange:
    """Keep the profile as plain JSON from now on; the key stays where it is, for old backups.

    Raises:
        InvalidArgumentError: it is not encrypted.
        KeyNotFoundError, KeyStoreError, AuthenticationFailedError: it cannot be
            decrypted; nothing was changed.
        StorageError: the system failed; everything is as it was.

    """
    with vault.lock.changing("decrypt"):
        if not is_encrypted(vault):
            raise InvalidArgumentError("The profile is not encrypted")
        config = _settings_with(vault, enabled=False)
        text = _profile_text(vault)
        new = _settings_change(vault, config)
        removed = []
        if text is not None:
            new[PROFILE_PATH] = text
            removed = [ENCRYPTED_PROFILE_PATH]
        _apply(vault, new, removed, "turning encryption off", text)
    return EncryptionChange(
        encrypted=False,
        key_id="",
        key_place="",
        warnings=("The key stays where it is: backups made until now need it.",),
    )


def rotate(
    vault: Vault, *, passphrase: str | None = None, deliver: Deliver | None = None
) -> EncryptionChange:
    """Encrypt the profile with a new key; with a passphrase, make a new recovery kit as well.

    The old key stays where it is, for the backups that were made with it.

    Raises:
        InvalidArgumentError: the profile is not encrypted; a passphrase too short.
        KeyNotFoundError, KeyStoreError, AuthenticationFailedError: it cannot be
            decrypted, or the new key cannot be kept; nothing was changed.
        StorageError: the system failed; everything is as it was.

    """
    with vault.lock.changing("new key"):
        if passphrase is not None:
            require_kit_can_be_made(vault)
        recovery = _present_key(vault).recovery
        key = next_key(vault, passphrase=passphrase, deliver=deliver, recovery=recovery)
        return _encrypt(vault, key)


def require_kit_can_be_made(vault: Vault) -> None:
    """Refuse what `rotate` with a passphrase would refuse; errors as there."""
    _present_key(vault)
    place = vault.keys.usable_place()
    if not place.can_add:
        raise KeyStoreError(
            f"Keys come from {place.name}, each with a kit of its own",
            hint="'arf key new' makes both; then 'arf key rotate' takes the new key.",
        )


def _present_key(vault: Vault) -> VaultKey:
    if not is_encrypted(vault):
        raise InvalidArgumentError(
            "The profile is not encrypted, so it has no key", hint="Run 'arf encrypt on'."
        )
    return vault.keys.for_writing()


def plain_backups(vault: Vault) -> list[str]:
    """Return the names of the backups that hold the profile in clear."""
    return [
        entry["filename"]
        for entry in list_backups(vault.layout)
        if any(file["path"] == PROFILE_PATH for file in (entry["metadata"] or {}).get("files", ()))
    ]


def _encrypt(vault: Vault, key: VaultKey) -> EncryptionChange:
    config = _settings_with(vault, enabled=True)
    text = _profile_text(vault)
    forget_undo = _undo_is_plain(vault)
    done = EncryptionChange(
        encrypted=True,
        key_id=key.key_id,
        key_place=vault.keys.place().name,
        warnings=tuple(_warnings(vault, forget_undo=forget_undo)),
    )
    new = _settings_change(vault, config)
    removed = []
    if text is not None:
        new[ENCRYPTED_PROFILE_PATH] = encrypted(text, key)
        removed = [PROFILE_PATH]
    _apply(vault, new, removed, "encryption of the profile", text, forget_undo=forget_undo)
    return done


def _apply(
    vault: Vault,
    new: Mapping[str, bytes],
    removed: Sequence[str],
    description: str,
    text: bytes | None,
    *,
    forget_undo: bool = False,
) -> None:
    def check() -> None:
        vault.keys.forget_memory()  # what counts is what the next start will find
        if text is not None and read_profile_text(vault.layout, vault.keys) != text:
            raise AuthenticationFailedError(
                "The profile reads back differently from what was written",
                consequence="The change was undone: your vault is as it was.",
                hint="Check the disk, and the memory of this computer, before trying again.",
            )

    # Not for an undo: it would keep the plaintext, or a state that settings contradict.
    with staging_area(vault.layout) as area:
        for path, data in new.items():
            area.write(path, data)
        area.sync()
        apply(
            vault.layout,
            Change(source=area.tree, installed=tuple(new), removed=removed),
            description=description,
            now=vault.now(),
            check=check,
            undoable=False,
            forget_undo=forget_undo,
        )


def _profile_text(vault: Vault) -> bytes | None:
    try:
        return read_profile_text(vault.layout, vault.keys)
    except ProfileNotFoundError:
        return None


def _settings_with(vault: Vault, *, enabled: bool) -> bytes:
    return config_text.set_value(read_config(vault), SETTING, enabled)


def _settings_change(vault: Vault, config: bytes) -> dict[str, bytes]:
    return {} if config == read_config(vault) else {CONFIG: config}


def _undo_is_plain(vault: Vault) -> bool:
    """Whether what is kept for an undo holds the profile in clear."""
    plan = undo.undo_plan(vault.layout)
    return plan is not None and PROFILE_PATH in plan.restored


def _warnings(vault: Vault, *, forget_undo: bool) -> list[str]:
    warnings = []
    if forget_undo:
        warnings.append(
            "The last import can no longer be undone: what it replaced held your profile in clear."
        )
    plain = plain_backups(vault)
    if plain:
        shown = ", ".join(plain[:3]) + (f" and {len(plain) - 3} more" if len(plain) > 3 else "")  # noqa: PLR2004
        warnings.append(
            f"Earlier backups hold your profile in clear: {shown}. Delete them once you have "
            "a new one: 'arf export', then 'arf delete NAME'."
        )
    if vault.keys.listed().key_file is not None:
        warnings.append(
            "The key is in a file: whoever can read that file and the vault reads your profile. "
            "Keep it out of the vault, of synced folders and of backups."
        )
    return warnings
