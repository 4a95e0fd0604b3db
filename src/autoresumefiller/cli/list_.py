"""``arf list``: the backups there are."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from autoresumefiller.backup.list_index import Brief, describe
from autoresumefiller.cli import wording
from autoresumefiller.cli.contents import summary
from autoresumefiller.cli.session import JsonOption, Session, VaultOption
from autoresumefiller.cli.terminal import Part, Terminal
from autoresumefiller.model.backup_name import BackupType
from autoresumefiller.model.results import BackupEntry

app = typer.Typer(add_completion=False)

# Nobody reads thousands of rows.
MOST_ROWS = 100

TYPE_WORDS = {
    "manual": "by you",
    "auto": "automatic",
    "pre_import": "before an import",
}


@app.command(
    "list",
    epilog="[bold]Examples[/bold]\narf list\narf list --type auto\n"
    "arf list --json | tail -n 1 | jq -r '.backups\\[].filename'",
)
def list_(
    context: typer.Context,
    *,
    type_: Annotated[
        BackupType | None,
        typer.Option("--type", help="Only backups of this type.", show_default=False),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"Only so many, the newest. Left out: the table shows {MOST_ROWS}, JSON has all.",
            show_default=False,
        ),
    ] = None,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Show the backups in the vault, newest first.

    To check that one is whole and could be brought back, use 'arf verify'.
    """
    session = Session(context, vault=vault, json=json)
    manager = session.open_vault()
    found = manager.list_backups()
    chosen = [entry for entry in found if type_ is None or entry["type"] == type_]
    terminal = session.terminal
    if terminal.json:
        backups = [dict(entry.items()) for entry in chosen[:limit]]
        terminal.result({"vault": str(manager.data_dir), "backups": backups})
        return
    listed = chosen[: limit or MOST_ROWS]
    if not listed:
        _say_how_to_begin(terminal, any_at_all=bool(found))
        return
    now = datetime.now(UTC)
    columns = ("Backup", "When", "Exactly", ">Size", "Type", "Contents")
    briefs = describe(manager.vault.layout, listed)
    rows = (_row(entry, brief, now) for entry, brief in zip(listed, briefs, strict=True))
    terminal.table(columns, rows)
    _sum_up(terminal, listed, hidden=len(found) - len(listed))


def _row(entry: BackupEntry, brief: Brief | None, now: datetime) -> Sequence[Part]:
    created = datetime.fromisoformat(entry["created"])
    return (
        (entry["filename"], "bold"),
        wording.ago(created, now),
        wording.local(created),
        wording.size(entry["size_bytes"]),
        TYPE_WORDS[entry["type"]],
        "encrypted" if entry["filename"].endswith(".age") else summary(brief),
    )


def _sum_up(terminal: Terminal, listed: Sequence[BackupEntry], *, hidden: int) -> None:
    total = sum(entry["size_bytes"] for entry in listed)
    more = f"; {hidden:,} more not shown" if hidden else ""
    terminal.say(f"{wording.count(len(listed), 'backup')}, {wording.size(total)}{more}")


def _say_how_to_begin(terminal: Terminal, *, any_at_all: bool) -> None:
    if any_at_all:
        terminal.say("No backups of this type; 'arf list' shows all.")
    else:
        terminal.say("No backups yet. 'arf export' makes the first.")
