"""Finishing or undoing a change that was interrupted.

A change (vault/transaction.py) lives in one directory that is renamed as it
goes; its name says what recovery has to do. ``S`` is the staged file, ``L``
the live one, ``old`` the live one's place in ``tx/old/``:

=====================================  =============================================
on disk after a kill                   what recovery does
=====================================  =============================================
no tx, no committed                    nothing; a ``discard`` left over is deleted
tx without journal, ``old`` is empty   nothing was changed yet: tx is deleted
tx, S and L, no old                    not begun for this file: nothing
tx, S and old, no L                    displaced: old goes back to L
tx, old and L, no S                    installed: L goes back to S, then old to L
tx, L and no S, nothing was replaced   installed: L goes back to S
tx, a directory created                removed if it is empty
tx, a directory removed                made again, with its mode
tx, all undone                         tx becomes discard, which is deleted
committed (and undo)                   undo becomes discard, committed becomes undo,
                                       discard is deleted
committed, for no undo                 (undo becomes discard, if the change forgets it,
                                       and is deleted;) committed becomes discard,
                                       which is deleted
committed and discard                  discard is deleted; then as above
undo and discard                       discard is deleted
=====================================  =============================================

A change's directory that holds files and no journal is none that a kill can
leave. Nobody knows where its files belong, so it is left alone, and said.

Every step looks before it acts, so recovery itself may be interrupted at any
point and begin again. All files are undone first and put back second: as long
as ``old`` is there, a file in its place is the new one.

Somebody may have written to the vault between the kill and the recovery, not
through us. A live file that is not the one we installed (size or modification
time differ) is never overwritten: where the old one has to go back to its
name, it is kept beside it as ``name (kept 1a2b3c4d).ext``.
"""

import logging
import os
import stat
from contextlib import suppress
from itertools import chain, count
from pathlib import Path

from autoresumefiller.errors import (
    AutoResumeFillerError,
    InvalidArgumentError,
    RecoveryError,
    StorageError,
    VaultLayoutError,
)
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import (
    fsync_directory,
    is_there,
    make_private_directory,
    storage,
    storage_error,
)
from autoresumefiller.vault.journal import (
    OLD,
    Installed,
    Journal,
    parent,
    read_heading,
    read_journal,
)
from autoresumefiller.vault.layout import STATE, VaultLayout
from autoresumefiller.vault.preflight import check_path, find_link
from autoresumefiller.vault.rename import rename_exclusive
from autoresumefiller.vault.trees import remove_tree, walk_tree

logger = logging.getLogger(__name__)

_LONGEST_NAME = 255  # bytes; what macOS and Windows count is never more


def is_unfinished(layout: VaultLayout) -> bool:
    """Whether a change was interrupted, or is under way in whoever holds the locks.

    Raises:
        StorageError: that cannot be seen.

    """
    with storage("look at", layout.state):
        return is_there(layout.transaction) or is_there(layout.committed)


def recover(layout: VaultLayout) -> None:
    """Finish or undo what was interrupted; only for who holds the vault alone.

    Raises:
        RecoveryError: it could not be done; nothing is lost, a later call goes on from there.

    """
    try:
        if is_there(layout.transaction):
            journal = read_journal(layout.transaction)
            if journal is None:
                _require_nothing_kept(layout.transaction)
            else:
                _require_inside(journal)
                _require_no_links(layout, journal)
                logger.warning(
                    "Undoing an interrupted change: %s", printable(journal.heading.description)
                )
                roll_back(layout, journal)
            drop(layout, layout.transaction)
        if is_there(layout.committed):
            finish(layout)
        delete_discarded(layout)
    except (OSError, StorageError, VaultLayoutError) as error:
        raise RecoveryError(
            f"An interrupted change could not be set right: {explain(error, layout)}"
        ) from error


def _require_nothing_kept(directory: Path) -> None:
    """See that deleting a directory without a journal deletes no file of the person's.

    Raises:
        RecoveryError: there are some in it.

    """
    for _, files in walk_tree(directory / OLD, on_error=_raise):
        if files:
            raise RecoveryError(
                f"Files of yours are in .state/{directory.name}/{OLD}, but the journal that says "
                "where they belong is gone",
                hint=f"Copy them from there to their places, then remove .state/{directory.name}.",
            )


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _require_inside(journal: Journal) -> None:
    """See that a journal moves nothing out of the vault, or into it: it may have come with it.

    Raises:
        RecoveryError: it is none that we wrote.

    """
    directories = (*journal.created_directories, *journal.removed_directories)
    paths = chain(
        (file.path for file in journal.installed),
        journal.displaced,
        (directory.path for directory in directories),
    )
    try:
        for path in paths:
            check_path(path)
    except InvalidArgumentError as error:
        raise _not_ours(error.message) from error
    state, *below = journal.heading.source.split("/")
    if journal.installed and (state != STATE or {"", ".", ".."} & {*below}):
        raise _not_ours("its new files do not come from .state")


def _require_no_links(layout: VaultLayout, journal: Journal) -> None:
    """See that no folder of a change is a link: what that leads to is none of the vault's.

    Raises:
        RecoveryError: one is.
        OSError: one cannot be looked at.

    """
    installed = [file.path for file in journal.installed]
    below = journal.heading.source
    for directory, paths in (
        (layout.root, [*installed, *journal.displaced]),
        (layout.transaction / OLD, journal.displaced),
        (layout.root / below, installed),
    ):
        link = find_link(directory, paths)
        if link is not None:
            place = printable(os.path.relpath(directory / link, layout.root))
            raise RecoveryError(
                f"An interrupted change is about files in {place}, which has become a link",
                hint="Put a real folder in its place, then try again. Nothing was moved.",
            )


def _not_ours(why: str) -> RecoveryError:
    return RecoveryError(
        f"The journal of an interrupted change is not as we wrote it: {why}",
        hint="The files it is about are in .state/tx of the vault.",
    )


def explain(error: Exception, layout: VaultLayout) -> str:
    """Return what went wrong with putting things in order, without a full stop."""
    if isinstance(error, OSError):
        error = storage_error(error, "put back", error.filename or layout.state)
    return error.message if isinstance(error, AutoResumeFillerError) else str(error)


def roll_back(layout: VaultLayout, journal: Journal) -> None:
    """Put every file and directory of an uncommitted change back; the change's directory stays.

    Raises:
        OSError: something could not be put back; a later call goes on from there.

    """
    old = layout.transaction / OLD
    displaced = frozenset(journal.displaced)
    for file in reversed(journal.installed):
        source = layout.root / journal.source_of(file.path)
        _uninstall(layout, file, source, was_displaced=file.path in displaced)
    for created in reversed(journal.created_directories):
        # Not empty: somebody put something there since; then it stays.
        with suppress(FileNotFoundError, NotADirectoryError):
            _remove_if_empty(layout.root / created.path)
    for removed in reversed(journal.removed_directories):
        _make_again(layout.root / removed.path, removed.mode)
    for path in journal.displaced:
        _put_back(old / path, layout.root / path, journal.heading.identity)
    _sync_live(layout, journal)


def _uninstall(layout: VaultLayout, file: Installed, source: Path, *, was_displaced: bool) -> None:
    live = layout.root / file.path
    if is_there(source):
        return  # never installed, or uninstalled already
    if was_displaced and not is_there(layout.transaction / OLD / file.path):
        return  # put back already: what is live is the old one
    try:
        status = live.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISDIR(status.st_mode) or (status.st_size, status.st_mtime_ns) != (
        file.size,
        file.mtime_ns,
    ):
        return  # somebody else's; see the module
    make_private_directory(source.parent)
    live.rename(source)


def _put_back(old: Path, live: Path, identity: str) -> None:
    if not is_there(old):
        return
    make_private_directory(live.parent)
    if is_there(live):
        _set_aside(live, identity)
    rename_exclusive(old, live)


def _set_aside(live: Path, identity: str) -> None:
    for number in count(1):
        mark = f"kept {identity[:8]}" + (f" {number}" if number > 1 else "")
        aside = live.with_name(_marked(live, f" ({mark})"))
        try:
            rename_exclusive(live, aside)
        except FileExistsError:
            continue
        logger.warning(
            "%s was changed by another program during an interrupted change; "
            "its version is kept as %s",
            printable(live.name),
            printable(aside.name),
        )
        return


def _marked(path: Path, mark: str) -> str:
    """Return the name with a mark before its ending, shortened if need be."""
    stem, ending = path.stem, path.suffix
    while len(os.fsencode(f"{stem}{mark}{ending}")) > _LONGEST_NAME:
        stem, ending = (stem[:-1], ending) if len(stem) > 1 else (stem, ending[:-1])
    return f"{stem}{mark}{ending}"


def _remove_if_empty(directory: Path) -> None:
    try:
        directory.rmdir()
    except FileNotFoundError:
        raise
    except OSError:
        if not (directory.is_dir() and any(directory.iterdir())):
            raise


def _make_again(directory: Path, mode: int) -> None:
    make_private_directory(directory)
    if stat.S_IMODE(directory.stat().st_mode) != mode:
        directory.chmod(mode)


def _sync_live(layout: VaultLayout, journal: Journal) -> None:
    directories = {layout.root / path for path in journal.touched_directories()}
    sources = {parent(journal.source_of(file.path)) for file in journal.installed}
    directories |= {layout.root / path for path in sources}
    for directory in sorted(directories):
        with suppress(FileNotFoundError, NotADirectoryError):
            fsync_directory(directory)


def finish(layout: VaultLayout) -> None:
    """Clean up after a committed change: what it replaced becomes the undo, or goes.

    Raises:
        OSError: a later call goes on from there.
        RecoveryError: the journal is gone, or cannot be understood.

    """
    heading = read_heading(layout.committed)
    if heading is None:
        _require_nothing_kept(layout.committed)
    if heading is not None and heading.undoable:
        if is_there(layout.undo):
            drop(layout, layout.undo, delete=False)
        layout.committed.rename(layout.undo)
        fsync_directory(layout.state)
    else:
        # The undo first: as long as ``committed`` is there, this is done again.
        if heading is not None and heading.forgets_undo and is_there(layout.undo):
            drop(layout, layout.undo)
        drop(layout, layout.committed, delete=False)
    delete_discarded(layout)


def drop(layout: VaultLayout, directory: Path, *, delete: bool = True) -> None:
    """Take a directory of ``.state/`` out of use in one step, then delete it.

    Raises:
        OSError: it could not be renamed; failing to delete is no error.

    """
    delete_discarded(layout)
    if is_there(layout.discard):  # it resists; get it out of the way
        make_private_directory(layout.staging)
        with suppress(FileNotFoundError):  # a sweep was at it, and has just ended
            layout.discard.rename(layout.staging / f"discard-{os.urandom(8).hex()}")
    directory.rename(layout.discard)
    fsync_directory(layout.state)
    if delete:
        delete_discarded(layout)


def delete_discarded(layout: VaultLayout) -> None:
    """Delete what is out of use, as far as the system lets us; the rest is swept another time."""
    remove_tree(layout.discard)
