"""What each kind of job does: the use cases, told to report to a job."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autoresumefiller.backup import proofs
from autoresumefiller.backup.catalog import list_backups
from autoresumefiller.backup.checking import check_backup
from autoresumefiller.backup.confirmation import Answer
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.envelopes import envelope_for
from autoresumefiller.backup.export import export
from autoresumefiller.backup.housekeeping import clean_up, plan_cleanup
from autoresumefiller.backup.jobs.job import JobFault
from autoresumefiller.backup.jobs.manager import Work
from autoresumefiller.backup.jobs.running import JobCancelledError, NewMode, RunningJob
from autoresumefiller.backup.marks import mark_of
from autoresumefiller.backup.preparing import prepare_import
from autoresumefiller.backup.target import named, target_for
from autoresumefiller.backup.undoing import undo_import
from autoresumefiller.backup.unlocking import UnlockCallback
from autoresumefiller.errors import PlanChangedError, StorageError
from autoresumefiller.model.backup_name import BackupName, BackupType
from autoresumefiller.model.plan import ImportPlan
from autoresumefiller.model.progress import Stage
from autoresumefiller.model.results import BackupEntry, ImportDone

# Without a question there is nobody to look at a new plan: it is taken as it
# is, unless the vault never holds still.
_UNASKED_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """How a backup is to be encrypted; see `envelopes.envelope_for`."""

    passphrase: str | None = field(default=None, repr=False)
    recipients: tuple[str, ...] = ()
    include_secrets: bool = False


def create(vault: Vault, *, name: str | None = None, encryption: Encryption | None = None) -> Work:
    """Back up the whole vault; ``name`` goes into the file's name instead of our own."""
    now = vault.now()
    backup = BackupName.of(BackupType.MANUAL, now) if name is None else named(name, now)

    def work(job: RunningJob) -> dict[str, Any]:
        envelope = None
        if encryption is not None:
            envelope = envelope_for(
                vault,
                passphrase=encryption.passphrase,
                recipients=encryption.recipients,
                include_secrets=encryption.include_secrets,
            )
        made = export(
            vault,
            target_for(vault, None, name=backup),
            backup_type=backup.type,
            envelope=envelope,
            on_progress=job.progress,
            on_stage=job.enter,
        )
        job.about(made["filename"])
        entry = listed(vault, made["filename"])
        return {**entry, "warnings": made["warnings"], "duration_ms": made["duration_ms"]}

    return work


def listed(vault: Vault, filename: str) -> BackupEntry:
    """Return the row of the list for one backup.

    Raises:
        StorageError: it is gone again.

    """
    for entry in list_backups(vault.layout):
        if entry["filename"] == filename:
            return entry
    raise StorageError("The backup was made, and is gone again", path=filename)


def verify(vault: Vault, path: Path, *, unlock: UnlockCallback | None = None) -> Work:
    """Check a backup as an import would, and remember what came of it."""

    def work(job: RunningJob) -> dict[str, Any]:
        job.enter(Stage.VALIDATING)
        mark = mark_of(path)
        result = check_backup(vault, path, unlock=unlock, on_progress=job.progress)
        if mark is not None:
            proofs.remember(vault.layout, path, mark, valid=result["valid"], at=vault.now())
        return {**result}

    return work


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a clean-up goes by; see `backup.retention`."""

    max_backups: int
    keep_manual: bool


def cleanup(vault: Vault, rules: Rules) -> Work:
    """Delete the backups that retention lets go."""

    def work(job: RunningJob) -> dict[str, Any]:
        preview = preview_cleanup(vault, rules)
        job.commit()
        deleted = clean_up(vault, max_backups=rules.max_backups, keep_manual=rules.keep_manual)
        return {**preview, "deleted": deleted, "dry_run": False}

    return work


def preview_cleanup(vault: Vault, rules: Rules) -> dict[str, Any]:
    """Say of each backup whether a clean-up would delete it, and why."""
    verdicts = plan_cleanup(vault, max_backups=rules.max_backups, keep_manual=rules.keep_manual)
    return {
        "deleted": sum(not verdict.keep for verdict in verdicts),
        "dry_run": True,
        "backups": [asdict(verdict) for verdict in verdicts],
    }


def undo(vault: Vault) -> Work:
    """Take back the last import."""

    def work(job: RunningJob) -> dict[str, Any]:
        job.commit()
        return {**undo_import(vault)}

    return work


def import_(
    vault: Vault,
    archive: Path | str,
    *,
    shown_name: str,
    confirm: bool,
    backup_existing: bool,
    mode: str,
    unlock: UnlockCallback | None = None,
    carry_locked: bool = False,
) -> Work:
    """Import an archive; with ``confirm`` only after somebody has said yes to the plan.

    ``archive`` is a path or a listed backup's name, ``shown_name`` what a
    person knows it by. Instead of an answer, a plan for the other mode may be
    asked for.
    """

    def work(job: RunningJob) -> Mapping[str, Any]:
        with prepare_import(
            vault,
            archive,
            shown_name=shown_name,
            mode=mode,
            unlock=unlock,
            carry_locked=carry_locked,
            on_progress=job.progress,
            on_stage=job.enter,
        ) as prepared:

            def ask(again: PlanChangedError | None) -> Answer:
                if not confirm:
                    return Answer(proceed=True, backup_existing=backup_existing)
                fault = None if again is None else JobFault.of(again)
                while isinstance(said := job.ask(shown_plan(prepared.plan), again=fault), NewMode):
                    prepared.change_mode(said.mode)
                    fault = None
                return said

            def run(answer: Answer) -> ImportDone:
                if not answer.proceed:
                    raise JobCancelledError(result=_declined(prepared.warnings))
                return prepared.run(backup_existing=answer.backup_existing)

            return _until_the_plan_holds(ask, run, attempts=None if confirm else _UNASKED_ATTEMPTS)

    return work


def _until_the_plan_holds(
    ask: Callable[[PlanChangedError | None], Answer],
    run: Callable[[Answer], ImportDone],
    *,
    attempts: int | None,
) -> dict[str, Any]:
    changed = None
    attempt = 0
    while True:
        attempt += 1
        try:
            return {**run(ask(changed))}
        except PlanChangedError as error:
            if attempt == attempts:
                raise
            changed = error


def shown_plan(plan: ImportPlan) -> dict[str, Any]:
    """Return a plan's facts, and in ``text`` the question as it is put to a person."""
    return {"text": str(plan), **asdict(plan)}


def _declined(warnings: list[str]) -> dict[str, Any]:
    return {
        "success": False,
        "cancelled": True,
        "files_restored": 0,
        "backup_created": None,
        "warnings": warnings,
    }
