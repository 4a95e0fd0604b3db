"""Locks on open files, and files that live as long as their owner.

The lock is ``flock``: it belongs to the open file, so two threads that open
the same file exclude each other, and the system drops it when the process
ends, however it ends.

portalocker serves on Windows only: importing it takes 90 ms (it brings
logging, platform and a Redis client), which is more than a third of what
``arf list`` may take as a whole; on POSIX it would call this very function.
"""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from enum import StrEnum
from pathlib import Path

from autoresumefiller.vault.trees import remove_leftover

if sys.platform != "win32":
    import fcntl

_LEASE_ATTEMPTS = 100
"""Against sweeps, of which each takes a file once; no end on a disk that shows files late."""

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})


class Hold(StrEnum):
    """How a file is locked."""

    SHARED = "shared"
    EXCLUSIVE = "exclusive"


def try_lock(descriptor: int, hold: Hold) -> bool:
    """Lock an open file at once; False if another holds it. Closing the file releases it.

    Raises:
        OSError: the file system has no locks.

    """
    if sys.platform == "win32":
        return _try_lock_windows(descriptor, hold)
    flag = fcntl.LOCK_SH if hold is Hold.SHARED else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, flag | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _try_lock_windows(descriptor: int, hold: Hold) -> bool:  # pragma: no cover - Windows
    import portalocker
    from portalocker.exceptions import AlreadyLocked

    flags = portalocker.LockFlags
    how = flags.SHARED if hold is Hold.SHARED else flags.EXCLUSIVE
    try:
        portalocker.lock(descriptor, how | flags.NON_BLOCKING)
    except AlreadyLocked:
        return False
    return True


class Lease:
    """A private file that counts as alive while it is open; made by `leased_file`.

    Attributes:
        path: Its name, which no other file ever had or will have.
        descriptor: Open for reading and writing.

    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        self._closed = False

    def close(self) -> None:
        """Close the file: from now on a sweep may remove it."""
        if self._closed:
            return
        self._closed = True
        # A network disk may report only now that something did not fit. What
        # matters has been synced, and who did not sync does not depend on it.
        with suppress(OSError):
            os.close(self.descriptor)


@contextmanager
def leased_file(directory: Path, prefix: str, suffix: str) -> Iterator[Lease]:
    """Create ``<prefix><32 hex digits><suffix>``, which counts as alive while the block runs.

    Whoever finds such a file and can lock it knows that its owner is gone
    (`abandoned`). At the end it is closed, and removed if it still has its name.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    for _ in range(_LEASE_ATTEMPTS):
        with ExitStack() as stack:
            path = directory / f"{prefix}{os.urandom(16).hex()}{suffix}"
            stack.callback(remove_leftover, path)
            lease = Lease(path, os.open(path, flags, 0o600))
            stack.callback(lease.close)
            # Between open and lock a sweep may take the file for abandoned. Then
            # it is lost, name and all: a second file of that name would be removed
            # by a second sweep, which still has the first one open.
            if not _is_held(lease):
                continue
            if sys.platform != "win32":
                os.fchmod(lease.descriptor, 0o600)  # whatever the umask took away
            yield lease
            return
    raise OSError(errno.ESTALE, "A file that was just made is not there by its name", directory)


def _is_held(lease: Lease) -> bool:
    if not _try_lease(lease.descriptor):
        return False
    try:
        lease.path.lstat()  # by its name, which no other file has: some disks count no links
    except FileNotFoundError:
        return False
    return True


def _try_lease(descriptor: int) -> bool:
    try:
        return try_lock(descriptor, Hold.EXCLUSIVE)
    except OSError as error:
        # Some network file systems have no locks. Nobody can find such a file
        # abandoned either, so it is safe; only its clean-up is up to the person.
        if error.errno in _NO_LOCKS:
            return True
        raise


@contextmanager
def abandoned(path: Path) -> Iterator[bool]:
    """Yield whether the owner of a leased file is gone; True holds until the block ends.

    A file that is not there has no owner either: True. Nor will it have one, for
    `leased_file` never uses a name again.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        yield True
        return
    except PermissionError:
        yield False  # Windows: it is locked; elsewhere: it is not ours to judge
        return
    try:
        yield _is_free(descriptor)
    finally:
        os.close(descriptor)


def abandoned_files(directory: Path, is_ours: Callable[[str], object]) -> Iterator[Path]:
    """Yield the leased files in a directory whose owners are gone, locked while they are looked at.

    Args:
        directory: May be absent; then nothing is found.
        is_ours: Tells such a file by its name.

    """
    try:
        names = sorted(filter(is_ours, os.listdir(directory)))  # noqa: PTH208 - names only
    except OSError:  # not there, or not ours: nothing that could be found
        return
    for path in (directory / name for name in names):
        with abandoned(path) as dead:
            if dead:
                yield path


def _is_free(descriptor: int) -> bool:
    try:
        return try_lock(descriptor, Hold.EXCLUSIVE)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
