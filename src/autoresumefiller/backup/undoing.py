"""Undo the last import: what it replaced is put back exactly as it was."""

import time

from autoresumefiller.backup.context import Vault
from autoresumefiller.model.reports import UndoPlan
from autoresumefiller.model.results import UndoResult
from autoresumefiller.vault import undo


def plan_undo(vault: Vault) -> UndoPlan | None:
    """Say what an undo would do, or None if no import is remembered.

    Raises:
        VaultBusyError: a change is under way.
        RecoveryError: what is remembered cannot be understood.

    """
    with vault.lock.reading("undo"):
        return undo.undo_plan(vault.layout)


def undo_import(vault: Vault) -> UndoResult:
    """Undo the last import; what it had installed is kept for another undo.

    Raises:
        NothingToUndoError: no import is remembered.
        PlanChangedError: another program changes the vault right now.
        VaultBusyError: another process holds the vault.
        StorageError: the system failed; everything is as it was.

    """
    started = time.monotonic()
    with vault.lock.changing("undo"):
        done = undo.undo(vault.layout, now=vault.now())
    return {
        "undone": True,
        "files_restored": len(done.restored),
        "files_removed": len(done.removed),
        "description": done.description,
        "duration_ms": round((time.monotonic() - started) * 1000),
    }
