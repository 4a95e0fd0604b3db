"""Open a vault: find it, create it if it is new, recover what was interrupted."""

from pathlib import Path

from autoresumefiller.backup.context import Vault
from autoresumefiller.errors import VaultNotFoundError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.creation import check_root, create_vault, is_vault
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.location import resolve
from autoresumefiller.vault.lock import VaultLock


def open_vault(data_dir: Path | str | None) -> Vault:
    """Open the vault at ``data_dir``, or where `vault.location` says it is.

    Raises:
        VaultLayoutError: the place holds something that is no vault.
        RecoveryError: an interrupted change could be neither finished nor undone.
        StorageError: the system refused.

    """
    layout = VaultLayout(resolve(data_dir))
    check_root(layout)
    if not is_vault(layout.root):
        create_vault(layout)
    vault = Vault(layout=layout, lock=VaultLock(layout))
    vault.lock.recover()
    return vault


def existing_vault(data_dir: Path | str | None) -> Vault:
    """Return the vault at a place without creating or recovering anything.

    Raises:
        VaultNotFoundError: there is none.
        VaultLayoutError: the place holds something that is no vault.

    """
    layout = VaultLayout(resolve(data_dir))
    check_root(layout)
    if not is_vault(layout.root):
        raise VaultNotFoundError(f"There is no vault at {printable(str(layout.root))}")
    return Vault(layout=layout, lock=VaultLock(layout))
