"""Workers run what they are given, in order, and are gone afterwards."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from autoresumefiller.workers import StoppedError, Workers, default_workers


def worker_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "worker"]


@pytest.mark.parametrize("count", [0, 1, 2, 8])
def test_results_are_those_of_the_calls(count: int) -> None:
    with Workers(count) as workers:
        tasks = [workers.submit(lambda n=n: n * n) for n in range(100)]
        assert [task.result() for task in tasks] == [n * n for n in range(100)]
        assert all(task.done for task in tasks)
    assert worker_threads() == []


@pytest.mark.parametrize("count", [0, 2])
def test_what_a_call_raises_is_raised_where_its_result_is_wanted(count: int) -> None:
    def fail() -> None:
        raise LookupError("as agreed")

    with Workers(count) as workers:
        task = workers.submit(fail)
        with pytest.raises(LookupError, match="as agreed"):
            task.result()
        assert workers.submit(lambda: 1).result() == 1


def test_calls_start_in_the_order_they_were_given() -> None:
    started: list[int] = []
    with Workers(1) as workers:
        tasks = [workers.submit(lambda n=n: started.append(n)) for n in range(50)]
        for task in tasks:
            task.result()
    assert started == list(range(50))


def test_leaving_waits_for_what_runs_and_drops_what_waits() -> None:
    running, go_on = threading.Event(), threading.Event()

    def wait() -> str:
        running.set()
        go_on.wait()
        return "finished"

    with Workers(1) as workers:
        first = workers.submit(wait)
        second = workers.submit(lambda: "never")
        running.wait()
        workers.stopping.set()
        go_on.set()
    assert first.result() == "finished"
    with pytest.raises(StoppedError):
        second.result()
    assert worker_threads() == []


def test_there_are_as_many_threads_as_were_asked_for_however_much_there_is_to_do() -> None:
    with Workers(2) as workers:
        for task in [workers.submit(threading.get_ident) for _ in range(100)]:
            task.result()
        assert len(worker_threads()) == 2


@pytest.mark.parametrize(("processors", "suited"), [(1, 1), (3, 3), (8, 8), (9, 8), (64, 8)])
def test_there_is_a_worker_for_each_processor_but_not_for_each_of_many(
    monkeypatch: pytest.MonkeyPatch, processors: int, suited: int
) -> None:
    # The machine may have more of them than we may use.
    monkeypatch.setattr(os, "cpu_count", lambda: 100)
    monkeypatch.setattr(
        os, "sched_getaffinity", lambda _process: set(range(processors)), raising=False
    )
    assert default_workers() == suited
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert default_workers() == suited


def test_where_no_thread_can_be_had_calls_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with Workers(2) as workers:
        task = workers.submit(threading.get_ident)

        assert task.done
        assert task.result() == threading.get_ident()


def test_what_comes_after_the_end_is_dropped_and_starts_nothing() -> None:
    for count in (0, 2):
        workers = Workers(count)
        workers.stop()
        task = workers.submit(lambda: 1)
        with pytest.raises(StoppedError):
            task.result()
    assert worker_threads() == []


def test_an_interrupt_while_a_thread_starts_is_no_lack_of_threads(
    monkeypatch: pytest.MonkeyPatch, never_waiting: None
) -> None:
    release = threading.Condition._release_save  # type: ignore[attr-defined]
    interrupts = iter([KeyboardInterrupt])

    def interrupted(condition: threading.Condition) -> object:
        state = release(condition)
        if threading.current_thread() is threading.main_thread():
            for interrupt in interrupts:
                raise interrupt  # as the handler of Ctrl-C does, when `start` waits
        return state

    monkeypatch.setattr(threading.Condition, "_release_save", interrupted)
    with pytest.raises(KeyboardInterrupt), Workers(2) as workers:
        workers.submit(int)
    assert next(interrupts, None) is None
    while worker_threads():  # the interrupt may have come before it was there to be waited for
        pass


_NEVER_STOPPED = """
from autoresumefiller.workers import Workers

workers = Workers(2)
workers.submit(print).result()
workers.submit(print).result()
"""


def test_a_program_ends_though_it_was_interrupted_on_the_way_to_stop(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", _NEVER_STOPPED], check=True, timeout=60, cwd=tmp_path)


_OUTLIVING = """
import threading
from autoresumefiller import UserDataManager

def work():
    threading.main_thread().join()
    made = UserDataManager("vault").export_all("all.zip")["output_path"]
    UserDataManager("other").import_from_backup(made, confirm=False)

manager = UserDataManager("vault")
manager.data_dir.joinpath("resumes/large.pdf").write_bytes(bytes(range(256)) * (48 << 10))
threading.Thread(target=work).start()
"""


def test_a_thread_that_outlives_the_program_can_export_and_import(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _OUTLIVING], cwd=tmp_path, capture_output=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"")
    large = "resumes/large.pdf"
    assert (tmp_path / "other" / large).read_bytes() == (tmp_path / "vault" / large).read_bytes()
