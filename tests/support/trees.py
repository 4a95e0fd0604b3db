"""What is on disk, so that a test can say: exactly this, or nothing was changed."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path


def snapshot(root: Path, *, without: tuple[str, ...] = (".state", "logs")) -> dict[str, object]:
    """Describe everything below ``root``: kind, permission, time and content.

    ``without`` names top-level entries that are left out: our own bookkeeping.
    """
    found: dict[str, object] = {}
    for path in sorted(_below(root)):
        relative = path.relative_to(root)
        if relative.parts[0] in without:
            continue
        status = path.lstat()
        if stat.S_ISREG(status.st_mode):
            found[relative.as_posix()] = (status.st_mode, status.st_mtime_ns, path.read_bytes())
        else:
            found[relative.as_posix()] = (status.st_mode,)
    return found


def _below(root: Path) -> Iterator[Path]:
    # Path.rglob calls itself for each folder until Python 3.13; folders here can be 2,000 deep.
    pending = [root]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                path = Path(entry.path)
                yield path
                if entry.is_dir(follow_symlinks=False):
                    pending.append(path)
