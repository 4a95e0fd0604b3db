"""What the writer writes is what the files held, and every tool can open it."""

import hashlib
import io
import os
import random
import subprocess
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoresumefiller.archive.writer import ArchiveWriter, Batch, Source
from autoresumefiller.errors import NotEnoughSpaceError, StorageError

NOISE = random.Random(1).randbytes(1 << 20)
TEXT = b" ".join(b"word%d" % (n * n % 977) for n in range(200_000))
MOMENT = datetime(2025, 11, 29, 12, 0, 1, 250, tzinfo=UTC)


def sources_in(root: Path) -> list[Source]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return [
        Source(member=path.relative_to(root).as_posix(), path=path, size=path.stat().st_size)
        for path in files
    ]


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def write_archive(at: Path, sources: list[Source], **options: int) -> Batch:
    with at.open("w+b") as file, ArchiveWriter(file, **options) as writer:
        batch = writer.add_files(sources)
        assert writer.close() == at.stat().st_size
    return batch


def content_of(archive: Path | io.BytesIO) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def worker_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "worker"]


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Files of every kind that is treated differently, with sizes around each limit."""
    root = tmp_path / "tree"
    put(root / "data/user_profile.json", b'{"version": "1.0"}')
    put(root / "empty.txt", b"")
    put(root / "resumes/one byte", b"x")
    put(root / "resumes/r\u00e9sum\u00e9 \u5c65\u6b74\u66f8.pdf", NOISE[:300_000])
    put(root / "resumes/nested/deeper/notes.txt", TEXT[:500_000])
    put(root / "resumes/mixed.pdf", NOISE[:400_000] + TEXT[:150_000] + NOISE[:400_000])
    put(root / "resumes/large text", TEXT * 2)
    put(root / "resumes/large noise", NOISE * 2)
    put(root / "resumes/zeros", bytes(1_500_000))
    for size in (31, 32, 33, 65_535, 65_536, 65_537, 99_999, 100_000, 100_001, 200_000):
        put(root / f"cover_letters/{size}", (TEXT if size % 2 else NOISE)[:size])
    for number in range(300):
        put(root / f"cover_letters/many/{number}.txt", TEXT[number : number * 9])
    return root


SMALL = {"whole_limit": 1_000_000, "block_bytes": 100_000}


@pytest.mark.parametrize("options", [{}, SMALL, {"whole_limit": 0, "block_bytes": 65_536}])
def test_every_file_comes_back_with_its_size_and_checksum(
    tree: Path, tmp_path: Path, options: dict[str, int]
) -> None:
    at = tmp_path / "a.zip"
    batch = write_archive(at, sources_in(tree), **options)
    expected = {source.member: source.path.read_bytes() for source in sources_in(tree)}
    assert content_of(at) == expected
    assert [record.path for record in batch.records] == list(expected)
    for record in batch.records:
        data = expected[record.path]
        assert record.size_bytes == len(data)
        assert record.checksum_sha256 == hashlib.sha256(data).hexdigest()
    assert batch.lost == ()
    assert batch.changed == ()


@pytest.mark.parametrize("options", [{}, SMALL])
def test_the_number_of_workers_changes_no_byte(
    tree: Path, tmp_path: Path, options: dict[str, int]
) -> None:
    archives = []
    for workers in (1, 2, 8):
        at = tmp_path / f"{workers}.zip"
        write_archive(at, sources_in(tree), workers=workers, **options)
        archives.append(at.read_bytes())
    assert archives[0] == archives[1] == archives[2]


@pytest.mark.parametrize("options", [{}, SMALL])
@pytest.mark.parametrize("command", ["unzip -tqq", "7z t -bso0", "bsdtar -xOf"])
def test_every_tool_opens_it(
    tree: Path,
    tmp_path: Path,
    command: str,
    options: dict[str, int],
    require_tool: Callable[[str], Path],
) -> None:
    tool, *arguments = command.split()
    at = tmp_path / "a.zip"
    with at.open("w+b") as file, ArchiveWriter(file, **options) as writer:
        writer.add_files(sources_in(tree))
        writer.add_directory("resumes/none yet/", modified=MOMENT)
        writer.add_bytes("metadata.json", b"{}", modified=MOMENT)
        writer.close()
    done = subprocess.run(
        [require_tool(tool), *arguments, at], capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_pythons_zipfile_finds_nothing_wrong(tree: Path, tmp_path: Path) -> None:
    at = tmp_path / "a.zip"
    write_archive(at, sources_in(tree), **SMALL)
    with zipfile.ZipFile(at) as opened:
        assert opened.testzip() is None


def test_what_is_compressed_already_is_stored_and_what_shrinks_is_deflated(
    tree: Path, tmp_path: Path
) -> None:
    at = tmp_path / "a.zip"
    write_archive(at, sources_in(tree), **SMALL)
    with zipfile.ZipFile(at) as opened:
        for info in opened.infolist():
            assert info.compress_size <= info.file_size
            stored = info.compress_type == zipfile.ZIP_STORED
            assert stored == (info.compress_size == info.file_size)
        assert opened.getinfo("resumes/large noise").compress_type == zipfile.ZIP_STORED
        for name, most in {
            "resumes/large text": 0.3,
            "resumes/mixed.pdf": 0.95,
            "resumes/zeros": 0.02,
        }.items():
            info = opened.getinfo(name)
            assert info.compress_size < most * info.file_size
        # No reader of ours may take an honest file for a bomb.
        assert opened.getinfo("resumes/zeros").compress_size > 1_500_000 / 200


@pytest.mark.parametrize("where", [0, 0.13, 0.37, 0.71, 1])
@pytest.mark.parametrize(("noise", "text", "deflated"), [(8, 512, True), (24, 16, False)])
def test_text_within_a_large_file_is_compressed_if_that_gains_anything(
    where: float, noise: int, text: int, deflated: bool, tmp_path: Path
) -> None:
    around, within = NOISE * noise, TEXT[: text << 10]
    at = round(len(around) * where)
    put(tmp_path / "tree" / "scan.pdf", around[:at] + within + around[at:])
    write_archive(tmp_path / "a.zip", sources_in(tmp_path / "tree"), whole_limit=1 << 20)
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        (member,) = opened.infolist()
        assert opened.testzip() is None
    if deflated:
        assert member.compress_size < len(around) + len(within) // 2
    else:
        assert member.compress_size == member.file_size


def test_a_large_file_that_only_seemed_to_shrink_is_stored(tmp_path: Path) -> None:
    # All that shrinks is where the sample looks and too little to pay for the rest.
    from autoresumefiller.archive.sampling import PROBE_BYTES, probe_within
    from autoresumefiller.archive.streaming import PROBE_EVERY_BYTES

    size = 600_000
    probe = probe_within(0, PROBE_EVERY_BYTES)
    noise = bytearray(NOISE[:size])
    noise[probe : probe + PROBE_BYTES] = bytes(110) + noise[probe + 110 : probe + PROBE_BYTES]
    path = put(tmp_path / "tree/seems", bytes(noise))
    seen: list[int] = []
    with (tmp_path / "a.zip").open("w+b") as file:
        writer = ArchiveWriter(file, whole_limit=1000, block_bytes=size)
        writer.add_files(sources_in(path.parent), lambda _member, done: seen.append(done))
        writer.close()
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        assert opened.read("seems") == noise
        assert opened.getinfo("seems").compress_type == zipfile.ZIP_STORED
    assert seen == sorted(seen)


def test_times_survive_to_the_second_in_utc_whatever_the_time_zone(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    path = put(tmp_path / "tree/a.txt", b"text")
    os.utime(path, ns=(0, 1_764_417_601_123_456_789))
    batch = write_archive(tmp_path / "a.zip", sources_in(tmp_path / "tree"))
    assert batch.records[0].modified == "2025-11-29T12:00:01.123456Z"
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        assert opened.getinfo("a.txt").date_time == (2025, 11, 29, 12, 0, 0)
    subprocess.run(
        [require_tool("unzip"), "-qq", tmp_path / "a.zip", "-d", tmp_path / "out"],
        env={**os.environ, "TZ": "America/New_York"},
        check=True,
        timeout=60,
    )
    assert (tmp_path / "out/a.txt").stat().st_mtime == 1_764_417_601


@pytest.mark.parametrize(
    ("mtime", "dos", "modified"),
    [
        (-1, (1980, 1, 1, 0, 0, 0), "1969-12-31T23:59:59Z"),
        (0, (1980, 1, 1, 0, 0, 0), "1970-01-01T00:00:00Z"),
        (315_532_800, (1980, 1, 1, 0, 0, 0), "1980-01-01T00:00:00Z"),
        (2**31, (2038, 1, 19, 3, 14, 8), "2038-01-19T03:14:08Z"),
        (4_354_819_200, (2107, 12, 31, 23, 59, 58), "2108-01-01T00:00:00Z"),
    ],
)
def test_a_time_that_zip_cannot_say_is_clamped(
    tmp_path: Path, mtime: int, dos: tuple[int, ...], modified: str
) -> None:
    path = put(tmp_path / "tree/a.txt", b"text")
    os.utime(path, (mtime, mtime))
    if path.stat().st_mtime != mtime:
        pytest.skip("not on this file system: it cannot hold the time")
    batch = write_archive(tmp_path / "a.zip", sources_in(tmp_path / "tree"))
    assert batch.records[0].modified == modified
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        assert opened.getinfo("a.txt").date_time == dos


def test_modes_are_private_and_names_are_told_to_be_utf8_where_it_matters(
    tree: Path, tmp_path: Path
) -> None:
    at = tmp_path / "a.zip"
    with at.open("w+b") as file, ArchiveWriter(file) as writer:
        writer.add_files(sources_in(tree))
        writer.add_directory("resumes/none yet/", modified=MOMENT)
        writer.close()
    with zipfile.ZipFile(at) as opened:
        for info in opened.infolist():
            directory = info.filename.endswith("/")
            assert info.is_dir() == directory
            assert info.external_attr >> 16 == (0o040700 if directory else 0o100600)
            assert info.create_system == 3
            assert info.flag_bits == (0 if info.filename.isascii() else 0x800)


def test_bytes_in_memory_become_members_of_any_size(tmp_path: Path) -> None:
    at = tmp_path / "a.zip"
    with at.open("w+b") as file, ArchiveWriter(file, **SMALL) as writer:
        record = writer.add_bytes("metadata.json", b"{}", modified=MOMENT)
        writer.add_bytes("SHA256SUMS", TEXT * 2, modified=MOMENT)
        writer.close()
    assert record.modified == "2025-11-29T12:00:01.000250Z"
    assert record.size_bytes == 2
    assert record.checksum_sha256 == hashlib.sha256(b"{}").hexdigest()
    assert content_of(at) == {"metadata.json": b"{}", "SHA256SUMS": TEXT * 2}


@pytest.mark.parametrize("length", [0, 1, 100_000, 1_000_000, 2_000_001])
@pytest.mark.parametrize("step", [7_777, 150_000])
def test_a_member_made_piece_by_piece_is_what_the_pieces_are(
    tmp_path: Path, length: int, step: int
) -> None:
    data = (TEXT + NOISE)[:length]
    pieces = (data[start : start + step] for start in range(0, length, step))
    at = tmp_path / "a.zip"
    with at.open("w+b") as file, ArchiveWriter(file, **SMALL) as writer:
        record = writer.add_pieces("metadata.json", pieces, modified=MOMENT)
        writer.close()
    assert content_of(at) == {"metadata.json": data}
    assert record.size_bytes == length
    assert record.checksum_sha256 == hashlib.sha256(data).hexdigest()


def test_an_original_name_goes_into_the_record(tmp_path: Path) -> None:
    path = put(tmp_path / "aux.txt", b"text")
    source = Source(member="%61ux.txt", path=path, size=4, original_path="aux.txt")
    batch = write_archive(tmp_path / "a.zip", [source])
    assert (batch.records[0].path, batch.records[0].original_path) == ("%61ux.txt", "aux.txt")


def test_an_empty_archive_is_a_zip_file(tmp_path: Path) -> None:
    assert write_archive(tmp_path / "a.zip", []) == Batch(records=(), lost=(), changed=())
    assert content_of(tmp_path / "a.zip") == {}


@given(st.lists(st.tuples(st.integers(0, 3000), st.booleans()), max_size=5), st.integers(20, 900))
@settings(max_examples=40)
def test_odd_sizes_across_block_boundaries_come_back(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[int, bool]], block: int
) -> None:
    root = tmp_path_factory.mktemp("odd")
    for number, (size, text) in enumerate(files):
        put(root / "tree" / str(number), (TEXT if text else NOISE)[number : number + size])
    sources = sources_in(root / "tree")
    file = io.BytesIO()
    with ArchiveWriter(file, workers=2, whole_limit=1000, block_bytes=block) as writer:
        writer.add_files(sources)
        assert writer.close() == file.tell() == len(file.getvalue())
    assert content_of(file) == {s.member: s.path.read_bytes() for s in sources}


def test_every_byte_of_a_file_is_read_once(tree: Path, tmp_path: Path) -> None:
    """But for what is sampled first of a large one, which is not read in order (pread)."""
    was_read: list[tuple[int, int]] = []  # inode, bytes
    read = os.read
    readv = getattr(os, "readv", None)

    def note(descriptor: int, count: int) -> int:
        was_read.append((os.fstat(descriptor).st_ino, count))
        return count

    def noting_read(descriptor: int, length: int) -> bytes:
        data = read(descriptor, length)
        note(descriptor, len(data))
        return data

    sources = sources_in(tree)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "read", noting_read)
        if readv is not None:
            patch.setattr(os, "readv", lambda fd, buffers: note(fd, readv(fd, buffers)))
        write_archive(tmp_path / "a.zip", sources, workers=1, **SMALL)
    total: Counter[int] = Counter()
    for inode, count in was_read:
        total[inode] += count
    assert {source.member: total[(tree / source.member).stat().st_ino] for source in sources} == {
        source.member: source.size for source in sources
    }


# --- what happens to files meanwhile ----------------------------------------------


@pytest.mark.parametrize("whole_limit", [10, 1_000_000])
def test_files_that_cannot_be_read_are_lost_and_the_rest_goes_on(
    tmp_path: Path, whole_limit: int
) -> None:
    kept = [put(tmp_path / f"tree/kept {n}", TEXT[:5000]) for n in range(3)]
    link = tmp_path / "tree/link"
    link.symlink_to(kept[0])
    fifo = tmp_path / "tree/fifo"
    os.mkfifo(fifo)
    directory = tmp_path / "tree/directory"
    directory.mkdir()
    missing = tmp_path / "tree/missing"
    paths = [kept[0], link, kept[1], fifo, directory, missing, kept[2]]
    sources = [Source(member=path.name, path=path, size=5000) for path in paths]
    named: list[str] = []
    with (tmp_path / "a.zip").open("w+b") as file:
        writer = ArchiveWriter(file, whole_limit=whole_limit)
        batch = writer.add_files(sources, lambda member, _: named.append(member))
        writer.close()
    assert {loss.member: loss.reason for loss in batch.lost} == {
        "link": "it has become a symbolic link",
        "fifo": "it is no longer a regular file",
        "directory": "it is no longer a regular file",
        "missing": "it vanished before it could be read",
    }
    assert list(content_of(tmp_path / "a.zip")) == ["kept 0", "kept 1", "kept 2"]
    assert [record.path for record in batch.records] == ["kept 0", "kept 1", "kept 2"]
    assert list(dict.fromkeys(named)) == [path.name for path in paths]


@pytest.mark.parametrize("data", [TEXT, NOISE], ids=["text", "noise"])
@pytest.mark.parametrize("change", ["truncate", "append", "touch"])
def test_a_large_file_that_changes_while_it_is_read_is_told_and_the_archive_is_true(
    tmp_path: Path, data: bytes, change: str
) -> None:
    path = put(tmp_path / "tree/log", data)
    blocks = len(data) // 10_000

    def interfere(_member: str, done: int) -> None:
        if done > 10_000:  # far more than the workers read ahead is left
            return
        if change == "truncate":
            os.truncate(path, len(data) // 2)
        elif change == "append":
            with path.open("ab") as file:
                file.write(b"one more line")
        else:
            os.utime(path, ns=(0, 0))

    assert blocks > 50
    with (tmp_path / "a.zip").open("w+b") as file:
        writer = ArchiveWriter(file, workers=2, whole_limit=1000, block_bytes=10_000)
        batch = writer.add_files(sources_in(tmp_path / "tree"), interfere)
        writer.close()
    assert batch.changed == ("log",)
    content = content_of(tmp_path / "a.zip")["log"]
    assert batch.records[0].size_bytes == len(content)
    assert batch.records[0].checksum_sha256 == hashlib.sha256(content).hexdigest()
    assert len(content) == (len(data) // 2 if change == "truncate" else len(data))
    assert data.startswith(content)


def test_a_file_that_others_keep_writing_to_is_told_and_the_archive_is_true(
    tmp_path: Path,
) -> None:
    path = put(tmp_path / "tree/log", TEXT)
    stop = threading.Event()

    def keep_writing() -> None:
        with path.open("r+b") as file:
            while not stop.is_set():
                file.seek(0)
                file.write(os.urandom(64))
                file.flush()

    other = threading.Thread(target=keep_writing)
    other.start()
    changed = False
    limit = time.monotonic() + 60
    try:
        while not changed and time.monotonic() < limit:
            batch = write_archive(tmp_path / "a.zip", sources_in(tmp_path / "tree"))
            content = content_of(tmp_path / "a.zip")["log"]
            assert batch.records[0].checksum_sha256 == hashlib.sha256(content).hexdigest()
            changed = batch.changed == ("log",)
    finally:
        stop.set()
        other.join()
    assert changed


def test_a_file_that_has_grown_too_large_since_it_was_listed_is_streamed(tmp_path: Path) -> None:
    path = put(tmp_path / "tree/grown", TEXT)
    sources = [Source(member="grown", path=path, size=10)]
    batch = write_archive(tmp_path / "a.zip", sources, **SMALL)
    assert batch.changed == ()
    assert content_of(tmp_path / "a.zip") == {"grown": TEXT}


# --- stopping -----------------------------------------------------------------------


class CancelledError(Exception):
    pass


@pytest.mark.parametrize("error", [CancelledError, KeyboardInterrupt])
@pytest.mark.parametrize("options", [{}, SMALL])
@pytest.mark.parametrize("after", [0, 1, 20, 200])
def test_an_exception_of_the_caller_stops_everything_and_comes_back_unchanged(
    tree: Path,
    tmp_path: Path,
    options: dict[str, int],
    after: int,
    error: type[BaseException],
) -> None:
    calls = 0
    raised = error("enough")

    def cancel(_member: str, _bytes: int) -> None:
        nonlocal calls
        calls += 1
        if calls > after:
            raise raised

    with (tmp_path / "a.zip").open("w+b") as file:
        before = open_descriptors() if Path("/proc/self/fd").exists() else None
        writer = ArchiveWriter(file, workers=4, **options)
        with pytest.raises(error) as caught:
            writer.add_files(sources_in(tree), cancel)
        assert caught.value is raised
        assert worker_threads() == []
        if before is not None:
            assert open_descriptors() == before
        with pytest.raises(ValueError, match="has failed"):
            writer.close()


@pytest.mark.parametrize("options", [{}, SMALL])
def test_progress_comes_on_the_callers_thread_and_names_every_file(
    tree: Path, tmp_path: Path, options: dict[str, int]
) -> None:
    calls: list[tuple[str, int]] = []
    threads = set()

    def note(member: str, done: int) -> None:
        calls.append((member, done))
        threads.add(threading.current_thread())

    with (tmp_path / "a.zip").open("w+b") as file:
        writer = ArchiveWriter(file, **options)
        writer.add_files(sources_in(tree), note)
        writer.close()
    assert threads == {threading.current_thread()}
    assert list(dict.fromkeys(name for name, _ in calls)) == [s.member for s in sources_in(tree)]
    for source in sources_in(tree):
        amounts = [done for name, done in calls if name == source.member]
        assert amounts == sorted(amounts)
        assert amounts[-1] == source.size
        if options and source.size > SMALL["whole_limit"]:
            assert len(amounts) >= source.size // SMALL["block_bytes"]


def test_a_full_disk_is_told_as_such(tree: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("only on Linux: a device that is always full")
    with Path("/dev/full").open("r+b", buffering=0) as file:
        writer = ArchiveWriter(file)
        with pytest.raises(NotEnoughSpaceError, match="could not be written"):
            writer.add_files(sources_in(tree))
    assert worker_threads() == []


def test_a_file_that_cannot_be_written_is_a_storage_error(tree: Path, tmp_path: Path) -> None:
    target = put(tmp_path / "a.zip", b"")
    with target.open("rb") as file:
        writer = ArchiveWriter(file)
        with pytest.raises(StorageError):
            writer.add_files(sources_in(tree))


def test_mistakes_of_a_caller_are_told_at_once(tmp_path: Path) -> None:
    with (tmp_path / "a.zip").open("w+b") as file:
        writer = ArchiveWriter(file)
        writer.add_bytes("a", b"", modified=MOMENT)
        with pytest.raises(ValueError, match="slash"):
            writer.add_directory("b", modified=MOMENT)
    with (tmp_path / "b.zip").open("w+b") as file:
        writer = ArchiveWriter(file)
        with pytest.raises(ValueError, match="name has"):
            writer.add_bytes("x" * 65_536, b"", modified=MOMENT)
    with (tmp_path / "c.zip").open("w+b") as file:
        writer = ArchiveWriter(file)
        writer.close()
        with pytest.raises(ValueError, match="complete"):
            writer.add_bytes("a", b"", modified=MOMENT)


# --- zip64 ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("count", [65_534, 65_535, 65_536])
def test_more_members_than_the_old_records_can_count(
    tmp_path: Path, count: int, require_tool: Callable[[str], Path]
) -> None:
    path = put(tmp_path / "a.txt", b"the same file again and again")
    sources = [Source(member=f"f{n}", path=path, size=29) for n in range(count)]
    at = tmp_path / "a.zip"
    write_archive(at, sources)
    with zipfile.ZipFile(at) as opened:
        assert opened.namelist() == [source.member for source in sources]
    for command in (["unzip", "-tqq"], ["7z", "t", "-bso0"], ["bsdtar", "-tf"]):
        tool, *arguments = command
        done = subprocess.run(
            [require_tool(tool), *arguments, at], capture_output=True, check=False, timeout=120
        )
        assert (done.returncode, done.stderr) == (0, b""), tool


@pytest.mark.slow
def test_sizes_and_offsets_beyond_four_gibibytes(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    huge = tmp_path / "tree/b huge"
    put(huge, b"")
    os.truncate(huge, (4 << 30) + 5)
    put(tmp_path / "tree/a first", TEXT[:1000])
    at = tmp_path / "a.zip"
    batch = write_archive(at, sources_in(tmp_path / "tree"))
    assert batch.records[1].size_bytes == (4 << 30) + 5
    assert at.stat().st_size < 60 << 20
    with zipfile.ZipFile(at) as opened:
        assert opened.getinfo("b huge").file_size == (4 << 30) + 5
    for command in (["unzip", "-tqq"], ["7z", "t", "-bso0"], ["bsdtar", "-tf"]):
        tool, *arguments = command
        done = subprocess.run(
            [require_tool(tool), *arguments, at], capture_output=True, check=False, timeout=600
        )
        assert (done.returncode, done.stderr) == (0, b""), tool
