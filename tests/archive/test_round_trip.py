"""The fast proof of an archive: yes to ours, never to what the precise check refuses."""

import io
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoresumefiller.archive import records, round_trip, small_files
from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.content import Demand
from autoresumefiller.archive.content_pass import check_members
from autoresumefiller.archive.directory import find_directory
from autoresumefiller.archive.name_table import NameTable
from autoresumefiller.archive.reader import ArchiveReader
from autoresumefiller.archive.round_trip import reads_back
from autoresumefiller.archive.twins import Twins
from autoresumefiller.archive.writer import ArchiveWriter, Source
from autoresumefiller.model.finding import Finding
from tests.support.processes import count_processes

NOW = datetime(2025, 11, 29, 12, tzinfo=UTC)
TEXT = b" ".join(b"word%d" % (n * n % 977) for n in range(3000))
NOISE = random.Random(3).randbytes(3000)


def precise(data: bytes) -> list[Finding]:
    reader = ArchiveReader(io.BytesIO(data))
    return [
        *reader.structure.findings,
        *check_members(
            reader.file,
            [member for member in reader.structure.members if member.readable],
            demand_for=lambda _: Demand(hashing=False),
            judge=lambda _, outcome: outcome.findings,
            workers=0,
        ),
    ]


def archive(write: Callable[[ArchiveWriter], object]) -> bytes:
    file = io.BytesIO()
    with ArchiveWriter(file, workers=1) as writer:
        write(writer)
        writer.close()
    return file.getvalue()


def ordinary(writer: ArchiveWriter) -> None:
    for name, data in (("résumé", TEXT), ("noise", NOISE), ("empty", b""), ("a%3Ab", TEXT[:50])):
        writer.add_bytes(f"resumes/{name}.txt", data, modified=NOW)
    writer.add_bytes("resumes/old.txt", TEXT, modified=datetime(1901, 1, 1, tzinfo=UTC))
    writer.add_directory("resumes/none/", modified=NOW)


ORDINARY = archive(ordinary)


def test_what_our_writer_writes_is_proven() -> None:
    for workers in (0, 1, 2, None):
        assert reads_back(io.BytesIO(ORDINARY), workers=workers)
    assert reads_back(io.BytesIO(archive(lambda _: None)))


def test_large_and_many_members_are_proven(tmp_path: Path) -> None:
    sources = []
    for number in range(600):
        path = tmp_path / f"{number:03d}.txt"
        path.write_bytes(TEXT[number:] if number != 300 else TEXT * 500)
        sources.append(Source(member=f"resumes/{path.name}", path=path, size=path.stat().st_size))
    with (tmp_path / "out.zip").open("w+b") as file, ArchiveWriter(file) as writer:
        writer.add_files(sources)
        writer.close()
        assert reads_back(file)


@pytest.fixture
def many(tmp_path: Path) -> Iterator[BinaryIO]:
    """An archive of 1,500 small members, open, without a name."""
    sources = []
    for number in range(1500):
        path = tmp_path / f"{number:04d}.txt"
        path.write_bytes(TEXT[number : number + number % 90])
        sources.append(Source(member=f"resumes/{path.name}", path=path, size=number % 90))
    with TemporaryFile(dir=tmp_path) as file, ArchiveWriter(file) as writer:
        writer.add_files(sources)
        writer.close()
        yield cast("BinaryIO", file)


def test_many_small_members_are_proven(many: BinaryIO) -> None:
    for workers in (0, 1, 2):
        assert reads_back(many, workers=workers)


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have another process check from the first member on; its number."""
    monkeypatch.setattr(small_files, "MANY_FILES", 0)
    return count_processes(monkeypatch)


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="no process helps elsewhere")


@linux_only
def test_many_small_members_are_proven_with_another_process(
    many: BinaryIO, helper: list[int]
) -> None:
    assert reads_back(many, workers=2)
    (pid,) = helper
    assert not Path(f"/proc/{pid}").exists()


@linux_only
def test_a_helper_that_is_killed_costs_nothing_but_time(
    many: BinaryIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_files, "MANY_FILES", 0)
    killed = count_processes(monkeypatch, lambda pid: os.kill(pid, signal.SIGKILL))
    assert reads_back(many, workers=2)
    assert killed
    _damage(many, b"0007")
    assert not reads_back(many, workers=2)


def test_what_has_no_descriptor_is_proven_without_another_process(
    many: BinaryIO, helper: list[int]
) -> None:
    many.seek(0)
    assert reads_back(io.BytesIO(many.read()), workers=2)
    assert reads_back(many, workers=1)
    assert helper == []


@linux_only
@pytest.mark.parametrize("member", [b"0007", b"0300", b"0600", b"0800", b"1100", b"1499"])
def test_damage_is_noticed_wherever_it_is_looked_for(
    many: BinaryIO, helper: list[int], member: bytes
) -> None:
    _damage(many, member)
    assert not reads_back(many, workers=2)
    assert helper


@pytest.mark.parametrize("length", [300, 301, 1000, 5000])
def test_a_directory_is_taken_apart_piece_by_piece(
    many: BinaryIO, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(round_trip, "_LONGEST_HEADER", 300)
    monkeypatch.setattr(round_trip, "_PIECE_BYTES", length)
    assert reads_back(many, workers=0)
    _damage(many, b"1499")
    assert not reads_back(many, workers=0)


@pytest.mark.parametrize("member", [b"0007", b"0740", b"1499"])
def test_damage_of_one_of_many_is_noticed(many: BinaryIO, member: bytes) -> None:
    _damage(many, member)
    assert not reads_back(many, workers=2)


def _damage(many: BinaryIO, member: bytes) -> None:
    many.seek(0)
    data = many.read()
    behind = data.index(b"resumes/" + member) + len(b"resumes/0000.txt") + 12
    many.seek(behind)
    many.write(bytes([data[behind] ^ 1]))
    many.flush()


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_damage_is_proven_right(data: st.DataObject) -> None:
    damaged = bytearray(ORDINARY)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    if reads_back(io.BytesIO(damaged), workers=0):
        assert precise(bytes(damaged)) == []


def test_every_damaged_byte_of_the_records_is_noticed_where_the_precise_check_does() -> None:
    directory = ORDINARY.index(b"PK\x01\x02")
    for at in (*range(40), *range(directory, len(ORDINARY))):
        for bit in (0x01, 0x80):
            damaged = bytearray(ORDINARY)
            damaged[at] ^= bit
            if reads_back(io.BytesIO(damaged), workers=0):
                assert precise(bytes(damaged)) == [], at


def test_every_bit_of_the_directory_is_looked_at() -> None:
    for at in range(ORDINARY.index(b"PK\x01\x02"), len(ORDINARY)):
        for bit in range(8):
            damaged = bytearray(ORDINARY)
            damaged[at] ^= 1 << bit
            assert not reads_back(io.BytesIO(damaged), workers=0), (at, bit)


def test_every_bit_of_the_end_of_a_large_directory_is_looked_at() -> None:
    def write(writer: ArchiveWriter) -> None:
        for number in range(65_536):
            writer.add_directory(f"resumes/{number}/", modified=NOW)

    data = archive(write)
    directory = find_directory(ArchiveFile(io.BytesIO(data)))
    end = directory.offset + directory.size
    assert data.startswith(records.ZIP64_END_SIGNATURE, end)
    for at in range(end, len(data)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << at % 8
        assert not reads_back(io.BytesIO(damaged), workers=0), at


@pytest.mark.parametrize("version", [44, 46, 109])
def test_behind_four_gibibytes_another_version_is_not_proven(version: int) -> None:
    local = records.pack_local(
        b"resumes/a.txt", method=8, crc=5, size=9, compressed_size=7, mtime=1_700_000_000
    )
    central = bytearray(records.pack_central(local, 5 << 32))
    central[6] = version
    with pytest.raises(round_trip._UnprovenError):
        round_trip._next(bytes(central), 0)


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d + b"\0", lambda d: b"\0" + d])
def test_what_is_cut_off_or_has_more_is_not_proven(change: Callable[[bytes], bytes]) -> None:
    assert not reads_back(io.BytesIO(change(ORDINARY)))


@pytest.mark.parametrize(
    "names",
    [
        ["resumes/CV.pdf", "resumes/cv.pdf"],
        ["resumes/A/x", "resumes/a/y"],
        ["resumes/a", "resumes/a/b"],
        ["resumes/a/b", "resumes/A"],
        ["resumes/../x"],
        ["resumes/con"],
        ["elsewhere/x"],
        ["data/USER_PROFILE.json"],
        ["resumes/e\u0301", "resumes/\u00e9"],
    ],
)
def test_names_that_an_import_would_refuse_are_not_proven(names: list[str]) -> None:
    def write(writer: ArchiveWriter) -> None:
        for name in names:
            writer.add_bytes(name, TEXT, modified=NOW)

    made = archive(write)
    assert precise(made)
    assert not reads_back(io.BytesIO(made))


def test_a_folder_twice_is_not_proven() -> None:
    def write(writer: ArchiveWriter) -> None:
        writer.add_directory("resumes/a/", modified=NOW)
        writer.add_directory("resumes/a/", modified=NOW)

    assert not reads_back(io.BytesIO(archive(write)))


@given(st.lists(st.from_regex(r"\A[abAB](/[abAB]){0,2}/?\Z"), max_size=6))
def test_twins_are_never_overlooked(names: list[str]) -> None:
    twins = Twins()
    if any(twins.may_have(name) for name in names):
        return
    table = NameTable(most=1000)
    assert [table.add(name) for name in names] == [None] * len(names)


@pytest.mark.parametrize("name", [b"resumes/a.txt", b"resumes/f/", "resumes/é".encode()])
@pytest.mark.parametrize("offset", [0, 0xFFFFFFFE, 0xFFFFFFFF, 5 << 32])
def test_behind_four_gibibytes_the_same_local_header_is_expected(name: bytes, offset: int) -> None:
    is_folder = name.endswith(b"/")
    sizes = {"size": 0, "compressed_size": 0} if is_folder else {"size": 9, "compressed_size": 7}
    local = records.pack_local(
        name, method=0 if is_folder else 8, crc=0 if is_folder else 5, mtime=1_700_000_000, **sizes
    )
    mode = records.MODE_DIRECTORY if is_folder else records.MODE_FILE
    central = records.pack_central(local, offset, mode=mode)
    expected, end = round_trip._next(central, 0)
    assert expected.offset == offset
    assert expected.head == local
    assert end == len(central)
