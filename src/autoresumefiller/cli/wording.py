"""Numbers, sizes and times in the words that a person uses."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from autoresumefiller.model.moments import here

_UNITS = ("kB", "MB", "GB", "TB", "PB")
_STEP = 1000  # SI units: what file managers and disk makers count in
_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_MONTH = 30 * _DAY
_YEAR = 365 * _DAY


def size(number: int) -> str:
    """Return a size in bytes as people read it: ``512 bytes``, ``4.1 MB``."""
    if number < _STEP:
        return count(number, "byte")
    value, rank = number / _STEP, 0
    # What would be shown as 1000.0 is said in the next unit.
    while round(value, 1) >= _STEP and rank < len(_UNITS) - 1:
        value, rank = value / _STEP, rank + 1
    return f"{value:.1f} {_UNITS[rank]}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return ``1 file``, ``2 files``; thousands are separated by a comma."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(milliseconds: int) -> str:
    """Return how long something took: ``0.2 s``, ``3 min 5 s``."""
    seconds = milliseconds / 1000
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest} s"


def listing(words: Sequence[str], *, limit: int = 5) -> str:
    """Join words with commas and "and"; past ``limit`` only say how many more there are."""
    shown = list(words[:limit])
    if len(words) > limit:
        shown.append(f"{len(words) - limit:,} more")
    if len(shown) <= 1:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def local(moment: datetime) -> str:
    """Return an aware moment in the zone of this machine, to the minute: ``2025-11-29 13:00``."""
    return here(moment).strftime("%Y-%m-%d %H:%M")


def ago(moment: datetime, now: datetime) -> str:
    """Say how long ago ``moment`` was, both aware: ``just now``, ``3 hours ago``, ``yesterday``.

    Days are calendar days of this machine's zone: something of yesterday
    evening was "yesterday" this morning, not "10 hours ago" - but what is less
    than six hours old is told in hours whatever the calendar says.
    """
    seconds = (now - moment) / timedelta(seconds=1)
    if seconds < 0:
        return "in the future" if seconds < -_MINUTE else "just now"
    days = (here(now).date() - here(moment).date()).days
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{count(int(seconds // _MINUTE), 'minute')} ago"
    if seconds < 6 * _HOUR or days == 0:
        return f"{count(int(seconds // _HOUR), 'hour')} ago"
    return _days_ago(max(days, 1))


def _days_ago(days: int) -> str:
    if days == 1:
        return "yesterday"
    for unit, noun in ((_YEAR, "year"), (_MONTH, "month"), (7 * _DAY, "week")):
        # "12 days ago" says more than "1 week ago": a unit counts from two on.
        number = days * _DAY // unit
        if number >= 2:  # noqa: PLR2004 - two, see above
            return f"{count(number, noun)} ago"
    return f"{days} days ago"
