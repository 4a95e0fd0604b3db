"""The vault at a glance."""

import os
from datetime import datetime

from autoresumefiller.backup.catalog import list_backups
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.settings_file import settings_and_warnings
from autoresumefiller.model.reports import FolderStatus, VaultStatus
from autoresumefiller.vault.inventory import take_inventory
from autoresumefiller.vault.layout import CONTENT_DIRECTORIES
from autoresumefiller.vault.undo import can_undo


def vault_status(vault: Vault) -> VaultStatus:
    """Count what is in the vault and look up its newest backup.

    Raises:
        StorageError: the vault cannot be read.

    """
    inventory = take_inventory(vault.layout)
    backups = list_backups(vault.layout)
    folders = []
    for name in CONTENT_DIRECTORIES:
        sizes = [file.size for file in inventory.files if file.path.startswith(f"{name}/")]
        folders.append(
            FolderStatus(
                name=name,
                exists=name not in inventory.missing_directories,
                files=len(sizes),
                size_bytes=sum(sizes),
            )
        )
    layout = vault.layout
    return VaultStatus(
        folders=tuple(folders),
        # Not Path.exists, which raises where `data/` may not be looked into: a warning says that.
        has_profile=any(map(os.path.exists, (layout.profile, layout.encrypted_profile))),
        backups=len(backups),
        backups_size_bytes=sum(entry["size_bytes"] for entry in backups),
        last_backup=datetime.fromisoformat(backups[0]["created"]) if backups else None,
        undo_available=can_undo(layout),
        warnings=(*inventory.warnings, *settings_and_warnings(vault)[1]),
    )
