"""Cleaning up and deleting real archives."""

import threading
from datetime import UTC, datetime, timedelta

from autoresumefiller import UserDataManager
from autoresumefiller.backup.export import export
from autoresumefiller.backup.preparing import prepare_import
from autoresumefiller.backup.target import target_for
from autoresumefiller.errors import BackupNotFoundError
from autoresumefiller.model.backup_name import BackupName, BackupType
from autoresumefiller.model.metadata import Scope
from tests.backup.conftest import PERSON

START = datetime(2025, 1, 1, tzinfo=UTC)


def make(manager: UserDataManager, kind: BackupType, day: int, *, broken: bool = False) -> str:
    """Make a real backup of a type, dated by its name."""
    name = BackupName.of(kind, START + timedelta(days=day))
    scope = Scope.DATA if kind is BackupType.AUTO else Scope.FULL
    made = export(
        manager.vault, target_for(manager.vault, None, name=name), backup_type=kind, scope=scope
    )
    if broken:
        content = bytearray(made["output_path"].read_bytes())
        content[len(content) // 2] ^= 0xFF
        made["output_path"].write_bytes(content)
    return made["filename"]


def names(manager: UserDataManager) -> set[str]:
    return {entry["filename"] for entry in manager.list_backups()}


def test_the_count_is_what_went(manager: UserDataManager) -> None:
    automatic = [make(manager, BackupType.AUTO, day) for day in range(5)]
    manual = [make(manager, BackupType.MANUAL, day) for day in range(3)]
    assert manager.cleanup_old_backups(max_backups=2) == 3
    assert names(manager) == {*automatic[3:], *manual}
    assert manager.cleanup_old_backups(max_backups=2) == 0


def test_what_is_planned_is_what_happens(manager: UserDataManager) -> None:
    for day in range(4):
        make(manager, BackupType.AUTO, day)
        make(manager, BackupType.MANUAL, day)
        make(manager, BackupType.PRE_IMPORT, day)
    verdicts = manager.plan_cleanup(max_backups=1, keep_manual=False)
    expected = {verdict.filename for verdict in verdicts if verdict.keep}
    manager.cleanup_old_backups(max_backups=1, keep_manual=False)
    assert names(manager) == expected


def test_a_sound_old_backup_outlives_damaged_newer_ones(manager: UserDataManager) -> None:
    sound = make(manager, BackupType.AUTO, 0)
    oldest_damaged = make(manager, BackupType.AUTO, 1, broken=True)
    newer = [make(manager, BackupType.AUTO, day, broken=True) for day in (2, 3)]
    assert manager.cleanup_old_backups(max_backups=2) == 1
    assert names(manager) == {sound, *newer}
    assert oldest_damaged not in names(manager)


def test_a_backup_that_is_being_imported_is_not_cleaned_up(manager: UserDataManager) -> None:
    used = make(manager, BackupType.AUTO, 0)
    others = [make(manager, BackupType.AUTO, day) for day in (1, 2)]
    with prepare_import(manager.vault, used):
        assert manager.cleanup_old_backups(max_backups=2) == 0
    assert manager.cleanup_old_backups(max_backups=2) == 1
    assert names(manager) == set(others)


def test_saving_retires_automatic_backups_and_no_others(manager: UserDataManager) -> None:
    kept = {make(manager, BackupType.PRE_IMPORT, day) for day in range(12)}
    kept |= {make(manager, BackupType.MANUAL, day) for day in range(12)}
    for number in range(12):
        manager.save_user_profile(PERSON | {"summary": str(number)})
    listed = manager.list_backups()
    assert {b["filename"] for b in listed if b["type"] != "auto"} == kept
    assert sum(b["type"] == "auto" for b in listed) == 10


def test_how_many_automatic_backups_stay_is_a_setting(manager: UserDataManager) -> None:
    manager.set_setting("backup.max_backups", 3)
    for number in range(6):
        manager.save_user_profile(PERSON | {"summary": str(number)})
    assert sum(b["type"] == "auto" for b in manager.list_backups()) == 3


def test_automatic_backups_can_be_switched_off(manager: UserDataManager) -> None:
    manager.set_setting("backup.auto_backup_enabled", False)
    before = names(manager)
    manager.save_user_profile(PERSON | {"summary": "again"})
    assert names(manager) == before


def test_one_of_several_who_delete_the_same_backup_does_it(manager: UserDataManager) -> None:
    name = make(manager, BackupType.AUTO, 0)
    outcomes: list[str] = []

    def delete() -> None:
        try:
            manager.delete_backup(name)
            outcomes.append("deleted")
        except BackupNotFoundError:
            outcomes.append("not found")

    threads = [threading.Thread(target=delete) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["deleted"] + ["not found"] * 5
