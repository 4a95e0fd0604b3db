"""A script in the place of Python, for programs that start themselves again."""

import sys
from pathlib import Path

import pytest


def put_in_place(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Have ``sys.executable`` be a shell script; in it, ``{}`` is the real one."""
    other = folder / "python"
    other.write_text(f"#!/bin/sh\n{script.format(sys.executable)}\n")
    other.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(other))
