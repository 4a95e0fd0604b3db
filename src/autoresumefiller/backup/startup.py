"""Open a vault and be able to say what that recovered."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from autoresumefiller.vault.durable import is_there, storage
from autoresumefiller.vault.journal import JOURNAL
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.location import resolve

Opened = TypeVar("Opened")
Recovered: TypeAlias = Literal["undone", "finished"]


def recovering(
    data_dir: Path | str | None, open_it: Callable[[Path | str | None], Opened]
) -> tuple[Opened, Recovered | None]:
    """Return what ``open_it`` opens, and what became of an interrupted change.

    ``undone`` or ``finished``; None where nothing had been interrupted, or
    another process was at it at this very moment.
    """
    layout = VaultLayout(resolve(data_dir))
    found = _interrupted(layout)
    opened = open_it(data_dir)
    still = _interrupted(layout)
    return opened, None if still else found


def _interrupted(layout: VaultLayout) -> Recovered | None:
    with storage("look at", layout.state):
        if is_there(layout.committed):
            return "finished"
        # A change that had not begun to touch anything has no journal yet.
        return "undone" if is_there(layout.transaction / JOURNAL) else None
