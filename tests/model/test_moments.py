"""Times that no calendar has."""

import time
from datetime import UTC, datetime

import pytest

from autoresumefiller.model import moments


@pytest.mark.parametrize(
    ("seconds", "year"),
    [(0, 1970), (1_764_417_600, 2025), (2**40, 9999), (-(2**40), 1), (2**63, 9999), (-(2**63), 1)],
)
def test_the_time_of_a_file_is_the_nearest_that_there_is(seconds: int, year: int) -> None:
    moment = moments.of_file(seconds * 10**9)
    assert moment.year == year
    assert moments.here(moment).utcoffset() is not None


def test_the_time_of_a_file_is_exact_where_there_is_one() -> None:
    assert moments.of_file(1_764_417_600_123_456_789) == datetime(
        2025, 11, 29, 12, 0, 0, 123_456, tzinfo=UTC
    )


@pytest.mark.parametrize("moment", [datetime.min, datetime.max])
def test_a_day_that_the_zone_does_not_have_stays_as_it_is(
    moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    aware = moment.replace(tzinfo=UTC)
    for zone in ("America/New_York", "Asia/Tokyo"):
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            if hasattr(time, "tzset"):
                time.tzset()
            assert moments.here(aware) == aware
    if hasattr(time, "tzset"):
        time.tzset()
