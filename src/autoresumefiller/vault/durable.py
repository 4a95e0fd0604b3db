"""Writing to disk so that it is there afterwards, and saying plainly when it is not.

Two rules hold everywhere below. A name appears only after its content is on
the disk: file first, directory second. And an fsync that failed is never
tried again: the kernel may have dropped the pages it could not write and
report success the second time (Rebello et al., "Can Applications Recover from
fsync Failures?", USENIX ATC 2020).
"""

import errno
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from autoresumefiller.errors import (
    AccessDeniedError,
    NotEnoughSpaceError,
    StorageError,
    VaultLayoutError,
)
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.flock import abandoned_files, leased_file

if TYPE_CHECKING:
    from typing_extensions import Buffer

if sys.platform != "win32":
    import fcntl

PRIVATE_DIRECTORY: Final = 0o700
PRIVATE_FILE: Final = 0o600

_TEMPORARY = re.compile(r"\.arf-[0-9a-f]{32}\.tmp")
_SHARING_VIOLATION = 32  # Windows: ERROR_SHARING_VIOLATION

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "this account's share of the disk is used up",
    errno.EFBIG: "the file is larger than this disk or account allows",
    errno.EACCES: "this account may not do that there",
    errno.EPERM: "this account may not do that there",
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk reported an error",
    errno.ENOENT: "it is not there",
    errno.EEXIST: "it is there already",
    errno.ENOTDIR: "a file is where a folder should be",
    errno.EISDIR: "a folder is where a file should be",
    errno.ENOTEMPTY: "the folder is not empty",
    errno.ELOOP: "a link is where a file or folder should be",
    errno.ENAMETOOLONG: "the name is longer than this disk allows",
    errno.EMFILE: "this program has too many files open",
    errno.ENFILE: "this computer has too many files open",
    errno.EXDEV: "it is on another disk",
}


@contextmanager
def storage(
    action: str, path: Path | str, *, consequence: str | None = None, hint: str | None = None
) -> Iterator[None]:
    """Turn the system's errors inside a block into ours, and Python's about a path for it.

    Args:
        action: A verb that fits "Could not <action> <path>".
        path: What the block works on, for the message.
        consequence: Instead of "Nothing in your vault was changed."
        hint: Instead of the error's own.

    Raises:
        NotEnoughSpaceError: the disk or the account's share of it is full.
        AccessDeniedError: permissions, or a read-only disk.
        StorageError: anything else.

    """
    try:
        yield
    except OSError as error:
        raise storage_error(error, action, path, consequence=consequence, hint=hint) from error
    except UnicodeEncodeError as error:  # raised before the system is even asked
        shown = printable(str(path))
        raise StorageError(
            f"Could not {action} {shown}: no file on this system can have that name",
            path=shown,
            consequence=consequence,
            hint=hint,
        ) from error


def storage_error(
    error: OSError,
    action: str,
    path: Path | str,
    *,
    consequence: str | None = None,
    hint: str | None = None,
) -> StorageError:
    """Return ours for one of the system's; see `storage`."""
    number = error.errno
    kind: type[StorageError] = StorageError
    reason = (error.strerror or str(error)).rstrip(".")
    if number is not None:
        reason = _WORDS.get(number, reason)
        if number in _FULL:
            kind = NotEnoughSpaceError
        elif number in _DENIED:
            kind = AccessDeniedError
    if getattr(error, "winerror", None) == _SHARING_VIOLATION:
        reason = "another program has it open"
    shown = printable(str(path))
    return kind(
        f"Could not {action} {shown}: {reason}",
        path=shown,
        errno=number,
        consequence=consequence,
        hint=hint,
    )


def is_there(path: Path) -> bool:
    """Whether anything has this name, a link that leads nowhere too.

    Unlike ``os.path.lexists``, which calls every error a "no": a disk that
    fails must not make a file look absent. OSError then.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def fsync_file(descriptor: int) -> None:
    """Wait until an open file's content is on the disk; OSError if it did not get there."""
    if sys.platform == "darwin":  # pragma: no cover - macOS
        # fsync(2) there stops at the drive's cache; F_FULLFSYNC goes through it.
        with suppress(OSError):  # not every file system has it; then fsync is all there is
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def sync_data(descriptor: int) -> None:
    """Begin early what `fsync_file` is to end: nothing may be built on this alone.

    OSError if something did not get onto the disk. Systems without fdatasync
    have no cheap way to begin (macOS writes out by itself, Windows as well).
    """
    if hasattr(os, "fdatasync"):
        os.fdatasync(descriptor)


def fsync_directory(path: Path | str) -> None:
    """Wait until a directory's entries are on the disk; OSError if they did not get there.

    Windows has no such call and needs none: NTFS journals its metadata in order.
    """
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fsync_file(descriptor)
    except OSError as error:
        # Some network and FUSE file systems cannot sync a directory and say so.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


def make_private_directory(path: Path) -> None:
    """Create a directory and what is missing above it, 0700, each entry durable.

    Raises:
        VaultLayoutError: something that is no directory has the name.
        StorageError: the system refused.

    """
    with storage("create", path):
        _make_directories(path)


def _make_directories(path: Path, *, parents: bool = True) -> None:
    try:
        path.mkdir(PRIVATE_DIRECTORY)
    except FileExistsError:
        if not path.is_dir():
            raise VaultLayoutError(
                f"{printable(str(path))} is there, but it is not a folder",
                hint="Move it away, then try again.",
            ) from None
        return
    except FileNotFoundError:
        if path.parent == path or not parents:
            raise
        _make_directories(path.parent)
        # Once: below /proc a folder that is there lets none be made, and says it is not there.
        _make_directories(path, parents=False)
        return
    open_to_owner(path)
    fsync_directory(path.parent)


def open_to_owner(directory: Path) -> None:
    """Give a directory just made the mode 0700 where the umask took bits away."""
    if sys.platform != "win32" and stat.S_IMODE(directory.stat().st_mode) != PRIVATE_DIRECTORY:
        directory.chmod(PRIVATE_DIRECTORY)


def open_private(path: Path | str, flags: int) -> int:
    """Open a file of ours that is created if need be: mode 0600, links not followed.

    Raises:
        OSError: as ``os.open``.

    """
    more = os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags | more, PRIVATE_FILE)
    if sys.platform != "win32":
        try:
            # An umask of 0777 would make a file that not even its owner may open again.
            if stat.S_IMODE(os.fstat(descriptor).st_mode) != PRIVATE_FILE:
                os.fchmod(descriptor, PRIVATE_FILE)
        except BaseException:
            os.close(descriptor)
            raise
    return descriptor


def read_regular_file(path: Path, limit: int = -1) -> bytes:
    """Return a file's content, of at most ``limit`` bytes; a link is followed.

    Raises:
        VaultLayoutError: a pipe, a device or a folder has the name.
        OSError: it is not there, or cannot be read.

    """
    with os.fdopen(open_regular_file(path), "rb") as file:
        return file.read(limit)


def open_regular_file(path: Path) -> int:
    """Open a file to be read; a link is followed.

    Reading a pipe that nobody writes to, or a terminal, would never end: they
    are not waited for, but refused.

    Raises:
        VaultLayoutError: a pipe, a device or a folder has the name.
        OSError: it is not there, or cannot be read.

    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_NOCTTY", 0))
    except OSError as error:
        # A socket, or a device that nothing is behind.
        if error.errno in {errno.ENXIO, errno.ENODEV}:
            raise _not_regular(path) from error
        raise
    try:
        is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
    except BaseException:
        os.close(descriptor)
        raise
    if not is_regular:
        os.close(descriptor)
        raise _not_regular(path)
    return descriptor


def _not_regular(path: Path) -> VaultLayoutError:
    return VaultLayoutError(
        f"{printable(str(path))} is not a regular file",
        hint="Move it away, then try again.",
    )


def replace_file(path: Path, data: bytes) -> None:
    """Put ``data`` in place of a file, or create it, mode 0600: wholly or not at all.

    Written beside the file, synced, renamed over it: the rename is the commit.
    A kill before it leaves the old file and a ``.arf-*.tmp`` that a sweep
    removes; after it, the new file. A link is followed: what it points to is
    replaced, the link stays.

    Raises:
        StorageError: the old content is still there, unless the message says otherwise.

    """
    with storage("write", path):
        target = Path(os.path.realpath(path)) if path.is_symlink() else path
    with storage("write", path):
        _write_and_rename(target, data)
    with storage(
        "write", path, consequence="The new version is there, but may not survive a crash."
    ):
        fsync_directory(target.parent)


def _write_and_rename(target: Path, data: bytes) -> None:
    with leased_file(target.parent, ".arf-", ".tmp") as temporary:
        write_all(temporary.descriptor, data)
        fsync_file(temporary.descriptor)
        if sys.platform == "win32":  # an open file cannot be renamed there
            temporary.close()
        # Within the lease: nobody can mistake the file for an abandoned one.
        temporary.path.replace(target)


def write_all(descriptor: int, data: "Buffer") -> None:
    """Write all of it, however little the system takes at a time; OSError if it cannot."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def is_temporary(name: str) -> bool:
    """Whether a file name is that of a file `replace_file` was writing."""
    return _TEMPORARY.fullmatch(name) is not None


def abandoned_temporaries(directory: Path) -> Iterator[Path]:
    """Yield what interrupted `replace_file` calls left in a directory."""
    return abandoned_files(directory, is_temporary)


def remove_file(path: Path) -> None:
    """Delete a file; when this returns it will not come back.

    Raises:
        StorageError: it is still there, or was not there.

    """
    with storage("delete", path):
        path.unlink()
    with storage("delete", path, consequence="It is gone, but may be back after a crash."):
        fsync_directory(path.parent)
