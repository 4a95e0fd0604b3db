"""Paths as callers give them."""

import os
from pathlib import Path

from autoresumefiller.errors import InvalidArgumentError
from autoresumefiller.model.printable import printable


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
