"""Asking for what opens a backup: the recovery kit, a passphrase."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from autoresumefiller.cli.kit_files import read_kit
from autoresumefiller.cli.passphrase import passphrase_from
from autoresumefiller.cli.session import Session

if TYPE_CHECKING:
    from autoresumefiller.backup.unlocking import Need
    from autoresumefiller.backup.unlocking import Unlocking as Given

KitOption = Annotated[
    Path | None,
    typer.Option(
        "--kit",
        metavar="FILE",
        help="Your recovery kit, for what was encrypted on another computer.",
        show_default=False,
    ),
]


class Pausable(Protocol):
    """A progress bar that gets out of the way of a question."""

    def pause(self) -> None:
        """Hide it until the next progress."""


class Unlocking:
    """What `prepare_import` and the others call when something is locked."""

    def __init__(
        self,
        session: Session,
        report: Pausable | None,
        *,
        kit: Path | None,
        passphrase_file: Path | None,
    ) -> None:
        self._session = session
        self._report = report
        self._kit = kit
        self._passphrase_file = passphrase_file

    def __call__(self, need: "Need") -> "Given | None":
        """Return what was given on the command line, or ask for it."""
        from autoresumefiller.backup.unlocking import Need
        from autoresumefiller.backup.unlocking import Unlocking as Given

        if self._report is not None:
            self._report.pause()
        if need is Need.PASSPHRASE:
            return Given(passphrase=self._passphrase("The passphrase of the backup"))
        kit = self._kit_text()
        if kit is None:
            return None
        from autoresumefiller.encryption.recovery import needs_passphrase

        if not needs_passphrase(kit):
            return Given(kit=kit)
        return Given(kit=kit, passphrase=self._passphrase("The passphrase of the recovery kit"))

    def _kit_text(self) -> str | None:
        if self._kit is not None:
            return read_kit(self._kit)
        if not self._session.terminal.interactive:
            return None
        typed = self._session.terminal.ask_line(
            "The key is not on this computer. The file with your recovery kit (Enter: none)"
        )
        return read_kit(Path(typed)) if typed else None

    def _passphrase(self, question: str) -> str:
        return passphrase_from(self._session, self._passphrase_file, question)
