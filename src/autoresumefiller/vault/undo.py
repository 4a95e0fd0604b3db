"""Putting back exactly what the last import replaced, and being able to redo it.

``.state/undo`` is the directory of the last undoable change: its journal, and
in ``old/`` the files it displaced, never copied or rewritten. An undo is a
change like any other, with its new files taken from there; what it displaces
becomes the next undo. So an undo of an undo is a redo.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from autoresumefiller.errors import NothingToUndoError
from autoresumefiller.model.printable import printable
from autoresumefiller.model.reports import UndoPlan
from autoresumefiller.vault.durable import is_there, storage
from autoresumefiller.vault.journal import OLD, Journal, read_heading, read_journal
from autoresumefiller.vault.layout import ENCRYPTED_PROFILE_PATH, PROFILE_PATH, VaultLayout
from autoresumefiller.vault.preflight import Change
from autoresumefiller.vault.recovery import drop
from autoresumefiller.vault.transaction import run


def can_undo(layout: VaultLayout) -> bool:
    """Whether something is kept for an undo; quick, however large it is.

    Raises:
        RecoveryError: the journal cannot be understood.
        StorageError: it cannot be read.

    """
    with storage("read", layout.undo):
        return read_heading(layout.undo) is not None


def undo_plan(layout: VaultLayout) -> UndoPlan | None:
    """Return what an undo would do now, None where there is nothing to undo.

    Raises:
        RecoveryError: the journal cannot be understood.
        StorageError: it cannot be read.

    """
    with storage("read", layout.undo):
        journal = read_journal(layout.undo)
        return None if journal is None else _plan(layout, journal)


def require_complete(layout: VaultLayout) -> None:
    """Look whether everything is there that an undo would put back.

    Raises:
        NothingToUndoError: something is missing.
        RecoveryError: the journal cannot be understood.
        StorageError: it cannot be read.

    """
    with storage("read", layout.undo):
        journal = read_journal(layout.undo)
        if journal is not None:
            _require_complete(layout, journal)


def undo(layout: VaultLayout, *, now: datetime) -> UndoPlan:
    """Undo the last undoable change; return what was done. Within `VaultLock.changing`.

    Raises:
        NothingToUndoError: nothing is remembered, or not all of it is there any more.
        PlanChangedError, VaultLayoutError, RecoveryError, StorageError: as `transaction.apply`.

    """
    with storage("read", layout.undo):
        journal = read_journal(layout.undo)
        if journal is None:
            raise NothingToUndoError("There is no import that could be undone")
        plan = _plan(layout, journal)
        _require_complete(layout, journal)
        change = _change(layout, journal)
    run(
        layout,
        change,
        description=_opposite(journal.heading.description),
        now=now,
        check=None,
        directories={gone.path: gone.mode for gone in journal.removed_directories},
        removable=tuple(made.path for made in journal.created_directories),
        prune=False,
        undoable=True,
    )
    return plan


def forget_undo(layout: VaultLayout) -> None:
    """Delete what is kept for an undo. Within `VaultLock.changing`.

    Raises:
        StorageError: it could not be taken out of use.

    """
    with storage("delete", layout.undo):
        if is_there(layout.undo):
            drop(layout, layout.undo)


def _plan(layout: VaultLayout, journal: Journal) -> UndoPlan:
    return UndoPlan(
        description=journal.heading.description,
        committed=datetime.fromisoformat(journal.heading.created).astimezone(UTC),
        restored=journal.displaced,
        removed=_removed(layout, journal),
        changed_since=tuple(sorted(_changed(layout, journal))),
    )


def _changed(layout: VaultLayout, journal: Journal) -> Iterator[str]:
    expected: dict[str, tuple[int, int] | None] = dict.fromkeys(journal.displaced)
    expected |= {file.path: (file.size, file.mtime_ns) for file in journal.installed}
    for path, then in expected.items():
        if _look(layout.root / path) != then:
            yield path


def _look(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_size, status.st_mtime_ns


def _require_complete(layout: VaultLayout, journal: Journal) -> None:
    for path in journal.displaced:
        if _look(layout.undo / OLD / path) is None:
            raise NothingToUndoError(
                f"The earlier {printable(path)} is no longer in .state/undo, "
                "so the import cannot be undone as a whole",
                hint="What is left is in .state/undo/old; a pre-import backup is in backups/.",
            )


def _removed(layout: VaultLayout, journal: Journal) -> tuple[str, ...]:
    """Return what goes: what came with the change, in whichever form the profile is by now.

    Plain and encrypted it is one thing, and encryption may have been switched since.
    """
    restored = frozenset(journal.displaced)
    installed = [file.path for file in journal.installed]
    forms = {PROFILE_PATH, ENCRYPTED_PROFILE_PATH}
    if not forms.isdisjoint({*restored, *installed}):
        installed += [form for form in forms.difference(installed) if is_there(layout.root / form)]
    return tuple(path for path in installed if path not in restored)


def _change(layout: VaultLayout, journal: Journal) -> Change:
    return Change(
        source=layout.undo / OLD,
        installed=journal.displaced,
        removed=_removed(layout, journal),
    )


def _opposite(description: str) -> str:
    """Name an undo: twice undone is done again."""
    prefix = "undo of "
    return (
        description.removeprefix(prefix) if description.startswith(prefix) else prefix + description
    )
