"""Where an import is put together before it becomes live: private, on the vault's disk.

``.state/staging/<id>/tree`` mirrors the vault. ``<id>.lock`` beside it is
locked for as long as the owner lives; a sweep removes an area only if it can
take that lock. The lock file is made before the area and removed after it, so
an area without one is dead as well.

A sweep leaves everything alone while a change is unfinished: recovery needs
to see which files had been moved out of a staging area.
"""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from autoresumefiller.errors import InvalidArgumentError, StorageError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import (
    PRIVATE_DIRECTORY,
    make_private_directory,
    open_private,
    open_to_owner,
    storage,
    storage_error,
    write_all,
)
from autoresumefiller.vault.flock import abandoned, leased_file
from autoresumefiller.vault.layout import VaultLayout, is_name
from autoresumefiller.vault.recovery import is_unfinished
from autoresumefiller.vault.syncing import Syncer
from autoresumefiller.vault.trees import remove_leftover, remove_tree

if TYPE_CHECKING:
    from typing_extensions import Buffer

_AREA = re.compile(r"([0-9a-f]{32}|discard-[0-9a-f]{16})(?:\.lock)?")
"""What a lease calls an area, and recovery what it puts here to be deleted.

Network disks and file managers put other names beside them.
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BUFFER_BYTES = 128 * 1024
_CAN_DATE_OPEN_FILES = os.utime in os.supports_fd


class Dated(Protocol):
    """What `StagingArea.open` needs to know of a file: the archive's record has it."""

    @property
    def modified(self) -> str | None:
        """ISO 8601, UTC if it does not say, or None."""


class StagingArea:
    """One import in preparation; made by `staging_area`. Safe to use from several threads.

    Attributes:
        tree: The directory that mirrors the vault.

    """

    def __init__(self, tree: Path, syncer: Syncer) -> None:
        self.tree = tree
        self._syncer = syncer
        self._made = {os.fspath(tree)}
        self._guard = threading.Lock()

    def open(self, record: Dated, path: str) -> BinaryIO:
        """Create a file that must not be there yet, 0600; closing it sets its modification time.

        Args:
            record: Says when the file was modified; what does not parse is left out.
            path: Its name in the vault.

        Raises:
            InvalidArgumentError: the path leads out of the area.
            StorageError: also from ``write`` and ``close`` of what is returned.

        """
        place = self._place(path)
        with storage("unpack", path):
            self._make_directories(place.rpartition(os.sep)[0])
            file = _StagedFile(place, path, _nanoseconds(record.modified), self._syncer)
        return cast("BinaryIO", file)

    def put(self, record: Dated, path: str, content: "Buffer") -> None:
        """Do what `open`, one write and closing do, in fewer calls of the system.

        Raises:
            InvalidArgumentError: the path leads out of the area.
            StorageError: the system refused.

        """
        place = self._place(path)
        with storage("unpack", path):
            self._make_directories(place.rpartition(os.sep)[0])
            descriptor = open_private(place, os.O_WRONLY | os.O_EXCL)
            try:
                write_all(descriptor, content)
                _set_time(descriptor, place, _nanoseconds(record.modified))
                self._syncer.ended(descriptor)
            finally:
                os.close(descriptor)
            self._syncer.wrote(memoryview(content).nbytes)

    def make_directory(self, path: str) -> None:
        """Create a directory and those above it, 0700; one that is there is fine."""
        with storage("unpack", path):
            self._make_directories(self._place(path.rstrip("/")))

    def write(self, path: str, data: bytes) -> Path:
        """Create a file with this content; return where it is."""
        self.put(_UNDATED, path, data)
        return self.tree / path

    def take(self, path: str, limit: int) -> bytes | None:
        """Return a file's content, of at most ``limit`` bytes, and remove the file from the area.

        None if it is not there.
        """
        place = Path(self._place(path))
        with storage("read", path):
            try:
                with place.open("rb") as file:
                    data = file.read(limit)
            except FileNotFoundError:
                return None
            place.unlink()
        return data

    def sync(self) -> None:
        """Wait until everything in the area is on the disk.

        Raises:
            StorageError: something is not; the area must not be used.

        """
        with storage("write", self.tree):
            self._syncer.sync(self._made)

    def _place(self, path: str) -> str:
        """Where a vault path is in the area.

        The reader of archives has judged every name already; this is the last
        gate before bytes reach the disk, so it looks once more, at the text
        alone: the area is fresh, private and made of real directories only, so
        no link in it can lead elsewhere.
        """
        parts = path.split("/")
        if not all(map(is_name, parts)):
            raise InvalidArgumentError(f"{printable(path)!r} is no path inside a vault")
        # As text: a Path for each of 100,000 files would take longer than its creation.
        separator = os.sep
        return f"{self.tree}{separator}{separator.join(parts)}"

    def _make_directories(self, directory: str) -> None:
        if directory in self._made:
            return
        with self._guard:
            missing = []
            while directory not in self._made:
                missing.append(directory)
                directory = directory.rpartition(os.sep)[0]
            for level in map(Path, reversed(missing)):
                level.mkdir(PRIVATE_DIRECTORY)
                open_to_owner(level)
                self._made.add(os.fspath(level))


class _StagedFile(BufferedWriter):
    """A file that gets its modification time when closed, and raises our errors only."""

    def __init__(self, place: str, path: str, mtime_ns: int | None, syncer: Syncer) -> None:
        super().__init__(FileIO(place, "xb", opener=open_private), _BUFFER_BYTES)
        self._path = path
        self._mtime_ns = mtime_ns
        self._place = place
        self._syncer = syncer

    def write(self, data: "Buffer", /) -> int:
        try:
            written = super().write(data)
            self._syncer.wrote(written)
        except OSError as error:
            raise storage_error(error, "unpack", self._path) from error
        return written

    def close(self) -> None:
        if self.closed:
            return
        try:
            self.flush()
            _set_time(self.fileno(), self._place, self._mtime_ns)
            self._syncer.ended(self.fileno())
        except OSError as error:
            raise storage_error(error, "unpack", self._path) from error
        finally:
            with suppress(OSError):  # what was not flushed fails a second time
                super().close()


def _set_time(descriptor: int, place: str, mtime_ns: int | None) -> None:
    if mtime_ns is not None:
        os.utime(descriptor if _CAN_DATE_OPEN_FILES else place, ns=(mtime_ns, mtime_ns))


class _Undated:
    modified = None


_UNDATED = _Undated()


def _nanoseconds(modified: str | None) -> int | None:
    """Return nanoseconds since 1970, exactly (a float would lose the microseconds)."""
    if modified is None:
        return None
    try:
        when = datetime.fromisoformat(modified)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return (when - _EPOCH) // timedelta(microseconds=1) * 1000


@contextmanager
def staging_area(layout: VaultLayout) -> Iterator[StagingArea]:
    """Make a staging area; it is gone when the block ends, however it ends.

    Raises:
        StorageError: the system refused.

    """
    sweep_staging(layout)
    make_private_directory(layout.staging)
    with ExitStack() as stack:
        with storage("create a folder in", layout.staging):
            lease = stack.enter_context(leased_file(layout.staging, "", ".lock"))
            area = lease.path.with_suffix("")
            stack.callback(remove_tree, area)
            for level in (area, area / "tree"):
                level.mkdir(PRIVATE_DIRECTORY)
                open_to_owner(level)
            syncer = stack.enter_context(Syncer.on(area))
        yield StagingArea(area / "tree", syncer)


def sweep_staging(layout: VaultLayout) -> None:
    """Remove the areas whose owners are gone."""
    for area in abandoned_areas(layout):
        remove_area(area)


def abandoned_areas(layout: VaultLayout) -> Iterator[Path]:
    """Yield the areas whose owners are gone, locked while they are looked at."""
    with suppress(OSError, StorageError):
        with os.scandir(layout.staging) as entries:
            found = {match[1] for entry in entries if (match := _AREA.fullmatch(entry.name))}
        for identity in sorted(found):
            with abandoned(layout.staging / f"{identity}.lock") as dead:
                # Looked at after the owner is known to be gone: it cannot begin a
                # change any more, and one that it began is there to be seen.
                if dead and not is_unfinished(layout):
                    yield layout.staging / identity


def remove_area(area: Path) -> None:
    """Remove an area, and after it the file that says whether its owner lives."""
    remove_tree(area)
    remove_leftover(area.with_name(f"{area.name}.lock"))
