"""What tells one content of a backup from another without reading it."""

from pathlib import Path
from typing import NamedTuple


class Mark(NamedTuple):
    """A file as it is now: another one, or the same one written to, has another mark."""

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int
    ctime_ns: int


def mark_of(path: Path) -> Mark | None:
    """Return a file's mark now; None if it cannot be looked at."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Mark(
        status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    )
