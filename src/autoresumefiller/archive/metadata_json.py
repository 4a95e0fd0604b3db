r"""metadata.json: writing it, and believing nothing while reading it.

The bytes are ASCII with ``\u`` escapes when we write them, so that nothing on
the way can garble a name; any UTF-8 is read. One file is one line, which keeps
a diff of two archives readable.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, cast

from autoresumefiller.archive.faults import Code
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.metadata_fields import MetadataError, fault, read_fields
from autoresumefiller.model.metadata import FileRecord, Metadata
from autoresumefiller.model.printable import printable
from autoresumefiller.model.results import FileEntry, MetadataDict

TOKENS_PER_FILE = 64
BYTES_PER_FILE = 1024
_SPARE_BYTES = 8 << 20
_WIDE_BYTES = 16 << 20
MAX_DIGITS = 20


# --- writing -----------------------------------------------------------------


def as_dict(metadata: Metadata) -> MetadataDict:
    """Return metadata as the dictionary that metadata.json holds; None and unsaid are absent."""
    fields = _fields(metadata)
    fields["files"] = [_file_entry(record) for record in metadata.files]
    return cast("MetadataDict", fields)


def _fields(metadata: Metadata) -> dict[str, Any]:
    """Return the dictionary with None for ``files``: 100,000 of them are not built twice."""
    result: dict[str, Any] = {"format_version": metadata.format_version}
    result |= {
        "export_timestamp": metadata.export_timestamp,
        "app_version": metadata.app_version,
        "backup_type": metadata.backup_type,
        "scope": metadata.scope.value,
        "profile_valid": metadata.profile_valid,
        "total_size_bytes": metadata.total_size_bytes,
        "file_count": len(metadata.files),
        "files": None,
        "missing_directories": list(metadata.missing_directories),
        "redacted": list(metadata.redacted),
        "skipped": [{"path": file.path, "reason": file.reason} for file in metadata.skipped],
        "notes": metadata.notes,
    }
    if metadata.format_version is None:
        # The story's own archives: what they do not say is not put into their mouth.
        said = {"export_timestamp", "app_version", "total_size_bytes", "files", "notes"}
        result = {key: value for key, value in result.items() if value or key in said}
        result.pop("scope", None)
    return {key: value for key, value in result.items() if key != "format_version" or value}


def _file_entry(record: FileRecord) -> FileEntry:
    entry: FileEntry = {
        "path": record.path,
        "size_bytes": record.size_bytes,
        "checksum_sha256": record.checksum_sha256,
    }
    if record.modified is not None:
        entry["modified"] = record.modified
    if record.original_path is not None:
        entry["original_path"] = record.original_path
    return entry


def encode(metadata: Metadata) -> bytes:
    """Write metadata.json: two spaces of indentation, one line for each file."""
    return b"".join(encode_lines(metadata))


def encode_lines(metadata: Metadata) -> Iterator[bytes]:
    """Yield what `encode` returns, line by line."""
    separator = "{\n"
    for key, value in _fields(metadata).items():
        yield f'{separator}  "{key}": '.encode("ascii")
        if key == "files":
            yield from _file_lines(metadata.files)
        else:
            yield json.dumps(value, indent=2).replace("\n", "\n  ").encode("ascii")
        separator = ",\n"
    yield b"\n}\n"


def _file_lines(records: Iterable[FileRecord]) -> Iterator[bytes]:
    separator = "[\n    "
    for record in records:
        yield f"{separator}{_file_line(record)}".encode("ascii")
        separator = ",\n    "
    yield b"[]" if separator.startswith("[") else b"\n  ]"


def _file_line(record: FileRecord) -> str:
    line = (
        f'{{"path": {_quoted(record.path)}, "size_bytes": {record.size_bytes}, '
        f'"checksum_sha256": "{record.checksum_sha256}"'
    )
    if record.modified is not None:
        line += f', "modified": {_quoted(record.modified)}'
    if record.original_path is not None:
        line += f', "original_path": {_quoted(record.original_path)}'
    return line + "}"


# --- reading -----------------------------------------------------------------


def decode(
    data: bytes,
    limits: Limits,
    *,
    entries: int | None = None,
    share: Callable[[str], str] = str,
) -> Metadata:
    """Read metadata.json.

    Args:
        data: The bytes; their number was checked against ``limits`` before
            they were read, and is again.
        limits: See `Limits`.
        entries: How many members the archive has; JSON that is larger than
            so many files can need is refused before it is parsed. None: the
            limit on entries.
        share: See `read_fields`.

    Raises:
        MetadataError: with every fault that can be known.

    """
    text = _text(data, limits, limits.max_entries if entries is None else entries)
    del data  # of 100,000 files it is as large as what comes of it
    return read_fields(_parse(text), limits, share)


def _text(data: bytes, limits: Limits, entries: int) -> str:
    """Check what can be checked before anything is built, and decode."""
    allowed = min(limits.max_metadata_bytes, _SPARE_BYTES + BYTES_PER_FILE * entries)
    # Where every character is one byte, text takes no more memory than the file.
    if len(data) > allowed or (len(data) > _WIDE_BYTES and not data.isascii()):
        raise MetadataError([fault("it is larger than its files need", Code.METADATA_TOO_LARGE)])
    # Each of these bytes can become an object of 60.
    tokens = sum(map(data.count, (b",", b"[", b"{")))
    if tokens > limits.max_metadata_tokens + TOKENS_PER_FILE * entries:
        raise MetadataError(
            [fault("it has more parts than its files need", Code.METADATA_TOO_LARGE)]
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise MetadataError([fault("it is not UTF-8", Code.METADATA_NOT_UTF8)]) from None
    if text.startswith("\ufeff"):
        raise MetadataError([fault("it begins with a byte order mark", Code.METADATA_NOT_UTF8)])
    return text


def _parse(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer
        )
    except _RefusedJSONError as refused:
        raise MetadataError([fault(str(refused))]) from None
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise MetadataError([fault(f"it is not JSON{where}")]) from None
    if not isinstance(fields, dict):
        raise MetadataError([fault("it is not an object")])
    return fields


class _RefusedJSONError(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _RefusedJSONError(f"the key {printable(twice)} occurs twice")
    return fields


def _no_constant(name: str) -> Any:
    raise _RefusedJSONError(f"{name} is no JSON number")


def _integer(digits: str) -> int:
    # int() of a long run of digits is quadratic, and past 4300 an error of its own.
    if len(digits) > MAX_DIGITS:
        raise _RefusedJSONError(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)
