"""What the fields of metadata.json may be, checked one by one.

Written by hand rather than with pydantic: as fast for 100,000 files, nothing
to import for a list of backups, and every message a sentence of ours.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from sys import getsizeof
from types import MappingProxyType
from typing import Any

from autoresumefiller.archive.faults import Code, error
from autoresumefiller.archive.json_reader import ObjectReader, RefusedJSONError
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.names import METADATA, unescape
from autoresumefiller.model.finding import Finding
from autoresumefiller.model.metadata import FileRecord, Metadata, Scope, SkippedFile
from autoresumefiller.model.printable import printable
from autoresumefiller.model.results import MetadataDict

MAX_FINDINGS = 50
MAX_FILE_BYTES = (1 << 63) - 1

_SUM = re.compile(r"[0-9a-fA-F]{64}")
_KNOWN = frozenset(MetadataDict.__annotations__)
_LISTS = frozenset({"files", "skipped", "missing_directories", "redacted"})
_LONGEST_TIMESTAMP = 40


class MetadataError(ValueError):
    """metadata.json cannot be believed.

    Attributes:
        findings: Every fault, at most `MAX_FINDINGS`.
        metadata: What it says if its list of files is sound all the same, so
            that more can be found out; or None.

    """

    def __init__(self, findings: list[Finding], metadata: Metadata | None = None) -> None:
        self.findings = findings
        self.metadata = metadata
        super().__init__(findings[0].message)


def fault(message: str, code: Code = Code.METADATA_INVALID) -> Finding:
    """Return a finding about metadata.json; ``message`` is half a sentence."""
    return error(code, f"Backup metadata is invalid: {message}", METADATA)


def read_fields(
    reader: ObjectReader, limits: Limits, share: Callable[[str], str] = str
) -> Metadata:
    """Turn the object into `Metadata`.

    Args:
        reader: What the JSON is read from.
        limits: See `Limits`.
        share: Returns an equal text that is in memory already, if there is one:
            100,000 paths that are members' names need not be there twice.

    Raises:
        MetadataError: with every fault.
        RefusedJSONError: it is no such JSON.
        UnicodeDecodeError: it is not UTF-8.

    """
    decoder = _Decoder(limits, share)
    for key in reader.fields():
        if key in _LISTS and reader.at_list():
            decoder.take_list(key, reader.items())
        else:
            decoder.take(key, reader.value())
    return decoder.metadata()


class _Decoder:
    """Takes the fields one by one and notes every one that is wrong."""

    def __init__(self, limits: Limits, share: Callable[[str], str]) -> None:
        self._limits = limits
        self._share = share
        self._fields: dict[str, Any] = {}
        self._findings: list[Finding] = []
        self._files_sound = True
        self._text_left = limits.max_text_bytes
        # Without members to compare with, any name may be one.
        self._stray_left = limits.max_text_bytes if share is str else limits.max_stray_bytes

    def take(self, key: str, value: Any) -> None:
        """Take a field that was read as a whole."""
        self._fields[key] = value

    def take_list(self, key: str, items: Iterator[Any]) -> None:
        """Take a list; of its items no more is kept than what is needed."""
        kept: list[Any] = []
        make = {"files": self._file, "skipped": self._skipped}.get(key)
        for index, item in enumerate(items):
            if index == self._limits.max_entries:
                raise RefusedJSONError(f"{key} has more items than a backup has", too_large=True)
            made = self._some_text(key, item) if make is None else make(index, item)
            if made is not None:
                kept.append(made)
        self._fields[key] = kept

    def metadata(self) -> Metadata:
        """Return what the fields say, or raise everything that is wrong with them."""
        unknown = {key: value for key, value in self._fields.items() if key not in _KNOWN}
        if _deeper_than(self._limits.max_metadata_depth, unknown):
            self._note(f"it nests deeper than {self._limits.max_metadata_depth} levels")
        files = self._list("files", required=True)
        files_sound = self._files_sound and isinstance(self._fields.get("files"), list)
        metadata = Metadata(
            export_timestamp=self._timestamp(),
            app_version=self._text("app_version", required=True),
            files=tuple(files),
            total_size_bytes=self._integer("total_size_bytes", required=True) or 0,
            format_version=self._integer("format_version", least=1),
            backup_type=self._text("backup_type") or None,
            scope=self._scope(),
            profile_valid=self._flag("profile_valid"),
            missing_directories=tuple(self._list("missing_directories")),
            redacted=tuple(self._list("redacted")),
            skipped=tuple(self._list("skipped")),
            notes=self._text("notes"),
            unknown=MappingProxyType(unknown),
        )
        if files_sound:
            self._check_sums(metadata)
        if self._findings:
            raise MetadataError(self._findings, metadata if files_sound else None)
        return metadata

    def _note(self, message: str, code: Code = Code.METADATA_INVALID) -> None:
        # A hostile list can be wrong 200,000 times; nobody reads more than a few.
        if len(self._findings) < MAX_FINDINGS:
            self._findings.append(fault(message, code))

    def _check_sums(self, metadata: Metadata) -> None:
        total = sum(record.size_bytes for record in metadata.files)
        if metadata.total_size_bytes != total and "total_size_bytes" in self._fields:
            self._note(
                f"total_size_bytes is not {total}, which is what the files add up to",
                Code.METADATA_TOTAL_MISMATCH,
            )
        count = self._integer("file_count")
        if count is not None and count != len(metadata.files):
            self._note(
                f"file_count is {count}, but {len(metadata.files)} files are listed",
                Code.METADATA_COUNT_MISMATCH,
            )

    def _text(self, key: str, *, required: bool = False) -> str:
        value = self._fields.get(key)
        if value is not None and not isinstance(value, str):
            self._note(f"{key} is not text")
            return ""
        if required and not value:
            self._note(f"{key} is missing")
        return value or ""

    def _timestamp(self) -> str:
        text = self._text("export_timestamp", required=True)
        if text and not _is_timestamp(text):
            self._note("export_timestamp is not an ISO 8601 date and time")
        return text

    def _integer(self, key: str, *, required: bool = False, least: int = 0) -> int | None:
        value = self._fields.get(key)
        if value is None:
            if required:
                self._note(f"{key} is missing")
            return None
        if type(value) is not int:
            self._note(f"{key} is not a whole number")
            return None
        if value < least or value > MAX_FILE_BYTES:
            self._note(f"{key} is too small or too large")
            return None
        return value

    def _flag(self, key: str) -> bool | None:
        value = self._fields.get(key)
        if value is not None and not isinstance(value, bool):
            self._note(f"{key} is neither true nor false")
            return None
        return value

    def _scope(self) -> Scope:
        value = self._text("scope") or Scope.FULL.value
        if value not in set(Scope):
            self._note(f"scope is {printable(value, limit=40)!r}, which this version does not know")
            return Scope.FULL
        return Scope(value)

    def _list(self, key: str, *, required: bool = False) -> list[Any]:
        value = self._fields.get(key)
        if value is None:
            if required:
                self._note(f"{key} is missing")
            return []
        if not isinstance(value, list):
            self._note(f"{key} is not a list")
            return []
        return value

    # --- items of lists ---

    def _kept(self, text: str) -> str:
        """Return a text that is to be kept, if there is room for it."""
        self._text_left -= getsizeof(text)
        if self._text_left < 0:
            raise RefusedJSONError("its texts are longer than such texts are", too_large=True)
        return text

    def _kept_path(self, path: str) -> str:
        known = self._share(path)
        if known is path:
            self._stray_left -= getsizeof(path)
            if self._stray_left < 0:
                raise RefusedJSONError("it lists too many files that are not there", too_large=True)
        return known

    def _some_text(self, key: str, value: Any) -> str | None:
        if not isinstance(value, str):
            self._note(f"{key} holds something that is not text")
            return None
        return self._kept(value)

    def _skipped(self, _: int, value: Any) -> SkippedFile | None:
        if not isinstance(value, dict) or not (
            isinstance(value.get("path"), str) and isinstance(value.get("reason"), str)
        ):
            self._note("skipped holds something other than a path and a reason")
            return None
        return SkippedFile(path=self._kept(value["path"]), reason=self._kept(value["reason"]))

    def _file(self, index: int, value: Any) -> FileRecord | None:
        wrong = _file_fault(value)
        if wrong:
            self._files_sound = False
            self._note(f"files[{index}]: {wrong}")
            return None
        original = value.get("original_path")
        return FileRecord(
            path=self._kept_path(value["path"]),
            size_bytes=value["size_bytes"],
            checksum_sha256=value["checksum_sha256"].lower(),
            modified=value.get("modified"),
            original_path=None if original is None else self._kept(original),
        )


def _file_fault(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "it is not an object"
    size = value.get("size_bytes")
    if type(size) is not int or not 0 <= size <= MAX_FILE_BYTES:
        return "size_bytes is not a whole number of bytes"
    digest = value.get("checksum_sha256")
    if not isinstance(digest, str) or not _SUM.fullmatch(digest):
        return "checksum_sha256 is not 64 hexadecimal digits"
    path = value.get("path")
    if not isinstance(path, str) or not path:
        return "path is not text"
    modified = value.get("modified")
    if modified is not None and not (isinstance(modified, str) and _is_timestamp(modified)):
        return "modified is not an ISO 8601 date and time"
    original = value.get("original_path")
    if original is not None and (not isinstance(original, str) or original != unescape(path)):
        return "original_path is not what its path stands for"
    return None


def _is_timestamp(text: str) -> bool:
    # Python 3.11 reads "2025-11-29T12:00:00Z"; what it does not read is no date.
    if len(text) > _LONGEST_TIMESTAMP:
        return False
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment.astimezone(UTC)  # whoever shows it relies on that: OverflowError in the year 1
    except (ValueError, OverflowError):
        return False
    return True


def _deeper_than(limit: int, value: Any) -> bool:
    """Tell whether lists and objects nest deeper; without recursing, which is the point."""
    level: list[Any] = [value]
    for _ in range(limit):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
