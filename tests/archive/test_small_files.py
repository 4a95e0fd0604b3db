"""Many small files, packed in processes: the same archive, whatever becomes of the processes."""

import os
import random
import signal
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autoresumefiller.archive import pipeline, small_files
from autoresumefiller.archive.effort import Effort
from autoresumefiller.archive.process_pool import MOST_PROCESSES
from autoresumefiller.archive.small_files import BATCH_FILES
from autoresumefiller.archive.writer import ArchiveWriter, Batch, Source
from benchmarks.english import english
from tests.support import other_python
from tests.support.environment import end_test
from tests.support.processes import count_processes

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="not used elsewhere")

FILES = 12 * BATCH_FILES
NOISE = random.Random(3).randbytes(100_000)
TEXT = english(random.Random(4), 200_000).encode()


@pytest.fixture
def sources(tmp_path: Path) -> list[Source]:
    found = []
    for number in range(FILES):
        path = tmp_path / "tree" / f"{number:05d}.txt"
        path.parent.mkdir(exist_ok=True)
        data = b"Letter %d " % number * (number % 300)
        if number % 64 == 63:  # long enough for every way in which a file is packed
            data = NOISE[: number * 16] + TEXT[: number * 200] + NOISE[: number * 90]
        path.write_bytes(data)
        original = f"{number:05d}\udcff.txt" if number % 7 == 0 else None
        found.append(Source(f"cover_letters/{path.name}", str(path), len(data), original))
    return found


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have processes from the first file on; their numbers."""
    monkeypatch.setattr(small_files, "MANY_FILES", 0)
    return count_processes(monkeypatch)


def export(
    at: Path,
    sources: list[Source],
    *,
    workers: int = 2,
    progress: Callable[[], None] | None = None,
    effort: Effort = Effort.SMALLEST,
) -> Batch:
    with at.open("w+b") as file, ArchiveWriter(file, workers=workers) as writer:
        told = progress and (lambda _member, _bytes: progress())
        batch = writer.add_files(sources, told, effort=effort)
        writer.close()
    return batch


@pytest.fixture
def expected(tmp_path: Path, sources: list[Source]) -> tuple[bytes, Batch]:
    """What one thread makes of it, and no process: there are not many files yet."""
    batch = export(tmp_path / "expected.zip", sources, workers=1)
    return (tmp_path / "expected.zip").read_bytes(), batch


def are_gone(pids: list[int]) -> bool:
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    return True


@pytest.mark.parametrize("workers", [2, 8])
def test_the_archive_is_the_same(
    tmp_path: Path,
    sources: list[Source],
    expected: tuple[bytes, Batch],
    started: list[int],
    workers: int,
) -> None:
    batch = export(tmp_path / "out.zip", sources, workers=workers)
    assert len(started) == MOST_PROCESSES
    assert ((tmp_path / "out.zip").read_bytes(), batch) == expected
    assert are_gone(started)


@pytest.mark.parametrize("effort", Effort)
def test_the_archive_is_the_same_with_either_effort(
    tmp_path: Path,
    sources: list[Source],
    started: list[int],
    monkeypatch: pytest.MonkeyPatch,
    effort: Effort,
) -> None:
    export(tmp_path / "processes.zip", sources, effort=effort)
    assert started
    monkeypatch.setattr(small_files, "MANY_FILES", FILES)
    export(tmp_path / "threads.zip", sources, effort=effort)
    assert (tmp_path / "processes.zip").read_bytes() == (tmp_path / "threads.zip").read_bytes()


def test_the_archive_is_the_same_when_files_have_grown(
    tmp_path: Path, sources: list[Source], started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for source in sources[5:60]:
        Path(str(source.path)).write_bytes(TEXT[source.size % 1000 :])
    Path(str(sources[90].path)).write_bytes(20 * TEXT)
    export(tmp_path / "processes.zip", sources)
    assert started
    monkeypatch.setattr(small_files, "MANY_FILES", FILES)
    export(tmp_path / "threads.zip", sources)
    assert (tmp_path / "processes.zip").read_bytes() == (tmp_path / "threads.zip").read_bytes()


def test_processes_that_have_nothing_to_do_are_not_kept(
    tmp_path: Path,
    sources: list[Source],
    started: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(small_files, "REST_BYTES", 100_000)
    monkeypatch.setattr(pipeline, "IN_FLIGHT_FILES", BATCH_FILES)
    large = [
        Source(f"resumes/{number}.txt", str(tmp_path / "large.txt"), len(TEXT))
        for number in range(20)
    ]
    (tmp_path / "large.txt").write_bytes(TEXT)
    alive: list[bool] = []

    def look(member: str, _bytes: int) -> None:
        if member == large[-1].member:
            alive.extend(Path(f"/proc/{pid}").exists() for pid in started)

    with (tmp_path / "out.zip").open("w+b") as file, ArchiveWriter(file, workers=2) as writer:
        writer.add_files(
            [*sources, *large, *[s._replace(member=f"x{s.member}") for s in sources]], look
        )
        writer.close()
    assert alive[:MOST_PROCESSES] == [False] * MOST_PROCESSES
    assert len(started) == 2 * MOST_PROCESSES
    with zipfile.ZipFile(tmp_path / "out.zip") as opened:
        assert opened.testzip() is None
        assert len(opened.namelist()) == 2 * FILES + len(large)


def test_names_do_not_depend_on_what_a_process_takes_for_the_encoding(
    tmp_path: Path, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    other_python.put_in_place(monkeypatch, tmp_path, 'LC_ALL=C exec {} -X utf8=0 "$@"')
    sources = []
    for number in range(2 * BATCH_FILES):
        path = tmp_path / f"Müller {number} \udce9.txt"
        path.write_bytes(b"a letter")
        sources.append(Source(f"resumes/{number}.txt", str(path), 8))
    batch = export(tmp_path / "out.zip", sources)
    assert len(started) == MOST_PROCESSES
    assert (len(batch.records), batch.lost) == (len(sources), ())


def test_what_a_process_may_not_read_is_read_here(
    tmp_path: Path, sources: list[Source], started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may less than this program: a capability, say, does not go on to it."""
    if os.geteuid() != 0:
        end_test("only root can take rights away from a process, and have them itself")
    for source in sources:
        os.chown(source.path, 65534, 65534)
        Path(str(source.path)).chmod(0o600)
    less = "setpriv --bounding-set=-dac_override,-dac_read_search"
    other_python.put_in_place(monkeypatch, tmp_path, f'exec {less} {{}} "$@"')
    batch = export(tmp_path / "out.zip", sources)
    assert len(started) == MOST_PROCESSES
    assert (len(batch.records), batch.lost) == (FILES, ())


def test_without_many_files_or_a_second_core_there_are_no_processes(
    tmp_path: Path, sources: list[Source], started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    export(tmp_path / "one.zip", sources, workers=1)
    monkeypatch.setattr(small_files, "MANY_FILES", FILES)
    export(tmp_path / "few.zip", sources, workers=2)
    assert started == []


def test_where_many_are_expected_there_are_processes_from_the_first(
    tmp_path: Path,
    sources: list[Source],
    expected: tuple[bytes, Batch],
    started: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(small_files, "MANY_FILES", FILES - BATCH_FILES)
    with (tmp_path / "out.zip").open("w+b") as file, ArchiveWriter(file, workers=2) as writer:
        writer.expect(source.size for source in sources)
        assert len(started) == MOST_PROCESSES
        batch = writer.add_files(sources)
        writer.close()
    assert len(started) == MOST_PROCESSES
    assert are_gone(started)
    assert ((tmp_path / "out.zip").read_bytes(), batch) == expected


@pytest.mark.parametrize(
    ("after", "how_many"),
    [(1, 1), (1, 2), (3 * BATCH_FILES, 1), (3 * BATCH_FILES, 2), (FILES - BATCH_FILES, 2)],
)
def test_the_archive_is_the_same_when_processes_are_killed(
    tmp_path: Path,
    sources: list[Source],
    expected: tuple[bytes, Batch],
    started: list[int],
    *,
    after: int,
    how_many: int,
) -> None:
    def turns() -> Iterator[None]:
        for number in range(FILES):
            if number == after:
                for pid in started[:how_many]:
                    os.kill(pid, signal.SIGKILL)
            yield

    turn = turns()
    batch = export(tmp_path / "out.zip", sources, progress=lambda: next(turn))
    assert ((tmp_path / "out.zip").read_bytes(), batch) == expected
    assert len(started) == MOST_PROCESSES
    assert are_gone(started)


def test_the_archive_is_the_same_where_no_process_can_be_started(
    tmp_path: Path,
    sources: list[Source],
    expected: tuple[bytes, Batch],
    started: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    batch = export(tmp_path / "out.zip", sources)
    assert started == []
    assert ((tmp_path / "out.zip").read_bytes(), batch) == expected


def test_the_archive_is_the_same_where_what_starts_is_no_python(
    tmp_path: Path,
    sources: list[Source],
    expected: tuple[bytes, Batch],
    started: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other_python.put_in_place(monkeypatch, tmp_path, "echo usage: resume-filler [--help]")
    batch = export(tmp_path / "out.zip", sources)
    assert are_gone(started)
    assert ((tmp_path / "out.zip").read_bytes(), batch) == expected


def test_a_cancelled_export_leaves_no_process(
    tmp_path: Path, sources: list[Source], started: list[int]
) -> None:
    def cancel() -> None:
        if started:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(tmp_path / "out.zip", sources, progress=cancel)
    assert started
    assert are_gone(started)


def test_what_became_of_a_file_since_it_was_listed_is_told(
    tmp_path: Path, sources: list[Source], started: list[int]
) -> None:
    gone, grown, link = (Path(source.path) for source in sources[5:8])
    gone.unlink()
    grown.write_bytes(os.urandom(600) * 2000)
    link.unlink()
    link.symlink_to("/etc/passwd")
    batch = export(tmp_path / "out.zip", sources)
    assert started
    assert {lost.member: lost.reason for lost in batch.lost} == {
        sources[5].member: "it vanished before it could be read",
        sources[7].member: "it has become a symbolic link",
    }
    sizes = {record.path: record.size_bytes for record in batch.records}
    assert sizes[sources[6].member] == 1_200_000
    assert len(batch.records) == FILES - 2
