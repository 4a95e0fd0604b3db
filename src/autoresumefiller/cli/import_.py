"""``arf import``: an archive -> the vault.

The story's two questions are asked here rather than by the library, so that
what is added and kept can be shown as well, and so that ``--json`` and
``--yes`` hold.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from autoresumefiller.cli import wording
from autoresumefiller.cli.archive_argument import ArchiveArgument, locate
from autoresumefiller.cli.exit_codes import ExitCode
from autoresumefiller.cli.passphrase import PassphraseFileOption
from autoresumefiller.cli.progress import ProgressReporter
from autoresumefiller.cli.session import JsonOption, Session, VaultOption, YesOption
from autoresumefiller.cli.terminal import Terminal
from autoresumefiller.cli.unlocking import KitOption, Unlocking
from autoresumefiller.errors import PlanChangedError
from autoresumefiller.model.plan import ImportPlan
from autoresumefiller.model.progress import Stage
from autoresumefiller.model.results import ImportDone

if TYPE_CHECKING:
    from autoresumefiller.backup.restore import PreparedImport

app = typer.Typer(add_completion=False)

_MOST_QUESTIONS = 5  # a vault that never holds still is given up on
# How redaction.refill begins the sentence that names the keys; a test holds the two together.
_KEYS_TO_TYPE = "API keys to type in again: "


class Mode(StrEnum):
    """What happens to files that the archive does not have."""

    OVERWRITE = "overwrite"
    MIRROR = "mirror"


@app.command(
    "import",
    epilog="[bold]Examples[/bold]\n"
    "arf import ~/Downloads/autoresumefiller_backup_20251129_120000.zip\n"
    "arf import autoresumefiller_backup_20251129_120000.zip    (a name from 'arf list')\n"
    "arf import my-career.zip --yes                            (do not ask)",
)
def import_(
    context: typer.Context,
    archive: ArchiveArgument,
    *,
    mode: Annotated[
        Mode,
        typer.Option(
            help="overwrite: replace what the backup has and keep your other files. "
            "mirror: make the folders equal to the backup, removing other files."
        ),
    ] = Mode.OVERWRITE,
    backup: Annotated[
        bool | None,
        typer.Option(
            "--backup/--no-backup",
            help="Back up what is there before anything is replaced. Left out: as the setting "
            "backup.backup_before_import says, which is yes at first.",
            show_default=False,
        ),
    ] = None,
    kit: KitOption = None,
    passphrase_file: PassphraseFileOption = None,
    locked: Annotated[
        bool,
        typer.Option(
            "--locked",
            help="Take an encrypted profile whose key is not here as it is, unreadable.",
        ),
    ] = False,
    yes: YesOption = False,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Bring a backup in, completely or not at all.

    The backup is checked in full before anything is changed. You are shown what
    would be replaced and asked; where there is nothing yet, nobody is asked and
    the vault is made. API keys of this computer stay; the ones that a backup
    cannot carry are named, to be typed in again. An encrypted profile whose key
    is not on this computer is opened with the recovery kit.
    """
    from autoresumefiller.vault.layout import VaultLayout
    from autoresumefiller.vault.withdrawal import withdrawn_on_failure

    session = Session(context, vault=vault, json=json, yes=yes)
    path = locate(session, archive)
    # An import that is refused on a new computer leaves no empty vault there.
    with withdrawn_on_failure(VaultLayout(session.vault)):
        manager = session.open_vault(create=True)
        given = session.settings(manager).backup.backup_before_import if backup is None else backup

        from autoresumefiller.backup.preparing import prepare_import

        with (
            session.reporting() as report,
            prepare_import(
                manager.vault,
                path,
                mode=mode.value,
                unlock=Unlocking(session, report, kit=kit, passphrase_file=passphrase_file),
                carry_locked=locked,
                on_progress=report.progress,
                on_stage=report.stage,
            ) as prepared,
        ):
            result = _ask_and_run(session, prepared, report, backup_existing=given)
            missing = [*prepared.reenter]
            can_be_undone = prepared.can_be_undone
    _tell(session.terminal, result, missing, can_be_undone=can_be_undone)
    session.terminal.result({**result, "keys_to_type_in_again": missing})
    if missing:
        raise typer.Exit(ExitCode.INCOMPLETE)


def _ask_and_run(
    session: Session, prepared: "PreparedImport", report: ProgressReporter, *, backup_existing: bool
) -> ImportDone:
    changed: PlanChangedError | None = None
    for _ in range(_MOST_QUESTIONS):
        if prepared.plan.existing_data and not session.yes:
            report.stage(Stage.AWAITING_CONFIRMATION)
            report.pause()
            answer = _ask(session, prepared.plan, backup_existing=backup_existing)
            if answer is None:
                raise session.declined()
            backup_existing = answer
        try:
            return prepared.run(backup_existing=backup_existing)
        except PlanChangedError as error:
            changed = error
            report.pause()
            session.terminal.note("Your vault changed in the meantime; this is the new plan.")
    raise changed or PlanChangedError("The vault never holds still")


def _ask(session: Session, plan: ImportPlan, *, backup_existing: bool) -> bool | None:
    """Put the story's two questions; return whether to back up first, or None for a no."""
    terminal = session.terminal
    for line in _beyond_the_questions(plan):
        terminal.note(line)
    text, _, last = str(plan).rpartition("\n\n")
    *lines, first = text.splitlines()
    for line in lines:
        terminal.note(line)
    backup = session.ask(first.removesuffix(" [Y/n]"), default=backup_existing)
    terminal.note()
    return backup if session.ask(last.removesuffix(" [y/N]"), default=False) else None


def _beyond_the_questions(plan: ImportPlan) -> Iterator[str]:
    """Say what the story's text does not: what is added, kept and merged."""
    folders = (plan.data, plan.resumes, plan.cover_letters)
    added = [path for folder in folders for path in folder.added]
    kept = [path for folder in folders for path in folder.kept]
    yield f"The backup is {plan.archive}, {wording.size(plan.total_bytes)} of files."
    if added:
        yield f"It adds {wording.count(len(added), 'new file')}: {wording.listing(added)}."
    if kept:
        yield f"{wording.count(len(kept), 'file')} of yours that it does not have will stay."
    if plan.settings_changed:
        changed = wording.listing(plan.settings_changed)
        yield f"Settings that get another value: {changed}."
    for warning in plan.warnings:
        yield f"Warning: {warning}"
    yield ""


def _tell(
    terminal: Terminal, result: ImportDone, missing: list[str], *, can_be_undone: bool
) -> None:
    for warning in result["warnings"]:
        if not warning.startswith(_KEYS_TO_TYPE):
            terminal.warn(warning)
    terminal.say(
        ("Imported ", "bold green"),
        f"{wording.count(result['files_restored'], 'file')} "
        f"in {wording.duration(result['duration_ms'])}",
    )
    if result["backup_created"] is not None:
        terminal.say("What was there before is kept in ", (result["backup_created"], "bold"))
    if missing:
        terminal.say(
            f"{wording.count(len(missing), 'key')} must be typed in again, "
            "because backups do not carry them:"
        )
        for name in missing:
            terminal.say("    arf config set ", (name, "bold"))
    if can_be_undone:
        terminal.say("To take this import back: arf undo")
    else:
        terminal.say("Nothing had to be changed: all of it was here already.")
