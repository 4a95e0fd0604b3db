"""A file being made, which appears under its name only when it is finished.

On Linux the draft has no name at all (O_TMPFILE): a kill leaves nothing.
Elsewhere, and on file systems without such files, it is ``.<random>.part``
beside its future name. What a kill left is removed by a sweep of the vault
and, where no sweep comes (on a stick), by the next draft in that folder.

Publishing is exclusive: an existing file is never overwritten.

==================  ====================  =========================================
way to publish      where                 killed in the middle
==================  ====================  =========================================
link, no name       Linux, most disks     nothing, or the finished file
link, then unlink   POSIX, Windows        the finished file and perhaps the
                                          ``.part``, which is the same file
exclusive rename    no hard links (FAT)   the ``.part``, or the finished file
==================  ====================  =========================================
"""

import errno
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from autoresumefiller.errors import OutputExistsError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import fsync_directory, fsync_file, storage, sync_data
from autoresumefiller.vault.flock import abandoned_files, leased_file
from autoresumefiller.vault.rename import rename_exclusive
from autoresumefiller.vault.trees import remove_leftover
from autoresumefiller.vault.writeback import Writeback

_PART = re.compile(r"\.[0-9a-f]{32}\.part")
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_NO_TMPFILE = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.ENOSYS})
_UNPUBLISHED = "No file was made."


class Draft:
    """A draft, open for writing and reading; made by `draft_in`.

    Attributes:
        file: Binary, seekable, mode 0600.

    """

    def __init__(
        self, directory: Path, file: BinaryIO, writeback: Writeback, part: Path | None
    ) -> None:
        self.file = file
        self._directory = directory
        self._writeback = writeback
        self._part = part

    def wrote(self, total: int) -> None:
        """Take note that the first ``total`` bytes of the file are with the system.

        They begin to go onto the disk, so that `sync` has less to wait for.

        Raises:
            StorageError: some did not get there, and the draft must not be published.

        """
        with storage("write", self._directory, consequence=_UNPUBLISHED):
            self._writeback.wrote(total)

    def sync(self) -> None:
        """Bring what was written so far onto the disk; may run in another thread.

        Raises:
            StorageError: it did not get there, and the draft must not be published.

        """
        with storage("write", self._directory, consequence=_UNPUBLISHED):
            self.file.flush()
            self._writeback.finish()
            fsync_file(self.file.fileno())

    def publish(self, names: Iterable[str]) -> Path:
        """Sync the draft and give it the first of ``names`` that is free; return its path.

        Raises:
            OutputExistsError: no name was free.
            StorageError: the system failed; nothing was published.

        """
        self.sync()
        taken = ""
        for name in names:
            path = self._directory / name
            with storage("write", path, consequence=_UNPUBLISHED):
                try:
                    self._link(path)
                except FileExistsError:
                    taken = printable(str(path))
                    continue
                self._settle(path)
                return path
        raise OutputExistsError(f"{taken} exists already", path=taken)

    def _link(self, path: Path) -> None:
        if self._part is None:
            # With a directory descriptor Python calls linkat(AT_SYMLINK_FOLLOW):
            # open(2) documents this way to name an O_TMPFILE without privileges.
            os.link(
                f"/proc/self/fd/{self.file.fileno()}",
                path,
                src_dir_fd=self.file.fileno(),
                follow_symlinks=True,
            )
            return
        try:
            path.hardlink_to(self._part)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            rename_exclusive(self._part, path)

    def _settle(self, path: Path) -> None:
        try:
            if self._part is not None:
                # Windows does not remove what is open: there it goes with the block's end.
                with suppress(PermissionError):
                    self._part.unlink(missing_ok=True)
            fsync_directory(self._directory)
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise


@contextmanager
def draft_in(directory: Path) -> Iterator[Draft]:
    """Open a draft in a directory that exists; leaving the block discards what is unpublished.

    Raises:
        StorageError: the directory is not there or cannot be written to.

    """
    with ExitStack() as stack:
        with storage("write to", directory, consequence=_UNPUBLISHED):
            draft = _nameless(directory, stack) or _named(directory, stack)
        yield draft


def _nameless(directory: Path, stack: ExitStack) -> Draft | None:
    if sys.platform != "linux":
        return None
    try:
        descriptor = os.open(directory, os.O_TMPFILE | os.O_RDWR, 0o600)
    except OSError as error:
        if error.errno in _NO_TMPFILE and directory.is_dir():
            return None
        raise
    file = os.fdopen(descriptor, "w+b")
    stack.callback(_close, file)
    os.fchmod(descriptor, 0o600)
    if not os.path.exists(f"/proc/self/fd/{descriptor}"):  # noqa: PTH110 - /proc may be absent
        return None  # the stack closes it, and with that it is gone
    return Draft(directory, file, _writeback(file, stack), None)


def _named(directory: Path, stack: ExitStack) -> Draft:
    for abandoned in abandoned_drafts(directory):
        remove_leftover(abandoned)
    part = stack.enter_context(leased_file(directory, ".", ".part"))
    # A copy of the descriptor shares its lock: the lease lasts as long as either.
    file = os.fdopen(os.dup(part.descriptor), "w+b")
    stack.callback(_close, file)
    return Draft(directory, file, _writeback(file, stack), part.path)


def _writeback(file: BinaryIO, stack: ExitStack) -> Writeback:
    return stack.enter_context(Writeback(partial(sync_data, file.fileno())))


def _close(file: BinaryIO) -> None:
    # Closing writes out what is buffered. What was published has been synced, so
    # an error here is about bytes that nobody will miss.
    with suppress(OSError):
        file.close()


def abandoned_drafts(directory: Path) -> Iterator[Path]:
    """Yield the drafts that killed processes left in a directory."""
    return abandoned_files(directory, _PART.fullmatch)
