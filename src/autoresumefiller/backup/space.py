"""Free space, looked at before work that would only fail in the middle."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from autoresumefiller.errors import NotEnoughSpaceError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import storage

SPACE_MARGIN_BYTES: Final = 16 * 1024 * 1024
"""Asked for beyond the files themselves: headers, metadata, and room for others to go on."""

_LEAST_MARGIN_BYTES = 64 * 1024
_MARGIN_SHARE = 8
"""A small work needs a small margin: a profile can still be saved on a disk that is nearly full."""


def margin_bytes(needed: int) -> int:
    """Return the margin for a work that writes ``needed`` bytes."""
    return min(SPACE_MARGIN_BYTES, max(_LEAST_MARGIN_BYTES, needed // _MARGIN_SHARE))


def free_bytes(directory: Path) -> int:
    """Return how many bytes are free on the disk of a directory.

    Raises:
        StorageError: it cannot be looked at.

    """
    with storage("look at", directory):
        return shutil.disk_usage(directory).free


def require_space(directory: Path, needed: int, what: str) -> None:
    """See that ``needed`` bytes and the margin are free.

    Args:
        directory: On the disk in question.
        needed: Bytes.
        what: Who may need them, as the subject of a sentence: "The archive".

    Raises:
        NotEnoughSpaceError: they are not.
        StorageError: the disk cannot be looked at.

    """
    require_space_for_copies([directory], needed, what)


def require_space_for_copies(directories: Iterable[Path], needed: int, what: str) -> None:
    """See that ``needed`` bytes are free for each directory, together where they share a disk.

    Raises:
        NotEnoughSpaceError: they are not.
        StorageError: a disk cannot be looked at.

    """
    disks: dict[int, list[Path]] = {}
    for directory in directories:
        with storage("look at", directory):
            disks.setdefault(directory.stat().st_dev, []).append(directory)
    for sharing in disks.values():
        # With quotas for folders they may differ.
        free, directory = min((free_bytes(directory), directory) for directory in sharing)
        wanted = needed * len(sharing)
        margin = margin_bytes(wanted)
        if free < wanted + margin:
            raise NotEnoughSpaceError(
                f"{what} may need {wanted:,} bytes and a margin of {margin:,}; {free:,} are free",
                path=printable(str(directory)),
            )
