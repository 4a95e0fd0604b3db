"""Working out a change in full, and refusing what cannot be done, before anything is touched."""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

from autoresumefiller.errors import InvalidArgumentError, VaultLayoutError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import PRIVATE_DIRECTORY
from autoresumefiller.vault.journal import Directory, Installed, ancestors, parent
from autoresumefiller.vault.layout import CONFIG, CONTENT_DIRECTORIES, STATE, VaultLayout, is_name

_OCTAL = re.compile(rb"\\([0-7]{3})")
_MOUNTS = Path("/proc/self/mountinfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of which files; every path at most once.

    Paths are relative to the vault, POSIX separators; in ``data/``,
    ``resumes/`` or ``cover_letters/``, or ``config.yaml``.

    Attributes:
        installed: What is moved from ``source`` to its place, replacing what is there.
        removed: What goes.
        source: A directory somewhere in ``.state/`` that mirrors the vault and
            holds the files to install; needed only if there are any.

    """

    installed: Sequence[str] = ()
    removed: Sequence[str] = ()
    source: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What a change does, in the terms of its journal (vault/journal.py)."""

    source: str
    installed: tuple[Installed, ...]
    displaced: tuple[str, ...]
    created_directories: tuple[Directory, ...]
    removed_directories: tuple[Directory, ...]


def work_out(
    layout: VaultLayout,
    change: Change,
    *,
    directories: Mapping[str, int],
    removable: Iterable[str],
    prune: bool,
) -> Steps:
    """Return the steps that make a change.

    Args:
        layout: The vault.
        change: What is wanted.
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
    _check_paths(change)
    for path in (*directories, *removable):
        check_path(path)
    look = _Look(layout)
    replaced, overlaid = look.split(change.installed)
    dropped, _ = look.split(change.removed)
    for above in {above for path in (*replaced, *dropped) for above in ancestors(path)}:
        look.require_ours(above)
    needed = {
        above: PRIVATE_DIRECTORY
        for path in chain(change.installed, directories)
        for above in ancestors(path)
    } | dict(directories)
    gone = frozenset(dropped)
    pruned = {above for path in dropped for above in ancestors(path)[1:]} if prune else set()
    emptied = look.emptied({*removable, *overlaid, *pruned} - needed.keys(), gone)
    _require_gone(overlaid, emptied)
    source = _below_state(layout, change.source) if change.source is not None else ""
    link = find_link(layout.root / source, change.installed) if source else None
    if link is not None:
        raise VaultLayoutError(
            f"{source}/{printable(link)} is a link, and only what is in real folders is moved",
            hint="Remove the link; what it leads to stays as it is.",
        )
    return Steps(
        source=source,
        installed=tuple(_looked_up(layout, source, change.installed)),
        displaced=(*replaced, *dropped),
        created_directories=tuple(
            Directory(path, needed[path])
            for path in sorted(needed)
            if not look.is_directory(path, gone)
        ),
        removed_directories=tuple(emptied),
    )


def _check_paths(change: Change) -> None:
    seen: set[str] = set()
    for path in chain(change.installed, change.removed):
        check_path(path)
        if path in seen:
            raise InvalidArgumentError(f"{printable(path)} would be changed twice")
        seen.add(path)
    seen.difference_update(change.removed)
    for directory in {parent(path) for path in change.installed}:
        for above in (*ancestors(directory), directory):
            if above in seen:
                raise InvalidArgumentError(
                    f"{printable(above)} cannot be a file and a folder at once"
                )


def check_path(path: str) -> None:
    """See that a path stays within what belongs to the person: the last gate, not the only one.

    Raises:
        InvalidArgumentError: it does not.

    """
    folder, slash, name = path.rpartition("/")
    ours = _is_ours(folder) and is_name(name) if slash else path in {CONFIG, *CONTENT_DIRECTORIES}
    if not ours:
        raise InvalidArgumentError(f"{printable(path)!r} is no path that a change may touch")


@lru_cache(maxsize=16)  # files of a folder come one after another
def _is_ours(folder: str) -> bool:
    top, *rest = folder.split("/")
    return top in CONTENT_DIRECTORIES and all(map(is_name, rest))


def find_link(directory: Path, paths: Iterable[str]) -> str | None:
    """Return the first folder above one of the paths that is a link, relative to ``directory``.

    Raises:
        OSError: one cannot be looked at.

    """
    for folder in sorted({above for path in paths for above in ancestors(path)}):
        with suppress(FileNotFoundError, NotADirectoryError):
            if stat.S_ISLNK(os.lstat(f"{directory}/{folder}").st_mode):
                return folder
    return None


def _below_state(layout: VaultLayout, source: Path) -> str:
    """Return where the new files are, relative to the vault."""
    place, state = os.fspath(source), os.fspath(layout.state)
    if not place.startswith(state + os.sep):
        raise InvalidArgumentError(f"{printable(place)} is not in the vault's .state folder")
    return f"{STATE}{place[len(state) :].replace(os.sep, '/')}"


def _looked_up(layout: VaultLayout, source: str, paths: Iterable[str]) -> Iterator[Installed]:
    for path in paths:
        if not source:
            raise InvalidArgumentError(f"Nobody says where the new {printable(path)} comes from")
        status = os.lstat(f"{layout.root}/{source}/{path}")
        if stat.S_ISDIR(status.st_mode):
            raise InvalidArgumentError(f"The new {printable(path)} is a folder")
        yield Installed(path, status.st_size, status.st_mtime_ns)


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

    def split(self, paths: Iterable[str]) -> tuple[list[str], list[str]]:
        """Return those paths where a file is now, and those where a directory is."""
        files: list[str] = []
        directories: list[str] = []
        for path in paths:
            kind = self.kind(path)
            if kind:
                (files if kind == "file" else directories).append(path)
        return files, directories

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
                    found.append(Directory(path, mode))
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
