"""What is on disk, so that a test can say: exactly this, or nothing was changed."""

import stat
from pathlib import Path


def snapshot(root: Path, *, without: tuple[str, ...] = (".state", "logs")) -> dict[str, object]:
    """Describe everything below ``root``: kind, permission, time and content.

    ``without`` names top-level entries that are left out: our own bookkeeping.
    """
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if relative.parts[0] in without:
            continue
        status = path.lstat()
        if stat.S_ISREG(status.st_mode):
            found[relative.as_posix()] = (status.st_mode, status.st_mtime_ns, path.read_bytes())
        else:
            found[relative.as_posix()] = (status.st_mode,)
    return found
