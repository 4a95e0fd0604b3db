"""Saving the profile and the settings, with an automatic backup first.

What is on disk after a kill: each save replaces one file by an atomic rename,
so the file is wholly old or wholly new; the automatic backup, made before, is
either listed and complete or not there.
"""

from collections.abc import Callable, Mapping
from typing import Any

from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.encrypting import SETTING, encrypt_as_set, is_encrypted
from autoresumefiller.backup.envelopes import envelope_for_automatic
from autoresumefiller.backup.export import archive_vault
from autoresumefiller.backup.housekeeping import retire
from autoresumefiller.backup.settings_file import read_config, read_settings
from autoresumefiller.backup.target import target_for
from autoresumefiller.errors import ConfigError
from autoresumefiller.model.backup_name import BackupName, BackupType
from autoresumefiller.model.metadata import Scope
from autoresumefiller.model.profile import UserProfile
from autoresumefiller.model.profile_text import format_profile, parse_profile
from autoresumefiller.model.settings import Settings
from autoresumefiller.vault import config_text
from autoresumefiller.vault.durable import is_there, replace_file, storage
from autoresumefiller.vault.profile_store import read_profile, write_profile


def save_profile(
    vault: Vault,
    profile: UserProfile | Mapping[str, Any],
    *,
    before: Callable[[], None] | None = None,
) -> None:
    """Save the profile; what was there goes into an automatic backup first.

    Waits for an import, never for an export's reading of documents. ``before``
    is called when nobody else can change the profile any more; an exception
    of it leaves everything as it is.

    Raises:
        ProfileInvalidError: it does not follow the schema, or could not be read again.
        KeyNotFoundError: the profile is encrypted, or the settings ask for it,
            and the key is not here.
        KeyStoreError: the place where the key lives fails.
        ProfileLockedError: another program encrypted the profile.
        StorageError: the backup or the save failed; the profile is the old one.

    """
    checked = profile if isinstance(profile, UserProfile) else parse_profile(profile)
    format_profile(checked)  # its fields may have been changed since it was checked
    encrypt_as_set(vault)
    with vault.lock.reading("save"), vault.lock.changing_data("save"):
        if before is not None:
            before()
        settings = read_settings(vault)
        # The key first: without it nothing is backed up or written.
        key = vault.keys.for_writing() if is_encrypted(vault) else None
        back_up_before_save(vault, settings)
        write_profile(vault.layout, checked, now=vault.now(), key=key)


def load_profile(vault: Vault) -> UserProfile:
    """Load the profile; waits for a change that is under way.

    Raises:
        ProfileNotFoundError: there is none yet.
        ProfileInvalidError: it does not follow the schema.
        KeyNotFoundError: it is encrypted, and its key is not here.
        KeyStoreError: the place where the key lives fails.
        AuthenticationFailedError: it is encrypted, and damaged.
        ProfileLockedError: another program encrypted it.

    """
    with vault.lock.reading("load"), vault.lock.reading_data("load"):
        return live_profile(vault)


def live_profile(vault: Vault) -> UserProfile:
    """Read the profile as it is; for whoever holds the lock. Raises as `load_profile` does."""
    return read_profile(vault.layout, vault.keys)


def save_setting(vault: Vault, name: str, value: object) -> None:
    """Set one setting in config.yaml, the rest of its text unchanged.

    Raises:
        ConfigError: the file cannot be read, the value does not fit, or it is
            the one that is not set by itself: ``encryption_enabled``.
        StorageError: the backup or the save failed; the file is the old one.

    """
    if name == SETTING:
        raise ConfigError(
            f"'{SETTING}' is not set by itself: the profile, its key and the recovery kit "
            "go with it",
            hint="Run 'arf encrypt on' or 'arf encrypt off'.",
        )
    with vault.lock.reading("config"), vault.lock.changing_data("config"):
        text = read_config(vault)
        changed = config_text.set_value(text, name, value)
        back_up_before_save(vault, read_settings(vault))
        replace_file(vault.layout.config, changed)


def back_up_before_save(vault: Vault, settings: Settings) -> None:
    """Make an automatic backup of ``data/`` and the settings, and retire old ones.

    It is encrypted where the profile is, unless the settings say otherwise.
    """
    layout = vault.layout
    with storage("look at", layout.data):
        worth_it = is_there(layout.profile) or is_there(layout.encrypted_profile)
    if not (settings.backup.auto_backup_enabled and worth_it):
        return
    made = archive_vault(
        vault,
        target_for(vault, None, name=BackupName.of(BackupType.AUTO, vault.now())),
        backup_type=BackupType.AUTO,
        scope=Scope.DATA,
        envelope=envelope_for_automatic(vault, settings),
    )
    retire(
        vault,
        types={BackupType.AUTO},
        max_backups=settings.backup.max_backups,
        keep_manual=True,
        just_proven=made["filename"] if made.get("profile_valid") else None,
    )
