"""An export from inside: the vault may change under it, and it may be stopped anywhere."""

import errno
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.archive import validation
from autoresumefiller.archive.faults import Code, broken
from autoresumefiller.backup import contents, space
from autoresumefiller.errors import (
    InvalidArgumentError,
    NotEnoughSpaceError,
    OutputExistsError,
    StorageError,
    VaultLayoutError,
)
from autoresumefiller.model.progress import Stage
from autoresumefiller.vault import draft
from autoresumefiller.vault.writeback import STEP_BYTES
from tests.backup.conftest import PERSON, StopHereError
from tests.support.trees import snapshot


@pytest.fixture
def manager(manager: UserDataManager, vault_dir: Path) -> UserDataManager:
    for number in range(5):
        (vault_dir / "resumes" / f"{number}.txt").write_text(f"resume {number} " * 100)
    return manager


def backups(manager: UserDataManager) -> list[str]:
    """Everything in the folder of backups, hidden files too."""
    return sorted(path.name for path in (manager.data_dir / "backups").iterdir())


def test_a_file_that_vanishes_before_its_turn_is_told_and_the_archive_is_true(
    manager: UserDataManager,
) -> None:
    def lose_one(stage: Stage) -> None:
        if stage is Stage.READING:
            (manager.data_dir / "resumes" / "3.txt").unlink()

    made = manager.export_all(stage_callback=lose_one)
    assert "resumes/3.txt" not in {file["path"] for file in made["files"]}
    assert [skipped["path"] for skipped in made["skipped"]] == ["resumes/3.txt"]
    assert any("resumes/3.txt was skipped: it vanished" in text for text in made["warnings"])
    assert manager.validate_backup(made["output_path"])["valid"] is True


def test_a_file_that_becomes_a_link_is_not_followed(manager: UserDataManager) -> None:
    target = manager.data_dir / "resumes" / "3.txt"

    def swap(stage: Stage) -> None:
        if stage is Stage.READING:
            target.unlink()
            target.symlink_to("/etc/hostname")

    made = manager.export_all(stage_callback=swap)
    assert [skipped["path"] for skipped in made["skipped"]] == ["resumes/3.txt"]


def test_a_file_that_grows_after_it_was_counted_is_archived_as_it_is_read(
    manager: UserDataManager,
) -> None:
    calls: list[tuple[int, int, str]] = []

    def grow(stage: Stage) -> None:
        if stage is Stage.READING:
            (manager.data_dir / "resumes" / "3.txt").write_text("now much longer " * 1000)

    made = manager.export_all(None, lambda *call: calls.append(call), stage_callback=grow)
    with zipfile.ZipFile(made["output_path"]) as archive:
        assert archive.read("resumes/3.txt") == b"now much longer " * 1000
    currents = [current for current, _, _ in calls]
    assert currents == sorted(currents)
    assert len({total for _, total, _ in calls}) == 1
    assert calls[-1][0] == calls[-1][1] > 0


def test_every_file_is_named_in_the_progress(manager: UserDataManager) -> None:
    calls: list[tuple[int, int, str]] = []
    made = manager.export_all(None, lambda *call: calls.append(call))
    assert {name for _, _, name in calls} >= {file["path"] for file in made["files"]}


def test_cancelled_at_any_report_or_stage_nothing_is_left(manager: UserDataManager) -> None:
    events: list[str] = []
    manager.export_all(
        None,
        lambda *call: events.append("progress"),
        stage_callback=lambda _: events.append("stage"),
    )
    before = backups(manager)
    threads = threading.active_count()
    # The last event is the stage "done", after the archive has its name.
    for number in range(len(events) - 1):
        left = [number]

        def stop(*_: object, left: list[int] = left) -> None:
            if left[0] == 0:
                raise StopHereError
            left[0] -= 1

        with pytest.raises(StopHereError):
            manager.export_all(None, stop, stage_callback=stop)
        assert backups(manager) == before, number
        assert threading.active_count() == threads


def test_a_save_does_not_wait_for_the_documents_to_be_read(manager: UserDataManager) -> None:
    saved: list[bool] = []

    def save_meanwhile(_current: int, _total: int, name: str) -> None:
        if name.startswith("resumes/") and not saved:
            thread = threading.Thread(
                target=lambda: saved.append(
                    manager.save_user_profile(PERSON | {"summary": "meanwhile"}) is None
                )
            )
            thread.start()
            thread.join(30)
            assert saved, "the save waited for the export"

    made = manager.export_all(None, save_meanwhile)
    assert saved == [True]
    with zipfile.ZipFile(made["output_path"]) as archive:
        assert (
            "summary" not in json.loads(archive.read("data/user_profile.json"))
            or not json.loads(archive.read("data/user_profile.json"))["summary"]
        )


def test_an_archive_that_reads_back_wrong_gets_no_name(
    manager: UserDataManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = backups(manager)
    fault = broken(Code.CRC_MISMATCH, "resumes/1.txt is damaged", "resumes/1.txt")
    monkeypatch.setattr(validation, "read_back", lambda _file: [fault])
    with pytest.raises(StorageError, match="did not read back") as caught:
        manager.export_all()
    assert "Check the disk" in str(caught.value)
    assert backups(manager) == before


@pytest.mark.skipif(not hasattr(os, "fdatasync"), reason="nothing is synced early there")
def test_a_disk_that_fails_while_much_is_left_to_write_leaves_no_archive(
    manager: UserDataManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def fail_the_second(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    (manager.data_dir / "resumes" / "large.bin").write_bytes(os.urandom(6 * STEP_BYTES))
    before = snapshot(manager.data_dir)
    monkeypatch.setattr(os, "fdatasync", fail_the_second)
    with pytest.raises(StorageError, match="the disk reported an error") as raised:
        manager.export_all()

    assert len(calls) == 2
    assert "No file was made." in str(raised.value)
    assert backups(manager) == []
    assert snapshot(manager.data_dir) == before


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: the calls that sync")
@pytest.mark.parametrize("way", ["nameless", "named"])
def test_all_of_the_archive_is_on_the_disk_before_its_name_and_then_the_name(
    manager: UserDataManager, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    # A name that survives a power cut must not be that of half an archive.
    if way == "named":
        monkeypatch.setattr(draft, "_nameless", lambda _directory, _stack: None)
    steps: list[tuple[str, int, int]] = []
    fsync, link = os.fsync, os.link

    def note_sync(descriptor: int) -> None:
        fsync(descriptor)
        status = os.fstat(descriptor)
        steps.append(("synced", status.st_ino, status.st_size))

    def note_name(*paths: Any, **how: Any) -> None:
        link(*paths, **how)
        steps.append(("named", 0, 0))

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "link", note_name)
    archive = manager.export_all()["output_path"].stat()

    named = steps.index(("named", 0, 0))
    assert ("synced", archive.st_ino, archive.st_size) in steps[:named]
    folder = (manager.data_dir / "backups").stat().st_ino
    assert folder in [inode for _, inode, _ in steps[named + 1 :]]


def test_too_little_space_is_told_before_anything_is_written(
    manager: UserDataManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda _: 1000)
    before = backups(manager)
    told: list[object] = []
    with pytest.raises(NotEnoughSpaceError, match=r"a margin of 65,536; 1,000 are free"):
        manager.export_all(None, lambda *call: told.append(call), stage_callback=told.append)
    assert told == [Stage.PREPARING]
    assert backups(manager) == before


def test_what_the_margin_takes_is_not_there_for_the_archive(
    manager: UserDataManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda _: 0)
    with pytest.raises(NotEnoughSpaceError) as caught:
        manager.export_all()
    found = re.search(r"need ([\d,]+) bytes and a margin of ([\d,]+);", str(caught.value))
    assert found is not None
    enough = sum(int(number.replace(",", "")) for number in found.groups())
    monkeypatch.setattr(space, "free_bytes", lambda _: enough - 1)
    with pytest.raises(NotEnoughSpaceError):
        manager.export_all()
    monkeypatch.setattr(space, "free_bytes", lambda _: enough)
    manager.export_all()


def test_two_exports_in_one_second_get_two_names(manager: UserDataManager) -> None:
    names = {manager.export_all()["filename"] for _ in range(4)}
    assert len(names) == 4


def test_exports_at_once_get_a_name_each(manager: UserDataManager) -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.append(manager.export_all()["filename"]))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 6
    assert all(manager.validate_backup(name)["valid"] for name in made)


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_place_is_not_the_current_folder(
    manager: UserDataManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blank: str
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with pytest.raises(InvalidArgumentError, match="The path is blank"):
        manager.export_all(blank)
    assert [*here.iterdir()] == []


@pytest.mark.parametrize("taken", ["a file", "a folder's file", "a dangling link"])
def test_the_exact_file_must_be_free(manager: UserDataManager, tmp_path: Path, taken: str) -> None:
    output = tmp_path / "mine.zip"
    if taken == "a dangling link":
        output.symlink_to(tmp_path / "nowhere")
    else:
        output.write_text("precious")
    before = output.readlink() if output.is_symlink() else output.read_text()
    with pytest.raises(OutputExistsError):
        manager.export_all(output)
    assert (output.readlink() if output.is_symlink() else output.read_text()) == before
    assert list(tmp_path.glob(".*")) == []


def test_a_folder_that_is_not_there_is_told(manager: UserDataManager, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="it is not there"):
        manager.export_all(tmp_path / "missing" / "mine.zip")


def test_a_path_that_cannot_be_one_is_refused(manager: UserDataManager) -> None:
    with pytest.raises(InvalidArgumentError, match="NUL"):
        manager.export_all("a\0b.zip")


def test_a_broken_profile_is_exported_loudly(
    manager: UserDataManager, caplog: pytest.LogCaptureFixture
) -> None:
    (manager.data_dir / "data" / "user_profile.json").write_text('{"personal_info": 3}')
    with caplog.at_level(logging.WARNING):
        made = manager.export_all()
    assert made["profile_valid"] is False
    assert any("does not follow the schema" in text for text in made["warnings"])
    assert "does not follow the schema" in caplog.text
    checked = manager.validate_backup(made["output_path"])
    assert checked["valid"] is False
    assert all(text.startswith("Invalid user profile schema") for text in checked["errors"])


@pytest.mark.parametrize("name", ["my-laptop_2", "manual", "A"])
def test_a_backup_can_be_given_a_name(manager: UserDataManager, name: str) -> None:
    path = manager.backup_data(name)
    assert path.name.startswith(f"{name}_backup_")
    assert path.parent == manager.data_dir / "backups"
    assert path.name in {entry["filename"] for entry in manager.list_backups()}


@pytest.mark.parametrize("name", ["", "a b", "../x", "a/b", "é", "-", "_", "a" * 101, ".", "a\n"])
def test_a_name_that_is_no_slug_is_refused(manager: UserDataManager, name: str) -> None:
    before = backups(manager)
    with pytest.raises(InvalidArgumentError, match="letters, digits"):
        manager.backup_data(name)
    assert backups(manager) == before


def test_a_second_export_reuses_the_first_and_is_equal_but_for_its_time(
    manager: UserDataManager,
) -> None:
    (manager.data_dir / "resumes" / "long.txt").write_text(
        "".join(f"line {number} of a long resume\n" for number in range(90_000))
    )
    members: list[dict[str, Any]] = []
    for _ in range(2):
        made = manager.export_all()
        with zipfile.ZipFile(made["output_path"]) as archive:
            members.append(
                {
                    info.filename: (info.CRC, info.compress_size, info.date_time)
                    for info in archive.infolist()
                    if info.filename not in {"metadata.json", "SHA256SUMS"}
                }
            )
    assert members[0] == members[1]


@pytest.mark.parametrize(
    "place", ["data/user_profile.json.enc", ".state/undo", ".state/x.zip", "resumes", "data/x.zip"]
)
def test_an_archive_does_not_go_among_what_it_archives(
    manager: UserDataManager, place: str
) -> None:
    (manager.data_dir / ".state" / "undo").mkdir(exist_ok=True)
    before = snapshot(manager.data_dir)
    with pytest.raises(InvalidArgumentError, match="inside the vault's"):
        manager.export_all(manager.data_dir / place)
    assert snapshot(manager.data_dir) == before


def test_settings_that_cannot_be_read_are_told_as_left_out(manager: UserDataManager) -> None:
    (manager.data_dir / "config.yaml").write_text("api_key: sk-test-1234\n  x: [\n")
    made = manager.export_all()
    assert [skipped["path"] for skipped in made["skipped"]] == ["config.yaml"]
    assert any(
        text.startswith("config.yaml was skipped: not readable") for text in made["warnings"]
    )
    assert manager.validate_backup(made["output_path"])["valid"] is True
    with zipfile.ZipFile(made["output_path"]) as archive:
        assert b"sk-test-1234" not in archive.read("config.yaml")


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="not on a system without /dev/shm")
@pytest.mark.parametrize("seconds", [2**40, -(2**40)])
def test_times_that_no_calendar_has_keep_nobody_from_a_backup(seconds: int) -> None:
    # Most disks cut such times; one in memory takes them.
    with tempfile.TemporaryDirectory(dir="/dev/shm") as place:
        manager = UserDataManager(Path(place) / "vault")
        manager.save_user_profile(PERSON)
        (manager.data_dir / "resumes" / "a.txt").write_text("x")
        for path in ("data/user_profile.json", "config.yaml", "resumes/a.txt"):
            os.utime(manager.data_dir / path, (seconds, seconds))
        made = manager.export_all(Path(place) / "out.zip")
        assert made["file_count"] == 3
        asked: list[str] = []
        manager.import_from_backup(
            made["output_path"], confirm_callback=lambda plan: not asked.append(str(plan))
        )
        assert re.search("last modified: (9999|0001)-", asked[0])


def test_a_name_that_no_file_can_have_is_told(manager: UserDataManager) -> None:
    with pytest.raises(StorageError, match="no file on this system can have that name"):
        manager.export_all("\ud800.zip")


def test_a_profile_that_is_there_twice_is_exported_loudly(manager: UserDataManager) -> None:
    (manager.data_dir / "data" / "user_profile.json.enc").write_bytes(b"another program's")
    made = manager.export_all()
    assert made["profile_valid"] is False
    assert any("twice" in text and "cannot be imported" in text for text in made["warnings"])
    assert manager.validate_backup(made["output_path"])["valid"] is False


def test_settings_that_change_while_they_are_read_are_told(
    manager: UserDataManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = manager.data_dir / "config.yaml"
    opened = contents.open_regular_file

    def open_and_change(path: Path) -> int:
        descriptor = opened(path)
        if path == config:
            # Between the two looks at the file.
            monkeypatch.setattr(contents, "open_regular_file", opened)
            monkeypatch.setattr(os, "fstat", change_then_look)
        return descriptor

    looked = os.fstat

    def change_then_look(descriptor: int) -> os.stat_result:
        found = looked(descriptor)
        monkeypatch.setattr(os, "fstat", looked)
        config.write_text(config.read_text() + "# an editor saves\n")
        return found

    monkeypatch.setattr(contents, "open_regular_file", open_and_change)
    made = manager.export_all()
    told = "config.yaml changed while it was being read; the archive holds what was read"
    assert told in made["warnings"]
    with zipfile.ZipFile(made["output_path"]) as archive:
        assert archive.read("config.yaml").endswith(b"# an editor saves\n")
    assert manager.export_all()["warnings"] == []


def test_a_vault_beyond_what_an_import_takes_is_told_and_not_archived(
    manager: UserDataManager,
) -> None:
    for number in range(5):
        folder = manager.data_dir / "resumes" / f"é{number}"
        while len(os.fsencode(folder)) < 3900:
            folder.mkdir()
            folder /= "a"
        (folder.parent / "f.txt").write_text("x")
    try:
        before = backups(manager)
        with pytest.raises(VaultLayoutError, match="more than an archive may hold") as refused:
            manager.export_all()
        assert refused.value.consequence == "No archive was made; your vault was only read."
        assert backups(manager) == before
        # Most of it elsewhere, it is within them.
        for number in range(3):
            (manager.data_dir / f"resumes/é{number}").rename(manager.data_dir / f"é{number}")
        assert manager.validate_backup(manager.export_all()["output_path"])["valid"] is True
    finally:  # deeper than what removes a test's folder goes
        subprocess.run(["rm", "-rf", "--", str(manager.data_dir)], check=True)
