"""Taking compressed members from an earlier archive: never a wrong byte, whatever is in it."""

import io
import os
import random
import struct
import zipfile
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoresumefiller.archive import checksums, metadata_json, records
from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.compression import Buffer
from autoresumefiller.archive.directory import find_directory, read_entry
from autoresumefiller.archive.reuse import EarlierArchive, Kept
from autoresumefiller.archive.validation import read_back
from autoresumefiller.archive.writer import ArchiveWriter, Source
from autoresumefiller.model.metadata import FORMAT_VERSION, Metadata
from tests.vectors.deflate_streams import one_code
from tests.vectors.zip_parts import Part, build

NOW = datetime(2025, 11, 29, 12, tzinfo=UTC)
WORDS = random.Random(7).choices(
    ["the", "job", "of", "a", "person", "is", "to", "seek", "and", "to", "find", "work"], k=9000
)
TEXT = " ".join(WORDS).encode()
NOISE = random.Random(8).randbytes(9000)

NOTHING_TO_CRC = (0xEDB88320 << 1 | 1).to_bytes(5, "little")
"""CRC-32's own polynomial, the highest power in the lowest bit: added anywhere, the CRC stays."""


def write(
    folder: Path, *, earlier: bytes | None = None, workers: int = 2, whole_limit: int = 1 << 20
) -> bytes:
    """Archive every file of a folder."""
    sources = [
        Source(member=f"resumes/{path.name}", path=path, size=path.stat().st_size)
        for path in sorted(folder.iterdir())
    ]
    return write_sources(sources, earlier=earlier, workers=workers, whole_limit=whole_limit)


def write_sources(
    sources: Sequence[Source], *, earlier: bytes | None, workers: int, whole_limit: int
) -> bytes:
    file = io.BytesIO()
    with TemporaryFile() as kept:  # read as what is in a vault: by the system, at any position
        kept.write(earlier or b"")
        before = EarlierArchive.open(kept) if earlier is not None else None
        with ArchiveWriter(
            file, workers=workers, earlier=before, whole_limit=whole_limit, block_bytes=4096
        ) as writer:
            batch = writer.add_files(sources)
            metadata = Metadata(
                format_version=FORMAT_VERSION,
                export_timestamp="2025-11-29T12:00:00Z",
                app_version="1.0.0",
                files=batch.records,
                total_size_bytes=sum(record.size_bytes for record in batch.records),
            )
            text = metadata_json.encode(metadata)
            record = writer.add_bytes("metadata.json", text, modified=NOW)
            sums = checksums.encode((*batch.records, record))
            writer.add_bytes("SHA256SUMS", sums, modified=NOW)
            writer.close()
    return file.getvalue()


def contents(archive: bytes) -> dict[str, bytes]:
    assert read_back(io.BytesIO(archive)) == []
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {
            name: opened.read(name) for name in opened.namelist() if name.startswith("resumes/")
        }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "resumes"
    made.mkdir()
    (made / "a.txt").write_bytes(TEXT)
    (made / "b.bin").write_bytes(NOISE)
    (made / "c.txt").write_bytes(TEXT[::-1])
    (made / "empty").write_bytes(b"")
    return made


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which members were taken from the earlier archive."""
    taken: list[str] = []
    of, pieces = Kept.of, Kept.pieces

    def told_of(self: Kept, data: bytes, *, crc: int) -> Buffer | None:
        result = of(self, data, crc=crc)
        taken.extend([self.entry.name.decode()] * (result is not None))
        return result

    def told_pieces(self: Kept, *, size: int, sha256: str) -> object:
        yield from pieces(self, size=size, sha256=sha256)
        taken.append(self.entry.name.decode())

    monkeypatch.setattr(Kept, "of", told_of)
    monkeypatch.setattr(Kept, "pieces", told_pieces)
    return taken


@pytest.mark.parametrize("whole_limit", [1 << 20, 1000], ids=["buffers", "streams"])
def test_an_unchanged_folder_gives_the_same_archive_without_compressing(
    folder: Path, used: list[str], whole_limit: int
) -> None:
    first = write(folder, whole_limit=whole_limit)
    again = write(folder, earlier=first, whole_limit=whole_limit)
    assert again == first
    assert sorted(used) == ["resumes/a.txt", "resumes/c.txt"]


@pytest.mark.parametrize("whole_limit", [1 << 20, 1000], ids=["buffers", "streams"])
def test_a_changed_file_is_compressed_anew(folder: Path, used: list[str], whole_limit: int) -> None:
    first = write(folder, whole_limit=whole_limit)
    before = (folder / "a.txt").stat()
    (folder / "a.txt").write_bytes(TEXT.swapcase())
    # The same size and time: only the content tells.
    os.utime(folder / "a.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    again = write(folder, earlier=first, whole_limit=whole_limit)
    assert contents(again)["resumes/a.txt"] == TEXT.swapcase()
    assert used == ["resumes/c.txt"]


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_the_number_of_workers_changes_nothing(folder: Path, workers: int) -> None:
    first = write(folder)
    (folder / "new.txt").write_bytes(TEXT[1000:])
    assert write(folder, earlier=first, workers=workers) == write(folder)


@pytest.mark.parametrize("whole_limit", [1 << 20, 1000], ids=["buffers", "streams"])
def test_an_archive_that_lies_about_its_content_gives_nothing(
    folder: Path, used: list[str], whole_limit: int, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_bytes(TEXT.upper())
    lying = io.BytesIO(write(other))
    with zipfile.ZipFile(io.BytesIO(write(folder))) as honest:
        metadata = honest.read("metadata.json")
    with zipfile.ZipFile(lying, "r") as opened:
        member = opened.read("resumes/a.txt")
    # Upper-case content under the metadata of the lower-case one: sizes agree.
    forged = io.BytesIO()
    with zipfile.ZipFile(forged, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("resumes/a.txt", member)
        archive.writestr("metadata.json", metadata)
    assert EarlierArchive.open(io.BytesIO(forged.getvalue())) is not None
    again = write(folder, earlier=forged.getvalue(), whole_limit=whole_limit)
    assert contents(again)["resumes/a.txt"] == TEXT
    assert "resumes/a.txt" not in used


@pytest.mark.parametrize(
    ("data", "whole_limit"),
    [(TEXT, 1 << 20), (TEXT * 40, 2 << 20), (TEXT, 1000)],
    ids=["buffers", "large buffers", "streams"],
)
def test_other_bytes_with_the_same_crc_size_and_time_are_not_taken_for_the_file(
    folder: Path, data: bytes, whole_limit: int
) -> None:
    twin = bytearray(data)
    for place, bits in enumerate(NOTHING_TO_CRC, len(data) // 2):
        twin[place] ^= bits
    assert twin != data
    assert zlib.crc32(twin) == zlib.crc32(data)
    path = folder / "a.txt"
    before = path.stat()
    earlier = None
    for content in (twin, data):
        path.write_bytes(content)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        earlier = write(folder, earlier=earlier, whole_limit=whole_limit)
    assert earlier is not None
    assert contents(earlier)["resumes/a.txt"] == data


def claiming(archive: bytes, member: str, number: int, *, at: int = 20) -> bytes:
    """Return an archive whose directory gives a member another number, in 64 bits.

    ``at`` is 20 for the compressed size, 42 for the offset.
    """
    directory = find_directory(ArchiveFile(io.BytesIO(archive)))
    headers = archive[directory.offset : directory.offset + directory.size]
    changed, position = b"", 0
    while position < len(headers):
        entry, after = read_entry(headers, position)
        header = bytearray(headers[position:after])
        if entry.name.decode() == member:
            extra = struct.pack("<HHQ", records.EXTRA_ZIP64, 8, number)
            header[at : at + 4] = b"\xff" * 4
            header[30:32] = (header[30] + len(extra)).to_bytes(2, "little")
            name_end = records.CENTRAL.size + len(entry.name)
            header[name_end:name_end] = extra
        changed += header
        position = after
    end = records.pack_end(directory.entries, directory.offset, len(changed))
    return archive[: directory.offset] + changed + end


@pytest.mark.parametrize("whole_limit", [1 << 20, 1000], ids=["buffers", "streams"])
@pytest.mark.parametrize("size", [len(TEXT), 1 << 33, 1 << 42, 1 << 63])
def test_a_compressed_size_that_lies_costs_nothing(
    folder: Path, used: list[str], size: int, whole_limit: int
) -> None:
    first = write(folder)
    lying = claiming(first, "resumes/a.txt", size)
    assert EarlierArchive.open(io.BytesIO(lying)) is not None

    second = write(folder, earlier=lying, whole_limit=whole_limit)

    assert contents(second) == contents(first)
    assert used == ["resumes/c.txt"]


@pytest.mark.parametrize("whole_limit", [1 << 20, 1000], ids=["buffers", "streams"])
@pytest.mark.parametrize("offset", [1 << 33, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_an_offset_that_lies_gives_nothing(
    folder: Path, used: list[str], offset: int, whole_limit: int
) -> None:
    first = write(folder)
    lying = claiming(first, "resumes/a.txt", offset, at=42)
    assert EarlierArchive.open(io.BytesIO(lying)) is not None

    second = write(folder, earlier=lying, whole_limit=whole_limit)

    assert contents(second) == contents(first)
    assert used == ["resumes/c.txt"]


def test_what_other_programs_refuse_is_not_taken_on(folder: Path, used: list[str]) -> None:
    encoder = zlib.compressobj(6, zlib.DEFLATED, -15)
    begun = encoder.compress(TEXT) + encoder.flush(zlib.Z_SYNC_FLUSH)
    first = write(folder)
    for bit, taken in ((0, ["resumes/a.txt"]), (1, [])):
        doctored = Part(b"resumes/a.txt", TEXT, payload=begun + one_code(bit))
        again = write(folder, earlier=build([doctored, Part(b"metadata.json", b"{}")]))
        assert contents(again) == contents(first)
        assert used == taken
        used.clear()


def test_junk_is_no_earlier_archive() -> None:
    assert EarlierArchive.open(io.BytesIO(b"")) is None
    assert EarlierArchive.open(io.BytesIO(NOISE)) is None


def test_an_archive_by_another_program_is_not_used(folder: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "a.txt", "resumes/a.txt")
    assert EarlierArchive.open(made) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data(), whole_limit=st.sampled_from([1 << 20, 1000]))
def test_any_flipped_byte_of_the_earlier_archive_poisons_nothing(
    folder: Path, data: st.DataObject, whole_limit: int
) -> None:
    first = write(folder)
    damaged = bytearray(first)
    at = data.draw(st.integers(0, len(first) - 1))
    damaged[at] ^= 1 << data.draw(st.integers(0, 7))
    again = write(folder, earlier=bytes(damaged), whole_limit=whole_limit)
    assert contents(again) == contents(first)


@pytest.mark.slow
def test_every_flipped_byte_of_the_earlier_archive_poisons_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "resumes"
    folder.mkdir()
    (folder / "a.txt").write_bytes(TEXT[:2000])
    first = write(folder)
    for at in range(len(first)):
        damaged = bytearray(first)
        damaged[at] ^= 0xFF
        for whole_limit in (1 << 20, 1000):
            again = write(folder, earlier=bytes(damaged), whole_limit=whole_limit)
            assert contents(again) == contents(first), at


def test_an_earlier_archive_cut_off_after_it_was_opened_gives_nothing(
    folder: Path, tmp_path: Path
) -> None:
    first = write(folder)
    path = tmp_path / "earlier.zip"
    path.write_bytes(first)
    with path.open("rb") as file:
        earlier = EarlierArchive.open(file)
        assert earlier is not None
        path.write_bytes(first[:50])
        made = io.BytesIO()
        with ArchiveWriter(made, earlier=earlier) as writer:
            source = folder / "a.txt"
            writer.add_files(
                [Source(member="resumes/a.txt", path=source, size=source.stat().st_size)]
            )
            writer.close()
    assert contents(made.getvalue()) == {"resumes/a.txt": TEXT}
