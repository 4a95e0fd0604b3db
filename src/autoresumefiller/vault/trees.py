"""Going through directories of ours, and deleting them, however deep they are.

An archive can hold names of two thousand folders in each other. ``os.walk`` calls
itself for each of them until Python 3.12; ``shutil.rmtree`` until 3.13, and
holds each open.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path


def remove_tree(directory: Path) -> None:
    """Delete a directory of ours as far as the system lets us; what stays is swept another time."""
    with suppress(OSError):
        if not stat.S_ISDIR(directory.lstat().st_mode):
            return
        folders = []
        for folder, files in walk_tree(directory, on_error=lambda _error: None):
            folders.append(folder)
            for file in files:
                with suppress(OSError):
                    os.unlink(file)  # noqa: PTH108 - of 100,000 files, as text
        for folder in reversed(folders):
            with suppress(OSError):
                os.rmdir(folder)  # noqa: PTH106 - the same


def remove_leftover(file: Path) -> None:
    """Delete a file of ours if the system lets us; one that stays is swept another time."""
    with suppress(OSError):
        file.unlink(missing_ok=True)


def walk_tree(
    directory: Path, *, on_error: Callable[[OSError], None]
) -> Iterator[tuple[str, list[str]]]:
    """Yield the path of each folder, parents first, with the paths of the files in it.

    Links are files.

    Args:
        directory: Where to begin.
        on_error: Called where a folder cannot be looked into.

    """
    pending = [os.fspath(directory)]
    while pending:
        folder = pending.pop()
        files: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    (pending if _is_real_folder(entry) else files).append(entry.path)
        except OSError as error:
            on_error(error)
        yield folder, files


def _is_real_folder(entry: os.DirEntry[str]) -> bool:
    # What Windows calls a junction is a link; Python says so since 3.12.
    is_junction = getattr(entry, "is_junction", bool)
    return entry.is_dir(follow_symlinks=False) and not is_junction()
