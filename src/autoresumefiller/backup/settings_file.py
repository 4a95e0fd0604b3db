"""config.yaml as the use cases read it."""

import logging

from autoresumefiller.backup.context import Vault
from autoresumefiller.errors import ConfigError
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
    """Return the settings, the default ones where config.yaml cannot be read."""
    try:
        return config_text.read_settings(read_config(vault))
    except ConfigError as error:
        # A settings file with a typing error must not keep the person from saving.
        logger.warning("%s", error.message)
        return Settings()
