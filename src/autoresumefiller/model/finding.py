"""What a check found: a stable code and a sentence for a person."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether a finding stops an import."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault or oddity of an archive.

    Attributes:
        code: Stable identifier such as ``checksum_mismatch``.
        message: A sentence; safe to print (no control characters).
        severity: ERROR makes the archive not importable.
        member: The member concerned, or None for the archive as a whole.

    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    member: str | None = None
