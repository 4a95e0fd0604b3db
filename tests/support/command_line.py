"""Run the real command line: as a process with pipes, or on a pseudo-terminal with a person."""

import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

MODULE = (sys.executable, "-W", "error", "-m", "autoresumefiller")
PATIENCE_SECONDS = 120.0
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A command that ended: its status and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """Standard output, where it is JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def result(self) -> dict[str, Any]:
        """The one result; everything before it must be progress."""
        *before, last = self.events
        assert {event["event"] for event in before} <= {"progress"}
        assert last["event"] == "result", last
        return last

    @property
    def error(self) -> dict[str, Any]:
        """The one error."""
        *before, last = self.events
        assert {event["event"] for event in before} <= {"progress"}
        assert last["event"] == "error", last
        return last["error"]


def arf(
    *arguments: str | Path,
    vault: Path | None = None,
    typed: str | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Finished:
    """Run a command without a terminal, to its end.

    ``typed`` goes to its standard input, which is otherwise empty.
    """
    done = subprocess.run(
        [*MODULE, *_with_vault(arguments, vault)],
        input=typed or "",
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        cwd=cwd,
        env=os.environ | (env or {}),
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return Finished(status=done.returncode, out=done.stdout, err=done.stderr)


def _with_vault(arguments: Sequence[str | Path], vault: Path | None) -> list[str]:
    given = [] if vault is None else ["--vault", str(vault)]
    return [*given, *map(str, arguments)]


class Conversation:
    """A command on a terminal of its own, and what a person sees and types there."""

    def __init__(
        self,
        *arguments: str | Path,
        vault: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdout: int | None = None,
    ) -> None:
        """Start it; ``stdout`` is a descriptor that takes the terminal's place for output."""
        import pty  # not on Windows, where the rest of this module works

        self.raw = ""
        self._read_to = 0
        self._master, terminal = pty.openpty()
        self._process = subprocess.Popen(
            [*MODULE, *_with_vault(arguments, vault)],
            stdin=terminal,
            stdout=terminal if stdout is None else stdout,
            stderr=terminal,
            env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "200", **(env or {})},
            preexec_fn=_take_terminal,  # noqa: PLW1509 - there is one thread here
        )
        os.close(terminal)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        """All that was seen so far, without colours and cursor movements."""
        return _ESCAPE.sub("", self.raw).replace("\r\n", "\n")

    def expect(self, text: str) -> None:
        """Wait until ``text`` is seen, after what the last `expect` found."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := self.text.find(text, self._read_to)) < 0:
            if not self._read(deadline):
                pytest.fail(f"{text!r} was never seen in:\n{self.text}")
        self._read_to = found + len(text)

    def type(self, text: str) -> None:
        """Type; a newline is the Enter key, ``\\x03`` is Ctrl-C."""
        os.write(self._master, text.encode())

    def signal(self, number: int) -> None:
        """Send the process a signal."""
        self._process.send_signal(number)

    def finish(self) -> int:
        """Wait for the end and return the exit status."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._read(deadline):
            pass
        return self._process.wait(timeout=PATIENCE_SECONDS)

    def _read(self, deadline: float) -> bool:
        """Take in what comes next; False at the end."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            pytest.fail(f"nothing more came, after:\n{self.text}")
        data = b""
        with suppress(OSError):  # Linux: EIO once the other side is closed
            data = os.read(self._master, 65536)
        self.raw += data.decode(errors="replace")
        return bool(data)


def _take_terminal() -> None:
    """Make standard input the controlling terminal, and leave standard output alone."""
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
