"""A small vault, and archives of it that are wrong in one way each."""

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.archives import story_metadata
from tests.vectors.zip_parts import STORED, Part, build

PROFILE = json.dumps(
    {
        "version": "1.0",
        "last_updated": "2025-11-20T10:00:00Z",
        "personal_info": {
            "first_name": "Test",
            "last_name": "Person",
            "email": "test.person@example.org",
        },
        "skills": ["Python", "Testing"],
    },
    indent=2,
).encode()
CONFIG = b'# API keys redacted for security\nversion: "1.0"\nselected_provider: openai\n'
DOCUMENT = b"%PDF-1.7\n" + random.Random(7).randbytes(600)
LETTER = b"Dear Sir or Madam,\n" * 30

VAULT: Mapping[str, bytes] = {
    "data/user_profile.json": PROFILE,
    "config.yaml": CONFIG,
    "resumes/engineer.pdf": DOCUMENT,
    "cover_letters/general.txt": LETTER,
}


@dataclass
class Story:
    """An archive as the story has it, to be changed before it is built.

    ``files`` are listed in the metadata; ``changes`` replace keys of the
    metadata; ``raw_metadata`` replaces all of it.
    """

    files: dict[str, bytes] = field(default_factory=lambda: dict(VAULT))
    changes: dict[str, Any] = field(default_factory=dict)
    raw_metadata: bytes | None = None
    sums: bytes | None = None
    extra_parts: list[Part] = field(default_factory=list)

    def metadata(self) -> dict[str, Any]:
        return story_metadata(self.files, **self.changes)

    def parts(self) -> list[Part]:
        parts = [
            Part(
                name.encode("utf-8", "surrogatepass"),
                data,
                method=STORED if name.endswith(".pdf") else 8,
            )
            for name, data in self.files.items()
        ]
        metadata = self.raw_metadata
        if metadata is None:
            metadata = json.dumps(self.metadata()).encode()
        parts += [*self.extra_parts, Part(b"metadata.json", metadata)]
        if self.sums is not None:
            parts.append(Part(b"SHA256SUMS", self.sums))
        return parts

    def bytes(self, **options: Any) -> bytes:
        return build(self.parts(), **options)


def sums_of(files: Mapping[str, bytes]) -> bytes:
    return "".join(
        f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items()
    ).encode()


def with_file(name: str, data: bytes = b"text") -> bytes:
    """Return the archive with one more file, listed in the metadata."""
    return Story(files={**VAULT, name: data}).bytes()


def with_files(*names: str) -> bytes:
    return Story(files={**VAULT, **{name: name.encode() for name in names}}).bytes()


def with_part(part: Part, *, listed_as: str | None = None) -> bytes:
    """Return the archive with a member of any kind, in the metadata only if a name is given."""
    story = Story(extra_parts=[part])
    if listed_as is not None:
        story.changes = {
            key: story_metadata({**VAULT, listed_as: part.data})[key]
            for key in ("files", "total_size_bytes")
        }
    return story.bytes()


def with_part_changed(index: int, **changes: Any) -> bytes:
    """Return the archive with attributes of one part changed (0 is the profile)."""
    parts = Story().parts()
    for key, value in changes.items():
        setattr(parts[index], key, value)
    return build(parts)


def with_metadata(**changes: Any) -> bytes:
    return Story(changes=changes).bytes()


def with_record(**changes: Any) -> bytes:
    """Return the archive with keys of the metadata's record of the resume changed."""
    files = story_metadata(VAULT)["files"]
    files[2] |= changes
    return Story(changes={"files": files}).bytes()


def with_raw_metadata(raw: bytes) -> bytes:
    return Story(raw_metadata=raw).bytes()


def with_original(name: str, original: str, *more: str) -> bytes:
    """Return the archive with a file whose ``original_path`` is that."""
    names = {name: b"escaped", **{other: other.encode() for other in more}}
    story = Story(files={**VAULT, **names})
    files = story.metadata()["files"]
    for record in files:
        if record["path"] == name:
            record["original_path"] = original
    story.changes = {"files": files}
    return story.bytes()
