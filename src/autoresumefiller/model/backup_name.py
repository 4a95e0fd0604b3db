"""File names of backups: what they say and how they are made.

``<slug>_backup_YYYYMMDD_HHMMSS[_N].zip[.age]``, the time in UTC. The slug
tells the type; ``_N`` keeps two backups of one second apart.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self


class BackupType(StrEnum):
    """Why a backup was made."""

    MANUAL = "manual"
    AUTO = "auto"
    PRE_IMPORT = "pre_import"


EXPORT_SLUG = "autoresumefiller"
SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
ARCHIVE_SUFFIXES = (".zip", ".zip.age")

_SLUG_OF_TYPE = {
    BackupType.MANUAL: EXPORT_SLUG,
    BackupType.AUTO: "auto",
    BackupType.PRE_IMPORT: "pre_import",
}
_TYPE_OF_SLUG = {"auto": BackupType.AUTO, "pre_import": BackupType.PRE_IMPORT}
_NAME = re.compile(
    r"(?P<slug>.+)_backup_"
    r"([0-9]{4})([0-9]{2})([0-9]{2})_([0-9]{2})([0-9]{2})([0-9]{2})"
    r"(?:_(?P<number>[1-9][0-9]{0,8}))?\.zip(?:\.age)?",
    re.ASCII,
)
_STAMP_AFTER_YEAR = "%m%d_%H%M%S"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupName:
    """A backup's file name, taken apart.

    Attributes:
        slug: The part before ``_backup_``; a `SLUG`.
        created: UTC, to the second.
        number: 1 for the plain name, 2 and up for ``_2``, ``_3``, ...

    """

    slug: str
    created: datetime
    number: int = 1

    @classmethod
    def of(cls, backup_type: BackupType, when: datetime) -> Self:
        """Return the name of a backup of this type made at ``when`` (any zone)."""
        return cls.named(_SLUG_OF_TYPE[backup_type], when)

    @classmethod
    def named(cls, slug: str, when: datetime) -> Self:
        """Return the name of a backup with this slug made at ``when`` (any zone)."""
        return cls(slug=slug, created=when.astimezone(UTC).replace(microsecond=0))

    @classmethod
    def parse(cls, filename: str) -> Self | None:
        """Take a file name apart; None if it does not follow the pattern or names no real time."""
        match = _NAME.fullmatch(filename)
        if match is None:
            return None
        try:
            # Six groups, one number each: twenty times as fast as strptime, and a
            # list of ten thousand backups does this for each.
            created = datetime(*map(int, match.groups()[1:7]), tzinfo=UTC)  # type: ignore[arg-type, misc]
        except ValueError:
            return None
        return cls(slug=match["slug"], created=created, number=int(match["number"] or 1))

    @property
    def type(self) -> BackupType:
        """The type the slug stands for; any other slug is the person's own, so manual."""
        return _TYPE_OF_SLUG.get(self.slug, BackupType.MANUAL)

    def numbered(self, number: int) -> Self:
        """Return the same name with another number."""
        return type(self)(slug=self.slug, created=self.created, number=number)

    def __str__(self) -> str:
        suffix = "" if self.number == 1 else f"_{self.number}"
        # %Y has four digits everywhere but where it matters: glibc does not pad years below 1000.
        stamp = f"{self.created.year:04}{self.created.strftime(_STAMP_AFTER_YEAR)}"
        return f"{self.slug}_backup_{stamp}{suffix}.zip"
