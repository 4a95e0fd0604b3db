"""Archives from anywhere: found by path or by name, opened safely, bounded."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from autoresumefiller.archive.limits import Limits
from autoresumefiller.backup import in_use
from autoresumefiller.backup.catalog import find_backup
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.places import as_path
from autoresumefiller.backup.space import SPACE_MARGIN_BYTES, free_bytes
from autoresumefiller.errors import BackupNotFoundError, BackupValidationError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import storage


def locate(vault: Vault, archive: Path | str) -> Path:
    """Return the path of an archive: one that exists, or a listed backup's.

    Raises:
        BackupNotFoundError: neither.

    """
    path = as_path(archive)
    if os.path.exists(path):  # noqa: PTH110 - Path.exists raises for a name that is too long
        return path
    if path.name == str(archive):
        return find_backup(vault.layout, path)
    raise BackupNotFoundError(
        f"There is no file {printable(str(path))}", hint="Check the path and try again."
    )


@contextmanager
def open_archive(path: Path) -> Iterator[BinaryIO]:
    """Open an archive for reading and mark it as in use; only a regular file will do.

    Raises:
        BackupValidationError: it is a folder, a pipe or a device.
        StorageError: it cannot be opened.

    """
    # Without O_NONBLOCK, opening a pipe would wait for ever for somebody to write.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with storage("read", path):
        descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BackupValidationError(
            [f"Backup is corrupted (ZIP error): {printable(path.name)} is not a regular file"],
            codes=["not_a_file"],
        )
    with os.fdopen(descriptor, "rb") as file:
        in_use.mark(file)
        yield file


def limits_for(vault: Vault) -> Limits:
    """Return the limits of an import: what comes out must fit the vault's disk."""
    free = free_bytes(vault.layout.root)
    return Limits(max_total_bytes=max(0, free - SPACE_MARGIN_BYTES))
