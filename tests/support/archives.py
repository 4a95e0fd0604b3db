"""Archives made without our writer: by Python's zipfile or by hand, honest or tampered with."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

UNLISTED = ("metadata.json", "SHA256SUMS")


def members(archive: Path) -> dict[str, bytes]:
    """Read every file of an archive with Python's zipfile; directory entries left out."""
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist() if not name.endswith("/")}


def metadata_of(archive: Path) -> dict[str, Any]:
    return json.loads(members(archive)["metadata.json"])


def story_metadata(content: Mapping[str, bytes], **changes: Any) -> dict[str, Any]:
    """metadata.json with the keys of the story's task 2 and no others."""
    metadata = {
        "export_timestamp": "2025-11-29T12:00:00Z",
        "app_version": "1.0.0",
        "total_size_bytes": sum(map(len, content.values())),
        "files": [
            {
                "path": path,
                "size_bytes": len(data),
                "checksum_sha256": hashlib.sha256(data).hexdigest(),
            }
            for path, data in content.items()
        ],
        "missing_directories": [],
        "notes": "API keys redacted for security",
    }
    return metadata | changes


def story_archive(at: Path, content: Mapping[str, bytes], **changes: Any) -> Path:
    """Write an archive as the story has it: no SHA256SUMS, no format_version."""
    metadata = json.dumps(story_metadata(content, **changes)).encode()
    return write(at, {**content, "metadata.json": metadata})


def write(at: Path, content: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(at, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return at


def with_members(archive: Path, at: Path, changes: Mapping[str, bytes | None]) -> Path:
    """Copy an archive with some members replaced, added, or (None) left out.

    Nothing else follows: sums and sizes still speak of the old members.
    """
    content: dict[str, bytes | None] = {**members(archive), **changes}
    return write(at, {name: data for name, data in content.items() if data is not None})


def with_metadata(archive: Path, at: Path, **changes: Any) -> Path:
    """Copy an archive with other values in metadata.json; SHA256SUMS agrees with them."""
    content = members(archive)
    metadata = json.loads(content["metadata.json"]) | changes
    return write(at, _summed({**content, "metadata.json": json.dumps(metadata).encode()}))


def with_content(archive: Path, at: Path, changes: Mapping[str, bytes | None]) -> Path:
    """Copy an archive with other members; the metadata and SHA256SUMS agree with them."""
    content: dict[str, bytes | None] = {**members(archive), **changes}
    kept = {n: d for n, d in content.items() if d is not None}
    listed = {name: data for name, data in kept.items() if name not in UNLISTED}
    metadata = json.loads(kept["metadata.json"])
    metadata |= {key: story_metadata(listed)[key] for key in ("files", "total_size_bytes")}
    metadata["file_count"] = len(listed)
    return write(at, _summed({**listed, "metadata.json": json.dumps(metadata).encode()}))


def _summed(content: dict[str, bytes]) -> dict[str, bytes]:
    sums = io.StringIO()
    for name, data in content.items():
        if name != "SHA256SUMS":
            sums.write(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
    return {**content, "SHA256SUMS": sums.getvalue().encode()}
