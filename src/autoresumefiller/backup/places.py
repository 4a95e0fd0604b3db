"""Paths as callers give them."""

import os
from pathlib import Path

from autoresumefiller.errors import InvalidArgumentError
from autoresumefiller.model.printable import printable


def as_path(given: Path | str) -> Path:
    """Return a path with ``~`` expanded; one whose home is unknown stays as it is.

    Raises:
        InvalidArgumentError: it cannot be a path on any system.

    """
    if "\0" in str(given):
        raise InvalidArgumentError(f"{printable(str(given))} is no path: it has a NUL character")
    return Path(os.path.expanduser(given))  # noqa: PTH111 - Path.expanduser raises for ~unknown
