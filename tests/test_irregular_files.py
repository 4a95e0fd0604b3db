"""A pipe or a device where a file should be: refused or passed over, never waited for."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.errors import AutoResumeFillerError, VaultLayoutError

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: pipes, devices"),
    pytest.mark.usefixtures("never_waiting"),
]

PROFILE = {"personal_info": {"first_name": "A", "last_name": "Test", "email": "a@example.org"}}
IRREGULAR: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.fixture(params=IRREGULAR)
def put(request: pytest.FixtureRequest) -> Callable[[Path], object]:
    def put(path: Path) -> None:
        path.unlink(missing_ok=True)
        IRREGULAR[request.param](path)

    return put


@pytest.fixture
def manager(vault_dir: Path) -> UserDataManager:
    manager = UserDataManager(vault_dir)
    manager.save_user_profile(PROFILE)
    return manager


def test_settings_that_are_no_file_are_refused(
    manager: UserDataManager, put: Callable[[Path], object]
) -> None:
    put(manager.data_dir / "config.yaml")

    for call in (
        manager.show_config,
        lambda: manager.get_setting("backup.max_backups"),
        lambda: manager.set_setting("backup.max_backups", 7),
    ):
        with pytest.raises(VaultLayoutError, match="is not a regular file"):
            call()


def test_settings_that_are_no_file_do_not_keep_a_profile_from_being_saved(
    manager: UserDataManager, put: Callable[[Path], object]
) -> None:
    put(manager.data_dir / "config.yaml")

    manager.save_user_profile(PROFILE)

    assert manager.load_user_profile().personal_info.email == "a@example.org"
    assert [backup["type"] for backup in manager.list_backups()] == ["auto"]


def test_a_profile_that_is_no_file_is_refused(
    manager: UserDataManager, put: Callable[[Path], object]
) -> None:
    put(manager.data_dir / "data" / "user_profile.json")

    with pytest.raises(VaultLayoutError, match="is not a regular file"):
        manager.load_user_profile()


def test_an_encrypted_profile_that_is_no_file_is_refused(
    manager: UserDataManager, put: Callable[[Path], object]
) -> None:
    (manager.data_dir / "data" / "user_profile.json").unlink()
    put(manager.data_dir / "data" / "user_profile.json.enc")

    with pytest.raises(VaultLayoutError, match="is not a regular file"):
        manager.load_user_profile()


@pytest.mark.parametrize("name", ["config.yaml", "data/user_profile.json"])
def test_an_export_and_the_check_up_pass_it_over(
    manager: UserDataManager, put: Callable[[Path], object], name: str
) -> None:
    put(manager.data_dir / name)

    result = manager.export_all()

    assert any(warning.startswith(f"{name} ") for warning in result["warnings"])
    assert any("not a regular file" in check.message for check in manager.doctor().checks)
    assert manager.vault_status()


@pytest.mark.parametrize("name", ["config.yaml", "data/user_profile.json"])
def test_an_import_ends(manager: UserDataManager, put: Callable[[Path], object], name: str) -> None:
    archive = manager.export_all()["output_path"]
    put(manager.data_dir / name)

    with suppress(AutoResumeFillerError):  # what it makes of it is its own affair
        manager.import_from_backup(archive, confirm=False)
