"""What only shows in large archives: zip64 in earnest, many entries, bounded memory."""

import hashlib
import io
import json
import os
import shutil
from pathlib import Path
from struct import pack

import pytest

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.compression import crc32
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.structure import read_structure
from autoresumefiller.archive.validation import validate
from tests.support.archives import story_metadata
from tests.support.memory import peak_growth
from tests.vectors.contents import Story
from tests.vectors.zip_parts import STORED, Part, build, extra, zip64_end

MIB = 1 << 20


def many(count: int, **options: object) -> bytes:
    files = {f"resumes/{n // 1000}/{n}.txt": b"%d" % n for n in range(count)}
    parts = [Part(name.encode(), data, method=STORED) for name, data in files.items()]
    parts.append(Part(b"metadata.json", json.dumps(story_metadata(files)).encode()))
    return build(parts, **options)


@pytest.mark.slow
def test_more_entries_than_16_bits_can_count() -> None:
    full = {"here": 0xFFFF, "entries": 0xFFFF}
    data = many(66_000, zip64={}, end=full)
    report = validate(io.BytesIO(data), app_version="1.0.0")
    assert report.errors == []
    assert report.metadata is not None
    assert len(report.metadata.files) == 66_000


@pytest.mark.slow
def test_exactly_as_many_entries_as_16_bits_can_count_without_zip64() -> None:
    # Python's zipfile writes 65,535 entries without the 64-bit record: the number is just true.
    data = many(65_534)
    assert read_structure(ArchiveFile(io.BytesIO(data)), Limits()).findings == []


@pytest.mark.slow
def test_a_member_and_a_directory_beyond_4_gib(tmp_path: Path) -> None:
    size = (4 << 30) + 5
    archive = tmp_path / "large.zip"
    block, crc, digest = bytes(MIB), 0, hashlib.sha256()
    for _ in range(size // MIB):
        crc = crc32(block, crc)
        digest.update(block)
    crc = crc32(bytes(5), crc)
    digest.update(bytes(5))
    metadata = {
        **story_metadata({}),
        "total_size_bytes": size,
        "files": [
            {
                "path": "resumes/film.bin",
                "size_bytes": size,
                "checksum_sha256": digest.hexdigest(),
            }
        ],
    }
    sizes = {"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF, "crc": crc}
    film = Part(
        b"resumes/film.bin",
        method=STORED,
        local=sizes,
        local_extra=extra(1, pack("<QQ", size, size)),
    )
    film.central = {**sizes, "offset": 0}
    film.central_extra = film.local_extra
    listed = Part(b"metadata.json", json.dumps(metadata).encode())
    with archive.open("wb") as file:
        file.write(film.local_record())
        file.seek(size, os.SEEK_CUR)  # a hole: reads as zeros, takes no room
        offset = file.tell()
        file.write(listed.local_record())
        start = file.tell()
        listed.central = {"offset": 0xFFFFFFFF}
        listed.central_extra = extra(1, pack("<Q", offset))
        directory = film.central_record(0) + listed.central_record(0)
        file.write(directory)
        true = {"here": 2, "entries": 2, "size": len(directory), "offset": start}
        file.write(zip64_end(true, at=file.tell()))
        file.write(pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(directory), 0xFFFFFFFF, 0))
    with archive.open("rb") as file:
        assert validate(file, app_version="1.0.0").errors == []


def hungry(before: bytes, unit: bytes, after: bytes, size: int = 63 * MIB) -> bytes:
    """Repeat a piece of JSON until it is as large as metadata.json may be."""
    fields = b'{"export_timestamp": "2025-11-29T12:00:00Z", "app_version": "1.0.0", '
    return fields + b'"total_size_bytes": 0, ' + before + unit * (size // len(unit)) + after


SUM = b'"size_bytes": 0, "checksum_sha256": "' + b"0" * 64 + b'"'
HUNGRY = {
    "lists": lambda: hungry(b'"x": [', b"[],", b"[]]}"),
    "dictionaries": lambda: hungry(b'"x": [', b'{"":0},', b"{}]}"),
    "dictionaries beside": lambda: hungry(b'"x": [', b'{"":0},', b'{}], "files": [1]}', MIB - 500),
    "numbers": lambda: hungry(b'"x": [', b"1234567890,", b"1]}"),
    "depth": lambda: hungry(b'"x": ', b"[", b""),
    "keys": lambda: b"{" + b",".join(b'"%d":1' % n for n in range(7_000_000)) + b"}",
    "one wide text": lambda: hungry(b'"notes": "\\ud83d\\ude00', b"a", b'"}'),
    "one wide item": lambda: hungry(b'"redacted": ["\\ud83d\\ude00', b"a", b'"]}'),
    "wide texts": lambda: hungry(
        b'"redacted": [', b'"\\ud83d\\ude00' + b"a" * 900 + b'",', b'""]}'
    ),
    "wide names": lambda: hungry(
        b'"files": [', b'{"path": "\\ud83d\\ude00' + b"a" * 300 + b'", ' + SUM + b"},", b"{}]}"
    ),
    "long wide names": lambda: hungry(
        b'"files": [', b'{"path": "\\ud83d\\ude00' + b"a" * 200_000 + b'", ' + SUM + b"},", b"{}]}"
    ),
    "short names": lambda: hungry(b'"files": [', b'{"path": "ab", ' + SUM + b"},", b"{}]}"),
    "items of lists": lambda: hungry(b'"files": [', b"[" + b"[]," * 80_000 + b"1],", b"1]}"),
    "skipped": lambda: hungry(b'"skipped": [', b'{"path":"ab","reason":"cd"},', b"{}]}"),
    "white space": lambda: hungry(b'"files": [', b" ", b'{"a": 1}], "x": 1}'),
}
VALIDATE = """
with open(sys.argv[1], "rb") as file:
    assert validate(file, app_version="1.0.0", limits=Limits(max_ratio=2000)).errors
"""
VALIDATE_ANY = VALIDATE.replace("assert ", "")
HUNGRY_AND_QUICK = {"dictionaries beside", "one wide text", "wide names", "skipped"}
LIST = """
read_metadata(pathlib.Path(sys.argv[1]))
"""
IMPORTS = """
import pathlib
from autoresumefiller.archive.reader import read_metadata
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.salvage import salvage
from autoresumefiller.archive.validation import validate
"""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in HUNGRY_AND_QUICK else pytest.mark.slow)
        for name in HUNGRY
    ],
)
def test_hostile_metadata_takes_less_than_256_mb(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "hungry.zip"
    archive.write_bytes(build([Part(b"metadata.json", HUNGRY[name]())]))
    assert peak_growth(IMPORTS, VALIDATE, archive) < 220 * 10**6  # and 36 MB for Python itself
    assert peak_growth(IMPORTS, LIST, archive) < 220 * 10**6


HUNGRY_SUMS = {
    "short lines": lambda: b"ab\n" * (63 * MIB // 3),
    "empty lines": lambda: b"\n" * (63 * MIB),
    "many files": lambda: b"".join(b"0" * 64 + b"  %d\n" % n for n in range(880_000)),
    "wide names": lambda: (b"0" * 64 + "  😀".encode() + b"a" * 900 + b"\n") * 60_000,
}


@pytest.mark.parametrize("name", HUNGRY_SUMS)
def test_a_hostile_list_of_checksums_takes_less_than_256_mb(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "hungry.zip"
    archive.write_bytes(Story(sums=HUNGRY_SUMS[name]()).bytes())
    assert peak_growth(IMPORTS, VALIDATE_ANY, archive) < 220 * 10**6


LARGEST = {
    "files": [b"resumes/%06d" % n + b"a" * 88 for n in range(199_000)],
    "files in folders of their own": [b"resumes/%06d/" % n + b"a" * 88 for n in range(199_000)],
    "wide names": [b"resumes/%06d" % n + "😀".encode() + b"a" * 88 for n in range(199_000)],
    "long wide names": [
        b"resumes/%06d/" % n + "😀/".encode() + b"/".join([b"a" * 200] * 79) for n in range(1800)
    ],
}


def largest(name: str) -> bytes:
    digest = hashlib.sha256().hexdigest().encode()
    parts = [Part(member, method=STORED) for member in LARGEST[name]]
    listed = b'{"path": "%s", "modified": "2025-11-29T12:00:00.123456Z", %s}'
    records = [listed % (member, SUM.replace(b"0" * 64, digest)) for member in LARGEST[name]]
    metadata = hungry(b'"files": [' + b",".join(records) + b"]}", b"x", b"", 0)
    sums = b"\n".join([digest + b"  " + member for member in LARGEST[name]])
    parts += [Part(b"metadata.json", metadata), Part(b"SHA256SUMS", sums)]
    full = {"here": 0xFFFF, "entries": 0xFFFF} if len(parts) > 0xFFFF else {}
    return build(parts, zip64={}, end=full)


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGEST)
def test_an_archive_of_the_largest_size_takes_less_than_256_mib(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "largest.zip"
    archive.write_bytes(largest(name))
    assert peak_growth(IMPORTS, VALIDATE_ANY, archive) < 256 * MIB


SALVAGE = """
with open(sys.argv[1], "rb") as file:
    salvage(file, pathlib.Path(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "without its directory"])
@pytest.mark.parametrize("name", LARGEST)
def test_salvaging_an_archive_of_the_largest_size_takes_less_than_256_mib(
    tmp_path: Path, name: str, *, whole: bool
) -> None:
    archive = tmp_path / "largest.zip"
    data = largest(name)
    archive.write_bytes(data if whole else data[: data.index(b"PK\1\2")])
    del data
    assert peak_growth(IMPORTS, SALVAGE, archive, tmp_path / "out") < 256 * MIB
    shutil.rmtree(tmp_path / "out")


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    import zlib

    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    payload = b"".join(stream.compress(bytes(MIB)) for _ in range(300)) + stream.flush()
    claim = {"size": 300 * MIB, "crc": 0}
    part = Part(b"resumes/bomb", payload=payload, local=claim, central=claim)
    data = build([part])
    report = validate(io.BytesIO(data), app_version="1.0.0", limits=Limits(max_ratio=2000))
    assert "crc_mismatch" in report.error_codes
    archive = tmp_path / "bomb.zip"
    archive.write_bytes(data)
    assert peak_growth(IMPORTS, VALIDATE, archive) < 64 * MIB
