"""``arf init``: make a vault."""

import typer

from autoresumefiller.cli.session import JsonOption, Session, VaultOption

app = typer.Typer(add_completion=False)


@app.command(epilog="[bold]Examples[/bold]\narf init\narf --vault ~/career init")
def init(context: typer.Context, *, vault: VaultOption = None, json: JsonOption = False) -> None:
    """Make a place for your data.

    Creates the folder with its subfolders and a settings file. Where there is
    one already, nothing is changed.
    """
    session = Session(context, vault=vault, json=json)
    existed = session.vault_exists
    manager = session.open_vault(create=True)
    terminal = session.terminal
    where = str(manager.data_dir)
    if existed:
        terminal.say("There is a vault already: ", (where, "bold"))
        terminal.say("Nothing was changed.")
    else:
        terminal.say("Your vault is ready: ", (where, "bold"))
        terminal.say("Put your documents into its folders resumes/ and cover_letters/.")
        terminal.say("Then 'arf export' makes a backup; 'arf import FILE' brings one in.")
    terminal.result({"vault": where, "created": not existed})
