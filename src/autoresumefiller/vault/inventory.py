"""What is in a vault: every file that belongs to the person, and what was passed over.

The order is that of an archive: ``data/``, ``config.yaml``, ``cover_letters/``,
``resumes/``; in each of them by path, by code point. It depends on names
alone, so an unchanged vault gives the same archive.

A link in the place of a top directory or of config.yaml is followed, and
said: people link ``resumes/`` to a synced folder. Links further down are
passed over, and said: they may lead anywhere.
"""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from autoresumefiller.model.metadata import Scope, SkippedFile
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import is_temporary, is_there, storage_error
from autoresumefiller.vault.layout import CONFIG, COVER_LETTERS, DATA, RESUMES, VaultLayout

_ORDER = {
    Scope.FULL: (DATA, CONFIG, COVER_LETTERS, RESUMES),
    Scope.DATA: (DATA, CONFIG),
}
_KINDS = (
    (stat.S_ISLNK, "symbolic link"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISFIFO, "named pipe"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)


class VaultFile(NamedTuple):
    """A regular file as it was when it was looked at.

    A tuple, and its place not spelled out: of 100,000 files neither the time
    nor the memory for more is there.

    Attributes:
        path: Relative to the vault, POSIX separators; bytes of a name that are
            not UTF-8 are surrogate escapes.
        size: In bytes.
        mtime_ns: Nanoseconds since 1970.
        root: Of the vault, as text.

    """

    path: str
    size: int
    mtime_ns: int
    root: str

    @property
    def location(self) -> str:
        """The absolute path, as text: a `Path` takes longer to make than the file to be read."""
        return f"{self.root}{os.sep}{self.path}"

    @property
    def absolute(self) -> Path:
        """Where it is."""
        return Path(self.location)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """All that was found; every tuple in the order the module describes.

    Attributes:
        files: Regular files.
        empty_directories: Relative, POSIX, without a trailing slash; never a top directory.
        missing_directories: Top directories that are not there.
        skipped: What is there but is not a file of the person's, and why; printable.
        warnings: Sentences for the person, without those for `skipped`.

    """

    files: tuple[VaultFile, ...]
    empty_directories: tuple[str, ...]
    missing_directories: tuple[str, ...]
    skipped: tuple[SkippedFile, ...]
    warnings: tuple[str, ...]


def take_inventory(layout: VaultLayout, scope: Scope = Scope.FULL) -> Inventory:
    """Look at the vault, changing nothing and opening no file.

    Raises:
        StorageError: the vault itself cannot be looked at.

    """
    try:
        root = layout.root.stat()
    except OSError as error:
        raise storage_error(error, "open", layout.root) from error
    scan = _Scan(layout=layout, root=str(layout.root), vault=(root.st_dev, root.st_ino))
    for name in _ORDER[scope]:
        if name == CONFIG:
            scan.config()
        else:
            scan.top(name)
    return Inventory(
        files=tuple(scan.files),
        empty_directories=tuple(scan.empty),
        missing_directories=tuple(scan.missing),
        skipped=tuple(scan.skipped),
        warnings=tuple(scan.warnings),
    )


@dataclass(slots=True, kw_only=True)
class _Scan:
    """One look at a vault; ``vault`` is the (device, inode) of its root."""

    layout: VaultLayout
    root: str
    vault: tuple[int, int]
    files: list[VaultFile] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def skip(self, path: str, reason: str) -> None:
        self.skipped.append(SkippedFile(path=printable(path), reason=reason))

    def config(self) -> None:
        try:
            self._config()
        except OSError:
            self.skip(CONFIG, "not readable")

    def _config(self) -> None:
        path = self.layout.config
        try:
            status = path.stat()
        except FileNotFoundError:
            if path.is_symlink():
                self.skip(CONFIG, "a link that leads nowhere")
            else:
                self.warnings.append(f"{CONFIG} not found, skipping")
            return
        if not stat.S_ISREG(status.st_mode):
            self.skip(CONFIG, "not a regular file")
            return
        if path.is_symlink():
            self.warnings.append(f"{CONFIG} is a link; the file it points to was taken")
        self._add(CONFIG, status)

    def top(self, name: str) -> None:
        try:
            found = self._is_taken(name)
        except OSError:
            self.skip(name, "not readable")
            return
        if found:
            self._walk(name)

    def _is_taken(self, name: str) -> bool:
        """Whether a top directory is to be walked; if not, why not is taken down."""
        path = self.layout.root / name
        if not is_there(path):
            self.missing.append(name)
            self.warnings.append(f"{name}/ directory not found, skipping")
            return False
        if not path.is_dir():
            self.skip(name, "a link that leads nowhere" if path.is_symlink() else "not a directory")
            return False
        if self._is_vault(path.stat()):
            self.skip(name, "the vault itself, mounted or linked inside it")
            return False
        if path.is_symlink():
            if self._is_around(path):
                self.skip(name, "a link into the vault itself or to a folder around it")
                return False
            self.warnings.append(f"{name}/ is a link; the folder it points to was taken")
        return True

    def _is_vault(self, status: os.stat_result) -> bool:
        return (status.st_dev, status.st_ino) == self.vault

    def _is_around(self, link: Path) -> bool:
        """Whether following a link would find the vault, and so everything twice or for ever."""
        target, root = link.resolve(), self.layout.root.resolve()
        return target.is_relative_to(root) or root.is_relative_to(target)

    def _walk(self, name: str) -> None:
        """Depth first without recursion; everything is sorted at the end, in one go."""
        first_file, first_empty = len(self.files), len(self.empty)
        first_skipped = len(self.skipped)
        pending = [name]
        while pending:
            path = pending.pop()
            try:
                self._look_into(path, pending, is_top=path == name)
            except OSError as error:
                gone = isinstance(error, FileNotFoundError)
                self.skip(f"{path}/", "vanished while it was looked at" if gone else "not readable")
        # Tuples that begin with the path: no two are equal in it.
        self.files[first_file:] = sorted(self.files[first_file:])
        self.empty[first_empty:] = sorted(self.empty[first_empty:])
        self.skipped[first_skipped:] = sorted(self.skipped[first_skipped:], key=lambda s: s.path)

    def _look_into(self, folder: str, pending: list[str], *, is_top: bool) -> None:
        """Take down what is in a folder; folders in it are added to ``pending``."""
        is_empty = True
        # One by one: an entry keeps what it was asked for, and there may be 100,000.
        with os.scandir(f"{self.root}{os.sep}{folder}") as entries:
            for entry in entries:
                if is_temporary(entry.name):
                    continue
                is_empty = False
                path = f"{folder}/{entry.name}"
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError as error:
                    gone = isinstance(error, FileNotFoundError)
                    self.skip(path, "vanished while it was looked at" if gone else "not readable")
                    continue
                if stat.S_ISREG(status.st_mode):
                    self._add(path, status)
                elif self._is_folder(path, status):
                    pending.append(path)
        if is_empty and not is_top:
            self.empty.append(folder)

    def _is_folder(self, path: str, status: os.stat_result) -> bool:
        """Whether it is a folder to go into; pass over what is not."""
        if not stat.S_ISDIR(status.st_mode):
            self.skip(
                path, next((word for test, word in _KINDS if test(status.st_mode)), "not a file")
            )
            return False
        if self._is_vault(status):
            self.skip(f"{path}/", "the vault itself, mounted inside it")
            return False
        return True

    def _add(self, path: str, status: os.stat_result) -> None:
        self.files.append(VaultFile(path, status.st_size, status.st_mtime_ns, self.root))
