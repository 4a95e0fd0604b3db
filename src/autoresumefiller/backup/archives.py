"""Archives from anywhere: found by path or by name, opened safely, bounded."""

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from autoresumefiller.backup import in_use
from autoresumefiller.backup.catalog import find_backup
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.entering import Entering
from autoresumefiller.backup.meter import Meter
from autoresumefiller.backup.places import as_path, is_reachable
from autoresumefiller.backup.unlocking import Unlocker
from autoresumefiller.backup.unsealing import laid_open
from autoresumefiller.errors import BackupNotFoundError, BackupValidationError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import storage


def locate(vault: Vault, archive: Path | str) -> Path:
    """Return the path of an archive: one that exists, or a listed backup's.

    Raises:
        BackupNotFoundError: neither.
        StorageError: that cannot be seen.

    """
    path = as_path(archive)
    if is_reachable(path):
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
    with ExitStack() as stack:
        with storage("read", path):
            descriptor = os.open(path, flags)
            stack.callback(os.close, descriptor)
            is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        if not is_file:
            name = printable(path.name or str(path))
            raise BackupValidationError(
                [f"Backup is corrupted (ZIP error): {name} is not a regular file"],
                codes=["not_a_file"],
            )
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            in_use.mark(file)
            yield file


def open_backup(
    path: Path, unlocker: Unlocker, directory: Path, *, meter: Meter | None = None
) -> AbstractContextManager[BinaryIO]:
    """Open an archive as `open_archive` does, decrypted if it is an encrypted backup.

    Args:
        path: The file.
        unlocker: Has the keys, or asks for them.
        directory: Where it is decrypted to, see `laid_open`.
        meter: Counts the decrypting, before it is given what to check.

    Raises:
        EncryptionError: it could not be decrypted.
        BackupValidationError, StorageError: as `open_archive`.

    """
    watch = partial((meter or Meter(None)).ahead, path.name)

    def enter(stack: ExitStack) -> BinaryIO:
        file = stack.enter_context(open_archive(path))
        return stack.enter_context(laid_open(file, path, unlocker, directory, watch=watch))

    return Entering(enter)
