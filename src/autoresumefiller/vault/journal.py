"""What a change of several files is about to do, written down before it does it.

The journal lies in the directory of its change (``journal.json`` beside
``old/``). It is written once and never updated: which steps were done is read
off the files themselves (vault/recovery.py). Once the change is committed it
is the record of what can be undone.

Paths are relative to the vault, POSIX separators; names that are not UTF-8
are lone surrogates, which JSON carries as escapes.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from autoresumefiller.errors import RecoveryError
from autoresumefiller.vault.durable import fsync_directory, fsync_file, open_private

JOURNAL = "journal.json"
OLD = "old"
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A file that the change puts in place.

    Attributes:
        path: Where it goes.
        source: Where it comes from, below ``.state/``.
        size: In bytes.
        mtime_ns: As on disk; with ``size`` it tells our file from one that
            somebody wrote over it later.

    """

    path: str
    source: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A directory that the change makes, or removes because it is empty then.

    Attributes:
        path: Where it is.
        mode: Its permission bits.

    """

    path: str
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One change.

    Attributes:
        identity: Random, hexadecimal.
        description: For people: "import of ...".
        created: ISO 8601 UTC.
        undoable: Whether what it replaces is kept for an undo.
        forgets_undo: Whether what an earlier change keeps for an undo goes with it.
        installed: Files put in place.
        displaced: Paths of what is moved to ``old/``: replaced or removed.
        created_directories: Parents first.
        removed_directories: Children first.

    """

    identity: str
    description: str
    created: str
    undoable: bool
    forgets_undo: bool = False
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

    def touched_directories(self) -> Iterator[str]:
        """Yield the live directories whose entries change; "" is the vault itself."""
        created = [directory.path for directory in self.created_directories]
        removed = [directory.path for directory in self.removed_directories]
        changed = [*self.displaced, *(file.path for file in self.installed), *created, *removed]
        yield from sorted({parent(path) for path in changed} | set(created))

    def to_json(self) -> bytes:
        """Return the text that `from_json` reads."""
        value = {
            "version": _VERSION,
            "identity": self.identity,
            "description": self.description,
            "created": self.created,
            "undoable": self.undoable,
            "forgets_undo": self.forgets_undo,
            # By hand: asdict takes twenty times as long, and there may be 100,000.
            "installed": [
                {"path": f.path, "source": f.source, "size": f.size, "mtime_ns": f.mtime_ns}
                for f in self.installed
            ],
            "displaced": self.displaced,
            "created_directories": [asdict(made) for made in self.created_directories],
            "removed_directories": [asdict(gone) for gone in self.removed_directories],
        }
        return json.dumps(value, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read `to_json`'s text; ValueError, KeyError or TypeError if it is none."""
        value: dict[str, Any] = json.loads(text)
        if value.pop("version") != _VERSION:
            raise ValueError("written by another version")
        return cls(
            identity=value["identity"],
            description=value["description"],
            created=value["created"],
            undoable=value["undoable"],
            forgets_undo=value.get("forgets_undo", False),
            installed=tuple(Installed(**file) for file in value["installed"]),
            displaced=tuple(value["displaced"]),
            created_directories=tuple(Directory(**made) for made in value["created_directories"]),
            removed_directories=tuple(Directory(**gone) for gone in value["removed_directories"]),
        )


def parent(path: str) -> str:
    """Return the directory of a vault path, "" for the vault itself."""
    return path.rpartition("/")[0]


def ancestors(path: str) -> list[str]:
    """Return the directories above a vault path within the vault, topmost first."""
    return _and_above(parent(path)) if "/" in path else []


@lru_cache(maxsize=1024)
def _and_above(directory: str) -> list[str]:
    return [*ancestors(directory), directory]


def write_journal(directory: Path, journal: Journal) -> None:
    """Write the journal into a change's directory; on return it is on the disk.

    It gets its name when it is complete, so one that is there can be relied on.

    Raises:
        OSError: it is not there; nothing may be changed.

    """
    new = directory / f"{JOURNAL}.new"
    with os.fdopen(open_private(new, os.O_WRONLY | os.O_EXCL), "wb") as file:
        file.write(journal.to_json())
        file.flush()
        fsync_file(file.fileno())
    new.rename(directory / JOURNAL)
    fsync_directory(directory)
    fsync_directory(directory.parent)


def read_journal(directory: Path) -> Journal | None:
    """Return the journal in a change's directory, None where there is none.

    Raises:
        RecoveryError: it cannot be understood.
        OSError: it cannot be read.

    """
    try:
        text = (directory / JOURNAL).read_bytes()
    except FileNotFoundError:
        return None
    try:
        return Journal.from_json(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RecoveryError(
            f"The journal of a change, {JOURNAL} in {directory.name}/, cannot be understood",
            hint="If a newer version of this program wrote it, use that one. "
            "Otherwise the files are in .state/ of the vault.",
        ) from error
