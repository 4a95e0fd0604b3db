"""``arf serve``: the API and the page, on this computer."""

from typing import Annotated

import typer

from autoresumefiller.cli.session import JsonOption, Session, VaultOption

app = typer.Typer(add_completion=False)

DEFAULT_PORT = 8765


@app.command(
    epilog="[bold]Examples[/bold]\narf serve --open            (and show it in the browser)\n"
    "arf serve --port 9000"
)
def serve(
    context: typer.Context,
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 takes any that is free.")
    ] = DEFAULT_PORT,
    host: Annotated[
        str,
        typer.Option(help="A loopback address: the server is for this computer alone."),
    ] = "127.0.0.1",
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser.")
    ] = False,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Start the page and the programs' interface (REST API), until Ctrl-C.

    Prints a link that opens the page; it works once. The server is for this
    computer alone. A vault is made where there is none.
    """
    session = Session(context, vault=vault, json=json)
    session.when_interrupted("Stopped.")
    # cli and api are neighbours that do not know each other: __main__, above
    # both, hands the server in.
    session.start_server(session.vault, host, port, open_browser=open_browser)
    session.terminal.result({"stopped": True})
