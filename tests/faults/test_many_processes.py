"""Six processes at once on one vault, two of them killed in the middle."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.encryption.key_places import FILE_VARIABLE
from tests.faults.injector import ROOT
from tests.faults.scenarios import leftovers, put_file

_FILES = [
    f"{folder}/{number}.txt" for folder in ("resumes", "cover_letters") for number in range(8)
]
_PROFILE = '{"personal_info": {"first_name": "T", "last_name": "P", "email": "t@example.org"}}'

_WORK = """
import sys
from autoresumefiller import UserDataManager
from autoresumefiller.errors import BackupNotFoundError, NothingToUndoError, VaultBusyError
root, archives, role, rounds = sys.argv[1], sys.argv[2:4], sys.argv[4], int(sys.argv[5])
for number in range(rounds):
    manager = UserDataManager(root)
    try:
        if role == "import":
            manager.import_from_backup(archives[number % 2], confirm=False, mode="mirror")
        elif role == "export":
            manager.export_all()
        elif role == "save":
            manager.save_user_profile(manager.load_user_profile())
        elif role == "undo":
            manager.undo()
        elif role == "set":
            manager.set_setting("gui.theme", ["dark", "light"][number % 2])
        elif role == "delete":
            for backup in manager.list_backups()[-1:]:
                manager.delete_backup(backup["filename"])
        elif role == "encrypt":
            if manager.encryption_status().encrypted:
                manager.encrypt_off()
            else:
                manager.encrypt_on("four words for tests", lambda kit: None)
        else:
            manager.cleanup_old_backups(max_backups=3, keep_manual=False)
    except (VaultBusyError, BackupNotFoundError, NothingToUndoError):
        pass  # somebody else was faster
    print(number, flush=True)
"""


def _archive_of(tag: str, directory: Path) -> Path:
    """An archive whose every document says the same: half an import would show."""
    manager = UserDataManager(directory / f"vault-{tag}")
    put_file(manager.data_dir / "data/user_profile.json", _PROFILE)
    for name in _FILES:
        put_file(manager.data_dir / name, tag * 500)
    path: Path = manager.export_all(directory / f"{tag}.zip")["output_path"]
    return path


@pytest.mark.parametrize(
    "roles",
    [
        ["import", "import", "export", "save", "undo", "cleanup"],
        ["import", "encrypt", "set", "delete", "export", "save"],
    ],
    ids=" ".join,
)
def test_six_processes_at_once_leave_one_state_and_good_backups(
    roles: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "keys"))
    archives = [str(_archive_of(tag, tmp_path)) for tag in "AB"]
    root = tmp_path / "vault"
    UserDataManager(root).import_from_backup(archives[0], confirm=False)
    UserDataManager(root).import_from_backup(archives[1], confirm=False)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _WORK, str(root), *archives, role, "6"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for role in roles
    ]
    # Killed somewhere in their second round: the moment is as good as random.
    for victim in (processes[0], processes[random.choice([2, 3, 4])]):
        assert victim.stdout is not None
        victim.stdout.readline()
        victim.kill()
    said = [process.communicate()[1] for process in processes]
    errors = {
        role: text
        for role, process, text in zip(roles, processes, said, strict=True)
        if process.returncode not in {0, -signal.SIGKILL}
    }

    assert errors == {}
    manager = UserDataManager(root)
    tags = {(root / name).read_text() for name in _FILES}
    assert tags in ({"A" * 500}, {"B" * 500})
    assert manager.load_user_profile().personal_info.email == "t@example.org"
    for backup in manager.list_backups():
        assert manager.validate_backup(backup["path"])["valid"], backup["filename"]
    assert leftovers(root) == []
    manager.import_from_backup(archives[0], confirm=False)
    assert {(root / name).read_text() for name in _FILES} == {"A" * 500}
