"""The check-up: what it finds, what it mends, and that looking changes nothing."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.backup.doctor import examine_place
from autoresumefiller.errors import VaultNotFoundError
from autoresumefiller.model.reports import Check, CheckState, DoctorReport
from tests.backup.conftest import PERSON
from tests.support.trees import snapshot


@pytest.fixture
def manager(manager: UserDataManager) -> UserDataManager:
    manager.export_all()
    return manager


def found(report: DoctorReport, name: str) -> list[Check]:
    return [check for check in report.checks if check.name == name]


def state(report: DoctorReport, name: str) -> CheckState:
    [check] = found(report, name)
    return check.state


def test_a_sound_vault_is_well(manager: UserDataManager) -> None:
    report = manager.doctor()
    assert report.healthy, [c for c in report.checks if c.state is not CheckState.OK]


def test_looking_changes_nothing(manager: UserDataManager) -> None:
    (manager.data_dir / "data").chmod(0o755)
    (manager.data_dir / "resumes" / "link").symlink_to("/etc/hostname")
    before = snapshot(manager.data_dir, without=())
    manager.doctor()
    assert snapshot(manager.data_dir, without=()) == before


def test_there_must_be_a_vault(tmp_path: Path) -> None:
    with pytest.raises(VaultNotFoundError):
        examine_place(tmp_path / "nothing", fix=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["data", "config.yaml", "data/user_profile.json", "backups"])
def test_what_others_can_read_is_told_and_made_private(
    manager: UserDataManager, place: str
) -> None:
    path = manager.data_dir / place
    path.chmod(0o755 if path.is_dir() else 0o644)
    looked = manager.doctor()
    assert state(looked, "permissions") is CheckState.WARNING
    assert place in found(looked, "permissions")[0].message
    assert state(manager.doctor(fix=True), "permissions") is CheckState.FIXED
    assert not stat.S_IMODE(path.stat().st_mode) & 0o077
    assert state(manager.doctor(), "permissions") is CheckState.OK


def test_what_a_killed_process_left_is_told_and_removed(manager: UserDataManager) -> None:
    program = f"""
import sys, time
from autoresumefiller import UserDataManager
from autoresumefiller.vault.staging import staging_area
manager = UserDataManager({str(manager.data_dir)!r})
with staging_area(manager.vault.layout) as staging:
    staging.write("data/half.json", b"half")
    print("ready", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert state(manager.doctor(), "leftovers") is CheckState.OK
        process.send_signal(signal.SIGKILL)
    assert state(manager.doctor(), "leftovers") is CheckState.WARNING
    assert state(manager.doctor(fix=True), "leftovers") is CheckState.FIXED
    assert state(manager.doctor(), "leftovers") is CheckState.OK
    assert not [path for path in (manager.data_dir / ".state").rglob("*") if "half" in path.name]


def test_an_interrupted_change_is_told_and_set_right(manager: UserDataManager) -> None:
    (manager.data_dir / ".state" / "tx").mkdir(mode=0o700)
    looked = examine_place(manager.data_dir, fix=False)
    assert state(looked, "interrupted_change") is CheckState.PROBLEM
    assert found(looked, "interrupted_change")[0].fixable
    mended = examine_place(manager.data_dir, fix=True)
    assert state(mended, "interrupted_change") is CheckState.FIXED
    assert not (manager.data_dir / ".state" / "tx").exists()


def test_a_change_of_a_living_program_is_not_called_interrupted(manager: UserDataManager) -> None:
    program = f"""
import sys
from pathlib import Path
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import VaultLock
layout = VaultLayout(Path({str(manager.data_dir)!r}))
with VaultLock(layout).changing("import"):
    layout.transaction.mkdir(mode=0o700)
    print("ready", flush=True)
    sys.stdin.read()
    layout.transaction.rmdir()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        looked = examine_place(manager.data_dir, fix=True)
        assert state(looked, "interrupted_change") is CheckState.OK
        message = found(looked, "interrupted_change")[0].message
        assert message.startswith("A change is under way: import by ")
        assert f"(process {process.pid})" in message
        assert found(looked, "undo") == []
        assert (manager.data_dir / ".state" / "tx").exists()
        process.communicate()


def test_what_no_backup_holds_is_told(manager: UserDataManager) -> None:
    (manager.data_dir / "resumes" / "link").symlink_to("/etc/hostname")
    os.mkfifo(manager.data_dir / "cover_letters" / "pipe")
    messages = [check.message for check in found(manager.doctor(), "contents")]
    assert any("resumes/link is not part of any backup: symbolic link" in m for m in messages)
    assert any("cover_letters/pipe is not part of any backup" in m for m in messages)


def test_a_broken_profile_is_a_problem(manager: UserDataManager) -> None:
    (manager.data_dir / "data" / "user_profile.json").write_text("{}")
    assert state(manager.doctor(), "profile") is CheckState.PROBLEM


@pytest.mark.parametrize("text", ["a: [", "\x00", "- a list\n"])
def test_settings_that_cannot_be_read_are_a_problem(manager: UserDataManager, text: str) -> None:
    (manager.data_dir / "config.yaml").write_text(text)
    assert state(manager.doctor(), "settings") is CheckState.PROBLEM


def test_a_placeholder_in_the_settings_is_told(manager: UserDataManager) -> None:
    (manager.data_dir / "config.yaml").write_text('api_key: "**REDACTED**"\n')
    assert state(manager.doctor(), "settings") is CheckState.WARNING


def test_backups_that_cannot_be_imported_are_told(manager: UserDataManager) -> None:
    [backup] = manager.list_backups()
    content = bytearray(backup["path"].read_bytes())
    content[len(content) // 2] ^= 0xFF
    backup["path"].write_bytes(content)
    states = {check.state for check in found(manager.doctor(), "backups")}
    assert CheckState.PROBLEM in states
    assert CheckState.OK not in states


def test_automatic_backups_alone_are_not_called_broken(vault_dir: Path) -> None:
    manager = UserDataManager(vault_dir)
    manager.save_user_profile(PERSON)
    manager.save_user_profile(PERSON)
    [check] = found(manager.doctor(), "backups")
    assert (check.state, "no full backup" in check.message) == (CheckState.WARNING, True)


def test_a_vault_without_a_backup_is_told_to_make_one(vault_dir: Path) -> None:
    report = UserDataManager(vault_dir).doctor()
    [check] = found(report, "backups")
    assert (check.state, "arf export" in check.remedy) == (CheckState.WARNING, True)


_LOCKED_OUT = """
import os, sys, tempfile
from pathlib import Path
from autoresumefiller import UserDataManager
with tempfile.TemporaryDirectory() as place:
    manager = UserDataManager(Path(place) / "vault")
    manager.doctor()  # all modules are imported while they can be read
    child = os.fork()
    if child == 0:
        try:
            os.chmod(manager.data_dir, 0)
            if os.geteuid() == 0:
                os.chmod(place, 0o755)
                os.setuid(65534)
            report = manager.doctor(fix=True)
            print([check.state.value for check in report.checks if check.name == "permissions"])
            sys.stdout.flush()
        except BaseException as error:
            print(repr(error), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    os.chmod(manager.data_dir, 0o700)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: modes")
def test_a_vault_that_may_not_be_looked_into_is_a_problem_and_no_crash() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOCKED_OUT], capture_output=True, text=True, check=True
    )

    assert done.stdout == "['problem']\n"


def test_what_an_undo_would_need_and_is_gone_is_told(
    manager: UserDataManager, tmp_path: Path
) -> None:
    letter = manager.data_dir / "resumes" / "letter.txt"
    letter.write_text("old")
    archive = manager.export_all(tmp_path / "a.zip")["output_path"]
    letter.write_text("new")
    manager.import_from_backup(archive, confirm=False, backup_existing=False)
    assert state(manager.doctor(), "undo") is CheckState.OK
    (manager.data_dir / ".state" / "undo" / "old" / "resumes" / "letter.txt").unlink()
    [check] = found(manager.doctor(), "undo")
    assert check.state is CheckState.PROBLEM
    assert "letter.txt is no longer in .state/undo" in check.message
