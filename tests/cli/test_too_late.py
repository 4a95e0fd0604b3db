"""Ctrl-C when it is too late: what was done is never said not to have been. Real signals."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.cli import export
from tests.cli.conftest import RunHere
from tests.support.command_line import MODULE, PATIENCE_SECONDS


def _interrupting(step: Any, *, times: int = 1) -> Any:
    def interrupted(*given: Any, **named: Any) -> Any:
        result = step(*given, **named)
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
        return result

    return interrupted


def test_an_archive_that_was_made_is_not_denied(
    here: RunHere, sample_vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_tell", _interrupting(export._tell))
    done = here("export", tmp_path / "out.zip", vault=sample_vault)
    assert done.status == 0
    assert "It was too late to cancel: everything is done." in done.err
    monkeypatch.setattr(export, "_tell", _interrupting(lambda *_: None, times=2))
    done = here("export", tmp_path / "again.zip", vault=sample_vault)
    assert (done.status, "No archive was made" in done.err) == (130, False)
    assert "Interrupted on the way out" in done.err


@pytest.mark.parametrize(
    ("method", "command", "said"),
    [
        ("undo", ["undo", "--yes"], "The undo was made completely or not at all"),
        ("set_setting", ["config", "set", "gui.theme", "dark"], "its new value or the one before"),
        ("save_user_profile", ["profile", "import", "--yes"], "The profile is the new one or"),
        ("delete_backup", ["delete", "--yes", "a.zip"], "A backup may be gone"),
    ],
)
def test_a_change_that_was_made_is_not_denied(
    *,
    here: RunHere,
    sample_vault: Path,
    exported: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    command: list[str],
    said: str,
) -> None:
    shutil.copyfile(exported, sample_vault / "backups" / "a.zip")
    if method == "undo":
        assert here("import", "--yes", exported, vault=sample_vault).status == 0
    if method == "save_user_profile":
        command = [*command, str(sample_vault / "data" / "user_profile.json")]
    monkeypatch.setattr(UserDataManager, method, _interrupting(getattr(UserDataManager, method)))
    done = here(*command, vault=sample_vault)
    assert done.status == 130
    assert said in done.err
    assert "Nothing in your vault was changed" not in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: signals between processes")
def test_a_result_that_is_being_written_is_written_to_its_end(
    sample_vault: Path, exported: Path
) -> None:
    for number in range(60):  # more than a pipe takes at once
        os.link(exported, sample_vault / "backups" / f"{number}.zip")
    with subprocess.Popen(
        [*MODULE, "--vault", sample_vault, "list", "--json"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        select.select([process.stdout], [], [], PATIENCE_SECONDS)
        process.send_signal(signal.SIGINT)
        lines = process.stdout.read().splitlines()
    assert len(lines) == 1
    assert len(lines[0]) > 1 << 16
    assert (json.loads(lines[0])["event"], process.returncode) == ("result", 0)


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: signals between processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_after_the_end_does_not_change_the_status(
    sample_vault: Path, number: signal.Signals
) -> None:
    code = (
        "import atexit, os, sys\nfrom autoresumefiller.__main__ import main\n"
        f"atexit.register(os.kill, os.getpid(), {int(number)})\n"
        f"sys.argv = ['arf', '--vault', {str(sample_vault)!r}, 'list', '--json']\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_fails_because_of_an_interrupt_is_no_mistake_of_ours(
    here: RunHere, sample_vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            raise RuntimeError("cannot join thread before it is started")

    monkeypatch.setattr(UserDataManager, "export_all", interrupted)
    done = here("export", vault=sample_vault)
    assert (done.status, "should not have" in done.err) == (130, False)
    assert done.err.endswith("Cancelled. No archive was made; your vault was only read.\n")


def test_a_second_interrupt_on_the_way_out_is_not_told_as_nothing_changed(
    here: RunHere, sample_vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:  # putting back what was changed
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(UserDataManager, "export_all", interrupted)
    done = here("export", vault=sample_vault)
    assert done.status == 130
    assert "Interrupted on the way out" in done.err


_READER_GONE_AFTER = """
import sys
from autoresumefiller.__main__ import main
from autoresumefiller.cli.progress import ProgressReporter as Progress
from autoresumefiller.model.progress import Stage
enter = Progress.stage
def stage(self, stage):
    enter(self, stage)
    if stage is Stage({stage!r}):
        sys.stdin.read()  # until the reader has gone
Progress.stage = stage
sys.argv = ["arf", "--vault", {vault!r}, "export", {out!r}, "--json"]
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: a pipe that nobody reads")
@pytest.mark.parametrize(("stage", "made"), [("reading", False), ("committing", True)])
def test_a_reader_that_goes_away_cancels_only_what_is_not_done(
    sample_vault: Path, tmp_path: Path, stage: str, made: bool
) -> None:
    out = tmp_path / "out.zip"
    code = _READER_GONE_AFTER.format(stage=stage, vault=str(sample_vault), out=str(out))
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        # To the end of what it says, if it never says so.
        assert any(f'"{stage}"' in line for line in iter(process.stdout.readline, ""))
        process.stdout.close()
        process.stdin.close()
        said = process.stderr.read()
    assert process.returncode == 1
    assert out.exists() is made
    assert ("The command itself was carried out" in said) is made
    assert "nobody reads it" in said or not made


def test_an_interrupt_before_the_command_line_is_there_is_told(sample_vault: Path) -> None:
    code = (
        "import builtins, sys\nfrom autoresumefiller import __main__ as program\n"
        "real = builtins.__import__\n"
        "def interrupted(name, *rest):\n"
        "    if name == 'autoresumefiller.cli.app':\n        raise KeyboardInterrupt\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = interrupted\n"
        f"sys.argv = ['arf', '--vault', {str(sample_vault)!r}, 'list']\nprogram.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr == "Cancelled. Nothing in your vault was changed.\n"
