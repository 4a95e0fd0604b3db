"""Times of files and records as a person in this time zone reads them.

A disk can hold times that no calendar has (a broken clock, a flipped bit), and
the zone can push the first and the last day of one out of it. Neither may keep
anybody from a backup.
"""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A day from either end, so that every zone has them.
_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_LAST = datetime(9999, 12, 30, tzinfo=UTC)


def of_file(mtime_ns: int) -> datetime:
    """Return a file's time, in nanoseconds since 1970, in UTC; the nearest there is."""
    try:
        return min(max(_EPOCH + timedelta(microseconds=mtime_ns // 1000), _FIRST), _LAST)
    except OverflowError:
        return _FIRST if mtime_ns < 0 else _LAST


def here(moment: datetime) -> datetime:
    """Return an aware moment in the zone of this machine; as it is where that has no such day."""
    try:
        return moment.astimezone()
    except (OverflowError, OSError, ValueError):
        return moment
