"""FILE|NAME: an archive by its path, or a listed backup by its name."""

from pathlib import Path
from typing import Annotated

import typer

from autoresumefiller.cli.session import Session
from autoresumefiller.cli.terminal import shown
from autoresumefiller.errors import AutoResumeFillerError, BackupNotFoundError

_MOST_COMPLETIONS = 200


def listed_names(context: typer.Context, incomplete: str) -> list[str]:
    """Complete the names of the backups there are, for the shell."""
    from autoresumefiller.backup.catalog import list_backups
    from autoresumefiller.vault.layout import VaultLayout
    from autoresumefiller.vault.location import resolve

    invocation = context.find_root().obj
    given = context.params.get("vault") or getattr(invocation, "vault", None)
    try:
        backups = list_backups(VaultLayout(root=resolve(given)))
    except AutoResumeFillerError:
        return []
    names = (entry["filename"] for entry in backups)
    return [name for name in names if name.startswith(incomplete)][:_MOST_COMPLETIONS]


ArchiveArgument = Annotated[
    str,
    typer.Argument(
        metavar="FILE|NAME",
        help="A backup: the path of a file, or a name that 'arf list' shows.",
        show_default=False,
        autocompletion=listed_names,
    ),
]


def locate(session: Session, given: str) -> Path:
    """Return the path of an archive; no vault is needed for one that is a path.

    A file of that name in the current folder goes before a listed backup, as
    everywhere on a command line.

    Raises:
        BackupNotFoundError: there is neither.
        StorageError: that cannot be seen.
        InvalidArgumentError: it is blank, or no path at all.

    """
    from autoresumefiller.backup.places import as_path, is_reachable

    path = as_path(given)
    if is_reachable(path):
        return path
    if path.name != given:
        raise BackupNotFoundError(
            f"There is no file {shown(given)}", hint="Check the path and try again."
        )
    if not session.vault_exists:
        raise BackupNotFoundError(
            f"There is no file {shown(given)} here, and no vault that could list it",
            hint="Give the path of the file, or name the vault with --vault.",
        )
    from autoresumefiller.backup.catalog import find_backup
    from autoresumefiller.vault.layout import VaultLayout

    return find_backup(VaultLayout(root=session.vault), given)
