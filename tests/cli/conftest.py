"""The command line in this process, for what does not depend on being one of its own."""

import io
import shutil
import sys
import time
from collections.abc import Callable, Iterator
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


@pytest.fixture
def zone() -> Iterator[Callable[[str], None]]:
    """``zone("Asia/Kolkata")`` moves this process there until the test ends."""
    if not hasattr(time, "tzset"):
        pytest.skip("not on Windows: a process cannot change its zone there")
    with pytest.MonkeyPatch.context() as patch:

        def move(name: str) -> None:
            patch.setenv("TZ", name)
            time.tzset()

        yield move
    time.tzset()


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
