"""The content of ``metadata.json``: what an archive says of itself.

The field names are the format's (docs/format.md). Archives of the first
story-only writers carry neither ``format_version`` nor ``backup_type``,
``scope``, ``profile_valid``, ``redacted``, ``skipped`` or ``modified``; the
defaults here are what their absence means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

FORMAT_VERSION = 1


class Scope(StrEnum):
    """How much of the vault an archive covers."""

    FULL = "full"
    DATA = "data"  # data/ and config.yaml only: what an automatic backup holds


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """One file of an archive.

    Attributes:
        path: Member name: relative, POSIX separators.
        size_bytes: Uncompressed size.
        checksum_sha256: 64 lower-case hexadecimal digits.
        modified: ISO 8601 UTC with ``Z``, or None where the archive does not say.
        original_path: The name in the vault where it differs from ``path``.
            May hold lone surrogates: bytes of a name that is not UTF-8 (PEP 383).

    """

    path: str
    size_bytes: int
    checksum_sha256: str
    modified: str | None = None
    original_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedFile:
    """A thing in the vault that the archive does not hold, and why.

    Attributes:
        path: Relative to the vault, POSIX separators, printable.
        reason: A few words: ``symbolic link``, ``socket``, ``not readable``, ...

    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """All of ``metadata.json``; see the module for what may be absent.

    Attributes:
        export_timestamp: ISO 8601; ours are UTC with ``Z``, older ones may be naive (then UTC).
        app_version: The version that wrote the archive, PEP 440.
        files: In archive order, every file but metadata.json and SHA256SUMS.
        total_size_bytes: The sum of the files' sizes.
        format_version: 1, or None for an archive that does not say.
        backup_type: ``manual``, ``auto``, ``pre_import``, or None.
        scope: How much of the vault is covered.
        profile_valid: False for a profile that did not follow the schema when
            exported; None where there was none, it was encrypted, or it is not said.
        missing_directories: Names without a slash.
        redacted: Dotted paths of the settings whose values were replaced.
        skipped: What was left out.
        notes: For people.
        unknown: Keys that this version does not know, kept for display.

    """

    export_timestamp: str
    app_version: str
    files: tuple[FileRecord, ...]
    total_size_bytes: int
    format_version: int | None = None
    backup_type: str | None = None
    scope: Scope = Scope.FULL
    profile_valid: bool | None = None
    missing_directories: tuple[str, ...] = ()
    redacted: tuple[str, ...] = ()
    skipped: tuple[SkippedFile, ...] = ()
    notes: str = ""
    unknown: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
