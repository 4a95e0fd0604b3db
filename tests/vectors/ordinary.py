"""Archives that are unusual but mean one thing: they must be accepted."""

import hashlib
import json
from collections.abc import Callable
from struct import pack

from tests.vectors.contents import (
    CONFIG,
    DOCUMENT,
    LETTER,
    PROFILE,
    VAULT,
    Story,
    sums_of,
    with_file,
    with_files,
    with_metadata,
    with_original,
    with_part,
    with_part_changed,
    with_raw_metadata,
    with_record,
)
from tests.vectors.zip_parts import REGULAR, STORED, Part, build, deflate, extra, unicode_path

ORDINARY: dict[str, Callable[[], bytes]] = {}


def ordinary(name: str, make: Callable[[], bytes]) -> None:
    assert name not in ORDINARY
    ORDINARY[name] = make


def described(*, signature: bool, wide: bool) -> bytes:
    parts = Story().parts()
    return build([part.deferred(signature=signature, wide=wide) for part in parts])


def described_by_true_values() -> bytes:
    parts = [part.deferred(signature=True, wide=False) for part in Story().parts()]
    for part in parts:
        part.local = {}
    return build(parts)


def wide_sizes() -> bytes:
    parts = Story().parts()
    for part in parts:
        sizes = pack("<QQ", len(part.data), len(part.compressed()))
        full = {"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF}
        part.local_extra = part.central_extra = extra(1, sizes)
        part.local = part.central = full
    return build(parts)


def inner_zip() -> bytes:
    return with_file("resumes/portfolio.zip", Story().bytes())


def _pretty() -> bytes:
    return b"\n" + json.dumps(Story().metadata(), indent=4, sort_keys=True).encode() + b"\n\n"


def _inner_streamed() -> bytes:
    """Make an archive of members with descriptors a member of that kind itself."""
    inner = build([part.deferred(signature=True, wide=True) for part in Story().parts()])
    part = Part(b"resumes/portfolio.zip", inner, method=STORED)
    return with_part(part.deferred(signature=False, wide=False), listed_as="resumes/portfolio.zip")


def _inner_stored() -> bytes:
    inner = Story().bytes()
    part = Part(b"resumes/portfolio.zip", inner, method=STORED)
    return with_part(part, listed_as="resumes/portfolio.zip")


def _unmarked() -> bytes:
    name = "resumes/Jürgen/Lebenslauf.pdf"
    story = Story(files={**VAULT, name: DOCUMENT})
    parts = story.parts()
    parts.insert(0, Part("resumes/Jürgen/".encode(), method=STORED, attributes=0x10))
    for part in parts:
        part.flags = 0
    return build(parts)


def _upper_case() -> bytes:
    return with_record(checksum_sha256=hashlib.sha256(DOCUMENT).hexdigest().upper())


def _binary_sums() -> bytes:
    return sums_of(VAULT).replace(b"  ", b" *./").replace(b"\n", b"\r\n")


def _all_stored() -> bytes:
    parts = Story(files={"data/user_profile.json": PROFILE, "cover_letters/a": LETTER}).parts()
    for part in parts:
        part.method = STORED
    return build(parts)


ordinary("story", lambda: Story().bytes())
ordinary("story-pretty", lambda: with_raw_metadata(_pretty()))
ordinary("story-metadata-first", lambda: build(Story().parts()[::-1]))
ordinary("directory-in-other-order", lambda: Story().bytes(reverse=True))
ordinary("comment", lambda: Story().bytes(comment=b"made by hand"))
ordinary("inner-zip-stored", _inner_stored)
ordinary("inner-zip-deflated", inner_zip)
ordinary("inner-zip-streamed", _inner_streamed)
for sign in (True, False):
    for wide in (True, False):
        ordinary(
            f"descriptor-{'signed' if sign else 'unsigned'}-{'64' if wide else '32'}",
            lambda sign=sign, wide=wide: described(signature=sign, wide=wide),
        )
ordinary("descriptor-and-true-values", described_by_true_values)
ordinary("zip64-sizes", wide_sizes)
ordinary("zip64-end", lambda: Story().bytes(zip64={}))
ordinary(
    "zip64-end-full-fields",
    lambda: Story().bytes(
        zip64={},
        end={"here": 0xFFFF, "entries": 0xFFFF, "size": 0xFFFFFFFF, "offset": 0xFFFFFFFF},
    ),
)
ordinary(
    "folders",
    lambda: Story(
        extra_parts=[
            Part(b"resumes/", attributes=0o040755 << 16 | 0x10, method=STORED),
            Part(b"resumes/empty/", attributes=0, method=STORED),
            Part(b"cover_letters/", attributes=0x10, payload=deflate(b"")),
        ]
    ).bytes(),
)
ordinary("no-attributes", lambda: with_part_changed(2, attributes=0))
ordinary(
    "made-by-windows", lambda: with_part_changed(2, attributes=0x20, central={"made_by": 0x0B00})
)
ordinary("entry-comment", lambda: with_part_changed(2, comment=b"a comment"))
ordinary(
    "extra-fields",
    lambda: with_part_changed(
        2,
        local_extra=extra(0x5455, b"\x03" + bytes(8)) + extra(0x7875, bytes(11)),
        central_extra=extra(0x5455, b"\x03" + bytes(4)),
    ),
)
ordinary(
    "unicode-path-agrees",
    lambda: with_part_changed(
        2,
        local_extra=unicode_path(b"resumes/engineer.pdf", "resumes/engineer.pdf"),
        central_extra=unicode_path(b"resumes/engineer.pdf", "resumes/engineer.pdf"),
    ),
)
ordinary(
    "extra-attributes-agree",
    lambda: with_part_changed(
        2, local_extra=extra(0x6C78, b"\x0f" + pack("<HHL", 3 << 8 | 20, 0, REGULAR) + b"comment")
    ),
)
ordinary("name-not-marked", _unmarked)
for label, name in {
    "umlaut": "resumes/Lebenslauf Jürgen.pdf",
    "decomposed": "resumes/Re\u0301sume\u0301.pdf",
    "japanese": "resumes/履歴書.pdf",
    "arabic": "resumes/سيرة ذاتية.pdf",
    "joiner": "resumes/क\u094d\u200dष.pdf",
    "non-joiner": "resumes/می\u200cخواهم.pdf",
    "emoji": "resumes/👩\u200d💻.pdf",
    "variation-selector": "resumes/❤\ufe0f.pdf",
    "percent": "resumes/100% me %41.pdf",
    "255-bytes": "resumes/" + "é" * 127 + "x",
    "leading-space": "resumes/ a.pdf",
    "leading-dot": "resumes/.hidden",
    "contract": "resumes/contract.pdf",
    "device-inside": "resumes/my con.pdf",
    "brackets": "resumes/[final] {v2} (3) #1 & co; it's ~ok! @home=1+1,2.pdf",
}.items():
    ordinary(f"name-{label}", lambda name=name: with_file(name))
ordinary("other-data", lambda: with_files("data/notes/a.json", "data/photo.png"))
ordinary("empty-file", lambda: with_file("resumes/empty.txt", b""))
ordinary("no-profile", lambda: Story(files={"config.yaml": CONFIG}).bytes())
ordinary("empty-vault", lambda: Story(files={}).bytes())
ordinary(
    "encrypted-profile", lambda: Story(files={"data/user_profile.json.enc": b"\x00" * 64}).bytes()
)
ordinary("file-count", lambda: with_metadata(file_count=4))
ordinary("naive-timestamp", lambda: with_metadata(export_timestamp="2025-11-29T12:00:00"))
ordinary(
    "offset-timestamp", lambda: with_metadata(export_timestamp="2025-11-29T12:00:00.123+01:00")
)
ordinary("unknown-keys", lambda: with_metadata(made_with={"a": [1, {"b": None}]}, file_hash=1.5))
ordinary("upper-case-checksum", _upper_case)
ordinary("modified", lambda: with_record(modified="2024-02-29T00:00:00Z"))
ordinary("null-values", lambda: with_metadata(notes=None, scope=None, format_version=None))
ordinary("patch-newer", lambda: with_metadata(app_version="1.0.9"))
ordinary("version-older", lambda: with_metadata(app_version="0.9.dev1"))
ordinary("checksums", lambda: Story(sums=sums_of(VAULT)).bytes())
ordinary("checksums-binary-crlf", lambda: Story(sums=_binary_sums()).bytes())
ordinary("escaped", lambda: with_original("resumes/a%3Ab", "resumes/a:b"))
ordinary("escaped-twin", lambda: with_original("resumes/%61", "resumes/a", "resumes/A"))
ordinary("escaped-bytes", lambda: with_original("resumes/a%FF", "resumes/a\udcff"))
ordinary("escaped-in-chunks", lambda: with_original("resumes/%_/%61%_/%62", "resumes/ab"))
ordinary("original-path-of-plain-name", lambda: with_original("resumes/a", "resumes/a"))
ordinary("stored", _all_stored)
