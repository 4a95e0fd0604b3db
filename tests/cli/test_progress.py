import io
import json
from typing import Any

import pytest

from autoresumefiller.cli.interruption import Interruption
from autoresumefiller.cli.progress import STAGE_WORDS, UPDATES_PER_SECOND, ProgressReporter
from autoresumefiller.cli.terminal import Terminal
from autoresumefiller.model.progress import Stage


class _Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _reporter(
    *, json_lines: bool = False, tty: bool = False
) -> tuple[ProgressReporter, io.StringIO, io.StringIO, _Clock, Interruption]:
    out, err = io.StringIO(), (_Tty() if tty else io.StringIO())
    terminal = Terminal(json_lines=json_lines, stdin=io.StringIO(), stdout=out, stderr=err)
    clock, interruption = _Clock(), Interruption()
    return ProgressReporter(terminal, interruption, clock=clock), out, err, clock, interruption


def _events(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_every_stage_has_words() -> None:
    assert STAGE_WORDS.keys() == set(Stage)


def test_programs_are_told_of_the_first_the_last_and_what_is_due() -> None:
    reporter, out, _, clock, _ = _reporter(json_lines=True)
    with reporter.running():
        reporter.stage(Stage.READING)
        for current in range(1, 1001):
            reporter.progress(current, 1000, f"file {current}")
            clock.now += 1 / 1000
    measured = [event["current_bytes"] for event in _events(out) if "current_bytes" in event]
    assert measured[0] == 1
    assert measured[-1] == 1000
    assert len(measured) <= UPDATES_PER_SECOND + 2


def test_a_new_stage_is_told_at_once() -> None:
    reporter, out, _, _, _ = _reporter(json_lines=True)
    with reporter.running():
        for stage in (Stage.READING, Stage.WRITING):
            reporter.stage(stage)
            reporter.progress(1, 10, "a")
    assert [event["stage"] for event in _events(out)] == [
        *("reading", "reading"),
        *("writing", "writing"),
    ]


def test_without_a_terminal_nothing_is_drawn() -> None:
    reporter, out, err, _, _ = _reporter()
    with reporter.running():
        reporter.stage(Stage.READING)
        reporter.progress(1, 10, "a")
    assert (out.getvalue(), err.getvalue()) == ("", "")


def test_the_bar_names_stage_share_and_file_and_goes_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    reporter, out, err, _, _ = _reporter(tty=True)
    with reporter.running():
        reporter.stage(Stage.READING)
        reporter.progress(5, 10, "resumes/\x1b[2Ja.pdf")
        drawn = err.getvalue()
    assert "Reading your files" in drawn
    assert "50%" in drawn
    assert "resumes/\\x1b[2Ja.pdf" in drawn
    assert err.getvalue().endswith("\x1b[2K")  # the line is erased
    assert out.getvalue() == ""


def test_a_pause_takes_the_bar_away_until_the_next_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    reporter, _, err, _, _ = _reporter(tty=True)
    with reporter.running():
        reporter.stage(Stage.VALIDATING)
        reporter.pause()
        length = len(err.getvalue())
        reporter.pause()
        assert len(err.getvalue()) == length
        reporter.stage(Stage.RESTORING)
        assert "Putting files in place" in err.getvalue()[length:]


def test_from_the_commit_point_on_an_interrupt_waits() -> None:
    reporter, _, _, _, interruption = _reporter()
    with interruption.watching(), reporter.running():
        reporter.stage(Stage.COMMITTING)
        _interrupt()
        reporter.stage(Stage.DONE)
        assert interruption.came_too_late


def test_after_an_operation_that_failed_an_interrupt_cancels_again() -> None:
    reporter, _, _, _, interruption = _reporter()

    def fail() -> None:
        with reporter.running():
            reporter.stage(Stage.COMMITTING)
            raise OSError("full")

    with interruption.watching():
        with pytest.raises(OSError, match="full"):
            fail()
        with pytest.raises(KeyboardInterrupt):
            _interrupt()


def test_what_is_done_is_not_said_to_be_cancelled() -> None:
    reporter, _, _, _, interruption = _reporter()
    with interruption.watching():
        with reporter.running():
            reporter.stage(Stage.COMMITTING)
            reporter.stage(Stage.DONE)
        _interrupt()
        assert interruption.came_too_late


def test_an_interrupt_while_the_safety_backup_is_committed_cancels_the_import() -> None:
    reporter, _, _, _, interruption = _reporter()
    with interruption.watching(), reporter.running():
        reporter.stage(Stage.COMMITTING)
        _interrupt()
        with pytest.raises(KeyboardInterrupt):
            reporter.stage(Stage.RESTORING)
        assert not interruption.came_too_late


def test_the_commit_of_a_safety_backup_does_not_hold_the_rest_of_an_import() -> None:
    reporter, _, _, _, interruption = _reporter()
    with interruption.watching(), reporter.running():
        for stage in (Stage.BACKING_UP, Stage.COMMITTING, Stage.DONE, Stage.RESTORING):
            reporter.stage(stage)
        with pytest.raises(KeyboardInterrupt):
            _interrupt()


def _interrupt() -> None:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGINT)
