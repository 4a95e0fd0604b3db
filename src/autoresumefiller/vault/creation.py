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

import os
from contextlib import suppress
from pathlib import Path

from autoresumefiller.errors import AccessDeniedError, VaultLayoutError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import (
    fsync_directory,
    is_there,
    make_private_directory,
    open_private,
    replace_file,
    storage,
)
from autoresumefiller.vault.layout import VaultLayout


def is_vault(root: Path) -> bool:
    """Whether a directory is a vault, finished and with something of one in it.

    Raises:
        StorageError: it cannot be looked at.

    """
    layout = VaultLayout(root)
    with storage("open", root):
        if is_there(layout.creating):
            return False
        return any(is_there(path) for path in (*_folders(layout), layout.config, *_past(layout)))


def create_vault(layout: VaultLayout) -> None:
    """Make a new vault: its folders 0700, the default settings 0600; durable on return.

    To be called where `is_vault` says no; several processes may do so at once.

    Raises:
        VaultLayoutError: the place is taken by something that is no folder.
        AccessDeniedError: this account may not write there.
        StorageError: the system failed; another call goes on from there.

    """
    check_root(layout)
    make_private_directory(layout.root)
    make_private_directory(layout.state)
    with storage("create", layout.creating):
        os.close(open_private(layout.creating, os.O_WRONLY))
        fsync_directory(layout.state)
    for folder in _folders(layout):
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


def check_root(layout: VaultLayout) -> None:
    """See that the vault's place is a folder that this account can use, or free.

    Raises:
        VaultLayoutError: a file, or a link that leads nowhere, is there; or
            ``.state`` is a link: what is kept there must be private and on the
            same disk.
        AccessDeniedError: the folder is not ours to write to.

    """
    root = layout.root
    shown = printable(str(root))
    with storage("open", root):
        if is_there(root) and not root.is_dir():
            what = "a link that leads nowhere" if root.is_symlink() else "a file, not a folder"
            raise VaultLayoutError(
                f"The vault's place, {shown}, is {what}", hint="Name a folder with --vault."
            )
        if layout.state.is_symlink() or (layout.state.exists() and not layout.state.is_dir()):
            raise VaultLayoutError(
                f"{shown}/.state is not a folder of its own",
                hint="Put a real folder in its place, or remove it.",
            )
        exists = root.is_dir()
    if exists and not os.access(root, os.R_OK | os.X_OK):
        raise AccessDeniedError(f"This account may not open {shown}", path=shown)


def _folders(layout: VaultLayout) -> tuple[Path, ...]:
    return (layout.data, layout.resumes, layout.cover_letters, layout.backups, layout.logs)


def _past(layout: VaultLayout) -> tuple[Path, ...]:
    """Return what only a vault that was in use has."""
    return (layout.transaction, layout.committed, layout.undo)
