"""Every code that a check of an archive can report, in one place.

The codes never change once released; docs/format.md explains each, and a test
compares the two. A message starts with the words of the story where the story
has words for it.
"""

from enum import StrEnum

from autoresumefiller.model.finding import Finding, Severity
from autoresumefiller.model.printable import printable

BROKEN = "Backup is corrupted (ZIP error)"


class Code(StrEnum):
    """What is wrong, for programs."""

    # The container
    NOT_A_ZIP = "not_a_zip"
    TRUNCATED = "truncated"
    END_RECORD = "end_record"
    TRAILER = "trailer"
    MULTI_DISK = "multi_disk"
    ZIP64 = "zip64"
    CENTRAL_DIRECTORY = "central_directory"
    ENTRY_COUNT = "entry_count"
    PREFIX = "prefix"
    GAP = "gap"
    OVERLAP = "overlap"
    LOCAL_HEADER = "local_header"
    LOCAL_DIFFERS = "local_differs"
    DATA_DESCRIPTOR = "data_descriptor"
    EXTRA_FIELD = "extra_field"
    ENCRYPTED = "encrypted"
    UNSUPPORTED_FLAG = "unsupported_flag"
    UNSUPPORTED_METHOD = "unsupported_method"
    UNSUPPORTED_VERSION = "unsupported_version"
    # Names and kinds
    UNSAFE_NAME = "unsafe_name"
    NAME_ENCODING = "name_encoding"
    UNICODE_PATH = "unicode_path"
    UNEXPECTED_PLACE = "unexpected_place"
    DUPLICATE_NAME = "duplicate_name"
    TWIN_NAMES = "twin_names"
    FILE_AND_FOLDER = "file_and_folder"
    SPECIAL_FILE = "special_file"
    FOLDER_WITH_CONTENT = "folder_with_content"
    ORIGINAL_PATH = "original_path"
    # Limits
    TOO_MANY_ENTRIES = "too_many_entries"
    TOO_LARGE = "too_large"
    COMPRESSION_RATIO = "compression_ratio"
    # Content
    DATA_DAMAGED = "data_damaged"
    DATA_LENGTH = "data_length"
    CRC_MISMATCH = "crc_mismatch"
    SIZE_MISMATCH = "size_mismatch"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    # metadata.json and SHA256SUMS
    METADATA_MISSING = "metadata_missing"
    METADATA_INVALID = "metadata_invalid"
    METADATA_NOT_UTF8 = "metadata_not_utf8"
    METADATA_TOO_LARGE = "metadata_too_large"
    METADATA_TOTAL_MISMATCH = "metadata_total_mismatch"
    METADATA_COUNT_MISMATCH = "metadata_count_mismatch"
    UNLISTED_MEMBER = "unlisted_member"
    MISSING_MEMBER = "missing_member"
    CHECKSUM_LIST_INVALID = "checksum_list_invalid"
    CHECKSUM_LIST_MISMATCH = "checksum_list_mismatch"
    # Whether it can be imported
    VERSION_MISMATCH = "version_mismatch"
    VERSION_UNREADABLE = "version_unreadable"
    VERSION_NEWER_PATCH = "version_newer_patch"
    FORMAT_NEWER = "format_newer"
    PROFILE_INVALID = "profile_invalid"
    PROFILE_EXPORTED_INVALID = "profile_exported_invalid"
    PROFILE_TWICE = "profile_twice"
    PROFILE_NOT_CHECKED = "profile_not_checked"
    PROFILE_MISSING = "profile_missing"
    # There is more than is worth saying
    MORE = "more"


MAX_FINDINGS = 100

NOT_ABOUT_INTEGRITY = frozenset(
    {
        Code.VERSION_MISMATCH,
        Code.VERSION_UNREADABLE,
        Code.FORMAT_NEWER,
        Code.PROFILE_INVALID,
        Code.PROFILE_EXPORTED_INVALID,
    }
)
"""With errors of these codes alone an archive is intact, though not importable."""


OF_SIZE = frozenset({Code.TOO_MANY_ENTRIES, Code.TOO_LARGE, Code.METADATA_TOO_LARGE})
"""There is more of something than is ever read."""


def broken(code: Code, detail: str, member: str | None = None) -> Finding:
    """Return an error about the container; ``detail`` is half a sentence, safe to print."""
    return Finding(
        code=code,
        message=f"{BROKEN}: {detail}",
        member=None if member is None else printable(member, limit=1000),
    )


def error(code: Code, message: str, member: str | None = None) -> Finding:
    """Return an error; the message must be safe to print."""
    return Finding(
        code=code, message=message, member=None if member is None else printable(member, limit=1000)
    )


def warning(code: Code, message: str, member: str | None = None) -> Finding:
    """Return a warning; the message must be safe to print."""
    return Finding(
        code=code,
        message=message,
        severity=Severity.WARNING,
        member=None if member is None else printable(member, limit=1000),
    )


def shown(name: str) -> str:
    """Return a name from an archive as it may stand in a message."""
    return printable(name, limit=120)


class Findings(list[Finding]):
    """Findings that a hostile archive cannot make endless."""

    def __init__(self, limit: int = MAX_FINDINGS) -> None:
        super().__init__()
        self._limit = limit

    def note(self, finding: Finding) -> None:
        """Keep a finding, or the fact that there are more."""
        if len(self) < self._limit:
            self.append(finding)
        elif len(self) == self._limit:
            self.append(error(Code.MORE, "There are more faults than these"))
