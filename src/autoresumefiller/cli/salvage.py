"""``arf salvage``: what can still be read from a damaged archive."""

from typing import Annotated

import typer

from autoresumefiller.cli import wording
from autoresumefiller.cli.archive_argument import ArchiveArgument, locate
from autoresumefiller.cli.exit_codes import ExitCode
from autoresumefiller.cli.passphrase import PassphraseFileOption
from autoresumefiller.cli.session import JsonOption, Session, VaultOption
from autoresumefiller.cli.unlocking import KitOption, Unlocking, opened_backup

app = typer.Typer(add_completion=False)


@app.command(epilog="[bold]Examples[/bold]\narf salvage damaged.zip rescued/")
def salvage(
    context: typer.Context,
    archive: ArchiveArgument,
    directory: Annotated[
        str,
        typer.Argument(
            metavar="DIR", help="An empty or new folder for the files.", show_default=False
        ),
    ],
    *,
    kit: KitOption = None,
    passphrase_file: PassphraseFileOption = None,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Recover every file of a damaged backup that is still whole.

    Writes them into an empty folder and names what is lost. Your vault is not
    touched. For a backup that is whole use 'arf import'.
    """
    session = Session(context, vault=vault, json=json)
    path = locate(session, archive)

    from autoresumefiller.archive.salvage import salvage as recover
    from autoresumefiller.backup.places import as_path, require_outside_vaults

    target = as_path(directory)
    require_outside_vaults(target)
    session.when_interrupted("Cancelled. What was recovered so far is in the folder.")
    asking = Unlocking(session, None, kit=kit, passphrase_file=passphrase_file)
    with opened_backup(session, path, asking) as file:
        result = recover(file, target)
    terminal = session.terminal
    for lost in result.lost:
        terminal.note(("Lost: ", "bold red"), lost)
    recovered = wording.count(len(result.recovered), "file")
    terminal.say(("Recovered ", "bold green"), f"{recovered} into ", (str(target), "bold"))
    terminal.result(
        {"directory": target, "recovered": list(result.recovered), "lost": list(result.lost)}
    )
    if not result.recovered:
        raise typer.Exit(ExitCode.ARCHIVE_INVALID)
    if result.lost:
        raise typer.Exit(ExitCode.INCOMPLETE)
