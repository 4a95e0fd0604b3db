"""Putting away what a round made, so that the next one is not slower for it.

ext4 does not use the inode of a deleted file again for some minutes, and looks
past it for every file that is created meanwhile (`recently_deleted` in
fs/ext4/ialloc.c). After 100,000 files had been deleted, `bsdtar` took 28 s to
create 100,000 for which it needs 5 s otherwise. So what is not needed any more
is kept, and deleted when everything has been measured. Large files are emptied:
a run makes a hundred gigabytes of them, and of small ones a dozen.
"""

import os
import shutil
from itertools import count
from pathlib import Path

_FOLDER = "discarded"
_SMALL_BYTES = 1 << 16


def discard(path: Path, *, within: Path) -> None:
    """Take a directory of files away from its place; what is large in it takes no space then."""
    folder = within / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    free = next(number for number in count() if not (folder / str(number)).exists())
    kept = folder / str(free)
    path.rename(kept)
    for directory, _, names in os.walk(kept):
        for name in names:
            file = os.path.join(directory, name)  # noqa: PTH118 - of 100,000
            if os.lstat(file).st_size > _SMALL_BYTES:  # no link is so long
                os.truncate(file, 0)


def delete_discarded(within: Path) -> None:
    """Delete what was put away."""
    shutil.rmtree(within / _FOLDER, ignore_errors=True)
