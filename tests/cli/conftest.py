"""The command line in this process, for what does not depend on being one of its own."""

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
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


@pytest.fixture(scope="session")
def _archive_of_the_run(
    pristine_sample_vault: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    place = tmp_path_factory.mktemp("archive")
    shutil.copytree(pristine_sample_vault, place / "vault", symlinks=True)
    return UserDataManager(place / "vault").export_all(place / "sample.zip")["output_path"]


@pytest.fixture
def exported(_archive_of_the_run: Path, tmp_path: Path) -> Path:
    """An archive of the sample vault, outside of any vault."""
    return Path(shutil.copyfile(_archive_of_the_run, tmp_path / "out.zip"))
