"""Paths as callers give them."""

import errno
import os
from pathlib import Path

from autoresumefiller.errors import InvalidArgumentError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import is_there, storage
from autoresumefiller.vault.layout import VaultLayout


def as_path(given: Path | str) -> Path:
    """Return a path with ``~`` expanded; one whose home is unknown stays as it is.

    Raises:
        InvalidArgumentError: it is blank, or cannot be a path on any system.

    """
    # Blank would mean the current directory: somebody's variable was empty.
    if not str(given).strip():
        raise InvalidArgumentError("The path is blank", hint="Name a file or a folder.")
    if "\0" in str(given):
        raise InvalidArgumentError(f"{printable(str(given))} is no path: it has a NUL character")
    return Path(os.path.expanduser(given))  # noqa: PTH111 - Path.expanduser raises for ~unknown


def is_reachable(path: Path) -> bool:
    """Whether something is there that a path leads to.

    Raises:
        StorageError: that cannot be seen, which is not the same as a no.

    """
    with storage("look at", path):
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError, UnicodeEncodeError):
            return False  # the last: no file can have that name
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:  # nor that one
                return False
            raise
    return True


def require_outside_vaults(path: Path) -> None:
    """Refuse a place in any vault, for what is written without a vault's locks and order.

    Raises:
        InvalidArgumentError: it is in one, or is one.
        StorageError: that cannot be seen.

    """
    real = Path(os.path.realpath(path))
    for folder in (real, *real.parents):
        with storage("look at", folder):
            is_vault = is_there(VaultLayout(folder).tree_lock)
        if is_vault:
            raise InvalidArgumentError(
                f"{printable(str(path))} is inside the vault {printable(str(folder))}",
                hint="Choose a folder outside of it, look at what is in there, then copy or "
                "import what you want.",
            )
