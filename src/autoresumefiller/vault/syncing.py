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
have waiting there too, which costs time but no correctness. What syncfs(2) is
worth depends on the kernel and on the file system. Since Linux 5.8 it reports
writes of content that failed after the descriptor it is given was opened; up to
5.16 it dropped what the file system itself had to say (fs/sync.c). Whatever lies
between us and the disk may not take part: overlayfs keeps such an error where
syncfs does not look, FUSE is not even asked to sync. So it is used where power
cuts and failing disks are tested. Elsewhere each file is synced by itself, before
it is closed: the kernel may forget an error with a file that nobody has open.
"""

import os
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, Self

from autoresumefiller.vault.durable import fsync_directory, fsync_file
from autoresumefiller.vault.writeback import Writeback

_SYNCFS_REPORTS_ERRORS = (5, 17)

# <linux/magic.h>
_EXT4: Final = 0xEF53  # and those before it
_XFS: Final = 0x58465342
_TMPFS: Final = 0x01021994
_REPORTING = frozenset({_EXT4, _XFS, _TMPFS})
_STATFS_WORDS = 64
"""More than struct statfs has anywhere; its first word is the kind of file system."""


class Syncer:
    """Is told what is written below a directory; made by `Syncer.on` before the first write.

    Args:
        disk: Syncs all of the disk at once; None where each file is synced by itself.

    """

    def __init__(self, disk: Writeback | None) -> None:
        self._disk = disk
        self._written = 0
        self._guard = threading.Lock()

    @classmethod
    @contextmanager
    def on(cls, directory: Path) -> Iterator[Self]:
        """Watch a directory's file system for write errors from now on."""
        with ExitStack() as stack:
            disk = None
            if _kernel_reports_errors():
                descriptor = os.open(directory, os.O_RDONLY)
                stack.callback(os.close, descriptor)
                if _kind_of_file_system(descriptor) in _REPORTING:
                    disk = stack.enter_context(Writeback(partial(_syncfs, descriptor)))
            yield cls(disk)

    def wrote(self, count: int) -> None:
        """Take note of so many bytes more, wherever they are. Safe to call from any thread.

        They begin to go onto the disk, so that `sync` has less to wait for.

        Raises:
            OSError: some did not get there.

        """
        if self._disk is None:
            return
        with self._guard:
            self._written += count
            self._disk.wrote(self._written)

    def ended(self, descriptor: int) -> None:
        """Take note of a file that is complete and still open. Safe to call from any thread.

        Raises:
            OSError: it did not get onto the disk.

        """
        if self._disk is None:
            fsync_file(descriptor)

    def sync(self, directories: Collection[str]) -> None:
        """Wait until all files that ended, and these directories, are on the disk.

        Raises:
            OSError: they are not.

        """
        if self._disk is not None:
            self._disk.sync()
            return
        for directory in directories:
            fsync_directory(directory)


def _kernel_reports_errors() -> bool:
    if sys.platform != "linux":
        return False
    release = os.uname().release.split(".")
    try:
        return (int(release[0]), int(release[1])) >= _SYNCFS_REPORTS_ERRORS
    except (IndexError, ValueError):
        return False


def _kind_of_file_system(descriptor: int) -> int | None:
    """Return what fstatfs(2) calls its type; None if it does not tell."""
    import ctypes

    facts = (ctypes.c_long * _STATFS_WORDS)()
    if ctypes.CDLL(None).fstatfs(descriptor, facts):
        return None
    return facts[0] & 0xFFFFFFFF


def _syncfs(descriptor: int) -> None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syncfs(descriptor):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
