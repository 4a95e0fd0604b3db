"""Mark an archive as being imported, so that no clean-up deletes it meanwhile.

The mark is a shared lock on the open file: it goes with the process, whatever
ends it. File systems without locks cannot carry it; there a clean-up may delete
the archive, and the import goes on from the open descriptor all the same.
"""

from pathlib import Path
from typing import BinaryIO

import portalocker


def mark(file: BinaryIO) -> None:
    """Mark the archive until the file is closed."""
    try:
        portalocker.lock(file, portalocker.LockFlags.SHARED | portalocker.LockFlags.NON_BLOCKING)
    except portalocker.LockException:
        return


def is_marked(path: Path) -> bool:
    """Whether any process, this one included, has marked the archive."""
    try:
        with path.open("rb") as file:
            portalocker.lock(
                file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING
            )
            portalocker.unlock(file)
    except portalocker.AlreadyLocked:
        return True
    except (OSError, portalocker.LockException):
        return False
    return False
