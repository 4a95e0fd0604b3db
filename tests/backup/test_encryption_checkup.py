"""What `arf doctor` says about encryption."""

from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.encryption.recovery import RecoveryKit
from autoresumefiller.errors import KeyStoreError
from autoresumefiller.model.reports import CheckState
from tests.support.kits import WORDS, opens_with
from tests.support.plaintext import PROFILE


@pytest.fixture
def manager(vault_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UserDataManager:
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(tmp_path / "key"))
    made = UserDataManager(vault_dir)
    made.save_user_profile(PROFILE)
    return made


def _said(manager: UserDataManager) -> list[tuple[CheckState, str]]:
    checks = manager.doctor().checks
    return [(check.state, check.message) for check in checks if check.name == "encryption"]


def test_a_vault_in_clear_hears_nothing_of_it(manager: UserDataManager) -> None:
    assert _said(manager) == []


def test_an_encrypted_profile_with_its_key_is_fine(manager: UserDataManager) -> None:
    manager.encrypt_on(WORDS, lambda _kit: None)
    ((state, message),) = _said(manager)
    assert state is CheckState.OK
    assert "key file" in message


def test_a_key_that_is_away_is_a_problem(manager: UserDataManager, tmp_path: Path) -> None:
    manager.encrypt_on(WORDS, lambda _kit: None)
    (tmp_path / "key").unlink()
    again = UserDataManager(manager.data_dir)
    assert [state for state, _ in _said(again)] == [CheckState.PROBLEM]
    (tmp_path / "key").write_text("nonsense")
    (tmp_path / "key").chmod(0o600)
    assert [state for state, _ in _said(again)] == [CheckState.WARNING]


def test_what_lies_in_clear_is_named(
    manager: UserDataManager, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    backup = manager.export_all()["filename"]
    other = UserDataManager(tmp_path / "other")
    other.save_user_profile(PROFILE)
    other.encrypt_on(WORDS, kits.append)
    archive = other.export_all(tmp_path / "encrypted.zip")["output_path"]
    manager.import_from_backup(archive, confirm=False, unlock_callback=opens_with(kits[0]))
    (_, fine), (first, backups), (second, undo) = _said(manager)
    assert first is second is CheckState.WARNING
    assert "encrypted" in fine
    assert backup in backups
    assert "undo" in undo


def test_a_setting_that_waits_for_a_save_is_told(manager: UserDataManager) -> None:
    config = manager.data_dir / "config.yaml"
    config.write_text("encryption_enabled: true\n")
    assert any("in clear still" in message for _, message in _said(manager))


def test_a_key_beside_what_it_locks_is_told(
    manager: UserDataManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager.encrypt_on(WORDS, lambda _kit: None)
    moved = (tmp_path / "key").rename(manager.data_dir / "data" / "key")
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(moved))
    assert any("in the vault" in message for _, message in _said(manager))


def test_a_key_in_a_folder_that_the_vault_links_to_is_told_and_refused(
    manager: UserDataManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = tmp_path / "synced"
    (manager.data_dir / "resumes").rmdir()
    synced.mkdir()
    (manager.data_dir / "resumes").symlink_to(synced)
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(synced / "key"))
    with pytest.raises(KeyStoreError, match="in every backup"):
        manager.encrypt_on(WORDS, lambda _kit: None)
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(tmp_path / "key"))
    manager.encrypt_on(WORDS, lambda _kit: None)
    moved = (tmp_path / "key").rename(synced / "key")
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(moved))
    assert any("in the vault" in message for _, message in _said(manager))


def test_an_encrypted_backup_is_proven_like_any_other(manager: UserDataManager) -> None:
    manager.encrypt_on(WORDS, lambda _kit: None)
    made = manager.export_all(encrypt=True)["output_path"]
    (check,) = (check for check in manager.doctor().checks if check.name == "backups")
    assert check.state is CheckState.OK
    assert made.name in check.message
    made.write_bytes(made.read_bytes()[:-1])
    (check,) = (check for check in manager.doctor().checks if check.name == "backups")
    assert check.state is CheckState.PROBLEM
