"""An import from inside: every way out but the last leaves everything as it was."""

import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.backup import space
from autoresumefiller.backup.preparing import prepare_import
from autoresumefiller.errors import (
    BackupNotFoundError,
    BackupValidationError,
    InvalidArgumentError,
    NotEnoughSpaceError,
    PlanChangedError,
    SafetyBackupError,
    StorageError,
    VaultBusyError,
    VaultLayoutError,
)
from autoresumefiller.model.plan import ImportPlan
from autoresumefiller.model.progress import Stage
from autoresumefiller.vault import syncing
from autoresumefiller.vault.trees import remove_tree
from tests.backup.conftest import PERSON, StopHereError
from tests.support.trees import snapshot
from tests.vectors.contents import VAULT, Story


@pytest.fixture
def manager(manager: UserDataManager, vault_dir: Path) -> UserDataManager:
    (vault_dir / "resumes" / "nested").mkdir()
    (vault_dir / "resumes" / "nested" / "cv.txt").write_text("old resume")
    (vault_dir / "cover_letters" / "letter.txt").write_text("a letter")
    return manager


@pytest.fixture
def archive(manager: UserDataManager, tmp_path: Path) -> Path:
    """An export, after which the vault has changed in every way."""
    path = manager.export_all(tmp_path / "export.zip")["output_path"]
    root = manager.data_dir
    (root / "resumes" / "nested" / "cv.txt").write_text("new resume")
    (root / "resumes" / "later.txt").write_text("came later")
    (root / "cover_letters" / "letter.txt").unlink()
    manager.save_user_profile(PERSON | {"summary": "later"})
    return path


def leftovers(root: Path) -> list[Path]:
    return [path for path in (root / ".state").rglob("*") if "staging/" in str(path)]


def staged(root: Path) -> list[Path]:
    """Everything that is unpacked and waits to become live."""
    return [*(root / ".state" / "staging").glob("*/tree/**/*")]


def test_the_plan_says_what_would_be_replaced_added_and_kept(
    manager: UserDataManager, archive: Path
) -> None:
    with prepare_import(manager.vault, archive) as prepared:
        plan = prepared.plan
    assert plan.resumes.replaced == ("resumes/nested/cv.txt",)
    assert plan.resumes.kept == ("resumes/later.txt",)
    assert plan.cover_letters.added == ("cover_letters/letter.txt",)
    assert plan.data.replaced == ("data/user_profile.json",)
    assert plan.profile_modified is not None
    assert plan.archive == "export.zip"


def test_preparing_holds_no_lock_and_changes_nothing(
    manager: UserDataManager, archive: Path
) -> None:
    before = snapshot(manager.data_dir)
    with prepare_import(manager.vault, archive):
        manager.save_user_profile(PERSON | {"summary": "saved while a question stands"})
        manager.export_all()
    assert snapshot(manager.data_dir).keys() >= before.keys()
    assert leftovers(manager.data_dir) == []


def test_a_vault_that_changed_after_the_question_is_asked_about_again(
    manager: UserDataManager, archive: Path
) -> None:
    asked: list[ImportPlan] = []

    def answer(plan: ImportPlan) -> bool:
        asked.append(plan)
        if len(asked) == 1:
            (manager.data_dir / "resumes" / "meanwhile.txt").write_text("new")
        return True

    done = manager.import_from_backup(archive, confirm_callback=answer)
    assert done["success"] is True
    assert len(asked) == 2
    assert "resumes/meanwhile.txt" in asked[1].resumes.kept
    assert "resumes/meanwhile.txt" not in asked[0].resumes.kept


def test_a_prepared_import_refuses_a_plan_that_is_out_of_date(
    manager: UserDataManager, archive: Path
) -> None:
    with prepare_import(manager.vault, archive) as prepared:
        (manager.data_dir / "resumes" / "later.txt").write_text("changed again")
        with pytest.raises(PlanChangedError):
            prepared.run(backup_existing=False)
        assert prepared.run(backup_existing=False)["success"] is True


@pytest.mark.parametrize("mode", ["overwrite", "mirror"])
def test_cancelled_at_any_report_of_progress_nothing_has_happened(
    manager: UserDataManager, archive: Path, mode: str
) -> None:
    calls = _calls_of_an_import(manager, archive, mode)
    manager.undo()
    before = snapshot(manager.data_dir)
    for number in range(calls):
        with pytest.raises(StopHereError):
            manager.import_from_backup(
                archive,
                confirm=False,
                backup_existing=False,
                progress_callback=_raise_at(number),
                mode=mode,
            )
        assert snapshot(manager.data_dir) == before, number
        assert leftovers(manager.data_dir) == []


def _calls_of_an_import(manager: UserDataManager, archive: Path, mode: str) -> int:
    calls: list[tuple[int, int, str]] = []
    manager.import_from_backup(
        archive,
        confirm=False,
        backup_existing=False,
        progress_callback=lambda *call: calls.append(call),
        mode=mode,
    )
    currents = [current for current, _, _ in calls]
    assert currents == sorted(currents)
    assert len({total for _, total, _ in calls}) == 1
    assert calls[-1][0] == calls[-1][1]
    return len(calls)


def _raise_at(number: int) -> Callable[[int, int, str], None]:
    seen = iter(range(10**6))

    def callback(_current: int, _total: int, _file: str) -> None:
        if next(seen) == number:
            raise StopHereError

    return callback


def test_cancelled_at_the_start_of_any_stage_nothing_has_happened(
    manager: UserDataManager, archive: Path
) -> None:
    stages: list[Stage] = []
    manager.import_from_backup(archive, confirm=False, stage_callback=stages.append)
    assert stages[-1] is Stage.DONE
    manager.undo()
    for number in range(len(stages) - 1):
        before = snapshot(manager.data_dir)
        seen: list[Stage] = []

        def callback(stage: Stage, number: int = number, seen: list[Stage] = seen) -> None:
            seen.append(stage)
            if len(seen) > number:
                raise StopHereError

        with pytest.raises(StopHereError):
            manager.import_from_backup(archive, confirm=False, stage_callback=callback)
        after = snapshot(manager.data_dir)
        # A safety backup that was finished stays: it is a backup like any other.
        made = {path for path in after.keys() - before.keys() if "pre_import" in path}
        assert {path: seen for path, seen in after.items() if path not in made | {"backups"}} == {
            path: seen for path, seen in before.items() if path != "backups"
        }
        assert leftovers(manager.data_dir) == []


def test_live_files_that_read_back_wrong_undo_the_import(
    manager: UserDataManager, archive: Path
) -> None:
    before = snapshot(manager.data_dir)

    def bad_disk(stage: Stage) -> None:
        if stage is Stage.VERIFYING:
            (path,) = (manager.data_dir / "resumes").rglob("cv.txt")
            times = path.stat()
            path.write_bytes(b"?" * times.st_size)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    with pytest.raises(StorageError, match=r"cv\.txt reads back differently") as caught:
        manager.import_from_backup(
            archive, confirm=False, backup_existing=False, stage_callback=bad_disk
        )
    assert "your vault is as it was" in str(caught.value)
    assert snapshot(manager.data_dir) == before


def test_without_a_safety_backup_nothing_is_imported(
    manager: UserDataManager, archive: Path
) -> None:
    backups = manager.data_dir / "backups"
    for path in backups.iterdir():
        path.unlink()
    backups.rmdir()
    backups.write_text("a file where the folder of backups should be")
    before = snapshot(manager.data_dir)
    with pytest.raises(SafetyBackupError, match="could not be backed up"):
        manager.import_from_backup(archive, confirm=False)
    assert snapshot(manager.data_dir) == before
    done = manager.import_from_backup(archive, confirm=False, backup_existing=False)
    assert done["success"] is True


def test_a_linked_folder_is_refused_before_anybody_is_asked(
    manager: UserDataManager, archive: Path, tmp_path: Path
) -> None:
    synced = tmp_path / "synced"
    (manager.data_dir / "resumes").rename(synced)
    (manager.data_dir / "resumes").symlink_to(synced)
    with pytest.raises(VaultLayoutError, match="resumes/ is a link") as caught:
        manager.import_from_backup(archive, confirm_callback=lambda _: pytest.fail("asked"))
    assert "link it anew" in str(caught.value)
    assert (synced / "nested" / "cv.txt").read_text() == "new resume"


def test_mirror_mode_removes_only_what_an_export_would_have_taken(
    manager: UserDataManager, archive: Path
) -> None:
    link = manager.data_dir / "resumes" / "link.txt"
    link.symlink_to("/etc/hostname")
    pipe = manager.data_dir / "resumes" / "pipe"
    os.mkfifo(pipe)
    done = manager.import_from_backup(archive, confirm=False, mode="mirror")
    assert done["success"] is True
    assert not (manager.data_dir / "resumes" / "later.txt").exists()
    assert link.is_symlink()
    assert pipe.exists()


def test_mirror_mode_removes_folders_that_were_empty_already_and_undo_brings_them_back(
    manager: UserDataManager, archive: Path
) -> None:
    empty = manager.data_dir / "resumes" / "empty" / "below"
    empty.mkdir(parents=True)
    manager.import_from_backup(archive, confirm=False, mode="mirror")
    assert not empty.parent.exists()
    manager.undo()
    assert empty.is_dir()


def test_mirroring_a_backup_of_the_data_leaves_the_documents_alone(
    manager: UserDataManager,
) -> None:
    manager.save_user_profile(PERSON | {"summary": "second"})
    [automatic] = [b for b in manager.list_backups() if b["type"] == "auto"]
    (manager.data_dir / "data" / "extra.json").write_text("{}")
    done = manager.import_from_backup(automatic["path"], confirm=False, mode="mirror")
    assert done["success"] is True
    assert not (manager.data_dir / "data" / "extra.json").exists()
    assert (manager.data_dir / "resumes" / "nested" / "cv.txt").exists()


def test_a_listed_backup_can_be_imported_by_its_name(manager: UserDataManager) -> None:
    made = manager.export_all()
    (manager.data_dir / "resumes" / "nested" / "cv.txt").write_text("changed")
    manager.import_from_backup(made["filename"], confirm=False)
    assert (manager.data_dir / "resumes" / "nested" / "cv.txt").read_text() == "old resume"


@pytest.mark.parametrize(
    "name", ["missing.zip", "../missing.zip", "/nowhere/missing.zip", "n" * 300, "~nobody/x.zip"]
)
def test_an_archive_that_is_not_there_is_told_as_such(manager: UserDataManager, name: str) -> None:
    with pytest.raises(BackupNotFoundError):
        manager.import_from_backup(name, confirm=False)
    checked = manager.validate_backup(name)
    assert (checked["valid"], len(checked["errors"])) == (False, 1)


def test_a_folder_or_a_pipe_is_no_archive(manager: UserDataManager, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.zip"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe):
        with pytest.raises(BackupValidationError, match="corrupted"):
            manager.import_from_backup(path, confirm=False)
        assert manager.validate_backup(path)["valid"] is False


def test_an_unknown_mode_is_refused(manager: UserDataManager, archive: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="overwrite"):
        manager.import_from_backup(archive, mode="merge")


def test_an_import_waits_for_an_export_and_says_who_holds_the_vault(
    manager: UserDataManager, archive: Path
) -> None:
    from autoresumefiller.vault.lock import VaultLock

    vault = manager.vault
    impatient: Any = type(vault)(
        layout=vault.layout, lock=VaultLock(vault.layout, timeout_seconds=0.1)
    )
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with vault.lock.reading("export"):
            holding.set()
            done.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait(30)
    try:
        before = snapshot(manager.data_dir)
        with (
            prepare_import(impatient, archive) as prepared,
            pytest.raises(VaultBusyError, match=rf"export by .*process {os.getpid()}"),
        ):
            prepared.run(backup_existing=False)
        assert snapshot(manager.data_dir) == before
    finally:
        done.set()
        holder.join()


def test_cancelled_within_the_safety_backup_none_is_left_and_nothing_has_happened(
    manager: UserDataManager, archive: Path
) -> None:
    before = snapshot(manager.data_dir)
    stages: list[Stage] = []

    def cancel(_current: int, _total: int, _file: str) -> None:
        if stages[-1] is Stage.BACKING_UP:
            raise StopHereError

    with pytest.raises(StopHereError):
        manager.import_from_backup(
            archive, confirm=False, progress_callback=cancel, stage_callback=stages.append
        )
    assert stages[-1] is Stage.BACKING_UP
    assert snapshot(manager.data_dir) == before
    assert leftovers(manager.data_dir) == []


def test_what_a_callback_raises_passes_unchanged_whatever_it_is(
    manager: UserDataManager, archive: Path
) -> None:
    for error in (StopIteration, GeneratorExit, KeyboardInterrupt, SystemExit):

        def stop(*_: object, error: type[BaseException] = error) -> None:
            raise error

        with pytest.raises(error):
            manager.import_from_backup(archive, confirm=False, progress_callback=stop)
        with pytest.raises(error):
            manager.export_all(None, stop)
    assert leftovers(manager.data_dir) == []


def test_mirror_mode_spares_what_the_backup_had_to_leave_out(
    manager: UserDataManager, tmp_path: Path
) -> None:
    resumes = manager.data_dir / "resumes"
    away = tmp_path / "not mounted"
    resumes.rename(away)
    resumes.symlink_to(tmp_path / "nowhere")
    (manager.data_dir / "cover_letters" / "link.txt").symlink_to("/etc/hostname")
    made = manager.export_all(tmp_path / "partial.zip")["output_path"]
    resumes.unlink()
    away.rename(resumes)
    (manager.data_dir / "cover_letters" / "link.txt").unlink()
    (manager.data_dir / "cover_letters" / "link.txt").write_text("the only copy")
    done = manager.import_from_backup(made, confirm=False, mode="mirror")
    assert (resumes / "nested" / "cv.txt").read_text() == "old resume"
    assert (manager.data_dir / "cover_letters" / "link.txt").read_text() == "the only copy"
    assert any("had to leave them out" in warning for warning in done["warnings"])


def test_what_the_safety_backup_leaves_out_is_told(manager: UserDataManager, archive: Path) -> None:
    cv = manager.data_dir / "resumes" / "nested" / "cv.txt"
    cv.unlink()
    cv.symlink_to("/etc/hostname")
    done = manager.import_from_backup(archive, confirm=False)
    assert any("does not hold resumes/nested/cv.txt" in warning for warning in done["warnings"])


def test_an_archive_that_does_not_fit_is_not_called_broken(
    manager: UserDataManager, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(manager.data_dir)
    monkeypatch.setattr(space, "free_bytes", lambda _: 1000)
    with pytest.raises(NotEnoughSpaceError, match="What is in the backup may need"):
        manager.import_from_backup(archive, confirm=False)
    assert manager.validate_backup(archive)["valid"] is True
    assert snapshot(manager.data_dir) == before
    assert leftovers(manager.data_dir) == []


def test_too_little_space_is_told_before_anything_is_unpacked(
    manager: UserDataManager, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked: list[Path] = []

    def look(_directory: Path) -> int:
        unpacked.extend(staged(manager.data_dir))
        return 1000

    monkeypatch.setattr(space, "free_bytes", look)
    told: list[object] = []
    with pytest.raises(NotEnoughSpaceError, match=r"a margin of 65,536; 1,000 are free"):
        manager.import_from_backup(
            archive,
            confirm=False,
            progress_callback=lambda *call: told.append(call),
            stage_callback=told.append,
        )
    assert unpacked == []
    assert told == [Stage.VALIDATING]


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: a descriptor tells its file")
@pytest.mark.parametrize("at_once", [True, False])
def test_all_that_was_unpacked_is_on_the_disk_before_anything_live_is_moved(
    manager: UserDataManager, archive: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    synced: set[Path] = set()
    moved: list[tuple[set[Path], set[Path]]] = []
    sync_disk, rename = syncing._syncfs, os.rename
    sync_file, sync_folder = syncing.fsync_file, syncing.fsync_directory

    def note_disk(descriptor: int) -> None:
        there = staged(manager.data_dir)
        sync_disk(descriptor)
        synced.update(there)

    def note_file(descriptor: int) -> None:
        sync_file(descriptor)
        synced.add(Path(f"/proc/self/fd/{descriptor}").readlink())

    def note_folder(path: str) -> None:
        sync_folder(path)
        synced.add(Path(path))

    def note_move(*paths: Any, **how: Any) -> None:
        moved.append(({*staged(manager.data_dir)}, {*synced}))
        rename(*paths, **how)

    if not at_once:
        monkeypatch.setattr(syncing, "_kernel_reports_errors", lambda: False)
    monkeypatch.setattr(syncing, "_syncfs", note_disk)
    monkeypatch.setattr(syncing, "fsync_file", note_file)
    monkeypatch.setattr(syncing, "fsync_directory", note_folder)
    monkeypatch.setattr(os, "rename", note_move)
    manager.import_from_backup(archive, confirm=False, backup_existing=False)

    unpacked, on_the_disk = moved[0]
    assert {path.name for path in unpacked} >= {"user_profile.json", "cv.txt", "nested"}
    assert unpacked <= on_the_disk


@pytest.mark.parametrize("depth", [600, pytest.param(1500, marks=pytest.mark.slow)])
def test_folders_a_thousand_deep_come_and_go_like_any_other(
    manager: UserDataManager, tmp_path: Path, depth: int
) -> None:
    path = "resumes/" + "a/" * depth + "f"
    archive = tmp_path / "deep.zip"
    archive.write_bytes(Story(files={**VAULT, path: b"deep"}).bytes())
    before = snapshot(manager.data_dir)

    manager.import_from_backup(archive, confirm=False)

    assert (manager.data_dir / path).read_bytes() == b"deep"
    again = UserDataManager(manager.data_dir)
    assert again.validate_backup(again.export_all()["output_path"])["valid"]
    again.undo()
    shutil.rmtree(manager.data_dir / "backups")
    (manager.data_dir / "backups").mkdir(mode=0o700)
    assert snapshot(manager.data_dir) == before
    assert [*(manager.data_dir / ".state" / "staging").iterdir()] == []
    # pytest would call itself for each folder.
    remove_tree(manager.data_dir / ".state" / "undo")
