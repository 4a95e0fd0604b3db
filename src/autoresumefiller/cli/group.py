"""Commands that have commands: ``arf config set``, ``arf key rotate``."""

from collections.abc import Callable
from typing import TypeVar

import typer

from autoresumefiller.cli.session import JsonOption, Session, VaultOption

_Command = TypeVar("_Command", bound=Callable[..., None])


class Group(typer.Typer):
    """A command with commands of its own; without one of them, `otherwise` is run.

    The options that every command takes may stand before or after the inner one.
    """

    def __init__(self, explanation: str, *, examples: str) -> None:
        """Take the help's text, and its examples, a line each."""
        super().__init__(
            add_completion=False,
            invoke_without_command=True,
            rich_markup_mode="rich",
            epilog=f"[bold]Examples[/bold]\n{examples}",
        )

        @self.callback(help=explanation)
        def outer(
            context: typer.Context, *, vault: VaultOption = None, json: JsonOption = False
        ) -> None:
            if context.invoked_subcommand is None:
                self._otherwise(context, vault=vault, json=json)
            else:
                Session(context, vault=vault, json=json).keep()

    def otherwise(self, command: _Command) -> _Command:
        """Decorate, or name, the command that is run where none is given."""
        self._otherwise: Callable[..., None] = command
        return command
