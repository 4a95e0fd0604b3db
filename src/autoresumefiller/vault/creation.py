"""Laying out a vault that does not exist yet.

A vault that exists never gets back a folder that its owner removed. So that a
kill in the middle is not mistaken for a removal, ``.state/creating`` stands
from before the first folder until after the last.

======================================  ==========================================
killed with this on disk                 the next `create_vault`
======================================  ==========================================
nothing, the root, an empty ``.state/``  starts from the beginning
``.state/creating`` and some folders     makes what is missing and ends as usual
all, without ``.state/creating``         is not called: `is_vault` says yes
======================================  ==========================================
"""

import codecs
import os
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

from autoresumefiller.errors import AccessDeniedError, InvalidArgumentError, VaultLayoutError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import (
    fsync_directory,
    is_there,
    make_private_directory,
    open_private,
    replace_file,
    storage,
)
from autoresumefiller.vault.layout import STATE, VaultLayout


def is_vault(root: Path) -> bool:
    """Whether a directory is a vault, finished and with something of one in it.

    Raises:
        StorageError: it cannot be looked at.

    """
    layout = VaultLayout(root)
    with storage("open", root):
        if is_there(layout.creating):
            return False
        traces = (*content_folders(layout), layout.config, *_past(layout))
        return any(is_there(path) for path in traces)


def create_vault(layout: VaultLayout) -> None:
    """Make a new vault: its folders 0700, the default settings 0600; durable on return.

    To be called where `is_vault` says no; several processes may do so at once.

    Raises:
        VaultLayoutError: the place is taken by something that is no folder.
        AccessDeniedError: this account may not write there.
        StorageError: the system failed; what this call had made is gone again,
            as far as the system let us: another call goes on from there.

    """
    check_root(layout)
    with ExitStack() as stack:
        with storage("create", layout.root):
            stack.callback(_take_back, layout, missing(layout))
        _lay_out(layout)
        stack.pop_all()


def _lay_out(layout: VaultLayout) -> None:
    make_private_directory(layout.root)
    make_private_directory(layout.state)
    with storage("create", layout.creating):
        os.close(open_private(layout.creating, os.O_WRONLY))
        fsync_directory(layout.state)
    for folder in content_folders(layout):
        make_private_directory(folder)
    with storage("create", layout.config):
        has_config = is_there(layout.config)
    if not has_config:
        # 100 ms of pydantic that opening an existing vault need not pay.
        from autoresumefiller.model.settings import DEFAULT_CONFIG

        replace_file(layout.config, DEFAULT_CONFIG.encode())
    with storage("create", layout.root):
        with suppress(FileNotFoundError):
            layout.creating.unlink()
        fsync_directory(layout.state)


def missing(layout: VaultLayout) -> tuple[Path, ...]:
    """Return the directories that `create_vault` would make, the deepest last."""
    above = [path for path in (layout.root, *layout.root.parents) if not is_there(path)]
    inside = [path for path in (layout.state, *content_folders(layout)) if not is_there(path)]
    return (*reversed(above), *inside)


def _take_back(layout: VaultLayout, made: tuple[Path, ...]) -> None:
    """Remove directories again, unless there is something in them.

    Not once the settings are there: the rest would be a vault whose owner
    removed its folders. What is missing then is made by the next call, which
    ``creating`` asks for, or nothing is.
    """
    with suppress(OSError):
        if not is_there(layout.config):
            _remove_empty(made)


def _remove_empty(made: tuple[Path, ...]) -> None:
    for directory in reversed(made):
        with suppress(OSError):
            if directory.name == STATE:
                (directory / "creating").unlink(missing_ok=True)
            directory.rmdir()


def check_root(layout: VaultLayout) -> None:
    """See that the vault's place is a folder that this account can use, or free.

    Raises:
        InvalidArgumentError: this process cannot name files as we do.
        VaultLayoutError: a file, or a link that leads nowhere, is there; or
            ``.state`` is a link: what is kept there must be private and on the
            same disk.
        AccessDeniedError: the folder is not ours to write to.

    """
    _require_utf8()
    root = layout.root
    shown = printable(str(root))
    with storage("open", root):
        if is_there(root) and not root.is_dir():
            what = "a link that leads nowhere" if root.is_symlink() else "a file, not a folder"
            raise VaultLayoutError(
                f"The vault's place, {shown}, is {what}", hint="Name a folder with --vault."
            )
        exists = root.is_dir()
    check_state(layout)
    if exists and not os.access(root, os.R_OK | os.X_OK):
        raise AccessDeniedError(f"This account may not open {shown}", path=shown)


def check_state(layout: VaultLayout) -> None:
    """See that ``.state``, if it is there, is a real folder without links; errors as `check_root`.

    What a link there leads to would be taken for ours, and be moved or swept away.
    Looked at again before anything is locked or changed: it may have been
    replaced since the vault was opened.
    """
    state = layout.state
    with storage("open", state):
        if state.is_symlink() or (state.exists() and not state.is_dir()):
            raise VaultLayoutError(
                f"{printable(str(layout.root))}/.state is not a folder of its own",
                hint="Put a real folder in its place, or remove it.",
            )
        for folder in (state, layout.transaction, layout.committed, layout.undo):
            _require_no_link_in(folder, layout)


def _require_no_link_in(folder: Path, layout: VaultLayout) -> None:
    try:
        with os.scandir(folder) as entries:
            links = [entry.path for entry in entries if entry.is_symlink()]
    except (FileNotFoundError, NotADirectoryError):
        return
    if links:
        raise VaultLayoutError(
            f"{printable(os.path.relpath(links[0], layout.root))} is a link, and what is kept "
            "there must be in the vault itself",
            hint="Remove the link; what it leads to stays as it is.",
        )


def _require_utf8() -> None:
    # Names in archives are UTF-8, and bytes that are none are surrogate escapes
    # of UTF-8. Under another encoding the same file would get another name in
    # every archive, and some names could not be written at all.
    encoding = sys.getfilesystemencoding()
    if codecs.lookup(encoding).name != "utf-8":
        raise InvalidArgumentError(
            f"This process reads file names as {encoding}, not as UTF-8, "
            "so files would get wrong names in a backup",
            hint="Set PYTHONUTF8=1, or a locale whose name ends in UTF-8.",
        )


def content_folders(layout: VaultLayout) -> tuple[Path, ...]:
    """Return the folders that every new vault has, but `.state`."""
    return (layout.data, layout.resumes, layout.cover_letters, layout.backups, layout.logs)


def _past(layout: VaultLayout) -> tuple[Path, ...]:
    """Return what only a vault that was in use has."""
    return (layout.transaction, layout.committed, layout.undo)
