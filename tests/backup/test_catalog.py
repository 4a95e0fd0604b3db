"""The list of backups: what is in it, in which order, and what it costs."""

import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.errors import BackupNotFoundError


@pytest.fixture
def manager(vault_dir: Path) -> UserDataManager:
    return UserDataManager(vault_dir)


def touch(manager: UserDataManager, name: str, *, mtime: datetime | None = None) -> Path:
    path = manager.data_dir / "backups" / name
    path.write_bytes(b"not a real archive")
    if mtime is not None:
        os.utime(path, (mtime.timestamp(), mtime.timestamp()))
    return path


def names(manager: UserDataManager) -> list[str]:
    return [entry["filename"] for entry in manager.list_backups()]


def test_the_newest_comes_first_whatever_its_type(manager: UserDataManager) -> None:
    touch(manager, "auto_backup_20250101_000000.zip")
    touch(manager, "autoresumefiller_backup_20250301_000000.zip")
    touch(manager, "pre_import_backup_20250201_000000.zip")
    assert names(manager) == [
        "autoresumefiller_backup_20250301_000000.zip",
        "pre_import_backup_20250201_000000.zip",
        "auto_backup_20250101_000000.zip",
    ]


def test_of_one_second_the_higher_number_is_newer(manager: UserDataManager) -> None:
    for suffix in ("", "_2", "_10", "_9"):
        touch(manager, f"auto_backup_20250101_000000{suffix}.zip")
    assert names(manager) == [
        "auto_backup_20250101_000000_10.zip",
        "auto_backup_20250101_000000_9.zip",
        "auto_backup_20250101_000000_2.zip",
        "auto_backup_20250101_000000.zip",
    ]


def test_a_file_with_a_name_of_its_own_is_manual_and_dated_by_its_time(
    manager: UserDataManager,
) -> None:
    touch(manager, "from grandma.zip", mtime=datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC))
    [entry] = manager.list_backups()
    assert (entry["type"], entry["created"]) == ("manual", "2024-05-06T07:08:09Z")


def test_a_year_below_1000_is_shown_with_four_digits(manager: UserDataManager) -> None:
    touch(manager, "mine_backup_09990102_030405.zip")

    assert manager.list_backups()[0]["created"] == "0999-01-02T03:04:05Z"


def test_junk_in_the_folder_is_not_listed_and_not_touched(manager: UserDataManager) -> None:
    backups = manager.data_dir / "backups"
    touch(manager, "notes.txt")
    (backups / "folder.zip").mkdir()
    (backups / "link.zip").symlink_to("/etc/hostname")
    os.mkfifo(backups / "pipe.zip")
    touch(manager, ".hidden.zip")
    before = sorted(backups.iterdir())
    assert names(manager) == []
    assert sorted(backups.iterdir()) == before


def test_a_broken_archive_is_listed_without_metadata(manager: UserDataManager) -> None:
    touch(manager, "auto_backup_20250101_000000.zip")
    [entry] = manager.list_backups()
    assert entry["metadata"] is None
    assert entry["size_bytes"] == len(b"not a real archive")


def test_metadata_is_what_the_archive_says(manager: UserDataManager) -> None:
    made = manager.export_all()
    [entry] = manager.list_backups()
    with zipfile.ZipFile(made["output_path"]) as archive:
        assert entry["metadata"] == json.loads(archive.read("metadata.json"))


def test_an_entry_is_an_ordinary_dictionary(manager: UserDataManager) -> None:
    made = manager.export_all()
    [entry] = manager.list_backups()
    copies = [dict(manager.list_backups()[0]), {**manager.list_backups()[0]}]
    copies.append(manager.list_backups()[0].copy())
    copies.append(manager.list_backups()[0] | {})
    assert all(copy["metadata"]["files"] for copy in copies)
    assert '"files"' in json.dumps(manager.list_backups()[0], default=str)
    assert set(entry) == {"filename", "path", "size_bytes", "created", "type", "metadata"}
    assert entry.get("metadata") == entry["metadata"]
    assert dict(entry.items())["metadata"] == entry["metadata"]
    assert entry == dict(entry)
    assert str(made["total_size_bytes"]) in repr(entry)
    assert entry.get("nothing", 3) == 3  # type: ignore[call-overload]


def test_reading_the_list_opens_no_archive(
    manager: UserDataManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager.export_all()
    opened: list[str] = []
    really_open = os.open
    monkeypatch.setattr(
        os, "open", lambda *a, **k: (opened.append(str(a[0])), really_open(*a, **k))[1]
    )
    [entry] = manager.list_backups()
    assert not [path for path in opened if path.endswith(".zip")]
    entry["metadata"]
    assert [path for path in opened if path.endswith(".zip")]


def test_without_the_folder_there_are_no_backups(manager: UserDataManager) -> None:
    (manager.data_dir / "backups").rmdir()
    assert manager.list_backups() == []
    assert not (manager.data_dir / "backups").exists()


@pytest.mark.parametrize(
    "wanted",
    [
        "../config.yaml",
        "/etc/hostname",
        "config.yaml",
        "..",
        "",
        ".",
        "backups/auto_backup_20250101_000000.zip",
        "x/../auto_backup_20250101_000000.zip",
        "auto_backup_20250101_000000.zip\0",
        "AUTO_BACKUP_20250101_000000.zip",
    ],
)
def test_nothing_but_what_is_listed_can_be_deleted(manager: UserDataManager, wanted: str) -> None:
    kept = touch(manager, "auto_backup_20250101_000000.zip")
    with pytest.raises(BackupNotFoundError):
        manager.delete_backup(wanted)
    assert kept.exists()
    assert (manager.data_dir / "config.yaml").exists()


def test_a_backup_can_be_deleted_by_name_or_by_path(manager: UserDataManager) -> None:
    by_name = touch(manager, "auto_backup_20250101_000000.zip")
    by_path = touch(manager, "auto_backup_20250101_000001.zip")
    assert manager.delete_backup(by_name.name) == {"deleted": True, "filename": by_name.name}
    assert manager.delete_backup(by_path) == {"deleted": True, "filename": by_path.name}
    assert names(manager) == []


def test_ten_thousand_backups_are_listed_in_order(manager: UserDataManager) -> None:
    first = touch(manager, "auto_backup_20250101_000000.zip")
    for number in range(2, 10_001):
        os.link(first, first.with_name(f"auto_backup_20250101_000000_{number}.zip"))
    listed = names(manager)
    assert len(listed) == 10_000
    assert listed[0] == "auto_backup_20250101_000000_10000.zip"
    assert listed[-1] == first.name
