"""The dictionaries that the public methods return, key by key."""

from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict


class FileEntry(TypedDict):
    """One file in the metadata of an archive."""

    path: str
    size_bytes: int
    checksum_sha256: str
    modified: NotRequired[str]
    original_path: NotRequired[str]


class SkippedEntry(TypedDict):
    """What an export left out."""

    path: str
    reason: str


class MetadataDict(TypedDict, total=False):
    """metadata.json as a dictionary; keys that an archive does not have are absent."""

    format_version: int
    export_timestamp: str
    app_version: str
    backup_type: str
    scope: str
    profile_valid: bool | None
    total_size_bytes: int
    file_count: int
    files: list[FileEntry]
    missing_directories: list[str]
    redacted: list[str]
    skipped: list[SkippedEntry]
    notes: str


class ExportResult(MetadataDict):
    """What `export_all` returns: the metadata and where the archive is.

    ``archive_size_bytes`` is the size of the ZIP file; ``duration_ms`` whole
    milliseconds.
    """

    output_path: Path
    filename: str
    archive_size_bytes: int
    warnings: list[str]
    duration_ms: int


class ValidationResult(TypedDict):
    """What `validate_backup` returns; ``valid`` means no errors."""

    valid: bool
    errors: list[str]
    warnings: list[str]
    metadata: MetadataDict | None


class ImportDone(TypedDict):
    """An import that happened.

    ``backup_created`` is relative to the vault, POSIX separators.
    """

    success: Literal[True]
    files_restored: int
    backup_created: str | None
    warnings: list[str]
    duration_ms: int


class ImportDeclined(TypedDict):
    """An import that the person did not want; nothing was changed."""

    success: Literal[False]
    cancelled: Literal[True]
    files_restored: int
    backup_created: None
    warnings: list[str]
    duration_ms: int


class UndoResult(TypedDict):
    """What `undo` returns: what was put back and what went away again."""

    undone: Literal[True]
    files_restored: int
    files_removed: int
    description: str
    duration_ms: int


class DeleteResult(TypedDict):
    """What `delete_backup` returns."""

    deleted: Literal[True]
    filename: str


class BackupEntry(TypedDict):
    """One row of `list_backups`; ``created`` is ISO 8601 UTC with ``Z``."""

    filename: str
    path: Path
    size_bytes: int
    created: str
    type: str
    metadata: dict[str, Any] | None
