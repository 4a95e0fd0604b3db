"""Every class of archive that must be refused, and the codes it must be refused with."""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import pack

from autoresumefiller.archive.limits import Limits
from tests.vectors import contents as c
from tests.vectors.contents import PROFILE, VAULT, Story, sums_of, with_file, with_files, with_part
from tests.vectors.contents import with_metadata as meta
from tests.vectors.contents import with_original as original
from tests.vectors.contents import with_part_changed as changed
from tests.vectors.contents import with_raw_metadata as raw
from tests.vectors.contents import with_record as record
from tests.vectors.deflate_streams import one_code, stored_block
from tests.vectors.zip_parts import (
    DESCRIPTOR,
    STORED,
    UTF8,
    Part,
    build,
    deflate,
    extra,
    unicode_path,
)

MANY = 2 << 30


@dataclass(frozen=True)
class Vector:
    """Bytes, and the error codes that validation must report for them, no more, no less."""

    make: Callable[[], bytes]
    codes: frozenset[str]
    limits: Limits = field(default_factory=Limits)


VECTORS: dict[str, Vector] = {}


def vector(name: str, make: Callable[[], bytes], *codes: str, limits: Limits | None = None) -> None:
    assert name not in VECTORS
    VECTORS[name] = Vector(make, frozenset(codes), limits or Limits())


def names(prefix: str, code: str, **cases: str) -> None:
    for case, name in cases.items():
        vector(f"{prefix}-{case}", lambda name=name: with_file(name), code)


# --- names -------------------------------------------------------------------

names(
    "name",
    "unsafe_name",
    traversal="../evil.txt",
    traversal_inside="resumes/../../evil.txt",
    dot="resumes/./a.txt",
    empty_segment="resumes//a.txt",
    absolute="/etc/evil",
    drive="C:evil.txt",
    drive_absolute="C:/evil.txt",
    unc="//server/share/evil.txt",
    unc_backslash="\\\\server\\share\\evil.txt",
    backslash="resumes\\..\\evil.txt",
    nul="resumes/a.txt\x00.pdf",
    escape_sequence="resumes/\x1b[2Jevil.txt",
    newline="resumes/a\nb.txt",
    c1_control="resumes/a\x9bb.txt",
    line_separator="resumes/a\u2028b.txt",
    bidi_override="resumes/\u202efdp.exe",
    bidi_isolate="resumes/\u2066a.txt",
    bidi_mark="resumes/\u200fa.txt",
    zero_width_space="resumes/a\u200b.txt",
    byte_order_mark="resumes/\ufeffa.txt",
    soft_hyphen="resumes/a\u00adb.txt",
    hangul_filler="resumes/\u3164.txt",
    tag_character="resumes/a\U000e0041.txt",
    segment_too_long="resumes/" + "a" * 256,
    segment_too_long_in_bytes="resumes/" + "é" * 128,
    device="resumes/CON",
    device_lower="resumes/nul.txt",
    device_folder="resumes/aux/a.txt",
    device_space="resumes/PRN .txt",
    device_superscript="resumes/COM\u00b9.txt",
    device_console="resumes/CONIN$",
    trailing_dot="resumes/a.",
    trailing_space="resumes/a ",
    folder_trailing_dot="resumes/a./b",
    less="resumes/a<b",
    greater="resumes/a>b",
    colon="resumes/a.txt:stream",
    quote='resumes/a"b',
    pipe="resumes/a|b",
    question="resumes/a?b",
    star="resumes/a*b",
)
vector(
    "name-too-long",
    lambda: with_file("resumes/" + "/".join(["a" * 200] * 85)),
    "unsafe_name",
)
for label, bad in {
    "lone_surrogate": b"resumes/\xed\xa0\x80.txt",
    "overlong_slash": b"resumes/..\xc0\xafevil.txt",
    "not_utf8": b"resumes/r\xe9sum\xe9.txt",
}.items():
    vector(f"name-{label}", lambda bad=bad: with_part(Part(bad, b"x")), "name_encoding")
vector(
    "name-cp437",
    lambda: with_part(Part("resumes/résumé.txt".encode("cp437"), b"x", flags=0)),
    "name_encoding",
)
vector(
    "name-unmarked-folder",
    lambda: with_part(Part("resumes/Ü/".encode(), flags=0, method=STORED, attributes=0)),
    "name_encoding",
)
names(
    "place",
    "unexpected_place",
    backups="backups/old.zip",
    state=".state/journal.json",
    logs="logs/app.log",
    unknown="evil/run.sh",
    unknown_file="run.sh",
    macosx="__MACOSX/resumes/._a.pdf",
    ds_store=".DS_Store",
)
for label, name, code in (
    ("root-case", "Resumes/a.pdf", "twin_names"),
    ("root-as-file", "resumes", "file_and_folder"),
    ("config-as-folder", "config.yaml/a", "file_and_folder"),
    ("profile-twin", "data/User_Profile.json", "twin_names"),
):
    vector(f"place-{label}", lambda name=name: with_file(name), "unexpected_place", code)
for label, pair in {
    "twin_names": ("resumes/A.txt", "resumes/a.txt"),
    "twin_names-nfc": ("resumes/é", "resumes/e\u0301"),
    "twin_names-casefold": ("resumes/straße", "resumes/STRASSE"),
    "twin_names-folder": ("resumes/A/x", "resumes/a/y"),
    "file_and_folder": ("resumes/a", "resumes/a/b"),
    "file_and_folder-case": ("resumes/A", "resumes/a/b"),
}.items():
    vector(f"names-{label}", lambda pair=pair: with_files(*pair), label.partition("-")[0])
vector(
    "names-duplicate",
    lambda: with_part(Part(b"resumes/engineer.pdf", c.DOCUMENT, method=STORED)),
    "duplicate_name",
)
vector(
    "names-duplicate-profile",
    lambda: with_part(Part(b"data/user_profile.json", PROFILE[:-1] + b" ")),
    "duplicate_name",
    "checksum_mismatch",
    "profile_invalid",
)
vector(
    "names-duplicate-folder",
    lambda: Story(
        extra_parts=[Part(b"resumes/", attributes=0), Part(b"resumes/", attributes=0)]
    ).bytes(),
    "duplicate_name",
)
vector(
    "names-file-and-folder-entry",
    lambda: with_part(Part(b"resumes/engineer.pdf/", attributes=0)),
    "file_and_folder",
)

# --- kinds -------------------------------------------------------------------

for label, attributes in {
    "symlink": 0o120777 << 16,
    "fifo": 0o010644 << 16,
    "socket": 0o140644 << 16,
    "character-device": 0o020644 << 16,
    "block-device": 0o060644 << 16,
    "reparse-point": 0x400,
    "volume-label": 0x08,
}.items():
    vector(f"kind-{label}", lambda a=attributes: changed(2, attributes=a), "special_file")
vector("kind-folder-mode", lambda: changed(2, attributes=0o040755 << 16), "file_and_folder")
vector("kind-folder-attribute", lambda: changed(2, attributes=0x10), "file_and_folder")
vector(
    "kind-file-with-slash",
    lambda: with_part(Part(b"resumes/a/", attributes=0o100644 << 16)),
    "file_and_folder",
)
vector(
    "kind-folder-with-content",
    lambda: with_part(Part(b"resumes/a/", b"text", attributes=0)),
    "folder_with_content",
)

# --- what is there and what is listed ----------------------------------------

vector("unlisted", lambda: with_part(Part(b"resumes/evil.pdf", b"x")), "unlisted_member")
vector(
    "missing",
    lambda: Story(
        files={n: d for n, d in VAULT.items() if not n.startswith("cover")},
        changes={key: c.story_metadata(VAULT)[key] for key in ("files", "total_size_bytes")},
    ).bytes(),
    "missing_member",
)
vector(
    "hidden-local-entry",
    lambda: with_part(Part(b"resumes/hidden.pdf", b"x", listed=False)),
    "gap",
)
vector("size-listed", lambda: meta_size(1), "size_mismatch")
vector("checksum-listed", lambda: record(checksum_sha256="0" * 64), "checksum_mismatch")


def meta_size(by: int) -> bytes:
    metadata = c.story_metadata(VAULT)
    metadata["files"][2]["size_bytes"] += by
    return Story(
        changes={"files": metadata["files"], "total_size_bytes": metadata["total_size_bytes"] + by}
    ).bytes()


# --- local against central ---------------------------------------------------

for label, local in {
    "method": {"method": 0},
    "flags": {"flags": 0},
    "time": {"time": 1},
    "date": {"date": 33},
    "crc": {"crc": 1},
    "size": {"size": 1},
    "compressed": {"compressed": 1},
}.items():
    vector(f"local-{label}", lambda f=local: changed(0, local=f), "local_differs")
vector("local-name", lambda: changed(0, local_name=b"data/user_profilE.json"), "local_differs")
vector(
    "local-name-longer", lambda: changed(0, local_name=b"data/user_profile.json2"), "local_differs"
)
vector(
    "local-flags-descriptor",
    lambda: changed(0, local={"flags": UTF8 | DESCRIPTOR}),
    "local_differs",
)
vector("local-signature", lambda: changed(0, local={"signature": b"PK\x03\x05"}), "local_header")
vector("local-extra-cut-off", lambda: changed(0, local_extra=b"\x55\x54\x09\x00"), "extra_field")
vector("local-offset-elsewhere", lambda: changed(1, at=5), "overlap", "local_header")

# --- the records tile the file -----------------------------------------------


def overlapping() -> bytes:
    """Let two entries share one record, as quoted-overlap bombs multiply theirs."""
    parts = Story().parts()
    twin = Part(b"resumes/engineer2.pdf", c.DOCUMENT, method=STORED)
    twin.local_record = lambda: b""  # type: ignore[method-assign]
    parts.insert(2, twin)
    return build(parts)


def quoted_overlap() -> bytes:
    """Let one member's data contain the next member's record (Fifield's construction)."""
    parts = Story().parts()
    inner = parts[3].local_record()
    parts[2].data = parts[2].data + inner
    parts[3].local_record = lambda: b""  # type: ignore[method-assign]
    offset = sum(len(part.local_record()) for part in parts[:3]) - len(inner)
    parts[3].at = offset
    return build(parts)


vector("overlap-same-record", overlapping, "local_differs", "unlisted_member")
vector("overlap-quoted", quoted_overlap, "overlap", "size_mismatch")
vector("gap-between", lambda: changed(2, before=b"hidden bytes"), "gap")
vector("gap-before-directory", lambda: Story().bytes(before_directory=b"hidden"), "gap")
vector("gap-after-directory", lambda: Story().bytes(after_directory=b"hidden"), "gap")
vector("prefix", lambda: Story().bytes(prefix=b"#!/bin/sh\n"), "prefix")
vector("prefix-accounted-for", lambda: Story().bytes(prefix=b"#!/bin/sh\n", shift=10), "prefix")
vector("prefix-other-zip", lambda: Story().bytes(prefix=Story().bytes()), "gap")
vector("trailer", lambda: Story().bytes(trailer=b"\n"), "trailer")
vector("trailer-zeros", lambda: Story().bytes(trailer=bytes(512)), "trailer")
vector("trailer-other-zip", lambda: Story().bytes() + Story().bytes(), "gap")
vector("empty-file", lambda: b"", "not_a_zip")
vector("not-a-zip", lambda: b"Lorem ipsum " * 100, "not_a_zip")
vector("no-entries", lambda: build([]), "metadata_missing")
vector(
    "no-entries-but-bytes",
    lambda: build([], prefix=b"x" * 9, shift=9),
    "prefix",
    "metadata_missing",
)
for label, cut in {"half": 0.5, "in-directory": 0.93, "last-byte": 1}.items():
    vector(
        f"truncated-{label}",
        lambda cut=cut: Story().bytes()[: -1 if cut == 1 else int(len(Story().bytes()) * cut)],
        "truncated",
    )

# --- end records -------------------------------------------------------------


def end_in_comment() -> bytes:
    """Put a second archive's end into the comment of the first: both reach the end."""
    second = build([])
    return Story().bytes(comment=second)


vector("end-in-comment", end_in_comment, "end_record")
vector(
    "end-signature-in-comment",
    lambda: Story().bytes(comment=b"PK\x05\x06 is how it begins, and some more text"),
    "trailer",
)
vector(
    "comment-longer-than-said", lambda: Story().bytes(comment=b"abc", end={"comment": 2}), "trailer"
)
vector(
    "comment-shorter-than-said",
    lambda: Story().bytes(comment=b"abc", end={"comment": 9}),
    "trailer",
)
for label, end, code in (
    ("count-more", {"here": 6, "entries": 6}, "entry_count"),
    ("count-fewer", {"here": 4, "entries": 4}, "entry_count"),
    ("count-two-numbers", {"here": 4}, "entry_count"),
    ("offset-too-small", {"offset": 5}, "gap"),
    ("offset-too-large", {"offset": MANY}, "truncated"),
    ("size-too-small", {"size": 50}, "gap"),
    ("size-too-large", {"size": MANY}, "truncated"),
    ("multi-disk", {"disk": 1, "central_disk": 1}, "multi_disk"),
    ("multi-disk-central", {"central_disk": 1}, "multi_disk"),
):
    vector(f"end-{label}", lambda end=end: Story().bytes(end=end), code)
vector("entry-on-other-disk", lambda: changed(2, central={"disk": 1}), "multi_disk")
vector(
    "directory-damaged",
    lambda: changed(2, central={"signature": b"PK\x01\x03"}),
    "central_directory",
)
vector(
    "directory-name-too-long", lambda: changed(4, central={"name_length": 999}), "central_directory"
)
for label, wide, code in (
    ("count", {"here": 9, "entries": 9}, "zip64"),
    ("offset", {"offset": 1}, "zip64"),
    ("size", {"size": 1}, "zip64"),
    ("disk", {"disk": 1}, "zip64"),
    ("length", {"length": 60}, "zip64"),
):
    vector(f"zip64-contradicts-{label}", lambda w=wide: Story().bytes(zip64=w), code)
vector("zip64-locator-elsewhere", lambda: Story().bytes(zip64={}, locator={"offset": 0}), "zip64")
vector("zip64-locator-disks", lambda: Story().bytes(zip64={}, locator={"disks": 2}), "multi_disk")
vector(
    "zip64-lies-in-full-fields",
    lambda: Story().bytes(zip64={"entries": 4, "here": 4}, end={"here": 0xFFFF, "entries": 0xFFFF}),
    "entry_count",
)
vector("zip64-missing-end", lambda: Story().bytes(end={"offset": 0xFFFFFFFF}), "truncated")
vector("zip64-missing-extra", lambda: changed(2, central={"size": 0xFFFFFFFF}), "zip64")
vector(
    "zip64-unneeded-extra",
    lambda: changed(2, central_extra=extra(1, pack("<Q", 5))),
    "zip64",
)
vector(
    "zip64-local-contradicts",
    lambda: changed(2, local_extra=extra(1, pack("<QQ", 5, 5))),
    "zip64",
)
vector(
    "zip64-local-missing",
    lambda: changed(2, local={"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF}),
    "zip64",
)
for label, more in {"": b"", "-other-extra": extra(0x5455, b"\x01" + bytes(4))}.items():
    vector(
        f"zip64-local-full-like-central{label}",
        lambda more=more: changed(
            2,
            local={"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF},
            local_extra=more,
            central={"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF},
            central_extra=extra(1, pack("<QQ", len(c.DOCUMENT), len(c.DOCUMENT))),
        ),
        "zip64",
    )
for label, far in {"64-bits": (1 << 64) - 1, "63-bits": 1 << 63}.items():
    vector(
        f"zip64-offset-of-{label}",
        lambda far=far: changed(
            2, central={"offset": 0xFFFFFFFF}, central_extra=extra(1, pack("<Q", far))
        ),
        "gap",
        "local_header",
    )
vector("extra-cut-off", lambda: changed(2, central_extra=b"\x01"), "extra_field")
vector("extra-too-long", lambda: changed(2, central_extra=b"UT\x63\x00\x00"), "extra_field")
vector("extra-twice", lambda: changed(2, central_extra=extra(0x5455, b"") * 2), "extra_field")
vector(
    "unicode-path-central",
    lambda: changed(2, central_extra=unicode_path(b"resumes/engineer.pdf", "resumes/other.pdf")),
    "unicode_path",
)
vector(
    "unicode-path-local",
    lambda: changed(2, local_extra=unicode_path(b"resumes/engineer.pdf", "resumes/other.pdf")),
    "unicode_path",
)
vector(
    "unicode-path-crc",
    lambda: changed(2, central_extra=unicode_path(b"something else", "resumes/engineer.pdf")),
    "unicode_path",
)

for label, block in {
    "link": b"\x05" + pack("<HL", 3 << 8 | 20, 0o120777 << 16),
    "link-after-internal": b"\x06" + pack("<HL", 0, 0o120777 << 16),
    "cut-off": b"\x04\x00",
    "more-to-come": b"\x84\x00" + pack("<L", 0o120777 << 16),
}.items():
    vector(
        f"extra-attributes-{label}",
        lambda block=block: changed(2, local_extra=extra(0x6C78, block)),
        "local_differs",
    )

# --- descriptors, flags, methods ---------------------------------------------


def descriptor(change: Callable[[bytes], bytes]) -> bytes:
    parts = Story().parts()
    parts[0].deferred(signature=True, wide=False)
    parts[0].descriptor = change(parts[0].descriptor)
    return build(parts)


vector("descriptor-crc", lambda: descriptor(lambda d: d[:4] + bytes(4) + d[8:]), "data_descriptor")
vector("descriptor-size", lambda: descriptor(lambda d: d[:12] + bytes(4)), "data_descriptor")
vector("descriptor-missing", lambda: descriptor(lambda _: b""), "data_descriptor")
vector("descriptor-short", lambda: descriptor(lambda d: d[:-2]), "data_descriptor")
vector(
    "descriptor-signature", lambda: descriptor(lambda d: b"PK\x07\x09" + d[4:]), "data_descriptor"
)


def ends_early(form: str) -> bytes:
    """Let stored data hold its own end, and a member that only who reads a stream will find."""
    begin = b"%PDF-1.7\n"
    end = b"PK\x07\x08" + pack(form, zlib.crc32(begin), len(begin), len(begin))
    hidden = Part(b"resumes/hidden.pdf", b"x", method=STORED).local_record()
    parts = Story(files={"resumes/a.pdf": begin + end + hidden}).parts()
    parts[0].deferred(signature=True, wide=False)
    return build(parts)


vector("descriptor-within-stored-data", lambda: ends_early("<LLL"), "data_descriptor")
vector("descriptor-within-stored-data-64", lambda: ends_early("<LQQ"), "data_descriptor")
for label, flag, code in (
    ("encrypted", 1, "encrypted"),
    ("strong-encryption", 0x41, "encrypted"),
    ("masked-headers", 0x2000, "encrypted"),
    ("patched", 0x20, "unsupported_flag"),
    ("enhanced-deflate", 0x10, "unsupported_flag"),
    ("reserved", 0x8000, "unsupported_flag"),
):
    vector(f"flag-{label}", lambda f=flag: changed(0, flags=UTF8 | f), code)
vector("flag-version-needed", lambda: changed(0, central={"version": 109}), "unsupported_version")
vector(
    "flag-version-needed-twice",
    lambda: changed(0, central={"version": 64}, local={"version": 64}),
    "unsupported_version",
)
for label, method in {
    "shrunk": 1,
    "imploded": 6,
    "deflate64": 9,
    "bzip2": 12,
    "lzma": 14,
    "zstd": 93,
    "xz": 95,
    "aes": 99,
}.items():
    vector(
        f"method-{label}",
        lambda m=method: changed(0, method=m, payload=b"xxxx"),
        "unsupported_method",
    )

# --- content -----------------------------------------------------------------


def flipped(part: int, at: int, bits: int = 0x40) -> bytes:
    parts = Story().parts()
    payload = bytearray(parts[part].compressed())
    payload[at] ^= bits
    parts[part].payload = bytes(payload)
    return build(parts)


vector("content-flipped-stored", lambda: flipped(2, 50), "crc_mismatch", "checksum_mismatch")
vector("content-flipped-deflated", lambda: flipped(3, 0), "crc_mismatch", "checksum_mismatch")
vector("content-no-such-block", lambda: flipped(3, 0, bits=2), "data_damaged")
vector(
    "content-no-such-code",
    lambda: changed(3, payload=stored_block(c.LETTER) + one_code(1)),
    "data_damaged",
)
vector(
    "content-crc-central-and-local",
    lambda: changed(2, local={"crc": 1}, central={"crc": 1}),
    "crc_mismatch",
)
vector(
    "content-after-stream",
    lambda: changed(3, payload=deflate(c.LETTER) + b"more"),
    "data_length",
)
vector(
    "content-after-stream-trailer-copy",
    lambda: changed(
        3, payload=deflate(c.LETTER) + pack("<LL", zlib.crc32(c.LETTER), len(c.LETTER))
    ),
    "data_length",
)
INCOMPLETE = bytes.fromhex("2589311100000884b22ad4cfa0be1372687535067adce07c8d0cfe90f51c")
"""A stream whose code for distances is not complete: ISA-L takes it, zlib does not."""


def incomplete() -> bytes:
    data = (
        b"ababcdabccb\xfed\xffb\xfedd\xfedabc\xfedc\xfecddc\xfecdc\xffd"  # what ISA-L makes of it
    )
    parts = Story(files={**VAULT, "cover_letters/a.txt": data}).parts()
    parts[4].payload = INCOMPLETE
    return build(parts)


vector("content-incomplete-code", incomplete, "data_damaged")
vector("content-cut-off-stream", lambda: changed(3, payload=deflate(c.LETTER)[:-3]), "data_damaged")
vector("content-empty-payload", lambda: changed(3, payload=b""), "data_damaged")


def claims(size: int, data: bytes, **sizes: int) -> bytes:
    parts = Story().parts()
    parts[3].payload = deflate(data)
    parts[3].local |= {"size": size, **sizes}
    parts[3].central |= {"size": size, **sizes}
    return build(parts)


vector(
    "bomb-claims-less",
    lambda: claims(len(c.LETTER), bytes(5 << 20)),
    "data_length",
)
vector(
    "bomb-claims-one-less",
    lambda: claims(len(c.LETTER) - 1, c.LETTER),
    "data_length",
    "size_mismatch",
)
vector(
    "bomb-claims-more", lambda: claims(len(c.LETTER) + 1, c.LETTER), "data_length", "size_mismatch"
)
vector(
    "bomb-claims-much-more",
    lambda: claims(64 << 20, c.LETTER),
    "data_length",
    "size_mismatch",
)
vector(
    "bomb-ratio",
    lambda: claims(3 << 30, c.LETTER),
    "compression_ratio",
    "size_mismatch",
)
vector(
    "stored-with-two-sizes",
    lambda: changed(2, local={"size": 5}, central={"size": 5}),
    "data_length",
    "size_mismatch",
)
vector(
    "bomb-total",
    lambda: Story().bytes(),
    "too_large",
    limits=Limits(max_total_bytes=1000),
)
vector("bomb-entries", lambda: Story().bytes(), "too_many_entries", limits=Limits(max_entries=4))
vector(
    "bomb-folders",
    lambda: with_file("resumes/" + "a/" * 100 + "a"),
    "too_many_entries",
    limits=Limits(max_entries=20, max_folders=20),
)
vector(
    "bomb-names",
    lambda: with_file("resumes/\U0001f600" + "a" * 150),
    "too_large",
    limits=Limits(max_text_bytes=900),
)
vector("bomb-directory", lambda: Story().bytes(), "too_large", limits=Limits(max_central_bytes=99))

# --- metadata ----------------------------------------------------------------

vector(
    "metadata-missing",
    lambda: build(Story().parts()[:-1]),
    "metadata_missing",
)
vector(
    "metadata-too-large", lambda: Story().bytes(), "too_large", limits=Limits(max_metadata_bytes=99)
)
vector(
    "metadata-too-many-parts",
    lambda: meta(filler=[[]] * 4000),
    "metadata_too_large",
    limits=Limits(max_metadata_rest_chars=1000),
)
vector(
    "metadata-item-too-long",
    lambda: record(note="a" * (1 << 18)),
    "metadata_too_large",
)
vector("metadata-value-too-long", lambda: meta(notes="a" * (1 << 20)), "metadata_too_large")
vector("metadata-key-too-long", lambda: meta(**{"a" * (1 << 20): 1}), "metadata_too_large")
vector(
    "metadata-too-many-items",
    lambda: meta(redacted=["a"] * 11),
    "metadata_too_large",
    limits=Limits(max_entries=10),
)
vector(
    "metadata-lists-strangers",
    lambda: meta(files=[{**Story().metadata()["files"][0], "path": "x" * 200}] * 9),
    "metadata_too_large",
    limits=Limits(max_stray_bytes=2000),
)
vector(
    "metadata-wide-texts",
    lambda: meta(redacted=["\U0001f600" + "a" * 1000] * 10),
    "metadata_too_large",
    limits=Limits(max_text_bytes=40_000),
)
vector("metadata-deep", lambda: raw(b'{"a":' * 100 + b"1" + b"}" * 100), "metadata_invalid")
vector("metadata-very-deep", lambda: raw(b"[" * 100_000 + b"]" * 100_000), "metadata_invalid")
vector(
    "metadata-deep-unknown", lambda: meta(extra=json.loads("[" * 40 + "]" * 40)), "metadata_invalid"
)


def story_text() -> str:
    return json.dumps(Story().metadata())


for label, text in {
    "duplicate-key": lambda: story_text()[:-1] + ', "app_version": "1.0.0"}',
    "duplicate-key-in-file": lambda: story_text().replace('"path":', '"path": "x", "path":', 1),
    "nan": lambda: story_text()[:-1] + ', "x": NaN}',
    "infinity": lambda: story_text()[:-1] + ', "x": -Infinity}',
    "long-number": lambda: story_text()[:-1] + ', "x": ' + "9" * 5000 + "}",
    "not-json": lambda: "{'a': 1}",
    "trailing-comma": lambda: story_text()[:-1] + ",}",
    "cut-off": lambda: story_text()[:-20],
    "two-values": lambda: story_text() * 2,
    "list": lambda: "[]",
    "null": lambda: "null",
    "empty": lambda: "",
    "empty-object": lambda: "{}",
    "control-character": lambda: story_text().replace("redacted", "red\nacted"),
}.items():
    vector(f"metadata-{label}", lambda text=text: raw(text().encode()), "metadata_invalid")
vector(
    "metadata-empty-stored",
    lambda: build([*Story().parts()[:-1], Part(b"metadata.json", method=STORED)]),
    "metadata_invalid",
)
for label, encoding in {"utf16": "utf-16", "utf32": "utf-32-le", "bom": "utf-8-sig"}.items():
    code = "metadata_invalid" if label == "utf32" else "metadata_not_utf8"
    vector(f"metadata-{label}", lambda e=encoding: raw(story_text().encode(e)), code)
vector(
    "metadata-latin1",
    lambda: raw(story_text().replace("API", "ÄPI").encode("latin-1")),
    "metadata_not_utf8",
)
for label, changes in {
    "files-missing": {"files": None},
    "files-object": {"files": {}},
    "files-of-text": {"files": ["a"]},
    "timestamp-missing": {"export_timestamp": None},
    "timestamp-junk": {"export_timestamp": "yesterday"},
    "timestamp-number": {"export_timestamp": 1764417600},
    "timestamp-impossible": {"export_timestamp": "2025-02-30T12:00:00Z"},
    "timestamp-before-all-time": {"export_timestamp": "0001-01-01T00:00:00+14:00"},
    "timestamp-after-all-time": {"export_timestamp": "9999-12-31T23:59:59-12:00"},
    "version-missing": {"app_version": None},
    "version-number": {"app_version": 1.0},
    "version-empty": {"app_version": ""},
    "total-missing": {"total_size_bytes": None},
    "total-text": {"total_size_bytes": "100"},
    "total-bool": {"total_size_bytes": True},
    "total-negative": {"total_size_bytes": -1},
    "count-text": {"file_count": "4"},
    "format-bool": {"format_version": True},
    "format-negative": {"format_version": -1},
    "format-zero": {"format_version": 0},
    "scope-unknown": {"scope": "everything"},
    "scope-number": {"scope": 1},
    "profile-valid-text": {"profile_valid": "yes"},
    "missing-directories-text": {"missing_directories": "resumes"},
    "missing-directories-numbers": {"missing_directories": [1]},
    "redacted-object": {"redacted": {}},
    "skipped-text": {"skipped": ["a"]},
    "skipped-without-reason": {"skipped": [{"path": "a"}]},
    "notes-list": {"notes": ["a"]},
}.items():
    codes = {"metadata_invalid"}
    if label.startswith("total"):
        codes.add("metadata_total_mismatch")
    vector(f"metadata-{label}", lambda x=changes: meta(**x), *codes)
vector("metadata-total-wrong", lambda: meta(total_size_bytes=7), "metadata_total_mismatch")
vector("metadata-count-wrong", lambda: meta(file_count=7), "metadata_count_mismatch")
for label, changes in {
    "size-bool": {"size_bytes": True},
    "size-float": {"size_bytes": 609.0},
    "size-text": {"size_bytes": "609"},
    "size-negative": {"size_bytes": -1},
    "size-huge": {"size_bytes": 1 << 70},
    "sum-short": {"checksum_sha256": "abc123"},
    "sum-not-hex": {"checksum_sha256": "g" * 64},
    "sum-newline": {"checksum_sha256": "0" * 64 + "\n"},
    "sum-number": {"checksum_sha256": 5},
    "path-missing": {"path": None},
    "path-empty": {"path": ""},
    "path-number": {"path": 5},
    "modified-junk": {"modified": "\x1b[2J"},
    "modified-number": {"modified": 5},
    "modified-before-all-time": {"modified": "0001-01-01T00:00:00+14:00"},
    "original-number": {"original_path": 5},
}.items():
    vector(f"record-{label}", lambda x=changes: record(**x), "metadata_invalid")
vector("record-path-leaves", lambda: record(path="../../evil"), "missing_member", "unlisted_member")
vector(
    "record-listed-twice",
    lambda: meta(
        files=[*Story().metadata()["files"], Story().metadata()["files"][1]],
        total_size_bytes=Story().metadata()["total_size_bytes"] + len(c.CONFIG),
    ),
    "metadata_invalid",
)
vector(
    "record-lists-metadata",
    lambda: Story(
        changes={
            "files": [
                *Story().metadata()["files"],
                {"path": "metadata.json", "size_bytes": 0, "checksum_sha256": "0" * 64},
            ]
        }
    ).bytes(),
    "metadata_invalid",
)

vector(
    "record-lists-folder",
    lambda: with_part(
        Part(b"resumes/empty/", attributes=0, method=STORED), listed_as="resumes/empty/"
    ),
    "metadata_invalid",
)

# --- original paths ----------------------------------------------------------

vector("original-other", lambda: original("resumes/a%3Ab", "resumes/else"), "metadata_invalid")
vector(
    "original-same-but-other-case",
    lambda: original("resumes/a%3ab", "resumes/a:b"),
    "metadata_invalid",
)
vector(
    "original-traversal",
    lambda: original("resumes/%2E%2E/evil", "resumes/../evil"),
    "original_path",
)
vector("original-slash", lambda: original("resumes/a%2Fb", "resumes/a/b"), "original_path")
vector("original-absolute", lambda: original("resumes/%2Fetc", "resumes//etc"), "original_path")
vector("original-nul", lambda: original("resumes/a%00", "resumes/a\x00"), "original_path")
vector(
    "original-other-root",
    lambda: original("%72esumes/a", "resumes/a"),
    "unexpected_place",
    "original_path",
)
vector(
    "original-too-long",
    lambda: original(
        "resumes/%_/" + "a" * 250 + "%_/" * 1 + "/".join(["b" * 250 + "%_"] * 3) + "/c",
        "resumes/" + "a" * 250 + "b" * 750 + "c",
    ),
    "original_path",
)
vector(
    "original-same-place",
    lambda: original("resumes/%61", "resumes/a", "resumes/a"),
    "original_path",
)
vector(
    "original-file-and-folder",
    lambda: original("resumes/%61", "resumes/a", "resumes/a/b"),
    "original_path",
)
vector(
    "original-hides-profile",
    lambda: original("data/user_profile%2Ejson%2Eenc", "data/user_profile.json.enc"),
    "original_path",
)

# --- SHA256SUMS --------------------------------------------------------------

vector("sums-junk", lambda: Story(sums=b"hello\n").bytes(), "checksum_list_invalid")
vector("sums-utf16", lambda: Story(sums="x".encode("utf-16")).bytes(), "checksum_list_invalid")
vector(
    "sums-name-of-escapes",  # 64 MiB of them took minutes
    lambda: Story(sums=b"\\" + b"0" * 64 + b"  " + b"\\n" * 17_000).bytes(),
    "checksum_list_invalid",
)
vector(
    "sums-contradict-themselves",
    lambda: Story(sums=b"0" * 64 + b"  a\n" + b"1" * 64 + b"  a\n").bytes(),
    "checksum_list_invalid",
)
vector(
    "sums-contradict-metadata",
    lambda: Story(sums=sums_of({**VAULT, "config.yaml": b"other"})).bytes(),
    "checksum_list_mismatch",
)
vector(
    "sums-of-absent-file",
    lambda: Story(sums=sums_of({**VAULT, "resumes/gone.pdf": b""})).bytes(),
    "missing_member",
)
vector(
    "sums-beside-surrogate",
    lambda: Story(
        sums=sums_of(VAULT),
        changes={
            "files": [
                {**Story().metadata()["files"][0], "path": "data/\udcff"},
                *Story().metadata()["files"][1:],
            ]
        },
    ).bytes(),
    "missing_member",
    "unlisted_member",
)
vector(
    "sums-metadata-differs",
    lambda: Story(sums=sums_of({**VAULT, "metadata.json": b"other"})).bytes(),
    "checksum_mismatch",
)
vector(
    "sums-incomplete",
    lambda: Story(sums=sums_of(VAULT), changes={"format_version": 1}).bytes(),
    "checksum_list_mismatch",
)

# --- versions and profile ----------------------------------------------------

for label, version in {
    "major": "2.0.0",
    "minor": "1.1.0",
    "prerelease-of-minor": "1.1.0a1",
    "epoch": "1!0.1",
}.items():
    vector(f"version-{label}", lambda v=version: meta(app_version=v), "version_mismatch")
for label, version in {
    "junk": "new",
    "escape": "1.0\x1b[2J",
    "long": "1." + "0." * 100 + "1",
}.items():
    vector(f"version-{label}", lambda v=version: meta(app_version=v), "version_unreadable")
vector("format-newer", lambda: meta(format_version=2), "format_newer")


def profile(data: bytes, **changes: object) -> bytes:
    return Story(files={**VAULT, "data/user_profile.json": data}, changes=dict(changes)).bytes()


vector("profile-schema", lambda: profile(b'{"personal_info": {}}'), "profile_invalid")
vector("profile-not-json", lambda: profile(b"\xff\xfe"), "profile_invalid")
vector("profile-empty", lambda: profile(b""), "profile_invalid")
vector("profile-deep", lambda: profile(b"[" * 100_000), "profile_invalid")
vector(
    "profile-too-large",
    lambda: profile(PROFILE + b" " * 1000),
    "profile_invalid",
    limits=Limits(max_profile_bytes=1000),
)
vector(
    "profile-too-many-parts",
    lambda: profile(b'{"x": [' + b"[]," * 2000 + b"[]]}"),
    "profile_invalid",
)
vector(
    "profile-exported-invalid",
    lambda: profile(b'{"personal_info": {}}', profile_valid=False),
    "profile_exported_invalid",
)
vector("profile-twice", lambda: with_file("data/user_profile.json.enc"), "profile_twice")
