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
from autoresumefiller.archive.writer import ArchiveWriter, Source

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
