from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.cli import wording

NOW = datetime(2025, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def _berlin(zone: Callable[[str], None]) -> None:
    zone("Europe/Berlin")  # UTC+1 in November


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (4_123_456, "4.1 MB"),
        (5_000_000_000, "5.0 GB"),
        (10**21, "1000000.0 PB"),
    ],
)
def test_sizes(number: int, words: str) -> None:
    assert wording.size(number) == words


@given(st.integers(0, 10**17), st.integers(0, 10**17))
def test_a_larger_size_never_reads_smaller(one: int, other: int) -> None:
    units = ["byte", "bytes", "kB", "MB", "GB", "TB", "PB"]

    def read(words: str) -> tuple[int, float]:
        number, unit = words.split()
        return max(units.index(unit), 1), float(number)

    small, large = sorted((one, other))
    assert read(wording.size(small)) <= read(wording.size(large))


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(hours=-2), "in the future"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(hours=12), "12 hours ago"),
        (timedelta(hours=13, minutes=1), "yesterday"),  # before midnight in Berlin
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=14), "2 weeks ago"),
        (timedelta(days=59), "8 weeks ago"),
        (timedelta(days=60), "2 months ago"),
        (timedelta(days=729), "24 months ago"),
        (timedelta(days=730), "2 years ago"),
    ],
)
@pytest.mark.usefixtures("_berlin")
def test_how_long_ago(before: timedelta, words: str) -> None:
    assert wording.ago(NOW - before, NOW) == words


@pytest.mark.usefixtures("_berlin")
def test_the_exact_time_is_that_of_this_machine() -> None:
    assert wording.local(NOW) == "2025-11-29 13:00"


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and 1 more"),
    ],
)
def test_listings_name_a_few(words: list[str], joined: str) -> None:
    assert wording.listing(words, limit=3) == joined


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [(0, "0.0 s"), (230, "0.2 s"), (59_900, "59.9 s"), (185_000, "3 min 5 s")],
)
def test_durations(milliseconds: int, words: str) -> None:
    assert wording.duration(milliseconds) == words


def test_counts() -> None:
    assert wording.count(1, "file") == "1 file"
    assert wording.count(0, "file") == "0 files"
    assert wording.count(12_345, "entry", "entries") == "12,345 entries"
