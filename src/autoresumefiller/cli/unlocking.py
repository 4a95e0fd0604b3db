"""Asking for what opens a backup: the recovery kit, a passphrase."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Annotated, BinaryIO, Protocol

import typer

from autoresumefiller.cli.kit_files import read_kit
from autoresumefiller.cli.passphrase import passphrase_from
from autoresumefiller.cli.session import Session

if TYPE_CHECKING:
    from autoresumefiller.backup.meter import Meter
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


@contextmanager
def opened_backup(
    session: Session,
    path: Path,
    asking: "Unlocking",
    *,
    meter: "Meter | None" = None,
) -> Iterator[BinaryIO]:
    """Open a backup, decrypted if it is encrypted; with the vault's keys if there is a vault.

    Raises:
        EncryptionError: it could not be decrypted.
        BackupValidationError: it is no regular file.
        StorageError: the system cannot read it.

    """
    from autoresumefiller.backup.archives import open_backup
    from autoresumefiller.backup.unlocking import Unlocker

    vault = None
    if session.vault_exists:
        from autoresumefiller.backup.opening import existing_vault

        vault = existing_vault(session.vault)
    # Without a vault the decrypted archive lies in the system's own place for such
    # files, without a name where the system allows it, readable by this account.
    directory = Path(gettempdir()) if vault is None else vault.layout.decrypted
    with open_backup(path, Unlocker(vault, asking), directory, meter=meter) as file:
        yield file


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
