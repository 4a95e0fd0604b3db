"""Then-lines of the acceptance criteria that the story's own tests do not name.

`tests/test_export_import.py` and `tests/test_backup_integration.py` have the
tests that the story lists; docs/traceability.md says which test covers what.
"""

import itertools
import json
import os
import re
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.backup.saving import save_profile
from autoresumefiller.errors import (
    BackupValidationError,
    OutputExistsError,
    ProfileNotFoundError,
)
from tests.support import archives
from tests.support.trees import snapshot

PROFILE = "data/user_profile.json"


@pytest.fixture
def manager(sample_vault: Path) -> UserDataManager:
    return UserDataManager(sample_vault)


@pytest.fixture
def archive(manager: UserDataManager, tmp_path: Path) -> Path:
    return manager.export_all(tmp_path / "export.zip")["output_path"]


# --- AC1 --------------------------------------------------------------------------


def test_ac1_what_shrinks_is_deflated_at_level_6(manager: UserDataManager) -> None:
    with zipfile.ZipFile(manager.export_all()["output_path"]) as opened:
        members = {i.filename: i for i in opened.infolist()}
        for name in (PROFILE, "config.yaml"):
            assert members[name].compress_type == zipfile.ZIP_DEFLATED
            # Another codec's levels are its own (docs/decisions/0015): not larger than zlib's 6.
            codec = zlib.compressobj(6, zlib.DEFLATED, -15)
            by_zlib = codec.compress(opened.read(name)) + codec.flush()
            assert members[name].compress_size <= len(by_zlib)
        # APPNOTE 4.4.4: bits 1 and 2 are 0 for normal compression, zlib's level 6.
        assert all(i.flag_bits & 0b110 == 0 for i in members.values())


def test_ac1_an_encrypted_profile_is_carried_as_it_is(
    manager: UserDataManager, sample_vault: Path, tmp_path: Path
) -> None:
    plain = sample_vault / PROFILE
    secret = os.urandom(3000)
    plain.with_name("user_profile.json.enc").write_bytes(secret)
    plain.unlink()

    result = manager.export_all(tmp_path)

    members = archives.members(result["output_path"])
    assert members["data/user_profile.json.enc"] == secret
    assert PROFILE not in members
    checked = manager.validate_backup(result["output_path"])
    assert checked["valid"] is True
    assert len(checked["warnings"]) == 1
    assert UserDataManager(tmp_path / "new").import_from_backup(result["output_path"])["success"]
    assert (tmp_path / "new" / "data" / "user_profile.json.enc").read_bytes() == secret


def test_ac1_an_existing_file_is_never_overwritten(
    manager: UserDataManager, tmp_path: Path
) -> None:
    taken = tmp_path / "mine.zip"
    taken.write_text("mine")
    with pytest.raises(OutputExistsError):
        manager.export_all(taken)
    assert taken.read_text() == "mine"


def test_ac1_any_unzip_tool_opens_it_and_its_sums_hold(
    manager: UserDataManager, tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    archive = manager.export_all(tmp_path)["output_path"]
    for command in (["unzip", "-tq"], ["7z", "t"], ["bsdtar", "-tf"]):
        _run([require_tool(command[0]), *command[1:], archive], cwd=tmp_path)
    (tmp_path / "out").mkdir()
    _run([require_tool("unzip"), "-q", archive], cwd=tmp_path / "out")
    _run([require_tool("sha256sum"), "-c", "SHA256SUMS"], cwd=tmp_path / "out")


# --- AC2 --------------------------------------------------------------------------


def test_ac2_an_empty_vault_is_exported_and_imported(tmp_path: Path) -> None:
    result = UserDataManager(tmp_path / "empty").export_all(tmp_path)
    checked = UserDataManager(tmp_path / "empty").validate_backup(result["output_path"])
    assert checked["errors"] == []
    new = UserDataManager(tmp_path / "new")
    assert new.import_from_backup(result["output_path"], confirm=False)["success"] is True
    with pytest.raises(ProfileNotFoundError):
        new.load_user_profile()


def test_ac2_every_folder_but_the_vault_may_be_missing(
    manager: UserDataManager, sample_vault: Path, tmp_path: Path
) -> None:
    for name in ("data", "resumes", "cover_letters"):
        shutil.rmtree(sample_vault / name)
    result = manager.export_all(tmp_path)
    assert sorted(result["missing_directories"]) == ["cover_letters", "data", "resumes"]
    for name in ("resumes", "cover_letters"):
        assert f"{name}/ directory not found, skipping" in result["warnings"]


# --- AC3 --------------------------------------------------------------------------


def test_ac3_the_profile_must_follow_the_schema(
    manager: UserDataManager, sample_vault: Path, archive: Path, tmp_path: Path
) -> None:
    broken = archives.with_content(
        archive, tmp_path / "broken.zip", {PROFILE: b'{"personal_info": {"first_name": "A"}}'}
    )
    before = snapshot(sample_vault)

    errors = manager.validate_backup(broken)["errors"]

    assert any(error.startswith("Invalid user profile schema") for error in errors)
    with pytest.raises(BackupValidationError):
        manager.import_from_backup(broken, confirm=False)
    assert snapshot(sample_vault) == before


def test_ac3_sizes_must_be_those_of_the_metadata(
    manager: UserDataManager, archive: Path, tmp_path: Path
) -> None:
    files = archives.metadata_of(archive)["files"]
    for entry in files:
        if entry["path"] == "cover_letters/ideas.md":
            entry["size_bytes"] += 1
    total = sum(entry["size_bytes"] for entry in files)
    lying = archives.with_metadata(
        archive, tmp_path / "lying.zip", files=files, total_size_bytes=total
    )
    errors = manager.validate_backup(lying)["errors"]
    assert any("ideas.md" in error and "size" in error.lower() for error in errors), errors


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b'{"files": 3}', b"\xff\xfe{"])
def test_ac3_metadata_must_be_readable(
    manager: UserDataManager, archive: Path, tmp_path: Path, text: bytes
) -> None:
    broken = archives.with_members(archive, tmp_path / "broken.zip", {"metadata.json": text})
    result = manager.validate_backup(broken)
    assert result["valid"] is False
    assert result["errors"]


def test_ac3_an_archive_without_metadata_is_refused(
    manager: UserDataManager, archive: Path, tmp_path: Path
) -> None:
    broken = archives.with_members(archive, tmp_path / "broken.zip", {"metadata.json": None})
    assert manager.validate_backup(broken)["valid"] is False


# --- AC5 --------------------------------------------------------------------------


def test_ac5_the_summary_has_the_storys_keys_and_nothing_is_left_in_staging(
    manager: UserDataManager, sample_vault: Path, archive: Path
) -> None:
    result = manager.import_from_backup(archive, confirm=False)

    assert result.keys() >= {
        "success",
        "files_restored",
        "backup_created",
        "warnings",
        "duration_ms",
    }
    assert result["files_restored"] == archives.metadata_of(archive)["file_count"]
    assert isinstance(result["duration_ms"], int)
    state = [path for path in (sample_vault / ".state").rglob("*") if path.is_file()]
    assert [path for path in state if "staging" in path.parts] == []


def test_ac5_importing_one_kind_of_profile_retires_the_other(
    sample_vault: Path, archive: Path
) -> None:
    plain = sample_vault / PROFILE
    plain.rename(plain.with_name("user_profile.json.enc"))

    UserDataManager(sample_vault).import_from_backup(archive, confirm=False)

    assert plain.exists()
    assert not plain.with_name("user_profile.json.enc").exists()


# --- AC7, AC8 ---------------------------------------------------------------------


def test_ac7_junk_in_the_folder_does_not_stop_the_list(
    manager: UserDataManager, sample_vault: Path
) -> None:
    backups = sample_vault / "backups"
    (backups / "auto_backup_20251130_080000.zip").write_bytes(b"not a ZIP")
    (backups / "photo.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (backups / "notes.txt").write_text("mine")
    (backups / "folder.zip").mkdir()

    listed = {entry["filename"]: entry for entry in manager.list_backups()}

    assert listed.keys() == {"auto_backup_20251130_080000.zip", "photo.zip"}
    assert listed["photo.zip"]["type"] == "manual"
    assert listed["photo.zip"]["metadata"] is None


def test_ac7_a_hundred_backups_are_listed_with_their_metadata(
    manager: UserDataManager, sample_vault: Path, archive: Path
) -> None:
    content = archive.read_bytes()
    for number in range(100):
        name = f"auto_backup_20251130_08{number // 60:02}{number % 60:02}.zip"
        (sample_vault / "backups" / name).write_bytes(content)

    listed = manager.list_backups()
    assert all(entry["metadata"]["format_version"] == 1 for entry in listed)
    assert len(listed) == 100


def test_ac8_the_only_importable_backup_stays_whatever_the_number(
    manager: UserDataManager, sample_vault: Path
) -> None:
    kept = manager.export_all()["filename"]
    assert manager.cleanup_old_backups(max_backups=0, keep_manual=False) == 0
    assert [entry["filename"] for entry in manager.list_backups()] == [kept]


def test_ac8_saving_keeps_the_last_ten_automatic_backups(manager: UserDataManager) -> None:
    manual = manager.export_all()["filename"]
    profile = manager.load_user_profile()
    for number in range(13):
        profile.summary = f"version {number}"
        manager.save_user_profile(profile)

    listed = manager.list_backups()

    assert [entry["type"] for entry in listed].count("auto") == 10
    assert manual in {entry["filename"] for entry in listed}
    newest = next(entry for entry in listed if entry["type"] == "auto")
    assert newest["metadata"]["scope"] == "data"
    saved = archives.members(newest["path"])
    assert b'"version 11"' in saved[PROFILE]
    assert not any(name.startswith(("resumes/", "cover_letters/")) for name in saved)
    assert re.fullmatch(r"auto_backup_\d{8}_\d{6}(_\d+)?\.zip", newest["filename"])


@pytest.mark.parametrize("moves", [0, -60], ids=["in one second", "on a clock that runs backwards"])
def test_ac8_the_newest_automatic_backups_stay_whatever_the_clock_does(
    manager: UserDataManager, moves: int
) -> None:
    ticks = itertools.count()
    start = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    vault = replace(manager.vault, now=lambda: start + timedelta(seconds=moves * next(ticks)))
    profile = manager.load_user_profile()
    for number in range(25):
        profile.summary = f"version {number}"
        save_profile(vault, profile)

    listed = manager.list_backups()

    kept = [json.loads(archives.members(entry["path"])[PROFILE])["summary"] for entry in listed]
    assert len(kept) == 10
    # What the last save replaced must be there; all ten where the clock did not go back.
    assert "version 23" in kept
    if moves == 0:
        assert kept == [f"version {number}" for number in range(23, 13, -1)]


# --- AC9 --------------------------------------------------------------------------


@pytest.mark.parametrize("call", [1, 2, 10, 20])
def test_ac9_an_exception_in_the_callback_cancels_and_leaves_nothing(
    manager: UserDataManager, sample_vault: Path, tmp_path: Path, call: int
) -> None:
    calls: list[int] = []

    def stop(current: int, _total: int, _name: str) -> None:
        calls.append(current)
        if len(calls) == call:
            raise KeyboardInterrupt

    before = snapshot(sample_vault)
    with pytest.raises(KeyboardInterrupt):
        manager.export_all(progress_callback=stop)
    calls.clear()
    with pytest.raises(KeyboardInterrupt):
        manager.export_all(tmp_path / "elsewhere.zip", progress_callback=stop)
    assert snapshot(sample_vault) == before
    assert not (tmp_path / "elsewhere.zip").exists()


def _run(command: list[object], *, cwd: Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
