"""config.yaml as the use cases read it."""

import logging

from autoresumefiller.backup.context import Vault
from autoresumefiller.errors import ConfigError, VaultLayoutError
from autoresumefiller.model.settings import Settings
from autoresumefiller.vault import config_text
from autoresumefiller.vault.durable import read_regular_file, storage

logger = logging.getLogger(__name__)


def read_config(vault: Vault) -> bytes:
    """Return the text of config.yaml, b"" where there is none.

    Raises:
        VaultLayoutError: it is no regular file.
        StorageError: it cannot be read.

    """
    config = vault.layout.config
    with storage("read", config):
        try:
            return read_regular_file(config)
        except FileNotFoundError:
            return b""


def read_settings(vault: Vault) -> Settings:
    """Return the settings; `settings_and_warnings` without somebody to tell.

    A settings file with a typing error must not keep the person from saving.
    """
    settings, warnings = settings_and_warnings(vault)
    for warning in warnings:
        logger.warning("%s", warning)
    return settings


def settings_and_warnings(vault: Vault) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings, and say which are not what config.yaml says, without full stops.

    One that does not fit has its default; all have if the file cannot be read.
    """
    try:
        settings, faults = config_text.usable_settings(read_config(vault))
    except (ConfigError, VaultLayoutError) as error:
        told = f"{error.message}; until it can be read, every setting has its default"
        return Settings(), (told,)
    return settings, tuple(
        f"{config_text.unfit([fault]).message}; its default is used" for fault in faults
    )


def read_recipients(vault: Vault) -> tuple[str, ...]:
    """Return for whom every encrypted backup is, besides the vault itself.

    Raises:
        ConfigError: config.yaml cannot be read, or does not say it as it should.
            To whoever was meant, a backup for the others would be none.

    """
    settings, faults = config_text.usable_settings(read_config(vault))
    if about := [fault for fault in faults if fault.path[0] == "encryption"]:
        raise config_text.unfit(about)
    return settings.encryption.recipients
