"""Recovery kits as files: saved as a text and as a page to print, read back."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoresumefiller.cli.session import Session
from autoresumefiller.cli.terminal import shown
from autoresumefiller.errors import InvalidArgumentError, OutputExistsError

if TYPE_CHECKING:
    from autoresumefiller.encryption.recovery import RecoveryKit

SaveKitOption = Annotated[
    Path | None,
    typer.Option(
        "--kit",
        metavar="FILE",
        help="Where to save the recovery kit, a file or a folder; a page to print (.html) is "
        "saved beside it. "
        "Left out: recovery-kit-DATE.txt in the current folder.",
        show_default=False,
    ),
]


class KitSaver:
    """Takes delivery of a kit: two new files, for this account only.

    Attributes:
        saved: The text and the page, once they are there.

    """

    def __init__(self, session: Session, wanted: Path | None) -> None:
        self.saved: tuple[Path, ...] = ()
        self._vault = session.vault
        self._wanted = wanted

    def check(self) -> None:
        """Refuse a bad place before anything is made.

        Raises:
            InvalidArgumentError: its folder is not there, or it is in the vault,
                which it is to be kept apart from.
            OutputExistsError: a file is there already.

        """
        from autoresumefiller.backup.context import utc_now

        for path in self._pair(utc_now()):
            if not path.parent.is_dir():
                raise InvalidArgumentError(
                    f"There is no folder {shown(str(path.parent))}",
                    hint="Make the folder first, or name another file.",
                )
            _refuse(path, self._vault)

    def __call__(self, kit: "RecoveryKit") -> None:
        """Save it; errors as `check`, and StorageError."""
        from autoresumefiller.encryption.kit_page import kit_page
        from autoresumefiller.vault.draft import draft_in
        from autoresumefiller.vault.durable import storage

        text, page = self._pair(kit.created)
        for path, content in ((text, kit.text), (page, kit_page(kit))):
            _refuse(path, self._vault)
            with draft_in(path.parent) as draft:
                with storage("write", path):
                    draft.file.write(content.encode())
                self.saved += (draft.publish([path.name]),)

    def _pair(self, made: datetime) -> tuple[Path, Path]:
        """Return where the text and the page go; a folder gets a text of the usual name."""
        from autoresumefiller.backup.places import as_path

        usual = f"recovery-kit-{made:%Y%m%d}.txt"
        text = as_path(self._wanted or usual).absolute()
        if text.is_dir():
            text /= usual
        page = text.with_name(f"{text.stem}.html")
        if page == text:
            raise InvalidArgumentError(
                f"{shown(text.name)} is the name of the page that is saved beside the kit",
                hint="Give the kit a name that ends in .txt.",
            )
        return text, page

    def tell(self, session: Session) -> None:
        """Say where it is and what to do with it."""
        if not self.saved:
            return
        text, page = self.saved
        session.terminal.say("Recovery kit: ", (shown(str(text)), "bold"))
        session.terminal.say("A page to print: ", (shown(str(page)), "bold"))
        session.terminal.say(
            "Print it or copy it to a stick, keep it away from this computer, and test it: "
            f"arf key verify-kit {shown(str(text))}"
        )


def read_kit(file: Path) -> str:
    """Return a kit's text.

    Raises:
        InvalidArgumentError: there is no such file.
        StorageError: it cannot be read.

    """
    from autoresumefiller.backup.places import as_path
    from autoresumefiller.encryption.recovery import MAX_KIT_CHARACTERS
    from autoresumefiller.vault.durable import storage

    file = as_path(file)
    with storage("read", file):
        is_file = file.is_file()
    if not is_file:
        raise InvalidArgumentError(
            f"There is no file {shown(str(file))}", hint="Check the path and try again."
        )
    with storage("read", file), file.open("rb") as opened:
        return opened.read(MAX_KIT_CHARACTERS + 1).decode("utf-8", "replace")


def _refuse(path: Path, vault: Path) -> None:
    if path.resolve().is_relative_to(vault.resolve()):
        raise InvalidArgumentError(
            "The recovery kit would be in the vault, and be lost with it",
            hint="Give another place: --kit FILE.",
        )
    if path.exists() or path.is_symlink():
        raise OutputExistsError(f"{shown(str(path))} exists already", path=str(path))
