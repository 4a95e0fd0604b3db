"""Whatever is done to the bytes of an archive: refused, or still the same content."""

import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from autoresumefiller.archive.faults import Code
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.metadata_fields import MetadataError
from autoresumefiller.archive.metadata_json import decode, encode
from autoresumefiller.archive.validation import read_back, validate
from autoresumefiller.model.finding import Finding
from autoresumefiller.model.metadata import FileRecord, Metadata, Scope, SkippedFile
from tests.support.sinks import Memory
from tests.vectors.contents import VAULT, Story, sums_of
from tests.vectors.zip_parts import STORED, Part, build

METADATA = json.dumps(Story().metadata()).encode()
ORIGINAL = Story(sums=sums_of({**VAULT, "metadata.json": METADATA})).bytes()
STREAMED = build([part.deferred(signature=True, wide=False) for part in Story().parts()])
FOLDERS = Story(extra_parts=[Part(b"resumes/", method=STORED, attributes=0x10)]).bytes()

EDITS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "set", "cut", "insert", "copy", "swap"]),
        st.floats(0, 1, exclude_max=True),
        st.floats(0, 1, exclude_max=True),
        st.one_of(
            st.binary(max_size=6), st.sampled_from([b"PK\5\6", b"PK\3\4", b"PK\1\2", b"../"])
        ),
    ),
    min_size=1,
    max_size=4,
)


def edit(data: bytes, edits: list[tuple[str, float, float, bytes]]) -> bytes:
    for kind, first, second, chunk in edits:
        at, other = int(first * len(data)), int(second * len(data))
        if not data:
            break
        if kind == "flip":
            data = data[:at] + bytes([data[at] ^ (1 << other % 8)]) + data[at + 1 :]
        elif kind == "set":
            data = data[:at] + chunk + data[at + len(chunk) :]
        elif kind == "cut":
            data = data[:at] + data[at + 1 + other % 64 :]
        elif kind == "insert":
            data = data[:at] + chunk + data[at:]
        elif kind == "copy":
            data = data[:at] + data[other : other + 80] + data[at:]
        else:
            low, high = sorted((at, other))
            data = (
                data[:low] + data[high : high + 30] + data[low + 30 : high] + data[low : low + 30]
            )
    return data


@settings(max_examples=600)
@given(st.sampled_from([ORIGINAL, STREAMED, FOLDERS]), EDITS)
def test_a_changed_archive_is_refused_or_holds_the_same(
    original: bytes, edits: list[tuple[str, float, float, bytes]]
) -> None:
    data = edit(original, edits)
    sink = Memory()
    report = validate(io.BytesIO(data), app_version="1.0.0", sink=sink)
    assert all(code in set(Code) for code in report.error_codes)
    if report.importable:
        assert sink.files == VAULT
    read_back(io.BytesIO(data))


def test_every_single_bit_is_watched() -> None:
    """Each bit of an archive, flipped: an accepted one differs in nothing that is restored.

    What may change unseen are fields that say nothing about the content
    (versions, attributes without a type, dates in both places at once).
    """
    unseen = 0
    for at in range(len(ORIGINAL)):
        data = bytearray(ORIGINAL)
        data[at] ^= 1 << at % 8
        sink = Memory()
        if validate(io.BytesIO(data), app_version="1.0.0", sink=sink).importable:
            unseen += 1
            assert sink.files == VAULT
    assert unseen < len(ORIGINAL) * 0.06


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["path", "size_bytes", "checksum_sha256", "modified", "reason", "x"]),
            inner,
        )
    ),
    max_leaves=12,
)
KEYS = [*Story().metadata(), "format_version", "scope", "skipped", "profile_valid", "file_count"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5), st.sets(st.sampled_from(KEYS)))
def test_any_json_is_metadata_or_a_metadata_error(
    changes: dict[str, object], dropped: set[str]
) -> None:
    fields = {k: v for k, v in (Story().metadata() | changes).items() if k not in dropped}
    metadata, findings = decoded(json.dumps(fields).encode())
    assert all(finding.message.isprintable() for finding in findings)
    assert (metadata is None) == bool(findings)
    if metadata:
        assert metadata.total_size_bytes == sum(file.size_bytes for file in metadata.files)


def decoded(data: bytes) -> tuple[Metadata | None, list[Finding]]:
    try:
        return decode([data], Limits()), []
    except MetadataError as fault:
        return None, fault.findings


@given(st.binary(max_size=300))
def test_any_bytes_are_metadata_or_a_metadata_error(data: bytes) -> None:
    metadata, findings = decoded(data)
    assert (metadata is None) == bool(findings)


RECORDS = st.builds(
    FileRecord,
    path=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    size_bytes=st.integers(0, 1 << 40),
    checksum_sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    modified=st.none() | st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
)


@given(
    st.lists(RECORDS, max_size=4),
    st.text(max_size=10),
    st.sampled_from(Scope),
    st.sampled_from([True, False, None]),
    st.lists(st.builds(SkippedFile, path=st.text(max_size=9), reason=st.text(max_size=9))),
)
def test_what_is_written_is_read_again(
    files: list[FileRecord],
    notes: str,
    scope: Scope,
    profile_valid: bool | None,
    skipped: list[SkippedFile],
) -> None:
    metadata = Metadata(
        export_timestamp="2025-11-29T12:00:00Z",
        app_version="1.0.0",
        format_version=1,
        backup_type="manual",
        files=tuple(files),
        total_size_bytes=sum(file.size_bytes for file in files),
        scope=scope,
        profile_valid=profile_valid,
        skipped=tuple(skipped),
        missing_directories=("cover_letters",),
        redacted=("ai_providers.openai.api_key",),
        notes=notes,
    )
    encoded = encode(metadata)
    assert encoded.isascii()
    assert decode([encoded], Limits()) == metadata
