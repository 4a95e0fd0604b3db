"""Mark an archive as being imported, so that no clean-up deletes it meanwhile.

The mark is a shared lock on the open file: it goes with the process, whatever
ends it. File systems without locks cannot carry it; there a clean-up may delete
the archive, and the import goes on from the open descriptor all the same.
"""

from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from autoresumefiller.vault.flock import Hold, abandoned, try_lock


def mark(file: BinaryIO) -> None:
    """Mark the archive until the file is closed."""
    with suppress(OSError):
        try_lock(file.fileno(), Hold.SHARED)


def is_marked(path: Path) -> bool:
    """Whether any process, this one included, has marked the archive."""
    try:
        with abandoned(path) as free:
            return not free
    except OSError:
        return False
