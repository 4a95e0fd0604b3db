"""``arf delete``: backups go for good."""

from typing import Annotated

import typer

from autoresumefiller.cli import wording
from autoresumefiller.cli.archive_argument import listed_names
from autoresumefiller.cli.session import JsonOption, Session, VaultOption, YesOption
from autoresumefiller.model.results import BackupEntry

app = typer.Typer(add_completion=False)


@app.command(
    epilog="[bold]Examples[/bold]\narf delete autoresumefiller_backup_20251129_120000.zip\n"
    "arf delete old_backup_1.zip old_backup_2.zip --yes"
)
def delete(
    context: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...",
            help="Names that 'arf list' shows.",
            show_default=False,
            autocompletion=listed_names,
        ),
    ],
    *,
    yes: YesOption = False,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Delete backups for good. This cannot be undone.

    Only what 'arf list' shows can be deleted. Asks first. If one of the names
    is not listed, nothing is deleted.
    """
    session = Session(context, vault=vault, json=json, yes=yes)
    manager = session.open_vault()
    wanted = {manager.find_backup(name).name for name in names}
    chosen = [entry for entry in manager.list_backups() if entry["filename"] in wanted]
    if not session.yes:
        _show(session, chosen)
    if not session.confirm(f"Delete {wording.count(len(chosen), 'backup')} for good?"):
        raise session.declined()
    deleted: list[str] = []
    session.when_interrupted("Cancelled. A backup may be gone: 'arf list' shows the rest.")
    for entry in chosen:
        manager.delete_backup(entry["filename"])
        deleted.append(entry["filename"])
        session.when_interrupted(
            f"Cancelled. Deleted already: {wording.listing(deleted)}; 'arf list' shows the rest."
        )
        session.terminal.say("Deleted ", (entry["filename"], "bold"))
    session.terminal.result({"deleted": deleted})


def _show(session: Session, chosen: list[BackupEntry]) -> None:
    for entry in chosen:
        session.terminal.note((entry["filename"], "bold"), f", {wording.size(entry['size_bytes'])}")
    session.terminal.note("A deleted backup cannot be brought back.")
