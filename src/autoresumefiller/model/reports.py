"""What the vault says of itself: status, check-up, what an undo or a clean-up would do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from autoresumefiller.model.backup_name import BackupType


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What retention decides about one backup, and why.

    Attributes:
        filename: A listed backup.
        type: Its type.
        keep: False if a clean-up would delete it.
        reason: A few words for a person.

    """

    filename: str
    type: BackupType
    keep: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPlan:
    """What an undo would do.

    Attributes:
        description: The change that would be undone, in words.
        committed: When that change was made, UTC.
        restored: Paths that would get their earlier content back.
        removed: Paths that would go away again.
        changed_since: Those of both that were changed after the import; their
            present content is kept for another undo.

    """

    description: str
    committed: datetime
    restored: tuple[str, ...]
    removed: tuple[str, ...]
    changed_since: tuple[str, ...] = ()


class CheckState(StrEnum):
    """How one point of a check-up turned out."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One point of a check-up.

    Attributes:
        name: Stable identifier, snake_case.
        state: How it turned out.
        message: A sentence for a person.
        remedy: What ``--fix`` does or did, or what the person can do; "" if nothing is needed.
        fixable: Whether ``--fix`` does it.

    """

    name: str
    state: CheckState
    message: str
    remedy: str = ""
    fixable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorReport:
    """All points of a check-up, in the order they were looked at."""

    checks: tuple[Check, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is left to do."""
        return all(check.state in {CheckState.OK, CheckState.FIXED} for check in self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderStatus:
    """What one directory of the vault holds; sizes in bytes."""

    name: str
    exists: bool
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultStatus:
    """The vault at a glance.

    Attributes:
        folders: data, resumes and cover_letters.
        has_profile: Whether a profile, plain or encrypted, is there.
        backups: How many backups are listed.
        backups_size_bytes: What they take.
        last_backup: When the newest was made, or None.
        undo_available: Whether an import can be undone.
        warnings: What the person should know.

    """

    folders: tuple[FolderStatus, ...]
    has_profile: bool
    backups: int
    backups_size_bytes: int
    last_backup: datetime | None
    undo_available: bool
    warnings: tuple[str, ...] = ()
