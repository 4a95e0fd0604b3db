"""Calls in a process of our own: in order, never stuck, gone when they are not wanted any more."""

import io
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import FrameType

import pytest

from autoresumefiller.archive import process, process_main
from autoresumefiller.archive.process import GoneError, Process, available
from autoresumefiller.archive.process_main import greeting, serve
from tests.support import other_python

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="not used elsewhere")

ROOT = Path(__file__).parents[2]
ECHO = f"{__name__}:echo"
PATH = f"{__name__}:import_path"
FAILING = "os:kill"


def echo(argument: object) -> object:
    return argument


def import_path(_argument: object) -> list[str]:
    return sys.path


@pytest.fixture(autouse=True)
def _found_by_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))


def ask(child: Process, argument: object = "more") -> object:
    child.send(argument)
    return child.receive()


def children() -> list[str]:
    task = Path("/proc/self/task")
    return [pid for each in task.iterdir() for pid in (each / "children").read_text().split()]


def test_answers_come_in_the_order_of_the_calls() -> None:
    with closing(Process(ECHO)) as child:
        for number in range(1000):
            child.send((number, "text \udcff", b"bytes", None, [1.5]))
        for number in range(1000):
            assert child.receive() == (number, "text \udcff", b"bytes", None, [1.5])


def test_one_that_is_full_both_ways_does_not_stop() -> None:
    with closing(Process(ECHO)) as child:
        for number in range(20):
            child.send(bytes([number]) * (1 << 20))
        for number in range(20):
            assert child.receive() == bytes([number]) * (1 << 20)


@pytest.mark.parametrize("pipe_signal", [signal.SIG_IGN, signal.SIG_DFL])
@pytest.mark.parametrize("answers", [0, 1])
def test_one_that_was_killed_is_gone_and_we_are_not(
    answers: int, pipe_signal: signal.Handlers
) -> None:
    before = signal.signal(signal.SIGPIPE, pipe_signal)
    try:
        with closing(Process(ECHO)) as child:
            for number in range(answers):
                assert ask(child, number) == number
            assert child._child is not None
            os.kill(child._child.pid, signal.SIGKILL)
            child._child.wait()
            with pytest.raises(GoneError):
                ask(child)
    finally:
        signal.signal(signal.SIGPIPE, before)


@pytest.mark.parametrize("function", [f"{__name__}:no_such_function", "no.such.module:f", FAILING])
def test_a_call_that_fails_ends_it(function: str) -> None:
    with closing(Process(function)) as child, pytest.raises(GoneError):
        ask(child, "nonsense")


def test_what_cannot_be_sent_is_told_and_what_claims_to_be_endless_is_not_waited_for() -> None:
    with closing(Process(ECHO)) as child:
        with pytest.raises(GoneError):
            child.send(Path("not a value"))
        assert ask(child, 1) == 1
        child._received += b"\xff" * 8
        with pytest.raises(GoneError):
            ask(child)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # unclosed, as meant
def test_it_ends_when_it_is_left_or_forgotten() -> None:
    before = children()
    with closing(Process(ECHO)) as child:
        assert ask(child, 1) == 1
    assert children() == before
    child = Process(ECHO)
    child.close()
    child.close()
    forgotten = Process(ECHO)
    assert ask(forgotten, 1) == 1
    running = forgotten._child
    del forgotten
    assert running is not None
    assert running.wait(20) == 0


def test_it_ends_with_the_program_even_if_that_is_killed() -> None:
    program = f"""
import sys
from autoresumefiller.archive.process import Process
child = Process({ECHO!r})
child.send(1); child.receive()
print(child._child.pid, flush=True)
sys.stdin.read()
"""
    started = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
    )
    with started:
        assert started.stdout is not None
        watched = os.pidfd_open(int(started.stdout.readline()))
        started.kill()
    with os.fdopen(watched) as ended:
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        assert poll.poll(20_000)


def interrupting(at: int) -> Callable[..., object]:
    """Return a trace function that raises KeyboardInterrupt at the so many-th line of `process`."""
    seen = 0

    def trace(frame: FrameType, event: str, _argument: object) -> object:
        nonlocal seen
        if frame.f_code.co_filename != process.__file__:
            return None
        seen += event == "line"
        if seen == at:
            raise KeyboardInterrupt
        return trace

    return trace


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # unclosed, as meant
def test_an_interruption_at_any_line_of_its_start_leaves_none() -> None:
    before = children()
    at, child = 0, None
    while child is None:
        at += 1
        traced = sys.gettrace()
        sys.settrace(interrupting(at))  # type: ignore[arg-type]
        try:
            child = Process(ECHO)
        except KeyboardInterrupt:
            continue
        finally:
            sys.settrace(traced)
    child.close()
    assert at > 20
    deadline = time.monotonic() + 20
    while children() != before and time.monotonic() < deadline:
        subprocess._cleanup()  # type: ignore[attr-defined]  # what every Popen begins with
        time.sleep(0.01)
    assert children() == before


def test_one_that_cannot_be_started_is_gone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python3")
    with pytest.raises(GoneError):
        Process(ECHO)


@pytest.mark.parametrize(
    "script",
    [
        "echo usage: resume-filler",
        'echo activating the environment; exec {} "$@"',
        'printf x; exec {} "$@"',
        "exit 1",
    ],
)
def test_one_that_is_no_plain_python_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    other_python.put_in_place(monkeypatch, tmp_path, script)

    def try_it() -> None:
        with closing(Process(ECHO)) as child:
            ask(child)

    with pytest.raises(GoneError):
        try_it()


def test_one_that_says_nothing_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_python.put_in_place(monkeypatch, tmp_path, "exec cat > /dev/null")
    monkeypatch.setattr(process, "GREETING_SECONDS", 0.2)
    with closing(Process(ECHO)) as child, pytest.raises(GoneError):
        ask(child)


def test_one_of_another_version_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "greeting", lambda: b"of last week")
    with closing(Process(ECHO)) as child, pytest.raises(GoneError):
        ask(child)


def test_one_of_this_version_is_known_however_the_version_is_kept_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_text = ["".join([*process_main.__version__]), sys.intern(process_main.__version__)]
    for version in of_text:
        monkeypatch.setattr(process_main, "__version__", version)
        with closing(Process(ECHO)) as child:
            assert ask(child, 1) == 1


def test_one_that_was_stopped_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Process(ECHO)) as child:
        assert ask(child, 1) == 1
        assert child._child is not None
        os.kill(child._child.pid, signal.SIGSTOP)
        monkeypatch.setattr(process, "ANSWER_SECONDS", 0.2)
        with pytest.raises(GoneError):
            ask(child, 2)


def test_it_finds_what_this_program_finds_and_nothing_in_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dataclasses.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", ".", Path("/no/text"), *sys.path])
    with closing(Process(PATH)) as child:
        assert ask(child) == [p for p in sys.path if isinstance(p, str) and p.startswith("/")]


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
    assert available() is expected
    monkeypatch.delattr(select, "poll")
    assert not available()


def test_the_other_end_greets_and_answers_until_nothing_more_comes() -> None:
    framed = process_main.framed
    answers = io.BytesIO()
    serve(io.BytesIO(b"".join(map(framed, (ECHO, 1, "two")))), answers)
    assert answers.getvalue() == greeting() + framed(1) + framed("two")
