"""The command line of the benchmark."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as command_line


class _MeasuringError(Exception):
    """What would be measured now."""


@pytest.mark.parametrize(
    ("missing", "installed"),
    [
        (set(), []),
        ({"borg"}, ["borgbackup"]),
        ({"borg", "restic"}, ["restic", "borgbackup"]),
    ],
)
def test_peers_that_are_missing_are_installed_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: set[str], installed: list[str]
) -> None:
    ran: list[list[str]] = []

    def measure(*_arguments: object, **_options: object) -> None:
        raise _MeasuringError

    monkeypatch.chdir(tmp_path)  # it goes elsewhere itself
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--only", "start", "--cache", str(tmp_path)])
    monkeypatch.setattr(shutil, "which", lambda name: None if name in missing else f"/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(subprocess, "run", lambda arguments, **_: ran.append(arguments))
    monkeypatch.setattr(command_line, "conduct", measure)
    with pytest.raises(_MeasuringError):
        command_line.main()
    installs = [arguments for arguments in ran if "install" in arguments]
    assert installs == ([["apt-get", "-qq", "install", "-y", *installed]] if installed else [])
