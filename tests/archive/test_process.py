"""Calls in a process of our own: in order, never stuck, gone when they are not wanted any more."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autoresumefiller.archive import process
from autoresumefiller.archive.process import GoneError, Process, available, serve

ECHO = f"{__name__}:echo"
FAILING = "os:kill"


def echo(argument: object) -> object:
    """Be called by the process: it finds what this program finds."""
    return argument


@pytest.fixture(autouse=True)
def _found_by_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))


def test_answers_come_in_the_order_of_the_calls() -> None:
    with Process(ECHO) as child:
        for number in range(1000):
            child.send((number, "text \udcff", b"bytes", None, [1.5]))
        for number in range(1000):
            assert child.receive() == (number, "text \udcff", b"bytes", None, [1.5])


def test_pipes_that_are_full_both_ways_do_not_stop_it() -> None:
    with Process(ECHO) as child:
        for number in range(20):
            child.send(bytes([number]) * (1 << 20))
        for number in range(20):
            assert child.receive() == bytes([number]) * (1 << 20)


@pytest.mark.parametrize("killed_after", [0, 1])
def test_one_that_was_killed_is_gone(killed_after: int) -> None:
    with Process(ECHO) as child:
        for number in range(killed_after):
            child.send(number)
            assert child.receive() == number
        os.kill(child._child.pid, signal.SIGKILL)
        child._child.wait()

        def ask() -> None:
            child.send("more")
            child.receive()

        with pytest.raises(GoneError):
            ask()


@pytest.mark.parametrize("function", [f"{__name__}:no_such_function", "no.such.module:f", FAILING])
def test_a_call_that_fails_ends_it(function: str) -> None:
    with Process(function) as child:
        child.send("nonsense")
        with pytest.raises(GoneError):
            child.receive()


def test_it_ends_when_it_is_left() -> None:
    with Process(ECHO) as child:
        pid = child._child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_ends_with_the_program_even_if_that_is_killed() -> None:
    program = f"""
import sys
from autoresumefiller.archive.process import Process
child = Process({ECHO!r})
child.send(1); child.receive()
print(child._child.pid, flush=True)
sys.stdin.read()
"""
    root = str(Path(__file__).parents[2])
    started = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ, PYTHONPATH=root),
    )
    with started:
        assert started.stdout is not None
        pid = int(started.stdout.readline())
        watched = os.pidfd_open(pid)
        started.kill()
    with os.fdopen(watched) as ended:
        poll = process.select.poll()
        poll.register(ended, process.select.POLLIN)
        assert poll.poll(20_000)


def test_one_that_cannot_be_started_is_gone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python3")
    with pytest.raises(GoneError):
        Process(ECHO)


@pytest.mark.parametrize(
    ("executable", "frozen", "expected"),
    [
        ("/usr/bin/python3.11", False, True),
        ("/opt/app/python", True, False),
        ("/opt/app/resume-filler", False, False),
        ("", False, False),
    ],
)
def test_only_a_plain_python_starts_itself_again(
    monkeypatch: pytest.MonkeyPatch, executable: str, frozen: bool, expected: bool
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr(sys, "frozen", frozen, raising=False)
    assert available() is (expected and os.name == "posix")


def test_the_other_end_answers_until_nothing_more_comes() -> None:
    def framed(value: object) -> bytes:
        data = process.marshal.dumps(value)
        return len(data).to_bytes(8, "little") + data

    answers = io.BytesIO()
    serve(io.BytesIO(b"".join(map(framed, (ECHO, 1, "two")))), answers)
    assert answers.getvalue() == framed(1) + framed("two")
