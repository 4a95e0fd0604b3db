"""Clean-up: carry out what retention decides.

Each deletion is one unlink followed by a sync of the folder: a kill leaves a
backup wholly there or gone, and the next clean-up goes on from there.
"""

from collections.abc import Collection
from pathlib import Path

from autoresumefiller.archive.validation import validate
from autoresumefiller.backup import in_use
from autoresumefiller.backup.archives import open_backup
from autoresumefiller.backup.catalog import delete_backup, list_backups
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.retention import decide
from autoresumefiller.backup.unlocking import Unlocker
from autoresumefiller.errors import AutoResumeFillerError, BackupNotFoundError
from autoresumefiller.model.backup_name import BackupType
from autoresumefiller.model.reports import Verdict
from autoresumefiller.model.results import BackupEntry, DeleteResult


def plan_cleanup(
    vault: Vault,
    *,
    max_backups: int,
    keep_manual: bool,
    just_proven: str | None = None,
) -> list[Verdict]:
    """Say of each backup, newest first, whether a clean-up would keep it and why.

    ``just_proven`` names a backup that is known to be importable because it
    has just been made from a valid profile and read back.

    Raises:
        InvalidArgumentError: ``max_backups`` is not a whole number from 0 up.
        StorageError: the folder cannot be read.

    """
    proven: dict[str, bool] = {} if just_proven is None else {just_proven: True}

    def importable(entry: BackupEntry) -> bool:
        name = entry["filename"]
        if name not in proven:
            proven[name] = is_importable(vault, entry)
        return proven[name]

    return decide(
        list_backups(vault.layout),
        max_backups=max_backups,
        keep_manual=keep_manual,
        importable=importable,
        in_use=lambda entry: in_use.is_marked(entry["path"]),
    )


def clean_up(vault: Vault, *, max_backups: int, keep_manual: bool) -> int:
    """Delete what `plan_cleanup` lets go; return how many went."""
    with vault.lock.reading("cleanup"):
        return retire(
            vault, types=set(BackupType), max_backups=max_backups, keep_manual=keep_manual
        )


def delete(vault: Vault, path_or_filename: Path | str) -> DeleteResult:
    """Delete one listed backup, whatever retention would say: the person chose it.

    Raises:
        BackupNotFoundError: it is not in the list.
        VaultBusyError: an import holds the vault.
        StorageError: the system refused.

    """
    with vault.lock.reading("delete"):
        return delete_backup(vault.layout, path_or_filename)


def retire(
    vault: Vault,
    *,
    types: Collection[BackupType],
    max_backups: int,
    keep_manual: bool,
    just_proven: str | None = None,
) -> int:
    """Delete, of these types, what retention lets go, for a caller that holds the vault."""
    deleted = 0
    for verdict in plan_cleanup(
        vault, max_backups=max_backups, keep_manual=keep_manual, just_proven=just_proven
    ):
        if verdict.keep or verdict.type not in types:
            continue
        try:
            delete_backup(vault.layout, verdict.filename)
        except BackupNotFoundError:  # another process was faster
            continue
        deleted += 1
    return deleted


def is_importable(vault: Vault, entry: BackupEntry) -> bool:
    """Prove one backup, as an import would."""
    try:
        unlocker = Unlocker(vault, None)
        with open_backup(entry["path"], unlocker, vault.layout.decrypted) as file:
            return validate(file, app_version=vault.app_version).importable
    except AutoResumeFillerError:
        return False
