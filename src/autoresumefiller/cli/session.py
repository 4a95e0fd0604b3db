"""One run of one command: its options, its terminal, its vault."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from autoresumefiller.cli.exit_codes import ExitCode
from autoresumefiller.cli.interruption import Interruption
from autoresumefiller.cli.progress import ProgressReporter
from autoresumefiller.cli.terminal import Terminal, shown
from autoresumefiller.errors import (
    ConfirmationRequiredError,
    InvalidArgumentError,
    VaultNotFoundError,
)

if TYPE_CHECKING:
    from autoresumefiller.model.settings import Settings
    from autoresumefiller.user_data_manager import UserDataManager

# The options that every command takes, before its name or after it.
VaultOption = Annotated[
    Path | None,
    typer.Option(
        "--vault",
        metavar="DIR",
        help="The folder with your data, if it is not in its usual place.",
        show_default=False,
        rich_help_panel="Every command",
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Write JSON for programs: one object on each line, the last is the result.",
        rich_help_panel="Every command",
    ),
]
YesOption = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Do not ask: go ahead.", rich_help_panel="Every command"),
]


class ServerStarter(Protocol):
    """Runs the API and the page until interrupted: ``api.server.serve``."""

    def __call__(self, vault: Path, host: str, port: int, *, open_browser: bool) -> None:
        """Serve one vault."""


@dataclass(slots=True, kw_only=True)
class Invocation:
    """What was said before the name of the command, what watches the signals, what can serve."""

    vault: Path | None = None
    json: bool = False
    yes: bool = False
    interruption: Interruption = field(default_factory=Interruption)
    server: ServerStarter | None = None
    cancelled: str = "Cancelled. Nothing in your vault was changed."


class Session:
    """What a command works with.

    Attributes:
        terminal: Where it writes.
        yes: Whether questions are answered with yes in advance.

    """

    def __init__(
        self, context: typer.Context, *, vault: Path | None, json: bool, yes: bool = False
    ) -> None:
        """Join the options given before and after the name of the command."""
        self._invocation = context.ensure_object(Invocation)
        self._vault = vault or self._invocation.vault
        self.yes = yes or self._invocation.yes
        self.terminal = Terminal(
            json_lines=json or self._invocation.json,
            # Too late to cancel: a result that is cut off is none.
            before_result=self._invocation.interruption.hold,
        )

    @property
    def vault(self) -> Path:
        """Where the vault is, or would be."""
        from autoresumefiller.vault.location import resolve

        return resolve(self._vault)

    @property
    def vault_exists(self) -> bool:
        """Whether there is a vault."""
        from autoresumefiller.vault.creation import is_vault

        return is_vault(self.vault)

    def open_vault(self, *, create: bool = False) -> "UserDataManager":
        """Open the vault.

        Raises:
            VaultNotFoundError: there is none, and it is not to be created.

        """
        if not create and not self.vault_exists:
            raise VaultNotFoundError(f"There is no vault at {shown(str(self.vault))}")
        from autoresumefiller.user_data_manager import UserDataManager

        return UserDataManager(self.vault)

    def settings(self, manager: "UserDataManager") -> "Settings":
        """Return the settings, and warn of each that does not fit and has its default."""
        from autoresumefiller.backup.settings_file import settings_and_warnings

        settings, warnings = settings_and_warnings(manager.vault)
        for warning in warnings:
            self.terminal.warn(warning)
        return settings

    def keep(self) -> None:
        """Hand the options on to the command within this command."""
        self._invocation.vault = self._vault
        self._invocation.json = self.terminal.json
        self._invocation.yes = self.yes

    def reporting(self) -> AbstractContextManager[ProgressReporter]:
        """Show progress until the block ends."""
        return ProgressReporter(self.terminal, self._invocation.interruption).running()

    @property
    def start_server(self) -> ServerStarter:
        """What serves a vault.

        Raises:
            InvalidArgumentError: this program was put together without a server.

        """
        if self._invocation.server is None:
            raise InvalidArgumentError("There is no server in this program")
        return self._invocation.server

    def confirm(self, question: str) -> bool:
        """Ask before something that cannot be taken back; the default is no.

        Raises:
            ConfirmationRequiredError: nobody is there to be asked, and --yes was not given.

        """
        return self.yes or self.ask(question, default=False)

    def ask(self, question: str, *, default: bool) -> bool:
        """Ask; ``question`` without its ``[y/N]``.

        Raises:
            ConfirmationRequiredError: nobody is there to be asked.

        """
        if not self.terminal.interactive:
            raise ConfirmationRequiredError(
                "This needs a yes, and nobody can be asked here",
                hint="Add --yes to go ahead without being asked.",
            )
        return self.terminal.ask(f"{question} [{'Y/n' if default else 'y/N'}]", default=default)

    def declined(self) -> typer.Exit:
        """Say that the answer was no; raise what this returns."""
        self.terminal.result({"success": False, "cancelled": True})
        self.terminal.note("Nothing was changed.")
        return typer.Exit(ExitCode.FAILED)

    def when_interrupted(self, sentence: str) -> None:
        """Set what is said after Ctrl-C, once more than nothing has happened."""
        self._invocation.cancelled = sentence
