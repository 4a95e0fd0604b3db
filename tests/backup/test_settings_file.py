"""Settings with a typing error: the others are acted on, and somebody is told."""

from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.backup.settings_file import read_settings, settings_and_warnings
from autoresumefiller.model.reports import Check, CheckState

WRONG = "backup:\n  max_backups: ten\n  auto_backup_enabled: false\nversion: '2'\n"
FAULT = "backup.max_backups: a whole number is wanted, without quotes"


@pytest.fixture
def manager(vault_dir: Path) -> UserDataManager:
    manager = UserDataManager(vault_dir)
    (vault_dir / "config.yaml").write_text(WRONG)
    return manager


def _settings_checks(manager: UserDataManager) -> list[Check]:
    return [check for check in manager.doctor().checks if check.name == "settings"]


def test_one_that_does_not_fit_costs_no_other(manager: UserDataManager) -> None:
    settings = read_settings(manager.vault)
    assert settings.backup.auto_backup_enabled is False
    assert (settings.version, settings.backup.max_backups) == ("2", 10)


def test_it_is_told_by_the_status_the_check_up_and_the_log(
    manager: UserDataManager, caplog: pytest.LogCaptureFixture
) -> None:
    told = f"config.yaml has a setting that does not fit: {FAULT}; its default is used"
    assert manager.vault_status().warnings == (told,)
    [check] = _settings_checks(manager)
    assert (check.state, check.message) == (CheckState.WARNING, f"{told}.")
    assert "arf config set" in check.remedy
    read_settings(manager.vault)
    assert set(caplog.messages) == {told}


def test_each_of_several_is_told(manager: UserDataManager) -> None:
    (manager.data_dir / "config.yaml").write_text(WRONG + "encryption_enabled: perhaps\n")
    first, second = manager.vault_status().warnings
    assert ("encryption_enabled" in first, "max_backups" in second) == (True, True)
    states = [check.state for check in _settings_checks(manager)]
    assert states == [CheckState.WARNING, CheckState.WARNING]


@pytest.mark.parametrize("text", ["a: [", "- a list\n"])
def test_a_file_that_cannot_be_read_is_told_too(manager: UserDataManager, text: str) -> None:
    (manager.data_dir / "config.yaml").write_text(text)
    [warning] = manager.vault_status().warnings
    assert warning.startswith("config.yaml cannot be read")
    assert warning.endswith("every setting has its default")


def test_settings_that_fit_are_told_of_by_nobody(manager: UserDataManager) -> None:
    manager.set_setting("backup.max_backups", 12)
    assert settings_and_warnings(manager.vault)[0].backup.max_backups == 12
    assert manager.vault_status().warnings == ()
    assert [check.state for check in _settings_checks(manager)] == [CheckState.OK]
