"""What a change of several files is about to do, written down before it does it.

The journal lies in the directory of its change (``journal.jsonl`` beside ``old/``).
It is written once and never updated: which steps were done is read off the
files themselves (vault/recovery.py). Once the change is committed it is the
record of what can be undone.

The text is lines of JSON, because a change may be of 100,000 files: the first
line is an object with everything that is not a list of files, then one line
``["path", size, mtime_ns]`` for each file put in place, then one line
``"path"`` for each file moved to ``old/``. The first line says how many of
each follow, so that a journal of which a part is missing is not taken for one
of a smaller change.

Paths are relative to the vault, POSIX separators; names that are not UTF-8
are lone surrogates, which JSON carries as escapes.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from json.encoder import encode_basestring_ascii as _quoted
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from autoresumefiller.errors import RecoveryError
from autoresumefiller.vault.durable import (
    fsync_directory,
    fsync_file,
    open_private,
    open_regular_file,
)

JOURNAL = "journal.jsonl"
OLD = "old"
_VERSION = 1
_MOST_MODE = 0o7777
_NOT_UNDERSTOOD = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)

_T = TypeVar("_T")


class Installed(NamedTuple):
    """A file that the change puts in place.

    Attributes:
        path: Where it goes.
        size: In bytes.
        mtime_ns: As on disk; with ``size`` it tells our file from one that
            somebody wrote over it later.

    """

    path: str
    size: int
    mtime_ns: int


class Directory(NamedTuple):
    """A directory that the change makes, or removes because it is empty then.

    Attributes:
        path: Where it is.
        mode: Its permission bits.

    """

    path: str
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a journal says before its files.

    Attributes:
        identity: Random, hexadecimal.
        description: For people: "import of ...".
        created: ISO 8601 UTC.
        undoable: Whether what it replaces is kept for an undo.
        forgets_undo: Whether what an earlier change keeps for an undo goes with it.
        source: The directory below ``.state/`` that mirrors the vault and holds
            what is put in place, "" where nothing is.

    """

    identity: str
    description: str
    created: str
    undoable: bool
    forgets_undo: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One change.

    Attributes:
        heading: What it is.
        installed: Files put in place.
        displaced: Paths of what is moved to ``old/``: replaced or removed.
        created_directories: Parents first.
        removed_directories: Children first.

    """

    heading: Heading
    installed: tuple[Installed, ...]
    displaced: tuple[str, ...]
    created_directories: tuple[Directory, ...]
    removed_directories: tuple[Directory, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (
            self.installed or self.displaced or self.created_directories or self.removed_directories
        )

    def source_of(self, path: str) -> str:
        """Return where a file that is put in place comes from."""
        return f"{self.heading.source}/{path}"

    def touched_directories(self) -> list[str]:
        """Return the live directories whose entries change, sorted; "" is the vault itself."""
        created = {directory.path for directory in self.created_directories}
        touched = created | {parent(path) for path in self.displaced}
        touched |= {parent(file.path) for file in self.installed}
        touched |= {parent(path) for path in created}
        touched |= {parent(removed.path) for removed in self.removed_directories}
        return sorted(touched)

    def lines(self) -> Iterator[str]:
        """Yield the text that `from_lines` reads."""
        heading = self.heading
        first = {
            "version": _VERSION,
            "identity": heading.identity,
            "description": heading.description,
            "created": heading.created,
            "undoable": heading.undoable,
            "forgets_undo": heading.forgets_undo,
            "source": heading.source,
            "created_directories": self.created_directories,
            "removed_directories": self.removed_directories,
            "installed": len(self.installed),
            "displaced": len(self.displaced),
        }
        yield json.dumps(first) + "\n"
        for path, size, mtime_ns in self.installed:
            yield f"[{_quoted(path)}, {size}, {mtime_ns}]\n"
        for path in self.displaced:
            yield f"{_quoted(path)}\n"

    @classmethod
    def from_lines(cls, lines: Iterable[str]) -> Self:
        """Read what `lines` yields; ValueError, KeyError, TypeError if it is something else."""
        rest = iter(lines)
        first = _first_line(rest)
        journal = cls(
            heading=_heading(first),
            installed=tuple(
                Installed(_path(path), int(size), int(mtime_ns))
                for path, size, mtime_ns in map(json.loads, islice(rest, first["installed"]))
            ),
            displaced=tuple(_path(json.loads(line)) for line in islice(rest, first["displaced"])),
            created_directories=_directories(first["created_directories"]),
            removed_directories=_directories(first["removed_directories"]),
        )
        found = (len(journal.installed), len(journal.displaced))
        if found != (first["installed"], first["displaced"]) or next(rest, ""):
            raise ValueError("not as many files as it says")
        return journal


def _first_line(lines: Iterator[str]) -> dict[str, Any]:
    first: dict[str, Any] = json.loads(next(lines, ""))
    if first["version"] != _VERSION:
        raise ValueError("written by another version")
    return first


def _heading(first: dict[str, Any]) -> Heading:
    datetime.fromisoformat(first["created"]).astimezone(UTC)  # whoever shows it relies on that
    return Heading(
        identity=str(first["identity"]),
        description=str(first["description"]),
        created=first["created"],
        undoable=bool(first["undoable"]),
        forgets_undo=bool(first["forgets_undo"]),
        source=_path(first["source"]),
    )


def _directories(pairs: Iterable[tuple[str, int]]) -> tuple[Directory, ...]:
    return tuple(Directory(_path(path), _mode(mode)) for path, mode in pairs)


def _path(value: str) -> str:
    if not isinstance(value, str):
        raise TypeError("no text where a path should be")
    os.fsencode(value)  # UnicodeEncodeError: no file can have that name
    if "\0" in value:
        raise ValueError("no file can have that name")
    return value


def _mode(value: int) -> int:
    if not 0 <= int(value) <= _MOST_MODE:
        raise ValueError("no permission bits")
    return int(value)


def parent(path: str) -> str:
    """Return the directory of a vault path, "" for the vault itself."""
    return path.rpartition("/")[0]


def ancestors(path: str) -> list[str]:
    """Return the directories above a vault path within the vault, topmost first."""
    return _and_above(parent(path)) if "/" in path else []


# Files of a folder come one after another. A path can be of 2,000 folders: few are kept.
@lru_cache(maxsize=16)
def _and_above(directory: str) -> list[str]:
    ends = (at for at, letter in enumerate(directory) if letter == "/")
    return [*(directory[:end] for end in ends), directory]


def write_journal(directory: Path, journal: Journal) -> None:
    """Write the journal into a change's directory; on return it is on the disk.

    It gets its name when it is complete, so one that is there can be relied on.

    Raises:
        OSError: it is not there; nothing may be changed.

    """
    new = directory / f"{JOURNAL}.new"
    descriptor = open_private(new, os.O_WRONLY | os.O_EXCL)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(journal.lines())
        file.flush()
        fsync_file(file.fileno())
    new.rename(directory / JOURNAL)
    fsync_directory(directory)
    fsync_directory(directory.parent)


def read_journal(directory: Path) -> Journal | None:
    """Return the journal in a change's directory, None where there is none.

    Raises:
        RecoveryError: it cannot be understood.
        VaultLayoutError: a pipe, a device or a folder has its name.
        OSError: it cannot be read.

    """
    return _read(directory, Journal.from_lines)


def read_heading(directory: Path) -> Heading | None:
    """Return what the journal in a change's directory says before its files.

    Raises:
        RecoveryError: it cannot be understood.
        VaultLayoutError: a pipe, a device or a folder has its name.
        OSError: it cannot be read.

    """
    return _read(directory, lambda lines: _heading(_first_line(lines)))


def _read(directory: Path, understand: Callable[[Iterator[str]], _T]) -> _T | None:
    try:
        descriptor = open_regular_file(directory / JOURNAL)
        with os.fdopen(descriptor, encoding="utf-8", newline="\n") as file:
            return understand(file)
    except FileNotFoundError:
        return None
    except _NOT_UNDERSTOOD as error:
        raise RecoveryError(
            f"The journal of a change, {JOURNAL} in {directory.name}/, cannot be understood",
            hint="If a newer version of this program wrote it, use that one. "
            "Otherwise the files are in .state/ of the vault.",
        ) from error
