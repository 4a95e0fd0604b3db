"""The whole import as one call: prepare, ask, run."""

import time
from pathlib import Path

from autoresumefiller.backup.confirmation import Answer, ConfirmCallback, ask
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.preparing import prepare_import
from autoresumefiller.backup.restore import PreparedImport
from autoresumefiller.backup.unlocking import UnlockCallback
from autoresumefiller.errors import PlanChangedError
from autoresumefiller.model.progress import ProgressCallback, Stage, StageCallback
from autoresumefiller.model.results import ImportDeclined, ImportDone

# The vault may change between the question and the answer; then the new plan is
# put anew. A vault that never holds still is given up on.
_ATTEMPTS = 5


def import_backup(
    vault: Vault,
    archive: Path | str,
    *,
    confirm: bool,
    backup_existing: bool,
    confirm_callback: ConfirmCallback | None,
    on_progress: ProgressCallback | None,
    on_stage: StageCallback | None,
    mode: str,
    unlock: UnlockCallback | None,
    carry_locked: bool,
) -> ImportDone | ImportDeclined:
    """Import an archive; see `UserDataManager.import_from_backup`."""
    started = time.monotonic()
    with prepare_import(
        vault,
        archive,
        mode=mode,
        unlock=unlock,
        carry_locked=carry_locked,
        on_progress=on_progress,
        on_stage=on_stage,
    ) as prepared:
        for attempt in range(_ATTEMPTS):
            answer = Answer(proceed=True, backup_existing=backup_existing)
            if confirm and prepared.plan.existing_data:
                if on_stage is not None:
                    on_stage(Stage.AWAITING_CONFIRMATION)
                answer = ask(
                    prepared.plan, callback=confirm_callback, backup_existing=backup_existing
                )
            if not answer.proceed:
                return _declined(prepared, started)
            try:
                return prepared.run(backup_existing=answer.backup_existing)
            except PlanChangedError:
                if attempt == _ATTEMPTS - 1:
                    raise
    raise AssertionError("the loop above returns or raises")


def _declined(prepared: PreparedImport, started: float) -> ImportDeclined:
    return {
        "success": False,
        "cancelled": True,
        "files_restored": 0,
        "backup_created": None,
        "warnings": prepared.warnings,
        "duration_ms": round((time.monotonic() - started) * 1000),
    }
