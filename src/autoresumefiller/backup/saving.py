"""Saving the profile and the settings, with an automatic backup first.

What is on disk after a kill: each save replaces one file by an atomic rename,
so the file is wholly old or wholly new; the automatic backup, made before, is
either listed and complete or not there.
"""

import logging
from collections.abc import Mapping
from typing import Any

from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.export import archive_vault, target_for
from autoresumefiller.backup.housekeeping import retire
from autoresumefiller.errors import ConfigError, ProfileLockedError
from autoresumefiller.model.backup_name import BackupName, BackupType
from autoresumefiller.model.metadata import Scope
from autoresumefiller.model.profile import UserProfile
from autoresumefiller.model.profile_text import parse_profile
from autoresumefiller.model.settings import BackupSettings, Settings
from autoresumefiller.vault import config_text
from autoresumefiller.vault.durable import replace_file, storage
from autoresumefiller.vault.profile_store import read_profile, write_profile

logger = logging.getLogger(__name__)


def save_profile(vault: Vault, profile: UserProfile | Mapping[str, Any]) -> None:
    """Save the profile; what was there goes into an automatic backup first.

    Waits for an import, never for an export's reading of documents.

    Raises:
        ProfileInvalidError: a mapping that does not follow the schema.
        ProfileLockedError: the profile is encrypted, or the settings ask for it,
            and this version cannot encrypt.
        StorageError: the backup or the save failed; the profile is the old one.

    """
    checked = profile if isinstance(profile, UserProfile) else parse_profile(profile)
    with vault.lock.reading("save"), vault.lock.changing_data("save"):
        settings = _settings(vault)
        if settings.encryption_enabled or vault.layout.encrypted_profile.exists():
            raise ProfileLockedError(
                "The profile is kept encrypted, and this version cannot encrypt it",
                hint="Set encryption_enabled to false in config.yaml only if a plain file will do.",
            )
        back_up_before_save(vault, settings.backup)
        write_profile(vault.layout, checked, now=vault.now())


def load_profile(vault: Vault) -> UserProfile:
    """Load the profile; waits for a change that is under way.

    Raises:
        ProfileNotFoundError: there is none yet.
        ProfileInvalidError: it does not follow the schema.
        ProfileLockedError: it is encrypted.

    """
    with vault.lock.reading("load"), vault.lock.reading_data("load"):
        return read_profile(vault.layout)


def save_setting(vault: Vault, name: str, value: object) -> None:
    """Set one setting in config.yaml, the rest of its text unchanged.

    Raises:
        ConfigError: the file cannot be read, or the value does not fit.
        StorageError: the backup or the save failed; the file is the old one.

    """
    with vault.lock.reading("config"), vault.lock.changing_data("config"):
        text = read_config(vault)
        changed = config_text.set_value(text, name, value)
        back_up_before_save(vault, _settings(vault).backup)
        replace_file(vault.layout.config, changed)


def read_config(vault: Vault) -> bytes:
    """Return the text of config.yaml, b"" where there is none."""
    config = vault.layout.config
    with storage("read", config):
        return config.read_bytes() if config.exists() else b""


def back_up_before_save(vault: Vault, settings: BackupSettings) -> None:
    """Make an automatic backup of ``data/`` and the settings, and retire old ones."""
    layout = vault.layout
    worth_it = layout.profile.exists() or layout.encrypted_profile.exists()
    if not (settings.auto_backup_enabled and worth_it):
        return
    made = archive_vault(
        vault,
        target_for(vault, None, name=BackupName.of(BackupType.AUTO, vault.now())),
        backup_type=BackupType.AUTO,
        scope=Scope.DATA,
    )
    retire(
        vault,
        types={BackupType.AUTO},
        max_backups=settings.max_backups,
        keep_manual=True,
        just_proven=made["filename"] if made.get("profile_valid") else None,
    )


def _settings(vault: Vault) -> Settings:
    try:
        return config_text.read_settings(read_config(vault))
    except ConfigError as error:
        # A settings file with a typing error must not keep the person from saving.
        logger.warning("%s", error.message)
        return Settings()
