"""Renaming without overwriting: the one step that plain ``rename`` cannot do on POSIX."""

import errno
import os
import sys
from pathlib import Path

_UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def rename_exclusive(source: Path | str, target: Path | str) -> None:
    """Rename a file; FileExistsError if the target is there, links included.

    One step on Linux (renameat2 with RENAME_NOREPLACE), macOS (renamex_np with
    RENAME_EXCL) and Windows (its rename never replaces). Where the file system
    lacks it (NFS), the target is looked for first: a file that appears within
    those microseconds would be lost, and nothing better exists there.

    Never a copy: OSError with EXDEV if the two are on different disks.
    """
    if sys.platform == "win32":
        Path(source).rename(target)
        return
    number = _exclusively(os.fsencode(source), os.fsencode(target))
    if number in _UNSUPPORTED:
        try:
            Path(target).lstat()
        except FileNotFoundError:
            Path(source).rename(target)
            return
        number = errno.EEXIST
    if number:
        # The system's constructor picks FileExistsError and its like by number.
        raise OSError(number, os.strerror(number), str(source), None, str(target))


if sys.platform == "linux":
    import ctypes

    _AT_FDCWD = -100  # <fcntl.h>
    _RENAME_NOREPLACE = 1  # <linux/fs.h>
    _libc = ctypes.CDLL(None, use_errno=True)
    # glibc has it since 2.28 and musl never: then the fallback serves.
    _renameat2 = getattr(_libc, "renameat2", None)

    def _exclusively(_source: bytes, _target: bytes) -> int:
        if _renameat2 is None:
            return errno.ENOSYS
        failed = _renameat2(_AT_FDCWD, _source, _AT_FDCWD, _target, _RENAME_NOREPLACE)
        return ctypes.get_errno() if failed else 0

elif sys.platform == "darwin":  # pragma: no cover - macOS
    import ctypes

    _RENAME_EXCL = 4  # <sys/stdio.h>
    _libc = ctypes.CDLL(None, use_errno=True)

    def _exclusively(_source: bytes, _target: bytes) -> int:
        failed = _libc.renamex_np(_source, _target, _RENAME_EXCL)
        return ctypes.get_errno() if failed else 0

else:  # pragma: no cover - other systems

    def _exclusively(_source: bytes, _target: bytes) -> int:
        return errno.ENOSYS
