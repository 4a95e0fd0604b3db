"""Clocks that jump, stand still and change to summer time: names, order, retention stay right."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.model.backup_name import BackupName, BackupType
from tests.faults.scenarios import leftovers, look_but_at_protection
from tests.faults.whole import EVERY

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    root: Path = tmp_path / "vault"
    EVERY["whole-undo"].prepare(root)  # a vault with an import that can be undone
    return root


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process's own time zone, as a person's computer has one."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(root: Path, when: datetime) -> UserDataManager:
    """Open a vault at a time that stands still."""
    manager = UserDataManager(root)
    manager._vault = replace(manager.vault, now=lambda: when)
    return manager


def names(root: Path, slug: str) -> list[str]:
    return [
        entry["filename"]
        for entry in UserDataManager(root).list_backups()
        if entry["filename"].startswith(f"{slug}_backup_")
    ]


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    "moments",
    [
        # 2:30 is there twice; then the clock jumps from 2:00 to 3:00.
        [datetime(2025, 10, 26, 2, 30, fold=fold, tzinfo=BERLIN) for fold in (0, 1)],
        [datetime(2025, 3, 30, hour, 59 - hour, tzinfo=BERLIN) for hour in (1, 3)],
        [datetime(2025, 12, 31, 23, 59, 59, tzinfo=BERLIN), datetime(2026, 1, 1, tzinfo=BERLIN)],
    ],
    ids=["the hour that is there twice", "the hour that is missing", "the year's last second"],
)
def test_the_order_of_exports_is_that_of_time_not_of_the_clock_on_the_wall(
    vault: Path, moments: list[datetime]
) -> None:
    made = [at(vault, when).export_all() for when in moments]

    listed = UserDataManager(vault).list_backups()
    created = {entry["filename"]: entry["created"] for entry in listed}
    assert names(vault, "autoresumefiller") == [each["filename"] for each in reversed(made)]
    for each, when in zip(made, moments, strict=True):
        name = BackupName.parse(each["filename"])
        assert name is not None
        assert name.created == when.astimezone(UTC)
        assert created[each["filename"]] == f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    assert [entry["created"] for entry in listed] == sorted(
        (entry["created"] for entry in listed), reverse=True
    )


def test_two_exports_in_one_second_are_two_and_the_later_is_listed_first(vault: Path) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    made = [at(vault, now).export_all()["filename"] for _ in range(11)]

    assert len(set(made)) == 11
    assert names(vault, "autoresumefiller") == made[::-1]


def test_a_number_that_a_deletion_freed_is_not_used_again(vault: Path) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    first, second, third = (at(vault, now).export_all()["filename"] for _ in range(3))
    UserDataManager(vault).delete_backup(second)

    fourth = at(vault, now).export_all()["filename"]

    assert fourth not in {first, second, third}
    assert names(vault, "autoresumefiller") == [fourth, third, first]


@pytest.mark.parametrize("hours", [1, 24 * 365 * 20])
def test_on_a_clock_that_jumped_back_what_protects_the_data_is_still_the_newest(
    vault: Path, hours: int
) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    earlier = now - timedelta(hours=hours)
    profile = at(vault, now).load_user_profile()
    for number in range(12):
        profile.summary = f"version {number}"
        at(vault, now if number < 10 else earlier).save_user_profile(profile)
    manager = at(vault, earlier)
    archive = manager.export_all(vault.parent / "own.zip")["output_path"]
    done = manager.import_from_backup(archive, confirm=False)

    automatic = names(vault, "auto")
    assert len(automatic) == 10
    assert automatic[0] == max(automatic, key=_age)
    assert Path(str(done["backup_created"])).name in names(vault, "pre_import")
    verdicts = manager.plan_cleanup(max_backups=1, keep_manual=True)
    kept = {verdict.filename for verdict in verdicts if verdict.keep}
    assert automatic[0] in kept
    assert Path(str(done["backup_created"])).name in kept


@pytest.mark.parametrize("hours", [-1, 0, 1, 24 * 365 * 50])
def test_an_undo_and_a_recovery_do_not_depend_on_the_clock(vault: Path, hours: int) -> None:
    before = look_but_at_protection(vault)
    manager = at(vault, datetime.now(UTC) + timedelta(hours=hours))

    manager.undo()
    assert look_but_at_protection(vault) != before
    manager.undo()

    content, plan, _ = look_but_at_protection(vault)
    assert content == before[0]
    assert plan is not None
    assert leftovers(vault) == []


def test_years_that_names_can_hold_come_and_go(vault: Path) -> None:
    """A battery that is empty: computers then wake up in 1970, 1980 or 2000."""
    for year in (9999, 1970, 2038, 1980):
        when = datetime(year, 1, 1, tzinfo=UTC)
        manager = at(vault, when)
        made = manager.export_all()["filename"]
        manager.save_user_profile(manager.load_user_profile())
        assert BackupName.of(BackupType.MANUAL, when) == BackupName.parse(made)

    listed = UserDataManager(vault).list_backups()
    for entry in listed:
        assert UserDataManager(vault).validate_backup(entry["path"])["valid"], entry["filename"]
    assert len(names(vault, "autoresumefiller")) == 4


def _age(filename: str) -> tuple[datetime, int]:
    name = BackupName.parse(filename)
    assert name is not None
    return name.created, name.number
