"""``arf cleanup``: old backups go, by rules that give their reasons."""

from typing import TYPE_CHECKING, Annotated

import typer

from autoresumefiller.cli import wording
from autoresumefiller.cli.session import JsonOption, Session, VaultOption, YesOption
from autoresumefiller.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autoresumefiller.model.reports import Verdict

app = typer.Typer(add_completion=False)


@app.command(
    epilog="[bold]Examples[/bold]\narf cleanup --dry-run           (only look)\n"
    "arf cleanup --max 5\narf cleanup --include-manual --yes"
)
def cleanup(
    context: typer.Context,
    *,
    max_: Annotated[
        int | None,
        typer.Option(
            "--max",
            min=0,
            help="How many of each type stay. Left out: as the setting backup.max_backups "
            "says, which is 10 at first.",
            show_default=False,
        ),
    ] = None,
    include_manual: Annotated[
        bool, typer.Option("--include-manual", help="Backups that you made may go as well.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would go and why; delete nothing.")
    ] = False,
    yes: YesOption = False,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Delete old backups, and say which and why.

    Backups that you made stay, unless --include-manual is given. The newest
    backup made before an import stays, and so does the last one that could be
    brought back.
    """
    session = Session(context, vault=vault, json=json, yes=yes)
    manager = session.open_vault()
    most = session.settings(manager).backup.max_backups if max_ is None else max_
    verdicts = manager.plan_cleanup(most, keep_manual=not include_manual)
    going = [verdict for verdict in verdicts if not verdict.keep]
    _show(session.terminal, verdicts)
    deleted = 0
    if going and not dry_run:
        question = f"Delete {wording.count(len(going), 'backup')} for good?"
        if not session.confirm(question):
            raise session.declined()
        session.when_interrupted("Cancelled. Some backups may be gone: 'arf list' shows the rest.")
        deleted = manager.cleanup_old_backups(most, keep_manual=not include_manual)
        session.terminal.say(("Deleted ", "bold green"), wording.count(deleted, "backup"))
    plan = [
        {"filename": v.filename, "type": v.type, "keep": v.keep, "reason": v.reason}
        for v in verdicts
    ]
    session.terminal.result({"deleted": deleted, "dry_run": dry_run, "plan": plan})


def _show(terminal: Terminal, verdicts: "Sequence[Verdict]") -> None:
    if not any(not verdict.keep for verdict in verdicts):
        kept = wording.count(len(verdicts), "backup")
        terminal.say(f"Nothing to clean up: {kept} in all, and all stay.")
        return
    terminal.table(
        ("", "Backup", "Why"),
        (
            (("stays", "green") if v.keep else ("goes", "bold red"), v.filename, v.reason)
            for v in verdicts
        ),
    )
