"""Many files at once: two threads side by side, and a bound on what is under way."""

import os
import random
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autoresumefiller.archive import pipeline
from autoresumefiller.archive.packing import pack
from autoresumefiller.archive.process_pool import Pool
from autoresumefiller.archive.small_files import PACK, SmallFilePackers
from autoresumefiller.archive.writer import ArchiveWriter, Source
from autoresumefiller.workers import Workers

NOISE = random.Random(5).randbytes(600_000)


@pytest.mark.parametrize(
    ("bound", "size", "most_ahead"),
    [
        # Each counts twice. And there is one batch (512 KiB, or 64 files) that has no place yet,
        # and the file that it ended before.
        (("IN_FLIGHT_BYTES", 4_000_000), 100_000, 20 + 5 + 1),
        (("IN_FLIGHT_FILES", 128), 1, 128 + 64 + 64 + 1),
    ],
    ids=["bytes", "files"],
)
def test_no_more_files_are_taken_than_may_be_under_way(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bound: tuple[str, int],
    size: int,
    most_ahead: int,
) -> None:
    monkeypatch.setattr(pipeline, *bound)
    path = tmp_path / "a.bin"
    path.write_bytes(NOISE[:size])
    taken = written = 0
    ahead: list[int] = []

    def sources() -> Iterator[Source]:
        nonlocal taken
        for number in range(4 * most_ahead):
            taken += 1
            yield Source(f"resumes/{number}", path, size)

    def note(_member: str, _done: int) -> None:
        nonlocal written
        ahead.append(taken - written)
        written += 1

    with (tmp_path / "a.zip").open("w+b") as file, ArchiveWriter(file, workers=2) as writer:
        writer.add_files(sources(), note)
        writer.close()
    assert written == 4 * most_ahead
    assert max(ahead) <= most_ahead


@pytest.mark.parametrize("workers", [1, 2])
def test_a_folder_that_grows_since_it_was_listed_is_not_held_in_memory(
    tmp_path: Path, workers: int
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(NOISE)
    listed = [Source(f"resumes/{number}", path, 10) for number in range(40)]
    became: list[str] = []
    with Workers(workers) as threads:
        packers = SmallFilePackers(Pool(PACK, 0))
        for source, packed in pipeline.pack_in_order(listed, threads, packers):
            assert source.member == f"resumes/{len(became)}"
            became.append(type(packed).__name__)
    # Of a batch that was listed with nothing, half a megabyte.
    assert became == ["Large"] * 40
    path.write_bytes(NOISE[:200_000])
    with Workers(workers) as threads:
        packers = SmallFilePackers(Pool(PACK, 0))
        packed = [one for _, one in pipeline.pack_in_order(listed, threads, packers)]
    assert [type(one).__name__ for one in packed] == ["Packed"] * 2 + ["Large"] * 38


def test_two_files_are_packed_at_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1}, raising=False)
    meeting = threading.Barrier(2, timeout=30)

    def pack_in_company(source: Source, **how: Any) -> object:
        meeting.wait()
        return pack(source, **how)

    monkeypatch.setattr(pipeline, "pack", pack_in_company)
    path = tmp_path / "a.bin"
    path.write_bytes(NOISE)
    with (tmp_path / "a.zip").open("w+b") as file, ArchiveWriter(file) as writer:
        writer.add_files([Source(f"resumes/{n}", path, len(NOISE)) for n in range(4)])
        writer.close()
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        assert [opened.read(name) for name in opened.namelist()] == [NOISE] * 4
