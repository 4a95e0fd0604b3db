"""A disk that takes more than it keeps: its errors come when it is synced, or never."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.errors import StorageError
from autoresumefiller.vault import syncing
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.staging import StagingArea, staging_area
from tests.faults.disks import disk_in_file, failing_disk, layer_on

_FILES, _FILE_BYTES = 40, 1 << 20


@pytest.fixture(params=["the disk itself", "a layer on it"])
def failing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    with failing_disk(tmp_path) as disk:
        if request.param == "the disk itself":
            yield disk.mount
        else:
            with layer_on(disk, tmp_path) as layer:
                yield layer.mount


class _Record:
    modified = None


def test_what_a_disk_did_not_keep_is_never_called_safe(failing: Path) -> None:
    layout = VaultLayout(failing / "vault")
    UserDataManager(layout.root)
    with staging_area(layout) as area, pytest.raises(StorageError):
        _fill(area)


def _fill(area: StagingArea) -> None:
    for number in range(_FILES):
        area.put(_Record(), f"resumes/{number}.pdf", os.urandom(_FILE_BYTES))
    area.sync()


def test_an_import_onto_a_disk_that_keeps_too_little_changes_nothing(
    failing: Path, tmp_path: Path
) -> None:
    source, kept = UserDataManager(tmp_path / "source"), failing / "vault"
    for number in range(_FILES):
        (source.data_dir / "resumes" / f"{number}.pdf").write_bytes(os.urandom(_FILE_BYTES))
    archive = Path(source.export_all(tmp_path / "all.zip")["output_path"])
    manager = UserDataManager(kept)
    (kept / "resumes" / "0.pdf").write_bytes(b"before")

    with pytest.raises(StorageError):
        manager.import_from_backup(archive, confirm=False, backup_existing=False)

    assert [path.name for path in (kept / "resumes").iterdir()] == ["0.pdf"]
    assert (kept / "resumes" / "0.pdf").read_bytes() == b"before"


@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_a_disk_that_tells_of_errors_is_synced_as_a_whole(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone: list[int] = []
    monkeypatch.setattr(syncing, "fsync_file", alone.append)
    with disk_in_file(kind, tmp_path) as disk, staging_area(VaultLayout(disk.mount)) as area:
        area.put(_Record(), "resumes/a.pdf", b"a")
        area.sync()

    assert alone == []


def test_on_a_layer_each_file_is_synced_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone: list[int] = []
    monkeypatch.setattr(syncing, "fsync_file", alone.append)
    with (
        disk_in_file("ext4", tmp_path) as disk,
        layer_on(disk, tmp_path) as layer,
        staging_area(VaultLayout(layer.mount)) as area,
    ):
        area.put(_Record(), "resumes/a.pdf", b"a")
        area.sync()

    assert len(alone) == 1
