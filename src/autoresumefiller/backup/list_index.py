"""What backups say of themselves, kept so that a list need not open each of them again.

``.state/backups.json`` holds, for each backup, everything its metadata says
but the files, and how many files it has of each kind. It is only ever a copy:
an entry counts for the very file it was read from (device, inode, size,
modification and change time), and losing, damaging or not being able to write
the index costs time and nothing else.
"""

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoresumefiller.backup.marks import Mark, mark_of
from autoresumefiller.errors import StorageError
from autoresumefiller.model.results import BackupEntry
from autoresumefiller.vault.durable import replace_file
from autoresumefiller.vault.layout import VaultLayout

FILE = "backups.json"
_VERSION = 1
_DIGEST_CHARACTERS = 64

_MOST_BYTES = 16 << 10
"""Of one entry: a list of 10,000 files that were skipped is not for keeping."""

_SETTLED_NS = 2_000_000_000
"""What changed less than this ago may change again at the same time: some disks count in 2 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a list says of a backup.

    Attributes:
        metadata: All that metadata.json says, without ``files``.
        contents: How many files there are below each top-level name.
        profile: The profile's name in the archive, or None.

    """

    metadata: dict[str, Any]
    contents: dict[str, int]
    profile: str | None


@dataclass(frozen=True, slots=True)
class _Known:
    identity: Mark
    brief: Brief | None


def describe(layout: VaultLayout, entries: Iterable[BackupEntry]) -> list[Brief | None]:
    """Return for each backup what it says of itself; None where it says nothing readable.

    Only what is new or has changed is opened; nothing is ever raised.
    """
    known, now = _load(layout), time.time_ns()
    briefs: list[Brief | None] = []
    learnt = dict[str, _Known]()
    for entry in entries:
        name, path = entry["filename"], entry["path"]
        identity = mark_of(path)
        before = known.get(name)
        if before is not None and before.identity == identity:
            briefs.append(before.brief)
            continue
        brief = _read(path)
        briefs.append(brief)
        if identity is not None and max(identity.mtime_ns, identity.ctime_ns) < now - _SETTLED_NS:
            learnt[name] = _Known(identity, brief)
    if learnt:
        _save(layout, known | learnt)
    return briefs


def _read(path: Path) -> Brief | None:
    # Where nothing is new, a list does without the reader, whose import is a tenth of it.
    from autoresumefiller.archive.metadata_json import as_dict
    from autoresumefiller.archive.names import ENCRYPTED_PROFILE, PROFILE
    from autoresumefiller.archive.reader import read_metadata

    metadata = read_metadata(path)
    if metadata is None:
        return None
    paths = [record.path for record in metadata.files]
    return Brief(
        metadata={key: value for key, value in as_dict(metadata).items() if key != "files"},
        contents=dict(Counter(path.partition("/")[0] for path in paths)),
        profile=next((path for path in paths if path in {PROFILE, ENCRYPTED_PROFILE}), None),
    )


def _load(layout: VaultLayout) -> dict[str, _Known]:
    """Return what is known by file name; a file that is not as we wrote it is not there."""
    try:
        data = (layout.state / FILE).read_bytes()
        digest, text = data[:_DIGEST_CHARACTERS], data[_DIGEST_CHARACTERS:]
        if hashlib.sha256(text).hexdigest().encode() != digest:
            return {}
        found = json.loads(text)
        if found["version"] != _VERSION:
            return {}
        return {name: _known(value) for name, value in found["backups"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _known(value: dict[str, Any]) -> _Known:
    brief = None if value["brief"] is None else Brief(**value["brief"])
    return _Known(Mark(*map(int, value["identity"])), brief)


def _save(layout: VaultLayout, known: dict[str, _Known]) -> None:
    """Keep what is known of the backups that are there; that it cannot be kept is no failure."""
    backups = {}
    for name, one in known.items():
        if not os.path.lexists(layout.backups / name):
            continue
        brief = one.brief and {
            "metadata": one.brief.metadata,
            "contents": one.brief.contents,
            "profile": one.brief.profile,
        }
        value = {"identity": one.identity, "brief": brief}
        if brief is None or len(json.dumps(value)) <= _MOST_BYTES:
            backups[name] = value
    text = json.dumps({"version": _VERSION, "backups": backups}).encode()
    try:
        replace_file(layout.state / FILE, hashlib.sha256(text).hexdigest().encode() + text)
    except StorageError:
        return
