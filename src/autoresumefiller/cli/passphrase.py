"""Passphrases: typed where nobody sees them, or read from a file; never an argument.

An argument would be in the shell's history and in the list of processes.
"""

from pathlib import Path
from typing import Annotated

import typer

from autoresumefiller.cli.session import Session
from autoresumefiller.errors import InvalidArgumentError, PassphraseRequiredError

PassphraseFileOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="Read the passphrase from the first line of this file instead of asking.",
        show_default=False,
    ),
]

_MOST_BYTES = 4096


def passphrase_from(session: Session, file: Path | None, question: str) -> str:
    """Return a passphrase that exists already.

    Raises:
        PassphraseRequiredError: there is no file, and nobody can be asked.

    """
    if file is not None:
        return _first_line(file)
    if not session.terminal.interactive:
        raise PassphraseRequiredError(
            "A passphrase is needed, and nobody can be asked here",
            hint="Put it into a file that only you can read, and give --passphrase-file FILE.",
        )
    return session.terminal.ask_hidden(f"{question}: ")


def new_passphrase(session: Session, file: Path | None, question: str) -> str:
    """Return a new passphrase; typed, it is typed twice.

    Raises:
        PassphraseRequiredError: there is no file, and nobody can be asked.
        InvalidArgumentError: the two differ.

    """
    typed = passphrase_from(session, file, question)
    if file is None and session.terminal.ask_hidden("Once more: ") != typed:
        raise InvalidArgumentError("The two passphrases differ", hint="Try again.")
    return typed


def _first_line(file: Path) -> str:
    from autoresumefiller.backup.places import as_path
    from autoresumefiller.vault.durable import storage

    with storage("read", file), as_path(file).open("rb") as opened:
        line = opened.readline(_MOST_BYTES)
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise InvalidArgumentError("The passphrase file is not UTF-8 text") from None
