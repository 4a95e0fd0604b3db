import time
from collections.abc import Callable
from threading import Event, Thread

import pytest

from autoresumefiller.vault.writeback import MOST_BYTES, STEP_BYTES, Writeback


class Disk:
    """Counts syncs, each of which ends when it may."""

    def __init__(self) -> None:
        self.begun = 0
        self.begins = Event()
        self.may_end = Event()
        self.may_end.set()
        self.fails = False

    def sync(self) -> None:
        self.begun += 1
        self.begins.set()
        assert self.may_end.wait(10)
        if self.fails:
            raise OSError(5, "Input/output error")


@pytest.fixture
def disk() -> Disk:
    return Disk()


def _write_until(writeback: Writeback, happened: Callable[[], bool]) -> None:
    for step in range(1, 10_000):
        writeback.wrote(step * STEP_BYTES)
        if happened():
            return
        time.sleep(0.001)  # the other thread's turn
    raise AssertionError("it never happened")


def test_little_is_left_for_the_end(disk: Disk) -> None:
    with Writeback(disk.sync) as writeback:
        for total in range(0, STEP_BYTES, STEP_BYTES // 8):
            writeback.wrote(total)
        writeback.finish()

    assert disk.begun == 0


def test_a_step_is_synced_before_the_end_is_asked_for(disk: Disk) -> None:
    with Writeback(disk.sync) as writeback:
        writeback.wrote(STEP_BYTES)

        assert disk.begins.wait(10)


def test_one_sync_runs_at_a_time_and_nobody_waits_for_it(disk: Disk) -> None:
    disk.may_end.clear()
    with Writeback(disk.sync) as writeback:
        for total in range(STEP_BYTES, MOST_BYTES, STEP_BYTES):
            writeback.wrote(total)
        assert disk.begun <= 1

        disk.may_end.set()
        _write_until(writeback, lambda: disk.begun > 1)


def test_a_disk_that_is_far_behind_is_waited_for(disk: Disk) -> None:
    disk.may_end.clear()
    with Writeback(disk.sync) as writeback:
        writeback.wrote(STEP_BYTES)
        writer = Thread(target=writeback.wrote, args=(STEP_BYTES + MOST_BYTES,))
        writer.start()
        writer.join(0.2)
        assert writer.is_alive()

        disk.may_end.set()
        writer.join(10)
        assert not writer.is_alive()
        writeback.finish()
    assert disk.begun == 2


def test_finishing_waits_for_what_was_begun(disk: Disk) -> None:
    ended = Event()

    def sync() -> None:
        disk.sync()
        ended.set()

    with Writeback(sync) as writeback:
        writeback.wrote(STEP_BYTES)
        writeback.finish()

        assert ended.is_set()


def test_leaving_waits_for_what_was_begun(disk: Disk) -> None:
    ended = Event()

    def sync() -> None:
        disk.sync()
        ended.set()

    with Writeback(sync) as writeback:
        writeback.wrote(STEP_BYTES)
        assert disk.begins.wait(10)

    assert ended.is_set()


def test_a_failure_is_raised_each_time_and_its_sync_is_not_tried_again(disk: Disk) -> None:
    disk.fails = True
    with Writeback(disk.sync) as writeback:
        writeback.wrote(STEP_BYTES)
        for _ in range(3):
            with pytest.raises(OSError, match="Input/output"):
                writeback.finish()
        with pytest.raises(OSError, match="Input/output"):
            writeback.wrote(2 * STEP_BYTES)
        with pytest.raises(OSError, match="Input/output"):
            writeback.wrote(3 * STEP_BYTES)

    assert disk.begun == 1
