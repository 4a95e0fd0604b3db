"""The six validations of an archive in plain words, and what to do about each fault."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from autoresumefiller.archive.faults import OF_SIZE, Code
from autoresumefiller.model.finding import Finding, Severity


class Check(StrEnum):
    """What an import checks before it changes anything, in the story's order."""

    INTEGRITY = "zip_integrity"
    METADATA = "metadata"
    VERSION = "version"
    CHECKSUMS = "checksums"
    PROFILE = "profile"
    SIZES = "sizes"


WORDS = {
    Check.INTEGRITY: "The file is a whole and honest ZIP archive",
    Check.METADATA: "It describes itself, and the description fits what is in it",
    Check.VERSION: "It was made by a version that this one can read",
    Check.CHECKSUMS: "Every file has the checksum it had when it was backed up",
    Check.PROFILE: "The profile follows the schema",
    Check.SIZES: "Every file has the size it had when it was backed up",
}

_METADATA = {
    Code.METADATA_MISSING,
    Code.METADATA_INVALID,
    Code.METADATA_NOT_UTF8,
    Code.METADATA_TOO_LARGE,
    Code.METADATA_COUNT_MISMATCH,
    Code.UNLISTED_MEMBER,
    Code.MISSING_MEMBER,
    Code.ORIGINAL_PATH,
}
_VERSION = {
    Code.VERSION_MISMATCH,
    Code.VERSION_UNREADABLE,
    Code.VERSION_NEWER_PATCH,
    Code.FORMAT_NEWER,
}
_CHECKSUMS = {Code.CHECKSUM_MISMATCH, Code.CHECKSUM_LIST_INVALID, Code.CHECKSUM_LIST_MISMATCH}
_PROFILE = {
    Code.PROFILE_INVALID,
    Code.PROFILE_EXPORTED_INVALID,
    Code.PROFILE_TWICE,
    Code.PROFILE_NOT_CHECKED,
    Code.PROFILE_MISSING,
}
_SIZES = {Code.SIZE_MISMATCH, Code.METADATA_TOTAL_MISMATCH}

# Somebody made it so: no disk and no download does this to a file. What damage could
# do as well, a changed header or a missing end, counts as damage: that is far commoner.
_CRAFTED = {
    Code.UNSAFE_NAME,
    Code.UNICODE_PATH,
    Code.UNEXPECTED_PLACE,
    Code.DUPLICATE_NAME,
    Code.TWIN_NAMES,
    Code.FILE_AND_FOLDER,
    Code.SPECIAL_FILE,
    Code.FOLDER_WITH_CONTENT,
    Code.ORIGINAL_PATH,
    Code.OVERLAP,
    Code.UNLISTED_MEMBER,
}
_UNREADABLE_HERE = {
    Code.ENCRYPTED,
    Code.MULTI_DISK,
    Code.UNSUPPORTED_FLAG,
    Code.UNSUPPORTED_METHOD,
    Code.NAME_ENCODING,
}
_LIMITS = {*OF_SIZE, Code.COMPRESSION_RATIO}

_DAMAGED = (
    "Copy the file again from where it came from, or take an older backup; "
    "'arf salvage FILE DIR' recovers the files that are still whole."
)


def check_of(code: str) -> Check | None:
    """Return the validation that a finding belongs to; None for "and more"."""
    for check, codes in (
        (Check.METADATA, _METADATA),
        (Check.VERSION, _VERSION),
        (Check.CHECKSUMS, _CHECKSUMS),
        (Check.PROFILE, _PROFILE),
        (Check.SIZES, _SIZES),
    ):
        if code in codes:
            return check
    return None if code == Code.MORE else Check.INTEGRITY


def advice(code: str) -> str:
    """Return what to do about a fault; a sentence."""
    for codes, words in (
        (
            _VERSION,
            "Update AutoResumeFiller on this computer, then import the backup.",
        ),
        (
            _PROFILE,
            "Unpack the file with any ZIP program and check data/user_profile.json with "
            "'arf profile validate'.",
        ),
        (
            _LIMITS,
            "If it is your own backup, free some space; if it came from somebody else, do not "
            "trust it.",
        ),
        (
            _UNREADABLE_HERE,
            "Unpack it with the program that made it and pack it again as an ordinary ZIP file.",
        ),
        (
            _CRAFTED,
            "It is not as this program makes backups: if it came from somebody else, do not "
            "trust it; if it is your own, take one that was not changed.",
        ),
    ):
        if code in codes:
            return words
    return _DAMAGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one validation turned out.

    Attributes:
        check: Which.
        passed: None if it could not be made, or there is nothing to check.
        findings: What it found, warnings included.

    """

    check: Check
    passed: bool | None
    findings: tuple[Finding, ...] = ()


def outcomes(
    findings: Sequence[Finding], *, has_metadata: bool, has_profile: bool
) -> list[Outcome]:
    """Sort findings by validation, in the story's order.

    Args:
        findings: Of one archive.
        has_metadata: Whether its metadata could be read: without it most of
            the others could not be made.
        has_profile: Whether a profile was read and follows the schema.

    """
    by_check = {
        check: tuple(finding for finding in findings if check_of(finding.code) is check)
        for check in Check
    }
    # What cannot be unpacked has no checksum and no size to compare.
    unread = _errors(by_check[Check.INTEGRITY])
    possible = {
        Check.INTEGRITY: True,
        Check.METADATA: has_metadata,
        Check.VERSION: has_metadata,
        Check.CHECKSUMS: has_metadata and not unread,
        Check.PROFILE: has_profile,
        Check.SIZES: has_metadata and not unread,
    }
    return [
        Outcome(
            check=check,
            passed=False if _errors(by_check[check]) else (True if possible[check] else None),
            findings=by_check[check],
        )
        for check in Check
    ]


def _errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)
