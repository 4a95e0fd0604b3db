"""The backups there are: listed, found, deleted.

A backup is a regular file in ``backups/`` that ends in ``.zip`` or
``.zip.age``; anything else in the folder is left alone. The list costs one
``stat`` for each file: what an archive says of itself is read when first asked.
"""

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from autoresumefiller.errors import BackupNotFoundError, StorageError
from autoresumefiller.model.backup_name import ARCHIVE_SUFFIXES, BackupName, BackupType
from autoresumefiller.model.printable import printable
from autoresumefiller.model.results import BackupEntry, DeleteResult
from autoresumefiller.vault.durable import remove_file, storage
from autoresumefiller.vault.layout import VaultLayout

_UNREAD = object()


class _Entry(dict[str, Any]):
    """A `BackupEntry` whose ``metadata`` is read from the archive when first touched."""

    def _read(self) -> None:
        if super().__getitem__("metadata") is _UNREAD:
            # Importing these takes ten times as long as listing a hundred backups.
            from autoresumefiller.archive.metadata_json import as_dict
            from autoresumefiller.archive.reader import read_metadata

            metadata = read_metadata(super().__getitem__("path"))
            super().__setitem__("metadata", None if metadata is None else as_dict(metadata))

    def __getitem__(self, key: str) -> Any:
        if key == "metadata":
            self._read()
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default

    def __iter__(self) -> Iterator[str]:
        # Because this is overridden, `dict(entry)` and `{**entry}` fetch each
        # value by `__getitem__` instead of copying the unread one.
        return super().__iter__()

    def __or__(self, other: Any) -> Any:
        return dict(self) | other

    def items(self) -> Any:
        self._read()
        return super().items()

    def values(self) -> Any:
        self._read()
        return super().values()

    def copy(self) -> dict[str, Any]:
        self._read()
        return dict(super().items())

    def __eq__(self, other: object) -> bool:
        self._read()
        return super().__eq__(other)

    __hash__ = None  # like every mutable mapping

    def __repr__(self) -> str:
        self._read()
        return super().__repr__()


def list_backups(layout: VaultLayout) -> list[BackupEntry]:
    """List the backups, newest first; an absent folder holds none.

    Raises:
        StorageError: the folder cannot be read.

    """
    found = [
        (created, number, entry.name, size)
        for entry, size, mtime in _archive_files(layout.backups)
        for created, number in [_created(entry.name, mtime)]
    ]
    found.sort(reverse=True)
    return [
        cast(
            "BackupEntry",
            _Entry(
                filename=name,
                path=layout.backups / name,
                size_bytes=size,
                # Not strftime: glibc does not pad years below 1000.
                created=f"{created.replace(tzinfo=None).isoformat()}Z",
                type=_type(name).value,
                metadata=_UNREAD,
            ),
        )
        for created, _, name, size in found
    ]


def find_backup(layout: VaultLayout, path_or_filename: Path | str) -> Path:
    """Return the path of a listed backup.

    Takes its file name, or a path to it; nothing outside the list is ever
    returned, so that what is deleted or sent by name cannot be another file.

    Raises:
        BackupNotFoundError: it is not in the list.

    """
    wanted = Path(path_or_filename)
    name = wanted.name
    is_bare = str(path_or_filename) == name
    if (is_bare or _same_directory(wanted.parent, layout.backups)) and any(
        entry.name == name for entry, _, _ in _archive_files(layout.backups)
    ):
        return layout.backups / name
    raise BackupNotFoundError(f"There is no backup named {printable(str(path_or_filename))}")


def delete_backup(layout: VaultLayout, path_or_filename: Path | str) -> DeleteResult:
    """Delete a listed backup for good.

    Raises:
        BackupNotFoundError: it is not in the list.
        StorageError: the system refused.

    """
    path = find_backup(layout, path_or_filename)
    try:
        remove_file(path)
    except StorageError as error:
        if error.errno == errno.ENOENT:  # another process was faster
            raise BackupNotFoundError(f"There is no backup named {printable(path.name)}") from None
        raise
    return {"deleted": True, "filename": path.name}


def _archive_files(folder: Path) -> Iterator[tuple[os.DirEntry[str], int, float]]:
    with storage("read", folder):
        if not folder.is_dir():
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.endswith(ARCHIVE_SUFFIXES) or entry.name.startswith("."):
                    continue
                try:
                    if entry.is_file(follow_symlinks=False):
                        status = entry.stat(follow_symlinks=False)
                        yield entry, status.st_size, status.st_mtime
                except FileNotFoundError:  # deleted by another process meanwhile
                    continue


def _created(name: str, mtime: float) -> tuple[datetime, int]:
    parsed = BackupName.parse(name)
    if parsed is None:
        return _time_of(mtime), 0
    return parsed.created, parsed.number


def _time_of(mtime: float) -> datetime:
    try:
        return datetime.fromtimestamp(mtime, UTC).replace(microsecond=0)
    except (OverflowError, ValueError, OSError):  # some disks hold times that no calendar has
        return datetime(1970, 1, 1, tzinfo=UTC)


def _type(name: str) -> BackupType:
    parsed = BackupName.parse(name)
    return BackupType.MANUAL if parsed is None else parsed.type


def _same_directory(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
