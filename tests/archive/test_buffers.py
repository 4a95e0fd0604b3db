"""Memory that is used again: lent once at a time, and bounded while nobody uses it."""

from pathlib import Path

import pytest

from autoresumefiller.archive.buffers import Buffers, fresh
from autoresumefiller.archive.packing import pack
from autoresumefiller.archive.source import Source


def test_a_buffer_has_the_size_that_was_asked_for() -> None:
    buffers = Buffers()
    for size in (0, 1, 4095, 65_536, 100_001):
        assert len(buffers.take(size)) == size


def test_what_was_given_back_is_lent_again_and_what_is_lent_is_not() -> None:
    buffers = Buffers()
    one = buffers.take(100_000)
    other = buffers.take(100_000)
    assert one.obj is not other.obj
    buffers.give(one)
    again = buffers.take(90_000)
    assert again.obj is one.obj
    third = buffers.take(90_000)
    assert third.obj is not one.obj
    assert third.obj is not other.obj


def test_a_part_of_a_buffer_gives_all_of_it_back() -> None:
    buffers = Buffers()
    view = buffers.take(100_000)
    buffers.give(view[:10])
    assert buffers.take(100_000).obj is view.obj


def test_a_large_buffer_is_kept_for_what_needs_it() -> None:
    buffers = Buffers()
    large = buffers.take(1 << 20)
    buffers.give(large)
    assert buffers.take(1000).obj is not large.obj
    assert buffers.take(1 << 20).obj is large.obj


def test_what_nobody_uses_is_bounded_and_the_oldest_goes_first() -> None:
    buffers = Buffers(kept_bytes=2 << 16)
    lent = [buffers.take(1 << 16) for _ in range(3)]
    for view in lent:
        buffers.give(view)
    again = [buffers.take(1 << 16) for _ in range(3)]
    assert again[0].obj is lent[2].obj
    assert again[1].obj is lent[1].obj
    assert again[2].obj is not lent[0].obj


def test_nothing_else_can_be_given() -> None:
    with pytest.raises(TypeError):
        Buffers().give(memoryview(b"somebody's"))


@pytest.mark.parametrize("size", [1 << 46, 1 << 62])
def test_memory_that_is_not_there_is_no_error_of_the_system(size: int) -> None:
    with pytest.raises(MemoryError):
        fresh(size)


def test_a_file_for_which_there_is_no_memory_is_not_called_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a backup without it would be a success."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    (tmp_path / "scan.pdf").write_bytes(bytes(2 << 20))
    monkeypatch.setattr("mmap.mmap", refuse)
    with pytest.raises(MemoryError):
        pack(Source("resumes/scan.pdf", tmp_path / "scan.pdf", 2 << 20), buffers=Buffers())
