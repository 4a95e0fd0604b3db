"""``arf undo``: take back the last import."""

import typer

from autoresumefiller.cli import wording
from autoresumefiller.cli.session import JsonOption, Session, VaultOption, YesOption
from autoresumefiller.cli.terminal import Terminal
from autoresumefiller.errors import NothingToUndoError
from autoresumefiller.model.reports import UndoPlan

app = typer.Typer(add_completion=False)

_MOST_NAMES = 10


@app.command(epilog="[bold]Examples[/bold]\narf undo\narf undo --yes")
def undo(
    context: typer.Context,
    *,
    yes: YesOption = False,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Put back exactly what the last import replaced.

    Everything is as it was before the import, keys included. What is there now
    is kept in exchange: another undo brings it back.
    """
    session = Session(context, vault=vault, json=json, yes=yes)
    manager = session.open_vault()
    plan = manager.undo_plan()
    if plan is None:
        raise NothingToUndoError("There is no import to undo")
    if not session.yes:
        _show(session.terminal, plan)
    if not session.confirm("Undo this?"):
        raise session.declined()
    session.when_interrupted(
        "Interrupted. The undo was made completely or not at all: 'arf doctor' says what "
        "another one would do."
    )
    result = manager.undo()
    terminal = session.terminal
    terminal.say(("Undone: ", "bold green"), result["description"])
    terminal.say(
        f"{wording.count(result['files_restored'], 'file')} put back, "
        f"{wording.count(result['files_removed'], 'file')} removed again, "
        f"in {wording.duration(result['duration_ms'])}"
    )
    terminal.say("To undo the undo: arf undo")
    terminal.result(result)


def _show(terminal: Terminal, plan: UndoPlan) -> None:
    terminal.note(
        ("This would undo: ", "bold"), f"{plan.description}, {wording.local(plan.committed)}"
    )
    for words, paths in (
        ("get their earlier content back", plan.restored),
        ("go away again", plan.removed),
    ):
        if paths:
            files = wording.count(len(paths), "file")
            terminal.note(f"- {files} would {words}: {wording.listing(paths, limit=_MOST_NAMES)}")
    if plan.changed_since:
        changed = wording.listing(plan.changed_since, limit=_MOST_NAMES)
        terminal.warn(f"changed since the import: {changed}")
        terminal.note("What is in them now is kept, so that another undo brings it back.")
