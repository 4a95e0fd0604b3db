"""The index of the list: it saves opening archives, and is never believed over a file."""

import hashlib
import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.archive import reader
from autoresumefiller.backup import list_index
from autoresumefiller.backup.list_index import Brief, describe

SETTLED_NS = 10_000_000_000
IDENTITY = ("st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns")


@pytest.fixture
def manager(sample_vault: Path, monkeypatch: pytest.MonkeyPatch) -> UserDataManager:
    """A vault with two backups that were made a while ago."""
    made = UserDataManager(sample_vault)
    made.export_all()
    made.backup_data("other")
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + SETTLED_NS)
    return made


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the archives that were opened."""
    names: list[str] = []
    read = reader.read_metadata

    def told(path: Path) -> object:
        names.append(path.name)
        return read(path)

    monkeypatch.setattr(reader, "read_metadata", told)
    return names


def briefs(manager: UserDataManager) -> list[Brief | None]:
    return describe(manager.vault.layout, manager.list_backups())


def index_of(manager: UserDataManager) -> Path:
    return manager.vault.layout.state / list_index.FILE


def test_it_says_what_the_archive_says(manager: UserDataManager) -> None:
    for _ in range(2):
        for entry, brief in zip(manager.list_backups(), briefs(manager), strict=True):
            assert brief is not None
            metadata = dict(entry["metadata"] or {})
            files = metadata.pop("files")
            assert brief.metadata == metadata
            assert sum(brief.contents.values()) == len(files)
            assert brief.profile == "data/user_profile.json"


def test_what_is_known_is_not_opened_again(manager: UserDataManager, opened: list[str]) -> None:
    first = briefs(manager)
    assert len(opened) == 2
    assert briefs(manager) == first
    assert len(opened) == 2
    manager.backup_data("third")
    briefs(manager)
    assert len(opened) == 3


def test_it_is_private(manager: UserDataManager) -> None:
    briefs(manager)
    assert stat.S_IMODE(index_of(manager).stat().st_mode) == 0o600


def test_a_file_of_the_same_size_and_time_with_other_content_is_read_again(
    manager: UserDataManager, opened: list[str]
) -> None:
    briefs(manager)
    path = manager.list_backups()[0]["path"]
    before = path.stat()
    data = path.read_bytes()
    path.write_bytes(bytes(len(data)))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    opened.clear()
    assert briefs(manager)[0] is None
    assert opened == [path.name]
    path.unlink()
    path.write_bytes(data)
    assert briefs(manager)[0] is not None


@pytest.mark.parametrize("part", IDENTITY)
def test_what_differs_in_any_part_of_its_identity_is_read_again(
    manager: UserDataManager, opened: list[str], monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    # No file can be given another of just one of them.
    briefs(manager)
    entries = manager.list_backups()
    there = {entry["path"] for entry in entries}
    stat = Path.stat

    def another(path: Path, *, follow_symlinks: bool = True) -> object:
        status = stat(path, follow_symlinks=follow_symlinks)
        if path not in there:
            return status
        parts = {name: getattr(status, name) for name in IDENTITY}
        return SimpleNamespace(**parts | {part: parts[part] - 1})

    monkeypatch.setattr(Path, "stat", another)
    opened.clear()
    describe(manager.vault.layout, entries)
    assert sorted(opened) == sorted(entry["filename"] for entry in entries)


def test_an_archive_that_cannot_be_read_is_not_tried_again(
    manager: UserDataManager, opened: list[str]
) -> None:
    (manager.vault.layout.backups / "junk.zip").write_bytes(b"no archive")
    assert briefs(manager).count(None) == 1
    opened.clear()
    assert briefs(manager).count(None) == 1
    assert opened == []


def _foreign(data: bytes) -> bytes:
    text = json.dumps({"version": 99, "backups": json.loads(data[64:])["backups"]}).encode()
    return hashlib.sha256(text).hexdigest().encode() + text


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"\xff" * 100,
        lambda _: b"{}",
        lambda _: b"[" * 100_000,
        lambda data: data[:-5],
        lambda data: data.replace(b"user_profile.json", b"user_profile.j__n"),
        _foreign,
    ],
)
def test_a_damaged_or_foreign_index_is_made_anew(
    manager: UserDataManager, opened: list[str], damage: Callable[[bytes], bytes]
) -> None:
    first = briefs(manager)
    good = index_of(manager).read_bytes()
    index_of(manager).write_bytes(damage(good))
    opened.clear()
    assert briefs(manager) == first
    assert len(opened) == 2
    assert index_of(manager).read_bytes() == good


def test_where_it_cannot_be_kept_the_list_is_complete_all_the_same(
    manager: UserDataManager, opened: list[str]
) -> None:
    index_of(manager).mkdir()
    first = briefs(manager)
    assert None not in first
    assert briefs(manager) == first
    assert len(opened) == 4


def test_what_has_just_changed_is_not_kept(
    manager: UserDataManager, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = max(entry["path"].stat().st_ctime_ns for entry in manager.list_backups())
    monkeypatch.setattr(time, "time_ns", lambda: now + 1000)
    for _ in range(2):
        briefs(manager)
    assert len(opened) == 4
    assert not index_of(manager).exists()


def test_what_is_gone_is_forgotten_with_the_next_that_is_new(manager: UserDataManager) -> None:
    briefs(manager)
    gone = manager.list_backups()[0]["filename"]
    manager.delete_backup(gone)
    manager.backup_data("new")
    briefs(manager)
    assert gone.encode() not in index_of(manager).read_bytes()
    assert b"new_backup" in index_of(manager).read_bytes()


def test_what_would_make_the_index_large_is_read_each_time(
    manager: UserDataManager, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_index, "_MOST_BYTES", 10)
    first = briefs(manager)
    assert briefs(manager) == first
    assert len(opened) == 4
