"""Changing several files so that all of it happens or none.

1. Everything is looked at and worked out; what cannot be done is refused.
2. ``.state/tx`` is made: the journal of what will be done, and an empty
   ``old/`` with all directories that will be needed. Synced.
3. The live files that are replaced or removed are renamed into ``old/``;
   directories that are empty then go, new ones are made; the new files are
   renamed into place. Nothing is copied, so this takes no space and keeps
   modes and times; nothing is overwritten: a file that turned up meanwhile
   stops the change.
4. Every directory touched is synced. The caller's check runs, on live files.
5. The commit: ``tx`` is renamed to ``committed``, and ``.state`` synced.
6. What was replaced becomes ``.state/undo``.

An error up to and including the rename of 5 puts everything back at once; a
kill is dealt with by the next who locks the vault. The table of states is in
vault/recovery.py.

A change of one file (a saved profile, a setting, a deleted backup) needs none
of this: its rename or unlink is its commit (vault/durable.py).
"""

import errno
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from autoresumefiller.errors import (
    AutoResumeFillerError,
    PlanChangedError,
    RecoveryError,
    StorageError,
    VaultLayoutError,
)
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.creation import check_state
from autoresumefiller.vault.durable import (
    PRIVATE_DIRECTORY,
    fsync_directory,
    is_there,
    open_to_owner,
    storage,
    storage_error,
)
from autoresumefiller.vault.journal import (
    JOURNAL,
    OLD,
    Heading,
    Journal,
    ancestors,
    write_journal,
)
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import has_everything
from autoresumefiller.vault.preflight import Change, Steps, work_out
from autoresumefiller.vault.recovery import (
    delete_discarded,
    drop,
    explain,
    finish,
    is_unfinished,
    recover,
    roll_back,
)
from autoresumefiller.vault.rename import rename_exclusive

__all__ = ["Change", "apply"]

logger = logging.getLogger(__name__)

_UNDONE = "The change was undone: your vault is as it was."
_UNCONFIRMED = (
    "The change is in place, but the disk did not confirm it: after a power cut "
    "your vault may be as it was before. Both versions are kept."
)


def apply(
    layout: VaultLayout,
    change: Change,
    *,
    description: str,
    now: datetime,
    check: Callable[[], None] | None = None,
    directories: Iterable[str] = (),
    removable: Iterable[str] = (),
    prune: bool = False,
    undoable: bool = True,
    forget_undo: bool = False,
) -> None:
    """Make all of a change, durably, or none of it; within `VaultLock.changing`.

    What is installed is moved, not copied. The caller has synced it.

    Args:
        layout: The vault.
        change: What becomes of which files.
        description: For people, remembered for the undo: "import of ...".
        now: The time that is remembered with it.
        check: Called when all is in place, before the commit; what it raises
            undoes everything and reaches the caller.
        directories: To be there afterwards, even if empty; vault paths.
        removable: Folders that go if nothing is in them afterwards.
        prune: Whether folders that a removal leaves empty go as well.
        undoable: False to delete what is replaced instead of keeping it for an
            undo (an earlier undo stays then).
        forget_undo: True to delete, once the change is committed, what an
            earlier one keeps for an undo; for a change that is not undoable.

    Raises:
        InvalidArgumentError: a path or a source is not acceptable.
        VaultLayoutError: a link, another disk, or a file in a folder's place.
        PlanChangedError: another program changed the vault meanwhile.
        RecoveryError: a step failed and so did putting things back; the next
            start tries again.
        StorageError: the system failed; the vault is as it was, unless the
            message says otherwise.

    """
    run(
        layout,
        change,
        description=description,
        now=now,
        check=check,
        directories=dict.fromkeys((path.rstrip("/") for path in directories), PRIVATE_DIRECTORY),
        removable=removable,
        prune=prune,
        undoable=undoable,
        forget_undo=forget_undo,
    )


def run(
    layout: VaultLayout,
    change: Change,
    *,
    description: str,
    now: datetime,
    check: Callable[[], None] | None,
    directories: Mapping[str, int],
    removable: Iterable[str],
    prune: bool,
    undoable: bool,
    forget_undo: bool = False,
) -> None:
    """Do what `apply` describes, with modes for new directories and directories that may go."""
    if not has_everything(layout):
        raise AssertionError("a change of several files needs VaultLock.changing")
    check_state(layout)
    if is_unfinished(layout):  # an earlier change within the same lock could not clean up
        recover(layout)
    with storage("look at", layout.root):
        steps = work_out(layout, change, directories=directories, removable=removable, prune=prune)
    journal = _journal(
        steps, description=description, now=now, undoable=undoable, forget_undo=forget_undo
    )
    if journal.is_empty:
        if check is not None:
            check()
        return
    try:
        _prepare(layout, journal)
        _swap(layout, journal)
        _sync(layout, journal)
        if check is not None:
            check()
        _commit(layout)
    except BaseException as error:
        consequence = _put_back(layout, journal, error)
        if isinstance(error, OSError):
            raise _ours(error, layout, consequence) from error
        raise
    _conclude(layout)


def _journal(
    steps: Steps, *, description: str, now: datetime, undoable: bool, forget_undo: bool
) -> Journal:
    heading = Heading(
        identity=os.urandom(16).hex(),
        description=description,
        created=now.astimezone(UTC).isoformat(),
        undoable=undoable,
        forgets_undo=forget_undo,
        source=steps.source,
    )
    return Journal(
        heading=heading,
        installed=steps.installed,
        displaced=steps.displaced,
        created_directories=steps.created_directories,
        removed_directories=steps.removed_directories,
    )


def _prepare(layout: VaultLayout, journal: Journal) -> None:
    """Make all that can run out of space now, while nothing live has changed."""
    old = layout.transaction / OLD
    made = (layout.transaction, old, *(old / path for path in sorted(_needed(journal))))
    for directory in made:
        directory.mkdir(PRIVATE_DIRECTORY)
        open_to_owner(directory)
    for directory in made:
        # A file must not be moved to where a power cut may leave no folder. Once the first
        # is on the disk the others mostly are: it costs nothing where metadata is ordered.
        fsync_directory(directory)
    write_journal(layout.transaction, journal)


def _needed(journal: Journal) -> set[str]:
    """Return the directories below ``old/`` that what is replaced is moved to."""
    return {above for path in journal.displaced for above in ancestors(path)}


def _swap(layout: VaultLayout, journal: Journal) -> None:
    # As text: a Path for each of 100,000 files takes longer than the renames.
    root, old = os.fspath(layout.root), os.fspath(layout.transaction / OLD)
    for path in journal.displaced:
        try:
            os.rename(f"{root}/{path}", f"{old}/{path}")  # noqa: PTH104
        except FileNotFoundError:
            # What should go is gone. But what should be replaced was there when
            # the person agreed to the change.
            if any(path == file.path for file in journal.installed):
                raise
    for removed in journal.removed_directories:
        Path(root, removed.path).rmdir()
    for created in journal.created_directories:
        directory = Path(root, created.path)
        directory.mkdir(PRIVATE_DIRECTORY)
        if created.mode == PRIVATE_DIRECTORY:
            open_to_owner(directory)
        else:
            directory.chmod(created.mode)
    for file in journal.installed:
        rename_exclusive(f"{root}/{journal.source_of(file.path)}", f"{root}/{file.path}")


def _sync(layout: VaultLayout, journal: Journal) -> None:
    """Bring every directory onto the disk that the swap touched and that is still there."""
    root, old = layout.root, layout.transaction / OLD
    for path in sorted({"", *_needed(journal)}):
        fsync_directory(old / path)
    gone = {removed.path for removed in journal.removed_directories}
    for path in journal.touched_directories():
        if path not in gone:
            fsync_directory(root / path)


def _commit(layout: VaultLayout) -> None:
    """Rename ``tx`` to ``committed``; from here on there is no way back.

    Once the rename was made, nothing is put back, even if syncing it fails:
    the disk may hold it already, and would then call old files the new ones.
    """
    layout.transaction.rename(layout.committed)
    with storage("commit", layout.root, consequence=_UNCONFIRMED):
        fsync_directory(layout.state)


def _put_back(layout: VaultLayout, journal: Journal, cause: BaseException) -> str:
    """Undo everything, unless the commit was made; return what that means for the person."""
    try:
        if is_there(layout.committed):
            return _UNCONFIRMED
        if is_there(layout.transaction):
            if is_there(layout.transaction / JOURNAL):
                roll_back(layout, journal)
            drop(layout, layout.transaction)
    except (OSError, AutoResumeFillerError) as error:
        raise RecoveryError(
            f"{explain(error, layout)}, after a change had failed: {cause}",
            hint="The next start tries again. 'arf doctor' shows what is where.",
        ) from error
    return _UNDONE


def _ours(error: OSError, layout: VaultLayout, consequence: str) -> AutoResumeFillerError:
    where = _where(error, layout)
    if isinstance(error, (FileExistsError, FileNotFoundError)):
        return PlanChangedError(
            f"Another program changed {where} in the meantime",
            consequence=consequence,
            hint="Close what uses the vault's files, then try again.",
        )
    if error.errno == errno.EXDEV:
        return VaultLayoutError(
            f"{where} is on another disk than the vault",
            consequence=consequence,
            hint="Use a folder on the vault's disk.",
        )
    return storage_error(error, "change", where, consequence=consequence)


def _where(error: OSError, layout: VaultLayout) -> str:
    """Return the path that an error is about as the person knows it, not the one in ``.state``."""
    named = [Path(name) for name in (error.filename, error.filename2) if isinstance(name, str)]
    named.sort(key=lambda path: path.is_relative_to(layout.state))
    path = named[0] if named else layout.root
    if path != layout.root and path.is_relative_to(layout.root):
        path = path.relative_to(layout.root)
    return printable(str(path))


def _conclude(layout: VaultLayout) -> None:
    """Clean up; the change is done whether or not this works, and recovery repeats it."""
    try:
        finish(layout)
        delete_discarded(layout)
    except (OSError, StorageError, RecoveryError) as error:
        logger.warning("The change is done; cleaning up after it is left for later: %s", error)
