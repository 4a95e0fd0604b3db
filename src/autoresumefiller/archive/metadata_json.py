r"""metadata.json: writing it, and believing nothing while reading it.

The bytes are ASCII with ``\u`` escapes when we write them, so that nothing on
the way can garble a name; any UTF-8 is read. One file is one line, which keeps
a diff of two archives readable.
"""

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, cast

from autoresumefiller.archive.faults import Code
from autoresumefiller.archive.json_reader import ObjectReader, RefusedJSONError
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.metadata_fields import MetadataError, fault, read_fields
from autoresumefiller.model.metadata import FileRecord, Metadata
from autoresumefiller.model.results import FileEntry, MetadataDict

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


def decode(pieces: list[bytes], limits: Limits, *, share: Callable[[str], str] = str) -> Metadata:
    """Read metadata.json.

    Takes little more memory than what comes of it; for other readers of the
    format that matters less than for us, who read what strangers send.

    Args:
        pieces: The bytes, cut anywhere; used up. Their number was checked against
            ``limits`` before they were read, and is again.
        limits: See `Limits`.
        share: See `read_fields`.

    Raises:
        MetadataError: with every fault that can be known.

    """
    if sum(map(len, pieces)) > limits.max_metadata_bytes:
        raise MetadataError([fault("it is larger than any", Code.METADATA_TOO_LARGE)])
    if bytes(islice(chain.from_iterable(pieces), len(BOM_UTF8))) == BOM_UTF8:
        raise MetadataError([fault("it begins with a byte order mark", Code.METADATA_NOT_UTF8)])
    try:
        reader = ObjectReader(pieces, most_chars=limits.max_metadata_rest_chars)
        return read_fields(reader, limits, share)
    except UnicodeDecodeError:
        raise MetadataError([fault("it is not UTF-8", Code.METADATA_NOT_UTF8)]) from None
    except RefusedJSONError as refused:
        code = Code.METADATA_TOO_LARGE if refused.too_large else Code.METADATA_INVALID
        raise MetadataError([fault(str(refused), code)]) from None
