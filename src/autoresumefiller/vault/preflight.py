"""Working out a change in full, and refusing what cannot be done, before anything is touched."""

import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autoresumefiller.errors import InvalidArgumentError, VaultLayoutError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import PRIVATE_DIRECTORY
from autoresumefiller.vault.journal import Directory, Installed, ancestors, parent
from autoresumefiller.vault.layout import CONFIG, CONTENT_DIRECTORIES, STATE, VaultLayout

_OCTAL = re.compile(rb"\\([0-7]{3})")
_MOUNTS = Path("/proc/self/mountinfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of one path.

    Attributes:
        path: Relative to the vault, POSIX separators; in ``data/``, ``resumes/``
            or ``cover_letters/``, or ``config.yaml``.
        source: The file to be moved there, somewhere in ``.state/``; None to
            remove what is there.

    """

    path: str
    source: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What a change does, in the terms of its journal (vault/journal.py)."""

    installed: tuple[Installed, ...]
    displaced: tuple[str, ...]
    created_directories: tuple[Directory, ...]
    removed_directories: tuple[Directory, ...]


def work_out(
    layout: VaultLayout,
    changes: Iterable[Change],
    *,
    directories: Mapping[str, int],
    removable: Iterable[str],
    prune: bool,
) -> Steps:
    """Return the steps that make these changes.

    Args:
        layout: The vault.
        changes: One for each path.
        directories: What must be there afterwards, with the mode it gets if it is created.
        removable: Directories that go if nothing is in them afterwards.
        prune: Whether directories that a removal empties go as well.

    Raises:
        InvalidArgumentError: a path leads out of the vault, comes twice, or lies
            below a file of the same change; a source is not ours.
        VaultLayoutError: a directory is a link or on another disk, or a file and
            a directory claim the same name.
        OSError: the vault cannot be looked at.

    """
    wanted = _by_path(changes)
    for path in (*directories, *removable):
        _check_path(path)
    look = _Look(layout)
    kinds = {path: look.kind(path) for path in wanted}
    displaced = frozenset(path for path, kind in kinds.items() if kind == "file")
    dropped = frozenset(path for path in displaced if wanted[path] is None)
    for above in {above for path in displaced for above in ancestors(path)}:
        look.require_ours(above)
    filled = {path for path, source in wanted.items() if source is not None}
    needed = {
        above: PRIVATE_DIRECTORY
        for path in (filled | directories.keys())
        for above in ancestors(path)
    } | dict(directories)
    overlaid = [path for path, kind in kinds.items() if kind == "directory" and wanted[path]]
    pruned = {above for path in dropped for above in ancestors(path)[1:]} if prune else set()
    emptied = look.emptied({*removable, *overlaid, *pruned} - needed.keys(), dropped)
    _require_gone(overlaid, emptied)
    return Steps(
        installed=tuple(
            _installed(layout, path, source)
            for path, source in wanted.items()
            if source is not None
        ),
        displaced=tuple(path for path in wanted if path in displaced),
        created_directories=tuple(
            Directory(path=path, mode=needed[path])
            for path in sorted(needed)
            if not look.is_directory(path, dropped)
        ),
        removed_directories=tuple(emptied),
    )


def _by_path(changes: Iterable[Change]) -> dict[str, Path | None]:
    wanted: dict[str, Path | None] = {}
    for change in changes:
        _check_path(change.path)
        if change.path in wanted:
            raise InvalidArgumentError(f"{printable(change.path)} would be changed twice")
        wanted[change.path] = change.source
    for path, source in wanted.items():
        for above in ancestors(path) if source is not None else ():
            if wanted.get(above) is not None:
                raise InvalidArgumentError(
                    f"{printable(above)} cannot be a file and a folder at once"
                )
    return wanted


def _check_path(path: str) -> None:
    """See that a path stays within what belongs to the person: the last gate, not the only one."""
    top, *rest = path.split("/")
    ours = (top == CONFIG and not rest) or top in CONTENT_DIRECTORIES
    bad = any(part in {"", ".", ".."} or "\0" in part for part in rest)
    if sys.platform == "win32":
        bad = bad or "\\" in path or ":" in path
    if bad or not ours:
        raise InvalidArgumentError(f"{printable(path)!r} is no path that a change may touch")


def _installed(layout: VaultLayout, path: str, source: Path) -> Installed:
    place, state = os.fspath(source), os.fspath(layout.state)
    if not place.startswith(state + os.sep):
        raise InvalidArgumentError(f"The new {printable(path)} does not come from staging")
    status = os.lstat(place)
    if stat.S_ISDIR(status.st_mode):
        raise InvalidArgumentError(f"The new {printable(path)} is a folder")
    return Installed(
        path=path,
        source=f"{STATE}{place[len(state) :].replace(os.sep, '/')}",
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
    )


def _require_gone(paths: Iterable[str], emptied: Iterable[Directory]) -> None:
    gone = {directory.path for directory in emptied}
    for path in paths:
        if path not in gone:
            raise VaultLayoutError(
                f"{printable(path)} would become a file, but it is a folder with files in it",
                hint="Move the folder away, then try again.",
            )


class _Look:
    """What the vault looks like before the change.

    Paths are joined as text here and below: a `Path` for each of 100,000 files
    takes longer than looking at it.
    """

    def __init__(self, layout: VaultLayout) -> None:
        self._root = layout.root
        self._device = layout.state.stat().st_dev
        self._mounts = _mounts_below(layout.root)
        self._ours: set[str] = {""}

    def kind(self, path: str) -> str:
        """Return "file" (links and the like too), "directory" or "" for nothing."""
        try:
            status = os.lstat(f"{self._root}/{path}")
        except (FileNotFoundError, NotADirectoryError):
            return ""
        return "directory" if stat.S_ISDIR(status.st_mode) else "file"

    def is_directory(self, path: str, dropped: frozenset[str]) -> bool:
        """Whether a directory is there that files can be moved to.

        Raises:
            VaultLayoutError: something else is there that the change does not remove.

        """
        kind = self.kind(path)
        if kind == "file" and path not in dropped:
            link = (self._root / path).is_symlink()
            raise VaultLayoutError(
                f"{printable(path)} is {'a link' if link else 'a file'}, "
                "and an import replaces only what is in real folders",
                hint="Put a real folder in its place (for a link: move the files back into it), "
                "then try again. You can link it anew afterwards.",
            )
        if kind != "directory":
            return False
        self.require_ours(path)
        return True

    def require_ours(self, path: str) -> None:
        """See that a directory is real and on the vault's disk: a rename moves, never copies.

        Raises:
            VaultLayoutError: it is a link, or on another disk.

        """
        if path in self._ours:
            return
        place = self._root / path
        status = place.lstat()
        if stat.S_ISLNK(status.st_mode):
            self.is_directory(path, frozenset())
        if status.st_dev != self._device or os.fspath(place) in self._mounts:
            raise VaultLayoutError(
                f"{printable(path)} is a disk of its own, mounted in the vault; "
                "files cannot be swapped there in one step",
                hint="Unmount it and use a folder on the vault's disk, "
                "or move the whole vault to that disk.",
            )
        self._ours.add(path)

    def emptied(self, candidates: set[str], dropped: frozenset[str]) -> list[Directory]:
        """Return those candidates that hold nothing once these files are gone, children first."""
        gone = set(dropped)
        found = []
        for path in sorted(candidates, key=lambda path: (-path.count("/"), path)):
            if parent(path) == "" or self.kind(path) != "directory":
                continue
            self.require_ours(path)
            with os.scandir(self._root / path) as entries:
                if all(f"{path}/{entry.name}" in gone for entry in entries):
                    mode = stat.S_IMODE((self._root / path).lstat().st_mode)
                    found.append(Directory(path=path, mode=mode))
                    gone.add(path)
        return found


def _mounts_below(root: Path) -> frozenset[str]:
    """Return the mount points inside the vault: a bind mount has the same device number.

    Format: proc_pid_mountinfo(5); the fifth field, with octal escapes.
    """
    try:
        lines = _MOUNTS.read_bytes().splitlines()
    except OSError:  # not Linux, or no /proc: the device number is what there is
        return frozenset()
    inside = os.fsencode(os.path.realpath(root)) + b"/"
    points = (line.split(b" ")[4] for line in lines)
    decoded = (_OCTAL.sub(lambda match: bytes([int(match[1], 8)]), point) for point in points)
    prefix = len(inside)
    return frozenset(
        os.path.join(root, os.fsdecode(point[prefix:]))  # noqa: PTH118 - text is compared
        for point in decoded
        if point.startswith(inside)
    )
