"""The command line in this process, for what does not depend on being one of its own."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autoresumefiller.cli.app import run
from tests.support.command_line import Finished

RunHere = Callable[..., Finished]


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> RunHere:
    """``here("list", vault=v)`` runs a command and returns what `tests.support` calls Finished."""

    def run_here(*arguments: str | Path, vault: Path | None = None, typed: str = "") -> Finished:
        given = [] if vault is None else ["--vault", str(vault)]
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        status = run([*given, *map(str, arguments)], program="arf")
        captured = capsys.readouterr()
        return Finished(status=status, out=captured.out, err=captured.err)

    return run_here
