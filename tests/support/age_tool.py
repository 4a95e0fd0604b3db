"""Debian's ``age``: encrypt and decrypt with somebody else's program, passphrases typed."""

import os
import pty
import re
import select
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.environment import require_tool

_PATIENCE_SECONDS = 120.0


def age(*arguments: str | Path, stdin: bytes = b"") -> bytes:
    """Run it to its end and return what it wrote."""
    done = subprocess.run(
        [require_tool("age"), *map(str, arguments)], input=stdin, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def age_refuses(*arguments: str | Path) -> str:
    """Run it, expect it to fail, and return what it said."""
    done = subprocess.run(
        [require_tool("age"), *map(str, arguments)], capture_output=True, check=False
    )
    assert done.returncode != 0
    return done.stderr.decode()


def age_with_passphrase(passphrase: str, *arguments: str | Path, questions: int = 1) -> None:
    """Run it on a terminal and type the passphrase as often as it asks.

    It writes to ``-o``: a terminal is no place for what it makes.
    """
    program = require_tool("age")
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        [program, *map(str, arguments)],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        preexec_fn=_take_terminal,  # noqa: PLW1509 - there is one thread here
    )
    os.close(terminal)
    seen, typed = "", 0
    deadline = time.monotonic() + _PATIENCE_SECONDS
    try:
        while True:
            if not select.select([master], [], [], max(0.0, deadline - time.monotonic()))[0]:
                pytest.fail(f"age says nothing more, after {seen!r}")
            try:
                seen += os.read(master, 4096).decode()
            except OSError:  # Linux: EIO once the other side is closed
                break
            if typed < questions and len(re.findall(r"passphrase[^:\n]*: ", seen)) > typed:
                typed += 1
                os.write(master, f"{passphrase}\n".encode())
        assert process.wait(timeout=_PATIENCE_SECONDS) == 0, seen
    finally:
        process.kill()
        process.wait()
        os.close(master)


def _take_terminal() -> None:
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
