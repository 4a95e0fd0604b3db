"""Bringing many new files onto the disk at once.

Measured on ext4, two cores (seconds, after writing):

======================  =======  ========  =========  ======
files                   one by   4 at a    16 at a    syncfs
                        one      time      time
======================  =======  ========  =========  ======
205 of 500 kB           0.125    0.097     0.079      0.066
2,000 of 5 kB           0.454    0.299     0.207      0.020
======================  =======  ========  =========  ======

So Linux syncs the file system that holds the files. It writes out what others
have waiting there too, which costs time but no correctness. Since Linux 5.8
syncfs(2) reports every write that failed after the descriptor it is given was
opened; older kernels report success whatever happened, so there, and on other
systems, each file is synced by itself.
"""

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from autoresumefiller.vault.durable import fsync_directory, fsync_file

_SYNCFS_REPORTS_ERRORS = (5, 8)
_WORKERS = 8


class Syncer:
    """Remembers what was written below a directory; made by `Syncer.on` before the first write."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._files: set[str] = set()

    @classmethod
    @contextmanager
    def on(cls, directory: Path) -> Iterator[Self]:
        """Watch a directory's file system for write errors from now on."""
        if not _syncfs_is_reliable():
            yield cls(None)
            return
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            yield cls(descriptor)
        finally:
            os.close(descriptor)

    def wrote(self, path: str) -> None:
        """Take note of a file; its content may come later. Safe to call from any thread."""
        if self._descriptor is None:
            self._files.add(path)

    def removed(self, path: str) -> None:
        """Forget a file."""
        self._files.discard(path)

    def sync(self, directories: Collection[str]) -> None:
        """Wait until all files noted, and these directories, are on the disk.

        Raises:
            OSError: they are not.

        """
        if self._descriptor is not None:
            _syncfs(self._descriptor)
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="fsync") as pool:
            for _ in pool.map(_fsync_path, self._files):
                pass
            for _ in pool.map(fsync_directory, directories):
                pass


def _fsync_path(path: str) -> None:
    # Windows flushes only what is open for writing.
    descriptor = os.open(path, os.O_RDWR)
    try:
        fsync_file(descriptor)
    finally:
        os.close(descriptor)


def _syncfs_is_reliable() -> bool:
    if sys.platform != "linux":
        return False
    release = os.uname().release.split(".")
    try:
        return (int(release[0]), int(release[1])) >= _SYNCFS_REPORTS_ERRORS
    except (IndexError, ValueError):
        return False


def _syncfs(descriptor: int) -> None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syncfs(descriptor):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
