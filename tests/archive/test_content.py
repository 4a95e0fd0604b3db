"""One member's content: what is lent for it comes back, whatever happens."""

import gc
import io
import random
from collections.abc import Iterator

import pytest

from autoresumefiller.archive import content
from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.buffers import Buffers
from autoresumefiller.archive.compression import STORED, crc32
from autoresumefiller.archive.content import Demand, check_content
from autoresumefiller.archive.structure import Member

NOISE = random.Random(3).randbytes(2 << 20)


class Counted(Buffers):
    """Knows how many are lent."""

    lent = 0

    def take(self, size: int) -> memoryview:
        self.lent += 1
        return super().take(size)

    def give(self, view: memoryview) -> None:
        self.lent -= 1
        super().give(view)


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def test_a_buffer_comes_back_at_once_where_writing_fails(
    monkeypatch: pytest.MonkeyPatch, without_collector: None
) -> None:
    # Left to the collector, it would be given back at any moment, the lock of the buffers held too.
    chunks = Counted()
    monkeypatch.setattr(content, "_CHUNKS", chunks)
    member = Member(
        name="a",
        method=STORED,
        crc=crc32(NOISE),
        size=len(NOISE),
        compressed_size=len(NOISE),
        offset=0,
    )
    lent: list[int] = []
    caught: list[BaseException] = []  # and with them the frames they went through

    def fail(_done: int) -> None:
        lent.append(chunks.lent)
        raise OSError(28, "No space left on device")

    try:
        check_content(ArchiveFile(io.BytesIO(NOISE)), member, Demand(on_bytes=fail))
    except OSError as error:
        caught.append(error)
    assert len(caught) == 1
    assert (lent, chunks.lent) == ([1], 0)
