"""Workers run what they are given, in order, and are gone afterwards."""

import threading

import pytest

from autoresumefiller.archive.workers import StoppedError, Workers, default_workers


def worker_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "archive-worker"]


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


def test_there_is_at_least_one_worker_and_not_one_for_each_of_many_processors() -> None:
    assert 1 <= default_workers() <= 8
