"""What a backup's file name says."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.model.backup_name import BackupName, BackupType

NOON = datetime(2025, 11, 29, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (BackupType.MANUAL, "autoresumefiller_backup_20251129_120000.zip"),
        (BackupType.AUTO, "auto_backup_20251129_120000.zip"),
        (BackupType.PRE_IMPORT, "pre_import_backup_20251129_120000.zip"),
    ],
)
def test_each_type_has_its_name(kind: BackupType, name: str) -> None:
    assert str(BackupName.of(kind, NOON)) == name
    parsed = BackupName.parse(name)
    assert parsed is not None
    assert (parsed.type, parsed.created, parsed.number) == (kind, NOON, 1)


def test_the_time_in_a_name_is_utc() -> None:
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    assert "20251129_120000" in str(BackupName.of(BackupType.AUTO, tokyo))


def test_a_second_backup_of_one_second_is_numbered() -> None:
    second = BackupName.of(BackupType.AUTO, NOON).numbered(2)
    assert str(second) == "auto_backup_20251129_120000_2.zip"
    assert BackupName.parse(str(second)) == second


def test_a_year_below_1000_has_four_digits() -> None:
    name = BackupName.parse("auto_backup_09990102_030405.zip")

    assert str(name) == "auto_backup_09990102_030405.zip"


def test_a_name_of_ones_own_is_manual() -> None:
    parsed = BackupName.parse("before-moving_backup_20251129_120000.zip")
    assert parsed is not None
    assert parsed.type is BackupType.MANUAL


@pytest.mark.parametrize(
    "name",
    [
        "holiday.zip",
        "auto_backup_20251329_120000.zip",
        "auto_backup_20250230_120000.zip",
        "auto_backup_20251129_240000.zip",
        "auto_backup_20251129_120000.zip.part",
        "auto_backup_20251129_120000_1x.zip",
        "auto_backup_２０２５1129_120000.zip",
        "_backup_20251129_120000.zip",
        "",
    ],
)
def test_a_name_that_names_no_time_is_not_parsed(name: str) -> None:
    assert BackupName.parse(name) is None


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)), st.integers(1, 10**6))
def test_a_name_that_was_made_is_parsed_to_itself(when: datetime, number: int) -> None:
    when = when.replace(microsecond=0, tzinfo=UTC)
    name = BackupName.of(BackupType.MANUAL, when).numbered(number)
    assert BackupName.parse(str(name)) == name
