"""Reading: the whole archive strictly, its metadata for a list cheaply."""

import io
import os
from pathlib import Path

import pytest

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.reader import ArchiveReader, read_metadata
from autoresumefiller.errors import BackupValidationError
from tests.vectors.contents import CONFIG, VAULT, Story, with_file, with_metadata
from tests.vectors.hostile import VECTORS


def test_members_are_found_by_name() -> None:
    reader = ArchiveReader(io.BytesIO(Story().bytes()))
    assert set(reader.members) == {*VAULT, "metadata.json"}
    assert reader.read("config.yaml", 1000) == (CONFIG, [])


def test_metadata_is_read_once_and_typed() -> None:
    reader = ArchiveReader(io.BytesIO(with_metadata(backup_type="auto", scope="data")))
    assert reader.metadata is reader.metadata
    assert (reader.metadata.backup_type, reader.metadata.scope) == ("auto", "data")


@pytest.mark.parametrize("name", ["metadata-nan", "metadata-missing", "metadata-utf16"])
def test_metadata_that_cannot_be_believed_raises_every_fault(name: str) -> None:
    reader = ArchiveReader(io.BytesIO(VECTORS[name].make()))
    with pytest.raises(BackupValidationError) as caught:
        _ = reader.metadata
    assert caught.value.errors


@pytest.mark.parametrize(
    ("name", "cap", "code"),
    [("absent", 1000, "missing_member"), ("config.yaml", 5, "too_large")],
)
def test_what_cannot_be_read_is_told(name: str, cap: int, code: str) -> None:
    data, findings = ArchiveReader(io.BytesIO(Story().bytes())).read(name, cap)
    assert data is None
    assert [finding.code for finding in findings] == [code]


def test_damaged_content_is_told() -> None:
    reader = ArchiveReader(io.BytesIO(VECTORS["content-no-such-block"].make()))
    data, findings = reader.read("cover_letters/general.txt", 10_000)
    assert data is None
    assert [finding.code for finding in findings] == ["data_damaged"]


def test_the_list_reads_metadata_wherever_it_stands(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(with_file("resumes/metadata.json", b"not this one"))
    metadata = read_metadata(archive)
    assert metadata is not None
    assert len(metadata.files) == len(VAULT) + 1


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x05\x06" + bytes(18), bytes(70_000)])
def test_the_list_is_not_stopped_by_junk(tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(content)
    assert read_metadata(archive) is None


def test_the_list_is_not_stopped_by_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    (tmp_path / "folder.zip").mkdir()
    (tmp_path / "gone.zip").symlink_to(tmp_path / "nowhere")
    for name in ("pipe.zip", "folder.zip", "gone.zip", "absent.zip", "nul\0.zip"):
        assert read_metadata(tmp_path / name) is None


def test_reading_by_position_works_for_files_and_for_memory(tmp_path: Path) -> None:
    data = os.urandom(100_000)
    path = tmp_path / "data"
    path.write_bytes(data)
    with path.open("rb") as opened:
        for file in (ArchiveFile(opened), ArchiveFile(io.BytesIO(data))):
            assert file.size == len(data)
            assert file.read(5, 10) == data[5:15]
            assert file.read(99_990, 100) == data[99_990:]
            assert file.read(200_000, 5) == b""
            buffer = bytearray(50)
            assert file.read_into(99_980, memoryview(buffer)) == 20
            assert buffer[:20] == data[99_980:]


def test_what_was_just_written_is_seen(tmp_path: Path) -> None:
    with (tmp_path / "draft").open("w+b") as file:
        file.write(Story().bytes())
        assert ArchiveReader(file).structure.findings == []


def test_the_limits_reach_the_parser() -> None:
    reader = ArchiveReader(io.BytesIO(Story().bytes()), Limits(max_entries=1))
    assert [finding.code for finding in reader.structure.findings] == ["too_many_entries"]


def test_an_archive_that_becomes_shorter_while_it_is_read_is_broken_not_an_accident(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = VECTORS["zip64-locator-disks"].make()  # with the zip64 records, whatever they say
    read, reads = ArchiveFile.read, 0

    def cut_before(number: int, path: Path) -> None:
        def counted(file: ArchiveFile, offset: int, length: int) -> bytes:
            nonlocal reads
            reads += 1
            if reads == number:
                os.truncate(path, 100)
            return read(file, offset, length)

        monkeypatch.setattr(ArchiveFile, "read", counted)

    for number in range(1, 6):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(whole)
        reads = 0
        cut_before(number, path)
        with path.open("rb") as file:
            assert ArchiveReader(file).structure.findings
        assert read_metadata(path) is None
